"""What the exact answers are asked about: the world, and the limit on steps."""

from __future__ import annotations

from typing import Any

import gymnasium
from gymnasium.wrappers import TimeLimit

from gym_gridq.checks import as_count
from gym_gridq.dynamics import Dynamics

__all__ = ["checked_horizon", "dynamics_of", "dynamics_or_none"]


def dynamics_or_none(env_or_dynamics: Any) -> Dynamics | None:
    """The `Dynamics` of an environment, seen through any wrappers; None for anything that has none."""
    if isinstance(env_or_dynamics, Dynamics):
        return env_or_dynamics
    dynamics = getattr(getattr(env_or_dynamics, "unwrapped", None), "dynamics", None)
    return dynamics if isinstance(dynamics, Dynamics) else None


def dynamics_of(env_or_dynamics: Any) -> Dynamics:
    """The same.

    Raises:
        TypeError: for anything that has none.
    """
    dynamics = dynamics_or_none(env_or_dynamics)
    if dynamics is None:
        raise TypeError(
            f"{env_or_dynamics!r} is no GridQ environment and no gym_gridq.Dynamics; its rules are unknown"
        )
    return dynamics


def checked_horizon(env_or_dynamics: Any, horizon: Any) -> int | None:
    """The steps that an episode may take; None where nothing limits them.

    Args:
        env_or_dynamics: whose own limit counts where no other is given.
        horizon: an integer from 1 up, or None for the environment's own limit.

    Raises:
        ValueError: for anything else.
    """
    if horizon is None:
        return _own_limit(env_or_dynamics)
    return as_count(horizon, "horizon", otherwise=", or None for the environment's own limit")


def _own_limit(env: Any) -> int | None:
    """The tightest `TimeLimit` around an environment, or what a vector of them counts to by itself.

    Failing both, what its spec says.
    """
    base = getattr(env, "unwrapped", env)
    if hasattr(base, "max_episode_steps"):
        return base.max_episode_steps  # type: ignore[no-any-return]
    limits = []
    layer = env
    while isinstance(layer, gymnasium.Wrapper):
        if isinstance(layer, TimeLimit):
            limits.append(layer._max_episode_steps)
        layer = layer.env
    return min(limits) if limits else getattr(getattr(env, "spec", None), "max_episode_steps", None)
