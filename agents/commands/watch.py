"""``gridq watch``: greedy episodes of a run's agent in a window, its Q-values over the board."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import gymnasium

from agents.algorithms.base import Agent
from agents.commands.environments import make_env, need_display, options_of_drawing
from agents.commands.grids import grid_of, grid_overlay, is_grid
from agents.commands.parser import Parser, add_language, integer_from, number_above_zero
from agents.commands.runs import add_own_words, checkpoint_of, discount_of, read_config
from agents.experience.env_spaces import check_spaces
from agents.pictures.films import greedy_episode
from agents.storage.run_folder import RunFolder
from agents.training.evaluation import evaluate

__all__ = ["run"]

SPEED = 4.0
EPISODE_END_SECONDS = 0.8
"""How long the end of an episode stays in sight."""


def run(arguments: Sequence[str]) -> int:
    """Runs the command."""
    parser = Parser("gridq watch", "Watch greedy episodes of a run's agent in a window. H shows its keys.")
    parser.add_argument("run", metavar="RUN", help="run folder")
    parser.add_argument(
        "--episodes",
        type=integer_from(1),
        metavar="N",
        help="episodes to show (default: until the window is closed)",
    )
    parser.add_argument(
        "--speed", type=number_above_zero, metavar="X", help=f"steps a second (default: {SPEED:g})"
    )
    add_language(parser)
    add_own_words(parser)
    options = vars(parser.parse(arguments))

    folder = RunFolder(options["run"])
    config = read_config(folder, options)
    agent = checkpoint_of(folder, config).agent
    need_display("watch ...", "the run folder's greedy.gif shows an episode")
    env_kwargs = config["env_kwargs"] | options_of_drawing(options)
    with contextlib.closing(make_env(config["env_id"], env_kwargs)) as env:
        on_a_grid = is_grid(env)
    with contextlib.closing(
        make_env(config["env_id"], env_kwargs, "rgb_array" if on_a_grid else "human")
    ) as env:
        if on_a_grid:
            shown = _show(agent, env, config, options.get("episodes"), options.get("speed", SPEED))
            if shown:
                returns, lengths = zip(*shown, strict=True)
                print(_means(sum(returns) / len(shown), sum(lengths) / len(shown)))
        else:
            result = evaluate(agent, env, options.get("episodes", 5), seed=config["seed"])
            print(_means(result.mean_return, result.mean_length))
    return 0


def _means(mean_return: float, mean_length: float) -> str:
    return f"mean return {mean_return:.3f}, mean length {mean_length:.1f} steps"


def _show(
    agent: Agent, env: gymnasium.Env[Any, Any], config: dict[str, Any], episodes: int | None, speed: float
) -> list[tuple[float, int]]:
    """Shows episodes until there were enough or the window is closed; return and length of each."""
    from gym_gridq.rendering import Overlay
    from gym_gridq.rendering.grid_window import GridWindow

    check_spaces(agent, env)
    grid, seed, discount = grid_of(env), config["seed"], discount_of(config)
    track, learned = grid.track, grid_overlay(agent, env)
    shown: list[tuple[float, int]] = []
    with contextlib.closing(GridWindow(grid.dynamics, grid.style, speed)) as window:
        while window.is_open and (episodes is None or len(shown) < episodes):
            for over in greedy_episode(agent, env, seed):
                overlay = Overlay.checked(grid.layout, **learned, status=track.status(), discount=discount)
                window.draw([track], overlay)
                if over:
                    shown.append((track.episode_return, track.steps))
                    window.hold(EPISODE_END_SECONDS)
                elif not window.is_open or window.take_restart():
                    break
            seed = None
    return shown
