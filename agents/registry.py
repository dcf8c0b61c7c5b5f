"""Agents by name. A module is imported when its agent is first asked for, so that a table needs no DeZero."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import gymnasium
from gymnasium import spaces

from agents.base import Agent
from agents.config import suggestion

__all__ = ["AGENTS", "agent_class", "check_spaces", "make", "single_spaces"]

AGENTS = {
    "dqn": "agents.dqn:DQNAgent",
    "q-learning": "agents.q_learning:QLearningAgent",
    "tabular": "agents.tabular:TabularQAgent",
    "random": "agents.tabular:RandomAgent",
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


def single_spaces(
    env: gymnasium.Env[Any, Any] | gymnasium.vector.VectorEnv[Any, Any, Any],
) -> tuple[spaces.Space[Any], spaces.Space[Any]]:
    """Observation and action space of one environment, or of one lane of a vector environment."""
    if isinstance(env, gymnasium.vector.VectorEnv):
        return env.single_observation_space, env.single_action_space
    return env.observation_space, env.action_space


def check_spaces(
    agent: Agent, env: gymnasium.Env[Any, Any] | gymnasium.vector.VectorEnv[Any, Any, Any]
) -> None:
    """Refuses an environment that an agent was not made for: its actions would mean something else there.

    Raises:
        ValueError: if the agent has other spaces.
    """
    names = ("observation space", "action space")
    for name, has, needs in zip(
        names, (agent.observation_space, agent.action_space), single_spaces(env), strict=True
    ):
        if has != needs:
            raise ValueError(
                f"the agent was made for the {name} {has}, but {env} has {needs}; "
                "use an agent made or trained for this environment"
            )
