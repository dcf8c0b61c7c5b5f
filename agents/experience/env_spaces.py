"""Environments as others made them: whether they are some, of which spaces, and how they answer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Protocol

import gymnasium
from gymnasium import spaces

__all__ = ["HAS_LANES", "answers_explained", "check_spaces", "env_checked", "single_spaces"]

HAS_LANES = hasattr(gymnasium.vector, "AutoresetMode")
"""Whether this Gymnasium is 1.1 or later, which the loop over many lanes needs."""


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


def env_checked(env: Any) -> None:
    """Refuses what is no environment.

    Raises:
        ValueError: for anything but a Gymnasium environment or vector environment.
    """
    if not isinstance(env, gymnasium.Env | gymnasium.vector.VectorEnv):
        raise ValueError(
            f"the environment is {env!r:.80}; give what gymnasium.make or gymnasium.make_vec returns"
        )


@contextlib.contextmanager
def answers_explained(env: Any) -> Iterator[None]:
    """Within it, an environment that answers otherwise than Gymnasium's is named as what is wrong.

    Raises:
        ValueError: if `reset` does not return two values, or `step` not five.
    """
    try:
        yield
    except (ValueError, TypeError) as error:
        said = str(error)
        unpacking = "values to unpack (expected" in said or "cannot unpack non-iterable" in said
        if not unpacking:
            raise
        raise ValueError(
            f"{env} does not answer as Gymnasium's environments do ({said}): reset returns (observation, "
            "info), step returns (observation, reward, terminated, truncated, info); an environment of "
            "the old Gym needs a wrapper that splits done into terminated and truncated"
        ) from error
