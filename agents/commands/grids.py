"""What is known of a GridQ environment: its cells, an agent's values of them, and the optimum."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

import gym_gridq
from agents.algorithms.base import Agent
from agents.pictures.films import Moment
from gym_gridq.exact.arguments import checked_horizon
from gym_gridq.rendering.palette import scale_of

__all__ = [
    "MAX_DRAWN_STATES",
    "exact_figures",
    "grid_observations",
    "grid_of",
    "grid_overlay",
    "grid_policy",
    "grid_q_values",
    "has_action_values",
    "is_grid",
    "judged_policy",
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


def exact_figures(agent: Agent, env: gymnasium.Env[Any, Any], max_steps: int) -> dict[str, float]:
    """What an evaluation of an agent averages to, without a sampled episode.

    Args:
        agent: the agent.
        env: a grid.
        max_steps: steps after which an episode is broken off, where the environment has no limit.

    Returns:
        ``mean_return``, ``std_return``, ``mean_length``, ``std_length`` of an episode; ``ended`` and
        ``reached_goal``, the probabilities that it ends before the limit, and that it does so on a goal.
    """
    dynamics = grid_of(env).dynamics
    policy = judged_policy(agent, env)  # (S, A)
    horizon = checked_horizon(env, None) or max_steps
    exact = gym_gridq.returns(env, policy, horizon)
    visits = gym_gridq.visitation(env, policy, discount=1.0, horizon=horizon)  # (S,)
    scores = (dynamics.layout.cells == "G")[dynamics.next_state] & dynamics.terminated  # (S, 4)
    chance = (policy @ dynamics.move_probability * scores).sum(axis=1)  # (S,)
    return {
        "mean_return": exact.mean,
        "std_return": exact.std,
        "mean_length": exact.mean_length,
        "std_length": exact.std_length,
        "ended": exact.ended,
        "reached_goal": float(visits @ chance),
    }


def grid_observations(env: gymnasium.Env[Any, Any]) -> npt.NDArray[Any]:
    """What is observed in every cell of a grid, (S,) or (S, S)."""
    n_states = grid_of(env).dynamics.n_states
    if isinstance(env.observation_space, gymnasium.spaces.Discrete):
        return np.arange(n_states)
    return np.eye(n_states, dtype=np.float32)


def has_action_values(agent: Agent) -> bool:
    """Whether an agent has Q-values, and not only a policy."""
    return hasattr(agent, "q_values")


def grid_q_values(agent: Agent, env: gymnasium.Env[Any, Any]) -> npt.NDArray[np.float32]:
    """An agent's Q-values of every cell of a grid, (S, A), whichever way the cells are observed."""
    return agent.q_values(grid_observations(env))


def grid_policy(agent: Agent, env: gymnasium.Env[Any, Any]) -> npt.NDArray[Any]:
    """What `gym_gridq.grade` judges of an agent: its Q-values, (S, A), or its greedy actions, (S,)."""
    if has_action_values(agent):
        return grid_q_values(agent, env)
    actions: npt.NDArray[np.int64] = agent.act(grid_observations(env), explore=False)
    return actions


def judged_policy(agent: Agent, env: gymnasium.Env[Any, Any]) -> npt.NDArray[np.float64]:
    """Probabilities ``(S, A)`` of the policy that an agent is judged by.

    That is its greedy one; an agent that learns nothing has no other than the one it follows.
    """
    observations = grid_observations(env)
    if not agent.learns:
        return agent.action_probabilities(observations)
    greedy: npt.NDArray[np.float64] = np.eye(agent.n_actions)[agent.act(observations, explore=False)]
    return greedy


def grid_overlay(agent: Agent, env: gymnasium.Env[Any, Any]) -> dict[str, Any]:
    """What to lay over the board of what an agent has learned, as arguments of `GridQEnv.show`."""
    if has_action_values(agent):
        return {"q_values": grid_q_values(agent, env)}
    observations = grid_observations(env)
    shown: dict[str, Any] = {"policy": agent.action_probabilities(observations, greedy=True)}
    with contextlib.suppress(AttributeError):  # of a policy without values
        shown["values"] = agent.state_values(observations)
    return shown


def shows_status(env: gymnasium.Env[Any, Any], shown: Mapping[str, Any]) -> Callable[[Moment], None]:
    """What lays a `grid_overlay` over a grid, with the state of the episode below them."""
    grid = grid_of(env)

    def show(moment: Moment) -> None:
        grid.show(**shown, status={"episode": grid.track.episode, **moment.status()})

    return show


def scale_of_optimum(env: gymnasium.Env[Any, Any], discount: float) -> float | None:
    """Where the colours of a film of learning end: at the optimum's, from the first picture to the last.

    None where the optimum is too large to look at.
    """
    dynamics = grid_of(env).dynamics
    if dynamics.n_states > MAX_DRAWN_STATES:
        return None
    return scale_of(gym_gridq.solve(dynamics, discount).q[~dynamics.absorbing])
