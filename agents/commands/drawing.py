"""What a command that draws needs: a screen, an environment that draws frames, and what to lay over a map."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import gymnasium
import numpy as np

import gym_gridq
from agents.algorithms.base import Agent
from agents.commands.env_args import is_ours
from agents.commands.parser import option_of
from agents.experience.rollout import Rollout
from agents.experiments.grids import grid_observations, grid_of, grid_q_values, has_action_values, is_grid
from agents.training.configuration import env_of
from agents.training.evaluation import Moment
from gym_gridq import Action, Layout
from gym_gridq.drawing import Track, has_screen
from gym_gridq.rendering.palette import scale_of

__all__ = [
    "MAX_DRAWN_STATES",
    "drawn_env_of",
    "follow",
    "frames_of",
    "grid_overlay",
    "need_display",
    "options_of_drawing",
    "scale_of_optimum",
    "shows_status",
]

MAX_DRAWN_STATES = 2500
"""Maps larger than this are too large to see anything on."""

OF_DRAWING = ("cell_size", "language")
"""Options of commands that are arguments of GridQ's environments."""


def options_of_drawing(options: Mapping[str, Any], env_id: str | None = None) -> dict[str, Any]:
    """Those of a command's options that are arguments of the environment it draws.

    Args:
        options: all of them.
        env_id: the environment, of a command for which they have no other use.

    Raises:
        ValueError: if that is not one of ours.
    """
    drawing = {name: options[name] for name in OF_DRAWING if name in options}
    if drawing and env_id is not None and not is_ours(env_id):
        option = option_of(next(iter(drawing)))
        raise ValueError(f"{option} is for GridQ's maps, and {env_id} is something else; leave out {option}")
    return drawing


def need_display(command: str, instead: str) -> None:
    """Refuses to go on where no window can be opened.

    Args:
        command: what would open it.
        instead: what can be done without one.

    Raises:
        ValueError: if there is no display.
    """
    if not has_screen():
        raise ValueError(
            f"there is no display to open a window on; {instead}, "
            f"or 'xvfb-run gridq {command}' gives a virtual display"
        )
    # Worlds of others open the display in their own way, in which SIGTERM becomes an event nobody reads.
    os.environ.setdefault("SDL_NO_SIGNAL_HANDLERS", "1")


@contextlib.contextmanager
def frames_of(
    config: Mapping[str, Any], drawing: Mapping[str, Any] | None = None
) -> Iterator[gymnasium.Env[Any, Any]]:
    """The environment of a configuration, drawing frames for a file, as a context that closes it.

    Many of others' environments look for a screen even so, and where there is none the system's libraries
    print errors that are none; there they are told not to look.

    Args:
        config: of which ``env_id`` and ``env_kwargs`` count.
        drawing: further arguments, which say how it is to look.
    """
    with contextlib.ExitStack() as kept:
        if not has_screen():
            os.environ["SDL_VIDEODRIVER"] = "dummy"
            kept.callback(os.environ.pop, "SDL_VIDEODRIVER", None)
        yield kept.enter_context(env_of(config, "rgb_array", drawing))


def drawn_env_of(
    config: Mapping[str, Any], options: Mapping[str, Any]
) -> contextlib.closing[gymnasium.Env[Any, Any]]:
    """The environment of a configuration, drawing frames, as a context that closes it.

    Args:
        config: of which ``env_id`` and ``env_kwargs`` count.
        options: those of the command; what they say of drawing is for ours alone.

    Raises:
        ValueError: if it draws none.
    """
    with env_of(config) as env:
        modes = env.metadata.get("render_modes", ())
        drawing = options_of_drawing(options) if is_grid(env) else {}
    if "rgb_array" not in modes:
        raise ValueError(
            f"{config['env_id']} draws no frames (it has no render mode 'rgb_array'), so there is nothing to "
            "watch; 'gridq evaluate' and 'gridq plot' say how an agent does there"
        )
    return env_of(config, "rgb_array", drawing)


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
