"""What a command that draws needs: a screen, an environment that draws frames, and how it is to draw."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import gymnasium

from agents.commands.env_args import is_ours
from agents.experiments.grids import is_grid
from agents.training.configuration import make_env
from gym_gridq.drawing import has_screen

__all__ = ["make_drawn", "need_display", "options_of_drawing", "options_of_drawing_maps"]

OF_DRAWING = ("cell_size", "language")
"""Options of commands that are arguments of GridQ's environments."""


def options_of_drawing(options: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a command's options that are arguments of the environment it draws."""
    return {name: options[name] for name in OF_DRAWING if name in options}


def options_of_drawing_maps(env_id: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The same, of a command for which they have no other use.

    Raises:
        ValueError: for another environment than ours.
    """
    drawing = options_of_drawing(options)
    if drawing and not is_ours(env_id):
        option = "--" + next(iter(drawing)).replace("_", "-")
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


def make_drawn(
    env_id: str, env_kwargs: Mapping[str, Any], drawing: Mapping[str, Any]
) -> gymnasium.Env[Any, Any]:
    """Makes an environment that draws frames.

    Args:
        env_id: which.
        env_kwargs: its arguments.
        drawing: further ones that only ours have: how to draw.

    Raises:
        ValueError: if it draws none.
    """
    env = make_env(env_id, env_kwargs)
    ours, modes = is_grid(env), env.metadata.get("render_modes", ())
    env.close()
    if "rgb_array" not in modes:
        raise ValueError(
            f"{env_id} draws no frames (it has no render mode 'rgb_array'), so there is nothing to watch; "
            "'gridq evaluate' and 'gridq plot' say how an agent does there"
        )
    return make_env(env_id, {**env_kwargs, **drawing} if ours else env_kwargs, "rgb_array")
