"""What is known of a GridQ environment: its cells, an agent's values of them, and the optimum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

import gym_gridq
from agents.algorithms.base import Agent
from agents.pictures.films import Moment
from gym_gridq.rendering.palette import scale_of

__all__ = [
    "MAX_DRAWN_STATES",
    "grid_of",
    "grid_q_values",
    "is_grid",
    "max_q_error_from_optimum",
    "scale_of_optimum",
    "shows_status",
]

MAX_DRAWN_STATES = 2500
"""Maps larger than this are too large to see anything on."""


def is_grid(env: gymnasium.Env[Any, Any]) -> bool:
    """Whether the environment is one of ours, whose optimum is known."""
    return isinstance(env.unwrapped, gym_gridq.GridQEnv)


def grid_of(env: gymnasium.Env[Any, Any]) -> gym_gridq.GridQEnv:
    """The grid inside of its wrappers; only where `is_grid` says that there is one."""
    grid = env.unwrapped
    assert isinstance(grid, gym_gridq.GridQEnv)
    return grid


def grid_q_values(agent: Agent, env: gymnasium.Env[Any, Any]) -> npt.NDArray[np.float32]:
    """An agent's Q-values of every cell of a grid, (S, A), whichever way the cells are observed."""
    n_states = grid_of(env).dynamics.n_states
    if isinstance(env.observation_space, gymnasium.spaces.Discrete):
        return agent.q_values(np.arange(n_states))
    return agent.q_values(np.eye(n_states, dtype=np.float32))


def shows_status(env: gymnasium.Env[Any, Any], q_values: npt.NDArray[np.float32]) -> Callable[[Moment], None]:
    """What lays an agent's Q-values over a grid, with the state of the episode below them."""
    grid = grid_of(env)

    def show(moment: Moment) -> None:
        grid.show(q_values, status=grid.track.status())

    return show


def scale_of_optimum(env: gymnasium.Env[Any, Any], discount: float) -> float | None:
    """Where the colours of a film of learning end: at the optimum's, from the first picture to the last.

    None where the optimum is too large to look at.
    """
    dynamics = grid_of(env).dynamics
    if dynamics.n_states > MAX_DRAWN_STATES:
        return None
    return scale_of(gym_gridq.solve(dynamics, discount).q[~dynamics.absorbing])


def max_q_error_from_optimum(
    env: gymnasium.Env[Any, Any], discount: float
) -> Callable[[Agent], float] | None:
    """How far an agent's Q-values are from q*; None where the optimum is unknown or too large to look at."""
    if not is_grid(env):
        return None
    dynamics = grid_of(env).dynamics
    if dynamics.n_states > MAX_DRAWN_STATES:
        return None
    q_star = gym_gridq.solve(dynamics, discount).q
    acting = ~dynamics.absorbing

    def max_q_error(agent: Agent) -> float:
        return float(np.abs(grid_q_values(agent, env) - q_star)[acting].max())

    return max_q_error
