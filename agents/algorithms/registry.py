"""Agents by name. A module is imported when its agent is first asked for, so that a table needs no DeZero."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from agents.algorithms.base import Agent
from agents.arguments import suggestion
from agents.environments import AnyEnv, opened
from agents.experience.env_spaces import env_checked, single_spaces

__all__ = ["AGENTS", "agent_class", "make"]

AGENTS = {
    "dqn": "agents.algorithms.dqn:DQNAgent",
    "q-learning": "agents.algorithms.q_learning:QLearningAgent",
    "tabular": "agents.algorithms.tabular:TabularQAgent",
    "sarsa": "agents.algorithms.sarsa:SarsaAgent",
    "expected-sarsa": "agents.algorithms.expected_sarsa:ExpectedSarsaAgent",
    "monte-carlo": "agents.algorithms.monte_carlo:MonteCarloAgent",
    "reinforce": "agents.algorithms.reinforce:ReinforceAgent",
    "actor-critic": "agents.algorithms.actor_critic:ActorCriticAgent",
    "random": "agents.algorithms.random_agent:RandomAgent",
}
"""Where each agent lives, by name."""


def agent_class(name: str) -> type[Agent]:
    """The class of an agent.

    Raises:
        ValueError: for an unknown name.
    """
    if not isinstance(name, str) or name not in AGENTS:
        raise ValueError(f"unknown agent {name!r}; {suggestion(name, AGENTS)}")
    module, attribute = AGENTS[name].split(":")
    found: type[Agent] = getattr(import_module(module), attribute)
    return found


def make(
    name: str,
    env: AnyEnv | str,
    seed: int | None = None,
    **hyperparameters: Any,
) -> Agent:
    """Makes an agent for an environment.

    Args:
        name: one of `AGENTS`.
        env: environment, vector environment, or the id of one, whose spaces it should serve.
        seed: integer that fixes everything random, or None.
        **hyperparameters: settings that differ from their defaults, see `agents.config`.

    Raises:
        ValueError: for an unknown agent or hyperparameter, a value out of range, or spaces that cannot be
            handled.
    """
    cls = agent_class(name)
    with opened(env) as served:
        env_checked(served)
        observation_space, action_space = single_spaces(served)
    return cls(observation_space, action_space, cls.config_class.from_mapping(hyperparameters), seed)
