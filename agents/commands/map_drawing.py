"""An agent drawn on one of GridQ's maps: what is laid over the board, and where its lane stands."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import gymnasium
import numpy as np

import gym_gridq
from agents.algorithms.base import Agent
from agents.experience.rollout import Rollout
from agents.experiments.grids import grid_observations, grid_of, grid_q_values, has_action_values
from agents.pictures.films import Moment
from gym_gridq import Action, Layout
from gym_gridq.drawing import Track
from gym_gridq.rendering.palette import scale_of

__all__ = [
    "MAX_DRAWN_STATES",
    "follow",
    "grid_overlay",
    "scale_of_optimum",
    "shows_status",
]

MAX_DRAWN_STATES = 2500
"""Maps larger than this are too large to see anything on."""


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


def follow(track: Track, rollout: Rollout, layout: Layout) -> None:
    """Takes in where the first lane of a training stands after a step, or before the first."""
    observation = np.asarray(rollout.observation)
    if rollout.n_lanes > 1:
        observation = observation[0]
    state = int(observation) if observation.ndim == 0 else int(observation.argmax())
    if not track.trail or rollout.begins(0):
        track.begin(state)
    else:
        track.move(_heading(layout, track.state, state), state)


def _heading(layout: Layout, state: int, next_state: int) -> Action | None:
    """The direction of a move; None where there was none."""
    if state == next_state:
        return None
    (row, column), (to_row, to_column) = layout.position(state), layout.position(next_state)
    if row == to_row:
        return Action.RIGHT if to_column > column else Action.LEFT
    return Action.DOWN if to_row > row else Action.UP
