"""LiveView: the learner seen in a window while it trains."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np

from agents.commands.stages import stage_for
from agents.training.by_hand import EpsilonByHand
from agents.training.history import Episode
from agents.training.interruption import Interruption
from agents.training.loop import Callback, Training
from gym_gridq.drawing import Language

if TYPE_CHECKING:
    from gym_gridq.rendering.windows.controls import Keys
    from gym_gridq.rendering.windows.panels import Curve

__all__ = ["SECONDS", "LiveView"]

SECONDS = 14.0
"""How long a training is to be seen, where nothing else is said and it does not take longer."""

FRAMES_PER_SECOND = 30
"""Drawn while training goes as fast as it can."""

MOST_OF_THE_TIME = 0.12
"""Share of the time that drawing may take then; on a slow or busy screen there are fewer pictures instead."""

EARLY = 0.7
"""The first steps, in which most is learned, are shown slower: time goes as progress to this power."""

TEMPOS = (1 / 8, 1 / 4, 1 / 2, 1.0, 2.0, 4.0, 8.0)

STEP_OF_EPSILON = 0.05


class LiveView(Callback):
    """Shows a training, what the agent has learned, and curves. Closing the window ends only that.

    By default the whole way from nothing to the end is shown in `SECONDS`, or in the time that the training
    takes if that is longer; + and - make it faster and slower. At a chosen speed every step is drawn. At
    full speed a step costs a look at the clock, and a picture is drawn up to 30 times a second.

    Args:
        env: one environment like those trained on, made with ``render_mode="rgb_array"``; it is not trained
            on, and stepped only by greedy episodes.
        discount: of the values that are learned.
        speed: steps a second; infinite is as fast as it can; None shows all of it in `SECONDS`.
        language: of the words, where the environment does not say.
        by_hand: what sets epsilon when the user wants another; without it the keys do nothing.

    Raises:
        DisplayUnavailable: where there is no screen.
    """

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        discount: float,
        speed: float | None = None,
        language: Language = "en",
        by_hand: EpsilonByHand | None = None,
    ) -> None:
        self._by_hand = by_hand
        self._stage = stage_for(env, discount, language, speed, self._keys, with_curves=True)
        self._window, controls = self._stage.window, self._stage.window.controls
        self._is_film = speed is None
        if self._is_film:
            controls.pace, controls.speeds, controls.unit = 1.0, TEMPOS, "{:g} times as fast"
        self._series = {
            name: _Series() for name in ("greedy value", "max abs(Q - q*)", "return, exploring", "loss")
        }
        self._levels: dict[str, float | None] = {}
        self._last: Episode | None = None
        self._due, self._shown, self._first = 0.0, 0.0, 0.0
        self._epsilon = 0.0
        if by_hand is not None:
            self._window.add_key("up", lambda: self._set_epsilon(self._epsilon + STEP_OF_EPSILON))
            self._window.add_key("down", lambda: self._set_epsilon(self._epsilon - STEP_OF_EPSILON))
            self._window.add_key("e", lambda: self._set_epsilon(None))

    @property
    def is_open(self) -> bool:
        """Whether the user has not closed the window."""
        return self._window.is_open

    def on_start(self, training: Training) -> None:
        """Shows the start."""
        # Who asks the training to end waits for no window.
        interruptions = [callback for callback in training.callbacks if isinstance(callback, Interruption)]
        self._window.wanted = lambda: not any(interruption.wished for interruption in interruptions)
        self._epsilon = training.agent.epsilon
        self._first = self._progress(training)
        self._stage.follow(training.rollout)
        self._draw(training, 0.0)

    def on_step(self, training: Training) -> None:
        """Draws, if it is time to."""
        if not self._window.is_open:
            return
        self._stage.follow(training.rollout)
        pace, is_due = self._window.controls.pace, time.monotonic() >= self._due
        if pace is not None and not self._is_film:
            self._draw(training)
            return
        film_time = self._film_time(training) if self._is_film else 0.0
        ahead = 0.0 if pace is None else film_time - self._shown
        if is_due or (pace is not None and ahead >= pace / FRAMES_PER_SECOND):
            self._shown = film_time
            self._draw(training, 0.0 if pace is None else ahead / pace)

    def on_episode(self, training: Training, episode: Episode) -> None:
        """Takes the episode into the curves."""
        self._last = episode
        self._series["return, exploring"].append(episode.steps, episode.episode_return)
        self._series["loss"].append(episode.steps, episode.loss)

    def on_end(self, training: Training) -> None:
        """Shows what the training ended with."""
        self._draw(training, 0.0)

    def hold(self, agent: Any, summary: dict[str, Any]) -> None:
        """Shows greedy episodes of what was learned until the user closes the window.

        Args:
            agent: the agent.
            summary: what the run's table says of it.
        """
        controls = self._window.controls
        controls.notify("training has ended: Esc closes the window")
        controls.pace, controls.speeds, controls.unit = (
            self._stage.pace,
            type(controls).speeds,
            type(controls).unit,
        )
        status = {"mean return": summary["mean_return"]}
        if summary.get("optimal_states") is not None:
            status["optimal states"] = f"{summary['optimal_states']} / {summary['n_states']}"
        if "max_q_error" in summary:
            status["max abs(Q - q*)"] = summary["max_q_error"]
        self._stage.show_episodes(agent, summary["seed"], None, status, self._curves())

    def close(self) -> None:
        """Closes the window."""
        self._window.close()

    def _keys(self, usual: Keys) -> Keys:
        """What the window says of its keys: here nothing is begun anew, and epsilon follows the hand."""
        keys = tuple(row for row in usual if row[0] != "R")
        if self._by_hand is None:
            return keys
        return *keys[:3], ("up, down", "epsilon by hand"), ("E", "epsilon as planned"), *keys[3:]

    def _set_epsilon(self, epsilon: float | None) -> None:
        assert self._by_hand is not None
        epsilon = None if epsilon is None else min(max(round(epsilon, 2), 0.0), 1.0)
        self._by_hand.set(epsilon)
        if epsilon is None:
            self._window.controls.notify("epsilon as planned")
        else:
            self._epsilon = epsilon
            self._window.controls.notify("epsilon {:g} by hand: noted in config.json", epsilon)

    def _draw(self, training: Training, seconds: float | None = None) -> None:
        if not self._window.is_open:
            return
        started = time.monotonic()
        agent, last = training.agent, self._last
        for name, (value, level) in self._stage.measures(agent).items():
            self._series[name].append(training.steps, value)
            self._levels[name] = level
        status = {
            "episode": training.n_episodes + 1,
            "step": training.steps,
            "return": None if last is None else last.episode_return,
            "epsilon": agent.epsilon,
            "loss": training.last_loss,
        }
        self._epsilon = agent.epsilon
        self._stage.draw(agent, status, self._curves(), seconds, learning=True)
        self._window.take_restart()  # training goes its own way
        ended = time.monotonic()
        self._due = ended + max(1 / FRAMES_PER_SECOND, (ended - started) * (1 / MOST_OF_THE_TIME - 1))

    def _curves(self) -> dict[str, Curve]:
        from gym_gridq.rendering.windows.panels import Curve

        return {
            name: Curve(series.points, self._levels.get(name))
            for name, series in self._series.items()
            if series.points
        }

    def _progress(self, training: Training) -> float:
        """How much of the training is done, from 0 to 1; an episode under way counts for more and more."""
        shares = [0.0]
        if training.total_steps is not None:
            shares.append(training.steps / training.total_steps)
        if training.total_episodes is not None:
            since = training.steps - (self._last.steps if self._last is not None else 0)
            shares.append((training.n_episodes + since / (since + 10)) / training.total_episodes)
        return min(max(shares), 1.0)

    def _film_time(self, training: Training) -> float:
        """When, in seconds, a film of `SECONDS` shows what is being done now; it never goes back."""
        done = (self._progress(training) - self._first) / ((1 - self._first) or 1.0)
        return max(SECONDS * math.pow(max(done, 0.0), EARLY), self._shown)


class _Series:
    """Numbers over steps, of any length, thinned to a bounded number of means of neighbours."""

    MOST = 2048

    def __init__(self) -> None:
        self.points: list[tuple[float, float]] = []
        self._waiting: list[tuple[float, float]] = []
        self._stride = 1  # numbers a point is the mean of

    def append(self, step: int, value: float) -> None:
        if not np.isfinite(value):
            return
        self._waiting.append((step, value))
        if len(self._waiting) < self._stride:
            return
        self.points.append(_mean(self._waiting))
        self._waiting.clear()
        if len(self.points) > self.MOST:
            pairs = zip(self.points[::2], self.points[1::2], strict=False)
            self.points = [_mean(pair) for pair in pairs]
            self._stride *= 2


def _mean(points: Any) -> tuple[float, float]:
    steps, values = zip(*points, strict=True)
    return sum(steps) / len(steps), sum(values) / len(values)
