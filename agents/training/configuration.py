"""What the configuration of a training stands for (``config.json``): its environment and its agent.

``gridq train``, a sweep's cells and every command that reads a run make them here, so that one configuration
is one training wherever it runs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import gymnasium

from agents.algorithms.base import Agent
from agents.algorithms.registry import agent_class
from agents.config import DISCOUNT, Config
from agents.environments import AnyEnv
from agents.experience.env_spaces import HAS_LANES, single_spaces
from agents.settings import tuned_settings

__all__ = [
    "DEFAULT_AGENT",
    "DEFAULT_ENV",
    "EPISODES",
    "EVALUATE_EVERY",
    "MAX_STEPS",
    "discount_of",
    "env_of",
    "lanes_of",
    "new_agent",
    "settings_of",
    "usual_configuration",
]

DEFAULT_AGENT = "dqn"
DEFAULT_ENV = "GridQ-v0"
DEFAULT_EPISODES = 1000
"""Where no limit was tuned."""

EVALUATE_EVERY = 10_000
"""Environment steps between two looks at the greedy policy, where its worth is not known exactly."""

EPISODES = 100
"""By which an agent is judged where its worth is not known exactly."""

MAX_STEPS = 10_000
"""After these such an episode is broken off, where the environment has no limit."""


def usual_configuration(env_id: str, agent: str) -> dict[str, Any]:
    """What holds where nothing else is said: what was tuned for the environment, if something was.

    Args:
        env_id: as `gymnasium.make` takes it.
        agent: as `agents.make` takes it.

    Returns:
        ``env_id``, ``num_envs``, ``agent``, ``hyperparameters`` (those that differ from the agent's own
        defaults), ``total_steps`` and ``episodes``, of which one is None.
    """
    tuned = tuned_settings(env_id, agent)
    total_steps = tuned.get("total_steps")
    return {
        "env_id": env_id,
        "num_envs": tuned.get("num_envs", 1) if HAS_LANES else 1,
        "agent": agent,
        "hyperparameters": tuned.get("hyperparameters", {}),
        "total_steps": total_steps,
        "episodes": DEFAULT_EPISODES if total_steps is None else None,
    }


def env_of(
    config: Mapping[str, Any], render_mode: str | None = None, drawing: Mapping[str, Any] | None = None
) -> contextlib.closing[gymnasium.Env[Any, Any]]:
    """The environment of a configuration, as a context that closes it.

    Args:
        config: of which ``env_id`` and ``env_kwargs`` count.
        render_mode: how it draws, if it is to draw.
        drawing: further arguments, which say how it is to look.

    Raises:
        ValueError: if its arguments are wrong.
        gymnasium.error.Error: for an id that nobody registered.
    """
    env_id, env_kwargs = config["env_id"], {**config["env_kwargs"], **(drawing or {})}
    mode: Any = {} if render_mode is None else {"render_mode": render_mode}  # not every one takes it
    with _arguments_explained(env_id, env_kwargs):
        return contextlib.closing(gymnasium.make(env_id, **mode, **env_kwargs))


def lanes_of(config: Mapping[str, Any]) -> contextlib.closing[Any]:
    """An environment to train on, with several lanes if ``num_envs`` is above 1, as a context that closes it.

    Raises:
        ValueError: if its arguments are wrong.
        gymnasium.error.Error: for an id that nobody registered.
    """
    env_id, env_kwargs, num_envs = config["env_id"], config["env_kwargs"], config["num_envs"]
    if num_envs == 1:
        return env_of(config)
    if not HAS_LANES:
        raise ValueError(
            f"{num_envs} environments side by side need gymnasium >= 1.1; this is {gymnasium.__version__}, "
            "so upgrade it, or train with one (--num-envs 1)"
        )
    with _arguments_explained(env_id, env_kwargs):
        return contextlib.closing(gymnasium.make_vec(env_id, num_envs=num_envs, **env_kwargs))


def new_agent(config: Mapping[str, Any], env: AnyEnv) -> Agent:
    """The agent of a configuration, as it is before its first step.

    Raises:
        ValueError: for settings out of their range, or spaces that it cannot handle.
    """
    # not by `make`, for which a setting called "name" or "seed" would be an argument of its own
    return agent_class(config["agent"])(*single_spaces(env), settings_of(config), config["seed"])


def settings_of(config: Mapping[str, Any]) -> Config:
    """The settings of a configuration's agent.

    Raises:
        ValueError: for one that there is not, or out of its range.
    """
    return agent_class(config["agent"]).config_class.from_mapping(config["hyperparameters"])


def discount_of(config: Mapping[str, Any]) -> float:
    """The discount that an agent's values are for; those of an agent without one are judged by the book's."""
    return float(getattr(settings_of(config), "discount", DISCOUNT))


@contextlib.contextmanager
def _arguments_explained(env_id: str, env_kwargs: Mapping[str, Any]) -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError, ImportError, MemoryError, gymnasium.error.Error):
        raise
    except Exception as error:  # whatever an environment makes of wrong arguments
        given = ", ".join(f"{name}={value!r:.40}" for name, value in env_kwargs.items()) or "its defaults"
        raise ValueError(f"{env_id} cannot be made with {given}: {error or type(error).__name__}") from error
