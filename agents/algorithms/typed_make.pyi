"""`agents.make` as a type checker sees it: every agent with its settings. Imported for types alone.

Written by ``python -m tools.typed_make`` out of `agents.config`; change it there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypedDict, overload

from typing_extensions import Unpack

from agents.algorithms.actor_critic import ActorCriticAgent
from agents.algorithms.base import Agent
from agents.algorithms.dqn import DQNAgent
from agents.algorithms.expected_sarsa import ExpectedSarsaAgent
from agents.algorithms.monte_carlo import MonteCarloAgent
from agents.algorithms.q_learning import QLearningAgent
from agents.algorithms.random_agent import RandomAgent
from agents.algorithms.reinforce import ReinforceAgent
from agents.algorithms.sarsa import SarsaAgent
from agents.algorithms.tabular import TabularQAgent
from agents.environments import AnyEnv

__all__ = ["make"]

class DQNSettings(TypedDict, total=False):
    """Settings of ``dqn``."""

    discount: float
    learning_rate: float
    learning_rate_steps: int | None
    adam_epsilon: float
    optimizer: str
    hidden_sizes: Sequence[int]
    batch_size: int
    replay_capacity: int
    learning_starts: int
    train_frequency: int
    gradient_steps: int
    target_update_interval: int
    target_tau: float
    double_q: bool
    n_steps: int
    loss: str
    max_grad_norm: float | None
    epsilon: float
    epsilon_final: float
    epsilon_schedule: str
    epsilon_steps: int

class QLearningSettings(TypedDict, total=False):
    """Settings of ``q-learning``."""

    discount: float
    learning_rate: float
    epsilon: float
    hidden_sizes: Sequence[int]

class TabularQSettings(TypedDict, total=False):
    """Settings of ``tabular``."""

    discount: float
    learning_rate: float
    step_size: str
    epsilon: float
    epsilon_final: float
    epsilon_schedule: str
    epsilon_steps: int
    double_q: bool

class SarsaSettings(TypedDict, total=False):
    """Settings of ``sarsa``."""

    discount: float
    learning_rate: float
    step_size: str
    epsilon: float
    epsilon_final: float
    epsilon_schedule: str
    epsilon_steps: int
    n_steps: int
    return_lambda: float

class ExpectedSarsaSettings(TypedDict, total=False):
    """Settings of ``expected-sarsa``."""

    discount: float
    learning_rate: float
    step_size: str
    epsilon: float
    epsilon_final: float
    epsilon_schedule: str
    epsilon_steps: int
    n_steps: int
    return_lambda: float

class MonteCarloSettings(TypedDict, total=False):
    """Settings of ``monte-carlo``."""

    discount: float
    learning_rate: float
    step_size: str
    epsilon: float
    epsilon_final: float
    epsilon_schedule: str
    epsilon_steps: int

class ReinforceSettings(TypedDict, total=False):
    """Settings of ``reinforce``."""

    discount: float
    learning_rate: float
    hidden_sizes: Sequence[int]
    baseline: bool
    baseline_learning_rate: float
    discount_states: bool
    entropy_bonus: float
    max_grad_norm: float | None

class ActorCriticSettings(TypedDict, total=False):
    """Settings of ``actor-critic``."""

    discount: float
    learning_rate: float
    value_learning_rate: float
    learning_rate_steps: int | None
    hidden_sizes: Sequence[int]
    n_steps: int
    gae_lambda: float
    discount_states: bool
    entropy_bonus: float
    normalize_advantages: bool
    max_grad_norm: float | None

class RandomSettings(TypedDict, total=False):
    """Settings of ``random``."""

@overload
def make(
    name: Literal["dqn"], env: AnyEnv | str, seed: int | None = None, **hyperparameters: Unpack[DQNSettings]
) -> DQNAgent: ...
@overload
def make(
    name: Literal["q-learning"],
    env: AnyEnv | str,
    seed: int | None = None,
    **hyperparameters: Unpack[QLearningSettings],
) -> QLearningAgent: ...
@overload
def make(
    name: Literal["tabular"],
    env: AnyEnv | str,
    seed: int | None = None,
    **hyperparameters: Unpack[TabularQSettings],
) -> TabularQAgent: ...
@overload
def make(
    name: Literal["sarsa"],
    env: AnyEnv | str,
    seed: int | None = None,
    **hyperparameters: Unpack[SarsaSettings],
) -> SarsaAgent: ...
@overload
def make(
    name: Literal["expected-sarsa"],
    env: AnyEnv | str,
    seed: int | None = None,
    **hyperparameters: Unpack[ExpectedSarsaSettings],
) -> ExpectedSarsaAgent: ...
@overload
def make(
    name: Literal["monte-carlo"],
    env: AnyEnv | str,
    seed: int | None = None,
    **hyperparameters: Unpack[MonteCarloSettings],
) -> MonteCarloAgent: ...
@overload
def make(
    name: Literal["reinforce"],
    env: AnyEnv | str,
    seed: int | None = None,
    **hyperparameters: Unpack[ReinforceSettings],
) -> ReinforceAgent: ...
@overload
def make(
    name: Literal["actor-critic"],
    env: AnyEnv | str,
    seed: int | None = None,
    **hyperparameters: Unpack[ActorCriticSettings],
) -> ActorCriticAgent: ...
@overload
def make(
    name: Literal["random"],
    env: AnyEnv | str,
    seed: int | None = None,
    **hyperparameters: Unpack[RandomSettings],
) -> RandomAgent: ...
@overload
def make(name: str, env: AnyEnv | str, seed: int | None = None) -> Agent: ...
