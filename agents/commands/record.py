"""``gridq record``: greedy episodes, or the training itself, as an animation, a film or a strip."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

from agents.algorithms.base import Agent
from agents.algorithms.checkpoint import load
from agents.commands.environments import make_env, make_lanes, options_of_drawing
from agents.commands.grids import grid_of, grid_q_values, is_grid
from agents.commands.parser import Parser, add_language, integer_from, number_above_zero
from agents.commands.runs import new_agent, read_config
from agents.commands.walk import Lane, Walk
from agents.experience.spaces import check_spaces
from agents.pictures.films import TYPES, greedy_frames, write_frames
from agents.storage.run_folder import RunFolder
from agents.training.loop import Callback, Training
from gym_gridq.rendering import Overlay, Renderer

__all__ = ["run"]

Frames = list[npt.NDArray[np.uint8]]

FPS = 4.0
MOST_FRAMES = 2000
"""Frames are kept until they are written; a forgotten limit shall not eat the memory."""


def run(arguments: Sequence[str]) -> int:
    """Runs the command."""
    parser = Parser(
        "gridq record",
        "Record greedy episodes of a run's agent, with its Q-values over the board.\n"
        f"The ending of the file says what to make: {', '.join(TYPES)} (a strip of pictures).",
    )
    parser.add_argument("run", metavar="RUN", help="run folder")
    parser.add_argument("file", metavar="FILE", help="file to write, e.g. out.gif")
    parser.add_argument(
        "--episodes", type=integer_from(1), metavar="N", help="episodes to record (default: 1)"
    )
    parser.add_argument(
        "--time-lapse",
        type=integer_from(1),
        metavar="N",
        help="train the run's agent anew and record a frame every N environment steps (default: off)",
    )
    parser.add_argument(
        "--fps", type=number_above_zero, metavar="X", help=f"frames a second (default: {FPS:g})"
    )
    parser.add_argument(
        "--cell-size", type=int, metavar="PIXELS", help="side of a cell (default: suits the map)"
    )
    add_language(parser)
    options = vars(parser.parse(arguments))

    folder, path = RunFolder(options["run"]), Path(options["file"])
    if path.suffix.lower() not in TYPES:
        raise ValueError(f"{os.fspath(path)!r} ends in none of {', '.join(TYPES)}; choose one of them")
    config = read_config(folder)
    if "time_lapse" in options:
        frames = _time_lapse(config, options["time_lapse"], options_of_drawing(options))
    else:
        agent = load(folder.checkpoint_file)
        frames = _episodes(agent, config, options.get("episodes", 1), options_of_drawing(options))
    write_frames(path, frames, options.get("fps", FPS))
    print(f"{len(frames)} frames in {os.fspath(path)}")
    return 0


def _episodes(agent: Agent, config: dict[str, Any], episodes: int, drawing: dict[str, Any]) -> Frames:
    with contextlib.closing(_drawn_env(config, drawing)) as env:
        check_spaces(agent, env)
        film = _walked if is_grid(env) else _played
        return _collected(film(agent, env, config["seed"], episodes))


def _walked(
    agent: Agent, env: gymnasium.Env[Any, Any], seed: int, episodes: int
) -> Iterator[npt.NDArray[np.uint8]]:
    """Frames of a grid, with Q-values and a status line."""
    walk = Walk(env, seed)
    q_values = grid_q_values(agent, env)
    for _ in range(episodes):
        walk.begin()
        while True:
            walk.grid.show(q_values, status=walk.status())
            yield env.render()  # type: ignore[misc]
            if walk.over:
                break
            walk.step(int(agent.act(walk.observation, explore=False)))


def _played(
    agent: Agent, env: gymnasium.Env[Any, Any], seed: int, episodes: int
) -> Iterator[npt.NDArray[np.uint8]]:
    """Frames of any other environment that draws."""
    for episode in range(episodes):
        yield from greedy_frames(agent, env, seed if episode == 0 else None)


def _time_lapse(config: dict[str, Any], every: int, drawing: dict[str, Any]) -> Frames:
    """Frames of the run's training, which its seed repeats exactly."""
    with (
        contextlib.closing(make_env(config["env_id"], config["env_kwargs"])) as map_env,
        contextlib.closing(make_lanes(config["env_id"], config["env_kwargs"], config["num_envs"])) as env,
    ):
        if not is_grid(map_env):
            raise ValueError(f"a time-lapse shows Q-values on a map, and {config['env_id']} has none")
        camera = _Camera(map_env, every, drawing)
        agent = new_agent(config, env)
        Training(agent, env, config["total_steps"], config["episodes"], [camera]).run()
        return camera.frames


class _Camera(Callback):
    """Takes a picture every so many steps."""

    def __init__(self, env: gymnasium.Env[Any, Any], every: int, drawing: dict[str, Any]) -> None:
        self.frames: Frames = []
        grid = grid_of(env)
        self._env, self._every, self._due = env, every, every
        self._layout, self._lane = grid.layout, Lane(grid.layout)
        self._renderer = Renderer(grid.layout, "rgb_array", **{"language": grid.language, **drawing})

    def on_step(self, training: Training) -> None:
        self._lane.look(training)
        if training.steps < self._due:
            return
        self._due += self._every
        status = {
            "episode": training.n_episodes + 1,
            "step": training.steps,
            "epsilon": training.agent.epsilon,
            "loss": training.last_loss,
        }
        overlay = Overlay.checked(self._layout, grid_q_values(training.agent, self._env), status=status)
        trail = self._lane.trail
        frame = self._renderer.draw(trail[-1], self._lane.heading, trail, overlay)
        self.frames.append(frame)  # type: ignore[arg-type]
        if len(self.frames) > MOST_FRAMES:
            raise ValueError(_too_many())


def _drawn_env(config: dict[str, Any], drawing: dict[str, Any]) -> gymnasium.Env[Any, Any]:
    return make_env(config["env_id"], config["env_kwargs"] | drawing, "rgb_array")


def _collected(frames: Iterator[npt.NDArray[np.uint8]]) -> Frames:
    collected: Frames = []
    for frame in frames:
        if len(collected) == MOST_FRAMES:
            raise ValueError(_too_many())
        collected.append(frame)
    return collected


def _too_many() -> str:
    return f"that makes more than {MOST_FRAMES} frames; record fewer episodes, or larger time-lapse steps"
