"""What is known of a GridQ environment: its cells, an agent's values of them, and the optimum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

import gym_gridq
from agents.algorithms.base import Agent

__all__ = [
    "MAX_DRAWN_STATES",
    "greedy_actions",
    "grid_of",
    "grid_q_values",
    "has_values",
    "is_grid",
    "max_q_error_from_optimum",
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


def has_values(agent: Agent) -> bool:
    """Whether an agent has learned action values; not all agents learn any."""
    return agent.learns and hasattr(agent, "q_values")


def greedy_actions(agent: Agent, env: gymnasium.Env[Any, Any]) -> npt.NDArray[np.int64]:
    """An agent's action in every cell of a grid when it does not explore, (S,)."""
    actions: npt.NDArray[np.int64] = agent.act(_observations(env), explore=False)
    return actions


def grid_q_values(agent: Agent, env: gymnasium.Env[Any, Any]) -> npt.NDArray[np.float32]:
    """An agent's Q-values of every cell of a grid, (S, A), whichever way the cells are observed."""
    return agent.q_values(_observations(env))


def _observations(env: gymnasium.Env[Any, Any]) -> npt.NDArray[Any]:
    """Those of all cells, (S,) or (S, S)."""
    n_states = grid_of(env).dynamics.n_states
    if isinstance(env.observation_space, gymnasium.spaces.Discrete):
        return np.arange(n_states)
    return np.eye(n_states, dtype=np.float32)


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
