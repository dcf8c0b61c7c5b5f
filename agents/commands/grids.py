"""What commands show and say of an agent on one of GridQ's maps."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import gymnasium

import gym_gridq
from agents.algorithms.base import Agent
from agents.experiments.grids import (
    grid_observations,
    grid_of,
    grid_q_values,
    has_action_values,
    judged_policy,
)
from agents.training.evaluation import Moment
from gym_gridq.exact.arguments import checked_horizon
from gym_gridq.rendering.palette import scale_of

__all__ = [
    "MAX_DRAWN_STATES",
    "exact_figures",
    "grid_overlay",
    "scale_of_optimum",
    "shows_status",
]

MAX_DRAWN_STATES = 2500
"""Maps larger than this are too large to see anything on."""


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
        grid.show(**shown, status=grid.track.status())

    return show


def scale_of_optimum(env: gymnasium.Env[Any, Any], discount: float) -> float | None:
    """Where the colours of a film of learning end: at the optimum's, from the first picture to the last.

    None where the optimum is too large to look at.
    """
    dynamics = grid_of(env).dynamics
    if dynamics.n_states > MAX_DRAWN_STATES:
        return None
    return scale_of(gym_gridq.solve(dynamics, discount).q[~dynamics.absorbing])
