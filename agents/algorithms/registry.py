"""Agents by name. A module is imported when its agent is first asked for, so that a table needs no DeZero."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import gymnasium

from agents.algorithms.base import Agent
from agents.config import suggestion
from agents.experience.env_spaces import single_spaces

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
    env: gymnasium.Env[Any, Any] | gymnasium.vector.VectorEnv[Any, Any, Any],
    seed: int | None = None,
    **hyperparameters: Any,
) -> Agent:
    """Makes an agent for an environment.

    Args:
        name: one of `AGENTS`.
        env: environment, or vector environment, whose spaces it should serve.
        seed: integer that fixes everything random, or None.
        **hyperparameters: settings that differ from their defaults, see `agents.config`.

    Raises:
        ValueError: for an unknown agent or hyperparameter, a value out of range, or spaces that cannot be
            handled.
    """
    cls = agent_class(name)
    observation_space, action_space = single_spaces(env)
    return cls(observation_space, action_space, cls.config_class.from_mapping(hyperparameters), seed)
