"""``gridq play``: a person makes the moves, with the exact optimum as a hint."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import gymnasium

import gym_gridq
from agents.commands.environments import environment_arguments, make_env, need_display, options_of_drawing
from agents.commands.grids import grid_of, is_grid
from agents.commands.parser import Parser, add_language, integer_from, number
from gym_gridq.checks import DISCOUNT

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Runs the command."""
    parser = Parser(
        "gridq play",
        "Play with the arrow keys or WASD. Q, V and P show the exact optimum as a hint; H shows all keys.",
    )
    parser.add_argument("--env-id", help="environment (default: GridQ-v0)")
    parser.add_argument(
        "--env-arg",
        action="append",
        metavar="NAME=VALUE",
        help="argument of the environment, as JSON or text, e.g. slip=0.2, layout=aima or "
        "layout=map.txt; may be repeated",
    )
    parser.add_argument("--seed", type=integer_from(0), metavar="S", help="seed (default: a fresh one)")
    parser.add_argument(
        "--discount", type=number, metavar="G", help=f"discount of the optimum (default: {DISCOUNT})"
    )
    add_language(parser)
    options = vars(parser.parse(arguments))

    env_id = options.get("env_id", "GridQ-v0")
    env_kwargs = environment_arguments(env_id, options.get("env_arg", []))
    env_kwargs |= options_of_drawing(options)
    with contextlib.closing(make_env(env_id, env_kwargs, "rgb_array")) as env:
        if not is_grid(env):
            raise ValueError(f"{env_id} is not a map of GridQ's; play takes GridQ-v0 or GridQ-OneHot-v0")
        need_display("play ...", "'gridq solve' prints the map's optimum")
        _play(env, options.get("seed"), options.get("discount", DISCOUNT))
    return 0


def _play(env: gymnasium.Env[Any, Any], seed: int | None, discount: float) -> None:
    """Plays until the window is closed."""
    from gym_gridq.rendering import Overlay
    from gym_gridq.rendering.grid_window import GridWindow

    grid = grid_of(env)
    track, q_star = grid.track, gym_gridq.solve(grid, discount).q
    window = GridWindow(grid.dynamics, grid.style, pace=None, steered=True)
    window.controls.mode = "none"  # the hint comes when asked for
    with contextlib.closing(window):
        while window.is_open:
            env.reset(seed=seed)
            seed, over = None, False
            while window.is_open:
                overlay = Overlay.checked(grid.layout, q_star, status=track.status(), discount=discount)
                window.draw([track], overlay)
                action = window.ask()
                if action is None or over:
                    break
                _, _, terminated, truncated, _ = env.step(action)
                over = terminated or truncated
                if over:
                    result = track.episode_return, track.steps
                    window.controls.notify("return {:g} in {} steps: any move plays again", *result)
                    print("episode {}: return {:g} in {} steps".format(track.episode, *result), flush=True)
            window.take_restart()
