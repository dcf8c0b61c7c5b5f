"""LiveView: the learner seen in a window while it trains."""

from __future__ import annotations

import time
from typing import Any

import gymnasium
import numpy as np

from agents.commands.grids import grid_of, grid_overlay, has_action_values, max_q_error_from_optimum
from agents.experience.rollout import Rollout
from agents.training.history import Episode
from agents.training.loop import Callback, Training
from gym_gridq import Action, Layout
from gym_gridq.drawing import Track

__all__ = ["LiveView", "follow"]

FRAMES_PER_SECOND = 30
"""Drawn while training goes as fast as it can."""

MOST_OF_THE_TIME = 0.2
"""Share of the time that drawing may take then; on a slow or busy screen there are fewer pictures instead."""


class LiveView(Callback):
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
        from gym_gridq.rendering.grid_window import GridWindow

        self._env, self._grid, self._discount = env, grid_of(env), discount
        self._max_q_error = max_q_error_from_optimum(env, discount)
        self._track = Track()
        self._curves = {"return": _Series(), "loss": _Series(), "max abs(Q - q*)": _Series()}
        self._last: Episode | None = None
        self._due = 0.0
        self._window = GridWindow(self._grid.dynamics, self._grid.style, speed, with_curves=True)

    def on_start(self, training: Training) -> None:
        """Shows the start."""
        follow(self._track, training.rollout, self._grid.layout)
        self._draw(training)

    def on_step(self, training: Training) -> None:
        """Draws, if it is time to."""
        if not self._window.is_open:
            return
        follow(self._track, training.rollout, self._grid.layout)
        if self._window.controls.pace is None and time.monotonic() < self._due:
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
        """Keeps the end in sight until the user closes the window."""
        self._window.controls.notify("training has ended: Esc closes the window")
        while self._window.is_open:
            self._window.take_restart()  # there is nothing to begin anew, and it would end the waiting
            self._window.hold(1.0)

    def close(self) -> None:
        """Closes the window."""
        self._window.close()

    def _draw(self, training: Training) -> None:
        from gym_gridq.rendering import Overlay

        if not self._window.is_open:
            return
        if self._max_q_error is not None and has_action_values(training.agent):
            self._curves["max abs(Q - q*)"].append(self._max_q_error(training.agent))
        last = self._last
        status = {
            "episode": training.n_episodes + 1,
            "step": training.steps,
            "return": None if last is None else last.episode_return,
            "epsilon": training.agent.epsilon,
            "loss": training.last_loss,
        }
        shown = grid_overlay(training.agent, self._env)
        overlay = Overlay.checked(self._grid.layout, **shown, status=status, discount=self._discount)
        curves = {name: series.values for name, series in self._curves.items() if series.values}
        self._window.draw([self._track], overlay, curves)
        self._window.take_restart()  # training goes its own way


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
