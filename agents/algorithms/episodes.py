"""EpisodeLog and EpisodeClock: the unfinished episode of every lane."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from agents.experience.observations import Features, ObservationEncoder
from agents.experience.transitions import IntArray, TransitionBatch
from agents.storage.state import State

__all__ = ["EpisodeClock", "EpisodeLog", "PlainStep", "Steps", "check_steps"]

PlainStep: TypeAlias = tuple[int, int, float]
"""Numbered state, action and reward."""


class Steps(NamedTuple):
    """Steps of one lane, oldest first."""

    features: Features  # (T,) int64 or (T, F) float32
    actions: IntArray  # (T,)
    rewards: NDArray[Any]  # (T,)


class EpisodeClock:
    """How far each lane's unfinished episode is.

    An episode that was given up, so that a transition does not begin where the lane's last one led, is
    forgotten.

    Args:
        encoder: says what encoded observations are.
        state: what the lanes belong to, as its arrays.

    Raises:
        ValueError: to restore a length below 0.
    """

    def __init__(self, encoder: ObservationEncoder, state: State) -> None:
        self._lanes = state.rows({"length": ((), np.int64), "led_to": encoder.column})
        self._lanes.lengthen(1)
        if (self.lengths < 0).any():
            raise ValueError(f"the episodes of the lanes have the lengths {self.lengths!r:.80}")

    @property
    def n_lanes(self) -> int:
        """Number of lanes met so far."""
        return self._lanes.length

    @property
    def lengths(self) -> IntArray:
        """Steps of each lane's unfinished episode, (lanes,); a view."""
        return self._lanes.columns["length"][: self.n_lanes]

    def begin(self, features: Features, lanes: IntArray) -> IntArray:
        """Prepares for a transition of each of some lanes; forgets what does not lead to it.

        Args:
            features: where the transitions begin, (B,) or (B, F).
            lanes: their lanes, (B,).

        Returns:
            Number of steps that each episode has so far, (B,).
        """
        self._lanes.lengthen(int(lanes.max()) + 1)
        lengths, led_to = self._lanes.columns["length"], self._lanes.columns["led_to"]
        lengths[lanes] *= (led_to[lanes] == features).all(axis=tuple(range(1, features.ndim)))
        found: IntArray = lengths[lanes]
        return found

    def advance(self, next_features: Features, lanes: IntArray) -> None:
        """Counts a step of each of some lanes, after `begin`."""
        self._lanes.columns["length"][lanes] += 1
        self._lanes.columns["led_to"][lanes] = next_features

    def led_to(self, lane: int) -> int:
        """Where the last step of a lane led, of numbered states."""
        return int(self._lanes.columns["led_to"][lane])

    def put(self, lane: int, length: int, led_to: int) -> None:
        """Says how far the episode of a lane is, and where it has led, of numbered states."""
        self._lanes.columns["length"][lane], self._lanes.columns["led_to"][lane] = length, led_to

    def forget(self, lanes: IntArray | int) -> None:
        """Ends the episodes of some lanes."""
        self._lanes.columns["length"][lanes] = 0


class EpisodeLog:
    """The steps of each lane's unfinished episode: all of them, or the latest few.

    The memory grows with the longest episode and the number of lanes. While transitions between numbered
    states come one by one, those of lane 0 are a list of Python numbers, and the arrays follow when they are
    looked at.

    Attributes:
        clock: how many there are.
        led_to: where the last step of that list led; whoever adds to it says so here.

    Args:
        encoder: says what encoded observations are.
        n_actions: number of actions.
        reward_type: what rewards are kept as.
        state: what the steps belong to, as its arrays.
        window: number of latest steps to keep; None keeps them all.

    Raises:
        ValueError: to restore what is no such log.
    """

    def __init__(
        self,
        encoder: ObservationEncoder,
        n_actions: int,
        reward_type: Any,
        state: State,
        window: int | None = None,
    ) -> None:
        self._window = window
        self.clock = EpisodeClock(encoder, state)
        # step t of lane l stands in row t * lanes + l, t counted modulo the window
        columns = {"features": encoder.column, "actions": ((), np.int64), "rewards": ((), reward_type)}
        self._steps = state.rows(columns)
        check_steps(self._steps.held(), encoder, n_actions)
        self._check_lengths()
        self.led_to = 0
        self._one_by_one: list[PlainStep] | None = None  # None: they are in the arrays
        state.written_by(self._write)

    def steps_to(self, state: int) -> list[PlainStep]:
        """The steps of lane 0 that lead to a numbered state, oldest first, to be added to and taken from."""
        steps = self._one_by_one
        if steps is None:
            length = self.clock.lengths.item(0)
            latest = range(length - self._n_held(0), length)
            rows = [self._place(t) * self.clock.n_lanes for t in latest]
            columns = self._steps.columns
            parts = (columns[name][rows].tolist() for name in Steps._fields)
            self._one_by_one = steps = list(zip(*parts, strict=True))
            self.led_to = self.clock.led_to(0)
        if steps and self.led_to != state:
            steps.clear()
        return steps

    def _write(self) -> None:
        """Brings the arrays up to date with the list, and lets go of it."""
        steps, self._one_by_one = self._one_by_one, None
        n_lanes = self.clock.n_lanes
        if steps is not None:
            n_rows = len(steps) * n_lanes
            self._steps.lengthen(n_rows)
            for name, column in zip(Steps._fields, zip(*steps, strict=True), strict=False):
                self._steps.columns[name][:n_rows:n_lanes] = column
            self.clock.put(0, len(steps), self.led_to)
        if n_lanes == 1:  # no trace of earlier episodes, which would tell when it was looked at
            self._steps.length = self._n_held(0)

    def begin(self, features: Features, lanes: IntArray) -> IntArray:
        """See `EpisodeClock.begin`."""
        self._write()
        before = self.clock.n_lanes
        lengths = self.clock.begin(features, lanes)
        if self.clock.n_lanes > before:
            self._widen(before, self.clock.n_lanes)
        return lengths

    def add(self, batch: TransitionBatch, lanes: IntArray) -> None:
        """Takes in one transition of each of some lanes; to be called after `begin`."""
        t = self._place(self.clock.lengths[lanes])
        rows = t * self.clock.n_lanes + lanes
        self._steps.lengthen((int(t.max()) + 1) * self.clock.n_lanes)
        columns = self._steps.columns
        columns["features"][rows], columns["actions"][rows] = batch.features, batch.actions
        columns["rewards"][rows] = batch.rewards
        self.clock.advance(batch.next_features, lanes)

    def steps_ago(self, number: int, lanes: IntArray) -> Steps:
        """One step of each of some lanes: the latest for 1, the one before for 2; they must be there."""
        rows = self._place(self.clock.lengths[lanes] - number) * self.clock.n_lanes + lanes
        columns = self._steps.columns
        return Steps(columns["features"][rows], columns["actions"][rows], columns["rewards"][rows])

    def episode(self, lane: int) -> Steps:
        """All steps of a lane's episode, where none are let go; views."""
        self._write()
        n_rows = int(self.clock.lengths[lane]) * self.clock.n_lanes
        columns = self._steps.columns
        return Steps(*(columns[name][lane : n_rows : self.clock.n_lanes] for name in Steps._fields))

    def forget(self, lanes: IntArray | int) -> None:
        """Ends the episodes of some lanes."""
        self._write()
        self.clock.forget(lanes)

    def _n_held(self, lane: int) -> int:
        """How many steps of a lane's episode are there."""
        length = self.clock.lengths.item(lane)
        return length if self._window is None else min(length, self._window)

    def _place(self, t: Any) -> Any:
        return t if self._window is None else t % self._window

    def _widen(self, before: int, n_lanes: int) -> None:
        """Makes room for more lanes: every step moves to where it stands among so many."""
        n_times = self._steps.length // before
        held = {name: column.copy() for name, column in self._steps.held().items()}
        self._steps.lengthen(n_times * n_lanes)
        for name, column in held.items():
            times = self._steps.columns[name][: n_times * n_lanes].reshape(
                n_times, n_lanes, *column.shape[1:]
            )
            times[:] = 0
            times[:, :before] = column.reshape(n_times, before, *column.shape[1:])

    def _check_lengths(self) -> None:
        """Refuses a restored log that points outside of itself."""
        n_times, odd = divmod(self._steps.length, self.clock.n_lanes)
        full = n_times == self._window
        too_many = self._window is not None and n_times > self._window
        if odd or too_many or (not full and (self.clock.lengths > n_times).any()):
            raise ValueError(
                f"{self._steps.length} steps of {self.clock.n_lanes} lanes are no log of episodes with the "
                f"lengths {self.clock.lengths!r:.80}"
            )


def check_steps(columns: Mapping[str, NDArray[Any]], encoder: ObservationEncoder, n_actions: int) -> None:
    """Refuses restored steps of states or actions that there are not.

    Raises:
        ValueError: naming what is wrong.
    """
    bounds = {"actions": n_actions}
    if encoder.is_index:
        bounds |= {"features": encoder.n_features, "next_features": encoder.n_features}
    for name, bound in bounds.items():
        values = columns.get(name, np.zeros(0))
        if ((values < 0) | (values >= bound)).any():
            raise ValueError(f"steps of an episode have {name} beyond the {bound} that there are")
