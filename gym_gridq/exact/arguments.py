"""What the exact answers are asked about: the world, the discount, the limit on steps."""

from __future__ import annotations

from typing import Any, SupportsFloat

import gymnasium
from gymnasium.wrappers import TimeLimit

from gym_gridq.checks import as_float, as_integer
from gym_gridq.dynamics import Dynamics

__all__ = ["checked_discount", "checked_horizon", "dynamics_of", "has_dynamics"]


def has_dynamics(env_or_dynamics: Any) -> bool:
    """Whether `dynamics_of` finds any."""
    if isinstance(env_or_dynamics, Dynamics):
        return True
    return isinstance(getattr(getattr(env_or_dynamics, "unwrapped", None), "dynamics", None), Dynamics)


def dynamics_of(env_or_dynamics: Any) -> Dynamics:
    """The `Dynamics` of an environment, seen through any wrappers.

    Raises:
        TypeError: for anything that has none.
    """
    if isinstance(env_or_dynamics, Dynamics):
        return env_or_dynamics
    dynamics = getattr(getattr(env_or_dynamics, "unwrapped", None), "dynamics", None)
    if not isinstance(dynamics, Dynamics):
        raise TypeError(
            f"{env_or_dynamics!r} is no GridQ environment and no gym_gridq.Dynamics; its rules are unknown"
        )
    return dynamics


def checked_discount(discount: SupportsFloat) -> float:
    """The discount as a float.

    Raises:
        ValueError: if it is no number in [0, 1].
    """
    value = as_float(discount)
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"discount is {discount!r}; give a number from 0 to 1")
    return value


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
    steps = as_integer(horizon)
    if steps is None or steps < 1:
        raise ValueError(
            f"horizon is {horizon!r}; give an integer from 1 up, or None for the environment's own limit"
        )
    return steps


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
