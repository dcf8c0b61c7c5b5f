"""Watching: the learner seen live, in a window, while it trains."""

from __future__ import annotations

import time
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

from agents.commands.grids import grid_of, grid_q_values, max_q_error_from_optimum
from agents.commands.walk import Lane
from agents.training.history import Episode
from agents.training.loop import Callback, Training

__all__ = ["Watching"]

FRAMES_PER_SECOND = 30
"""Drawn while training goes as fast as it can."""

MOST_OF_THE_TIME = 0.2
"""Share of the time that drawing may take then; on a slow or busy screen there are fewer pictures instead."""


class Watching(Callback):
    """Shows lane 0 of a training, what the agent has learned, and curves. Closing the window ends only that.

    At full speed a step costs a look at the clock, and a picture is drawn 30 times a second; at a chosen
    speed every step is drawn.

    Args:
        env: one environment like those trained on, wrapped as they are; it is looked at, not stepped.
        discount: of the values that are learned.
        speed: steps a second; None is as fast as it can.

    Raises:
        DisplayUnavailable: where there is no screen.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], discount: float, speed: float | None) -> None:
        from gym_gridq.rendering.backup import explained_backup
        from gym_gridq.rendering.view import View

        grid = grid_of(env)
        dynamics, language = grid.dynamics, grid.language
        self._env, self._dynamics, self._language = env, dynamics, language
        self._max_q_error = max_q_error_from_optimum(env, discount)
        self._q_values: npt.NDArray[np.float64] = np.zeros((dynamics.n_states, dynamics.n_actions))
        self._lane = Lane(dynamics.layout)
        self._curves = {"return": _Series(), "loss": _Series(), "max abs(Q - q*)": _Series()}
        self._last: Episode | None = None
        self._due = 0.0
        self._view = View(
            dynamics.layout,
            pace=speed,
            explain=lambda state: explained_backup(dynamics, self._q_values, state, discount, language),
            with_curves=True,
            language=language,
        )

    def on_start(self, training: Training) -> None:
        """Shows the start."""
        self._lane.look(training)
        self._draw(training)

    def on_step(self, training: Training) -> None:
        """Draws, if it is time to."""
        if not self._view.is_open:
            return
        self._lane.look(training)
        if self._view.controls.pace is None and time.monotonic() < self._due:
            return
        started = time.monotonic()
        self._draw(training)
        ended = time.monotonic()
        self._due = ended + max(1 / FRAMES_PER_SECOND, (ended - started) * (1 / MOST_OF_THE_TIME - 1))

    def on_episode(self, training: Training, episode: Episode) -> None:
        """Takes the episode into the curves."""
        self._last = episode
        self._curves["return"].append(episode.episode_return)
        self._curves["loss"].append(episode.loss)

    def hold(self) -> None:
        """Keeps the end in sight until the user closes the window or asks to go on."""
        from gym_gridq.rendering.language import translated

        ended = translated("training has ended: Esc closes the window", self._language)
        self._view.controls.notice = ended
        while self._view.is_open:
            self._view.hold(1.0)

    def close(self) -> None:
        """Closes the window."""
        self._view.close()

    def _draw(self, training: Training) -> None:
        from gym_gridq.rendering import Overlay

        if not self._view.is_open:
            return
        self._q_values = grid_q_values(training.agent, self._env).astype(np.float64)
        if self._max_q_error is not None:
            self._curves["max abs(Q - q*)"].append(self._max_q_error(training.agent))
        last = self._last
        status = {
            "episode": training.n_episodes + 1,
            "step": training.steps,
            "return": None if last is None else last.episode_return,
            "epsilon": training.agent.epsilon,
            "loss": training.last_loss,
        }
        overlay = Overlay.checked(self._dynamics.layout, self._q_values, status=status)
        curves = {name: series.values for name, series in self._curves.items() if series.values}
        trail = self._lane.trail
        self._view.draw(trail[-1], self._lane.heading, trail, overlay, curves)
        self._view.take_restart()  # training goes its own way


class _Series:
    """Numbers of any length, thinned to a bounded number of means of neighbours."""

    MOST = 2048

    def __init__(self) -> None:
        self.values: list[float] = []
        self._waiting: list[float] = []
        self._stride = 1  # numbers a value is the mean of

    def append(self, value: float) -> None:
        self._waiting.append(value)
        if len(self._waiting) < self._stride:
            return
        self.values.append(sum(self._waiting) / self._stride)
        self._waiting.clear()
        if len(self.values) > self.MOST:
            pairs = zip(self.values[::2], self.values[1::2], strict=False)
            self.values = [(first + second) / 2 for first, second in pairs]
            self._stride *= 2
