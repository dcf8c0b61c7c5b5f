"""The spaces of an environment, and whether they are those an agent was made for."""

from __future__ import annotations

from typing import Any, Protocol

import gymnasium
from gymnasium import spaces

__all__ = ["check_spaces", "single_spaces"]


class HasSpaces(Protocol):
    """An agent, as far as its spaces go."""

    @property
    def observation_space(self) -> spaces.Space[Any]:
        """Space of one observation."""

    @property
    def action_space(self) -> spaces.Space[Any]:
        """Space of one action."""


def single_spaces(
    env: gymnasium.Env[Any, Any] | gymnasium.vector.VectorEnv[Any, Any, Any],
) -> tuple[spaces.Space[Any], spaces.Space[Any]]:
    """Observation and action space of one environment, or of one lane of a vector environment."""
    if isinstance(env, gymnasium.vector.VectorEnv):
        return env.single_observation_space, env.single_action_space
    return env.observation_space, env.action_space


def check_spaces(
    agent: HasSpaces, env: gymnasium.Env[Any, Any] | gymnasium.vector.VectorEnv[Any, Any, Any]
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
