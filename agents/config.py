"""Configurations: the one home of every default, its meaning and its allowed range.

The agents, the command line, the saved configuration and the documentation all read these classes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from gymnasium import spaces

from agents.arguments import suggestion
from agents.fields import checked_setting, field_types, setting

__all__ = [
    "ActorCriticConfig",
    "Config",
    "DQNConfig",
    "ExpectedSarsaConfig",
    "MonteCarloConfig",
    "NStepConfig",
    "QLearningConfig",
    "RandomConfig",
    "ReinforceConfig",
    "SarsaConfig",
    "TableConfig",
    "TabularConfig",
]

ConfigT = TypeVar("ConfigT", bound="Config")

DISCOUNT = 0.9
"""The book's discount, where nothing else is said."""


@dataclass(frozen=True)
class Config:
    """What every agent's configuration can do; a value outside its range never gets in.

    Fields may be ``int``, ``float``, ``bool``, ``str``, ``tuple[int, ...]``, or one of these or ``None``.

    Raises:
        ValueError: for a value of the wrong type or outside its range.
    """

    def __post_init__(self) -> None:
        hints = field_types(type(self))
        for field in dataclasses.fields(self):
            value = checked_setting(field, hints[field.name], getattr(self, field.name))
            object.__setattr__(self, field.name, value)

    @classmethod
    def from_mapping(cls: type[ConfigT], values: Mapping[str, Any]) -> ConfigT:
        """Builds a configuration from names and values, as JSON or keyword arguments give them.

        Raises:
            ValueError: for a name that is no setting (the nearest one is named), or a bad value.
        """
        names = [field.name for field in dataclasses.fields(cls)]
        for name in values:
            if name not in names:
                raise ValueError(f"unknown hyperparameter {name!r}; {suggestion(name, names)}")
        return cls(**values)

    @classmethod
    def from_file(cls: type[ConfigT], values: Mapping[str, Any], space: spaces.Space[Any]) -> ConfigT:
        """Builds the configuration of a saved agent; one that gained a setting extends it for older files.

        Args:
            values: what `to_dict` gave when it was saved.
            space: of the agent's observations.

        Raises:
            ValueError: as `from_mapping`.
        """
        return cls.from_mapping(values)

    def to_dict(self) -> dict[str, Any]:
        """The settings as JSON can hold them; `from_mapping` gives the same configuration back."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in dataclasses.asdict(self).items()
        }


@dataclass(frozen=True)
class RandomConfig(Config):
    """A uniformly random agent has nothing to set."""


@dataclass(frozen=True)
class TableConfig(Config):
    """What agents with a table have in common: constants, unless a schedule or 1/n is asked for."""

    discount: float = setting(DISCOUNT, "discount factor gamma", low=0, high=1)
    learning_rate: float = setting(0.8, "step size alpha, where it is constant", above=0, high=1)
    step_size: str = setting(
        "constant",
        "1/n: the n-th target of a pair weighs 1/n, so that its value is their mean",
        choices=("constant", "1/n"),
    )
    epsilon: float = setting(0.1, "probability of a random action (at first)", low=0, high=1)
    epsilon_final: float = setting(0.01, "probability of a random action in the end", low=0, high=1)
    epsilon_schedule: str = setting(
        "constant", "how epsilon changes; constant: never", choices=("constant", "linear", "exponential")
    )
    epsilon_steps: int = setting(10_000, "environment steps that this takes", low=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_schedule(self.epsilon_schedule, self.epsilon, self.epsilon_final)


@dataclass(frozen=True)
class TabularConfig(TableConfig):
    """Q-learning with a table (Deep Learning from Scratch 4, section 6.4; Sutton & Barto, section 6.5)."""

    double_q: bool = setting(False, "learn two tables; each values the action that is best in the other")


@dataclass(frozen=True)
class NStepConfig(TableConfig):
    """What agents with a table have in common that learn from returns over several steps."""

    n_steps: int = setting(1, "rewards in a return before it bootstraps", low=1, high=1_000)
    return_lambda: float = setting(
        1.0, "lambda of the return: 1 takes all n_steps rewards, less mixes shorter returns in", low=0, high=1
    )


@dataclass(frozen=True)
class SarsaConfig(NStepConfig):
    """SARSA (Deep Learning from Scratch 4, section 6.2; Sutton & Barto, sections 6.4, 7.2 and 12.3)."""


@dataclass(frozen=True)
class ExpectedSarsaConfig(NStepConfig):
    """Expected SARSA (Sutton & Barto, sections 6.6, 7.2 and 12.3)."""


@dataclass(frozen=True)
class MonteCarloConfig(TableConfig):
    """First-visit Monte Carlo (Deep Learning from Scratch 4, section 5.4; Sutton & Barto, section 5.4)."""

    learning_rate: float = setting(0.1, "step size alpha, where it is constant", above=0, high=1)


@dataclass(frozen=True)
class ReinforceConfig(Config):
    """REINFORCE (Deep Learning from Scratch 4, section 9.2; Sutton & Barto, sections 13.3 and 13.4)."""

    discount: float = setting(DISCOUNT, "discount factor gamma", low=0, high=1)
    learning_rate: float = setting(0.01, "step size of Adam for the policy", above=0, high=1)
    hidden_sizes: tuple[int, ...] = setting((100,), "width of each hidden layer", low=1, high=65_536)
    baseline: bool = setting(True, "subtract what a second network thinks a state is worth")
    baseline_learning_rate: float = setting(0.01, "step size of Adam for the baseline", above=0, high=1)
    discount_states: bool = setting(
        True, "weigh step t of an episode by discount^t, as the gradient of the start's value does"
    )
    entropy_bonus: float = setting(0.0, "weight of the policy's entropy in what is maximised", low=0)
    max_grad_norm: float | None = setting(None, "longest gradient; longer ones are scaled down", above=0)


@dataclass(frozen=True)
class ActorCriticConfig(Config):
    """Actor-critic (Deep Learning from Scratch 4, section 9.4; Sutton & Barto, section 13.5)."""

    discount: float = setting(DISCOUNT, "discount factor gamma", low=0, high=1)
    learning_rate: float = setting(0.005, "step size of Adam for the policy (the actor)", above=0, high=1)
    value_learning_rate: float = setting(
        0.01, "step size of Adam for the state values (the critic)", above=0, high=1
    )
    learning_rate_steps: int | None = setting(
        None, "environment steps after which both step sizes fall as 1/steps; none: never", low=1
    )
    hidden_sizes: tuple[int, ...] = setting((100,), "width of each hidden layer", low=1, high=65_536)
    n_steps: int = setting(1, "steps of every lane from one update to the next", low=1, high=100_000)
    gae_lambda: float = setting(
        1.0,
        "lambda of the advantages over those steps: 0 looks one reward ahead, 1 as many as there are",
        low=0,
        high=1,
    )
    discount_states: bool = setting(
        True, "weigh step t of an episode by discount^t, as the gradient of the start's value does"
    )
    entropy_bonus: float = setting(0.0, "weight of the policy's entropy in what is maximised", low=0)
    normalize_advantages: bool = setting(False, "scale the advantages of an update to mean 0, deviation 1")
    max_grad_norm: float | None = setting(None, "longest gradient; longer ones are scaled down", above=0)


@dataclass(frozen=True)
class QLearningConfig(Config):
    """Online Q-learning with a network (Deep Learning from Scratch 4, section 7.4)."""

    discount: float = setting(DISCOUNT, "discount factor gamma", low=0, high=1)
    learning_rate: float = setting(0.01, "step size of gradient descent", above=0, high=10)
    epsilon: float = setting(0.1, "probability of a random action", low=0, high=1)
    hidden_sizes: tuple[int, ...] = setting((100,), "width of each hidden layer", low=1, high=65_536)


@dataclass(frozen=True)
class DQNConfig(Config):
    """Deep Q-learning with replay and a target network (Mnih et al. 2015)."""

    discount: float = setting(DISCOUNT, "discount factor gamma", low=0, high=1)
    learning_rate: float = setting(2e-3, "step size of Adam", above=0, high=1)
    learning_rate_steps: int | None = setting(
        None, "environment steps after which the step size falls as 1/steps; none: never", low=1
    )
    adam_epsilon: float = setting(
        1e-8,
        "added to the root of Adam's second moment; large: small gradients make small steps",
        above=0,
        high=1,
    )
    optimizer: str = setting(
        "adam",
        "sparse-adam steps only the states in the batch: cheap where there are many, but another algorithm",
        choices=("adam", "sparse-adam"),
    )
    hidden_sizes: tuple[int, ...] = setting((100,), "width of each hidden layer", low=1, high=65_536)
    batch_size: int = setting(64, "transitions in a gradient step", low=1, high=1_000_000)
    replay_capacity: int = setting(10_000, "transitions the replay keeps", low=1, high=100_000_000)
    learning_starts: int = setting(100, "environment steps before the first gradient step", low=0)
    train_frequency: int = setting(1, "steps (of all lanes together) from one training to the next", low=1)
    gradient_steps: int = setting(
        1, "gradient steps in a training; -1: as many as transitions since the last one", low=-1
    )
    target_update_interval: int = setting(
        1, "gradient steps from one update of the target network to the next", low=1
    )
    target_tau: float = setting(0.05, "how far an update moves the target network; 1 copies", above=0, high=1)
    double_q: bool = setting(True, "let the network choose the action whose value the target network gives")
    n_steps: int = setting(1, "rewards in a return before it bootstraps", low=1, high=1_000)
    loss: str = setting("squared", "loss of a TD error", choices=("squared", "huber"))
    max_grad_norm: float | None = setting(None, "longest gradient; longer ones are scaled down", above=0)
    epsilon: float = setting(1.0, "probability of a random action at first", low=0, high=1)
    epsilon_final: float = setting(0.1, "probability of a random action in the end", low=0, high=1)
    epsilon_schedule: str = setting(
        "linear",
        "how epsilon changes from the first to the last",
        choices=("constant", "linear", "exponential"),
    )
    epsilon_steps: int = setting(1_000, "environment steps that this takes (constant: epsilon stays)", low=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.replay_capacity < self.batch_size:
            raise ValueError(
                f"replay_capacity is {self.replay_capacity}, below batch_size {self.batch_size}; "
                "give at least as much"
            )
        if self.target_update_interval > 1 and self.target_tau < 1:
            raise ValueError(
                f"target_update_interval is {self.target_update_interval} and target_tau {self.target_tau}; "
                "a target network is either copied now and then (target_tau=1), or follows a little after "
                "every gradient step (target_update_interval=1)"
            )
        if self.gradient_steps == 0:
            raise ValueError("gradient_steps is 0, which never learns; give -1 or a number from 1 up")
        _check_schedule(self.epsilon_schedule, self.epsilon, self.epsilon_final)

    @classmethod
    def from_file(cls, values: Mapping[str, Any], space: spaces.Space[Any]) -> DQNConfig:
        """See `Config.from_file`. Before `optimizer` was a setting, more than 128 states made Adam sparse."""
        is_large = isinstance(space, spaces.Discrete) and space.n > 128
        before = {"optimizer": "sparse-adam" if is_large else "adam"}
        return super().from_file(before | dict(values), space)


def _check_schedule(kind: str, epsilon: float, epsilon_final: float) -> None:
    """Refuses a schedule of epsilon that makes no sense."""
    if kind != "constant" and epsilon_final > epsilon:
        raise ValueError(
            f"epsilon_final is {epsilon_final}, above epsilon {epsilon}; exploration must not grow, so "
            "exchange them"
        )
    if kind == "exponential" and epsilon_final == 0:
        raise ValueError("epsilon_final is 0, which an exponential schedule never reaches; use 'linear'")
