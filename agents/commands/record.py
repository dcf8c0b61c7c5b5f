"""``gridq record``: greedy episodes, or the training itself, as an animation, a film or a strip."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

from agents.algorithms.base import Agent
from agents.arguments import checked_ending
from agents.commands.drawing import (
    follow,
    frames_of,
    grid_overlay,
    options_of_drawing,
    scale_of_optimum,
    shows_status,
)
from agents.commands.parser import Parser, number_above_zero
from agents.commands.runs import checkpoint_of, read_config
from agents.commands.terminal import print_text
from agents.commands.trust import add_own_words
from agents.experience.env_spaces import check_spaces
from agents.experiments.grids import grid_of, is_grid
from agents.pictures.films import FPS, TYPES, fps_of, greedy_frames, write_frames
from agents.storage.run_folder import RunFolder
from agents.training.by_hand import EpsilonByHand
from agents.training.configuration import discount_of, env_of, lanes_of, new_agent
from agents.training.loop import Callback, Training
from gym_gridq.drawing import Track
from gym_gridq.rendering import Overlay, Renderer

__all__ = ["run"]

Frames = list[npt.NDArray[np.uint8]]

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
    parser.count("--episodes", "episodes to record (default: 1)")
    parser.count(
        "--time-lapse",
        "train the run's agent anew and record a frame every N environment steps (default: off)",
    )
    parser.add_argument(
        "--fps",
        type=number_above_zero,
        metavar="X",
        help=f"frames a second (default: those of the environment; of a time-lapse {FPS:g})",
    )
    parser.count("--cell-size", "side of a cell (default: suits the map)", metavar="PIXELS")
    parser.language()
    add_own_words(parser)
    options = parser.parse(arguments)

    folder, path = RunFolder(options["run"]), Path(options["file"])
    checked_ending(path, TYPES)
    config = read_config(folder, options)
    drawing = options_of_drawing(options, config["env_id"])
    if "time_lapse" in options:
        frames, fps = _time_lapse(config, options["time_lapse"], drawing), FPS
    else:
        agent = checkpoint_of(folder, config).agent
        frames, fps = _episodes(agent, config, options.get("episodes", 1), drawing)
    n_written = write_frames(path, frames, options.get("fps", fps))
    some = f"{n_written} of " if n_written < len(frames) else ""
    print_text(f"{some}{len(frames)} frames in {os.fspath(path)}")
    return 0


def _episodes(
    agent: Agent, config: dict[str, Any], episodes: int, drawing: dict[str, Any]
) -> tuple[Frames, float]:
    """Frames, and how many of them the environment wants to show a second."""
    frames: Frames = []
    with frames_of(config, drawing) as env:
        check_spaces(agent, env)
        before = shows_status(env, grid_overlay(agent, env)) if is_grid(env) else None
        for episode in range(episodes):
            for frame in greedy_frames(agent, env, config["seed"] if episode == 0 else None, before):
                _add(frames, frame)
        return frames, fps_of(env)


def _time_lapse(config: dict[str, Any], every: int, drawing: dict[str, Any]) -> Frames:
    """Frames of the run's training, which its seed and what was set by hand repeat exactly."""
    with (
        env_of(config, drawing=drawing) as map_env,
        lanes_of(config) as env,
    ):
        if not is_grid(map_env):
            raise ValueError(f"a time-lapse shows Q-values on a map, and {config['env_id']} has none")
        camera = _Camera(map_env, every, scale_of_optimum(map_env, discount_of(config)))
        agent = new_agent(config, env)
        callbacks = [EpsilonByHand(config.get("epsilon_by_hand", [])), camera]
        training = Training(agent, env, config["total_steps"], config["episodes"], callbacks)
        training.run()
    if not camera.frames:
        raise ValueError(
            f"the training ends after {training.steps} steps; give --time-lapse fewer than {every}"
        )
    return camera.frames


class _Camera(Callback):
    """Takes a picture every so many steps."""

    def __init__(self, env: gymnasium.Env[Any, Any], every: int, scale: float | None) -> None:
        self.frames: Frames = []
        self._env, self._every, self._due, self._scale = env, every, every, scale
        self._grid, self._track = grid_of(env), Track()
        self._renderer = Renderer(self._grid.dynamics, "rgb_array", self._grid.style)

    def on_step(self, training: Training) -> None:
        follow(self._track, training.rollout, self._grid.layout)
        if training.steps < self._due:
            return
        self._due += self._every
        status = {
            "episode": training.n_episodes + 1,
            "step": training.steps,
            "epsilon": training.agent.epsilon,
            "loss": training.last_loss,
        }
        shown = grid_overlay(training.agent, self._env)
        overlay = Overlay.checked(self._grid.layout, **shown, status=status, scale=self._scale)
        _add(self.frames, *(self._renderer.draw([self._track], overlay) or ()))


def _add(frames: Frames, frame: Any) -> None:
    if len(frames) == MOST_FRAMES:
        raise ValueError(
            f"that makes more than {MOST_FRAMES} frames; record fewer episodes, or larger time-lapse steps"
        )
    frames.append(frame)
