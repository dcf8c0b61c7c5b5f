"""ReplayBuffer: a ring of past transitions, from which n-step returns are sampled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.algorithms.base import restored
from agents.experience.transitions import FloatArray, IntArray, Transitions


class ReplayBatch(NamedTuple):
    """A sample to learn from: the target of a row is `rewards + discounts * value of next_features`."""

    features: NDArray[Any]  # (B,) int64 or (B, F) float32
    actions: IntArray  # (B,)
    rewards: FloatArray  # (B,), discounted sum of up to n rewards
    next_features: NDArray[Any]  # what was observed after the last of them
    discounts: FloatArray  # (B,), discount to the power of their number; 0 where the task ended


class ReplayBuffer:
    """Keeps the latest transitions of any number of lanes, all in memory taken once.

    Each transition knows the one that followed it in its episode. A sample walks along up to `n_steps` of
    them and stops at the episode's end, or where its lane stands at present; so a return never mixes two
    episodes, and one cut short by a time limit bootstraps from what was observed last (Sutton & Barto,
    section 7.1).

    Attributes:
        size: number of transitions held.
        position: where in the ring the next one goes.

    Args:
        capacity: number of transitions to keep; the oldest go first.
        template: encoded observations, (B,) or (B, F), whose shape and dtype those to come share.
        n_steps: longest number of rewards in a return.
        discount: discount factor of the returns.
        rng: source of the samples.
    """

    def __init__(
        self, capacity: int, template: NDArray[Any], n_steps: int, discount: float, rng: np.random.Generator
    ) -> None:
        self.capacity, self.n_steps, self.discount, self._rng = capacity, n_steps, discount, rng
        self.size = self.position = 0
        self._columns: dict[str, NDArray[Any]] = {
            "features": np.zeros((capacity, *template.shape[1:]), template.dtype),
            "actions": np.zeros(capacity, np.int64),
            "rewards": np.zeros(capacity, np.float32),
            "next_features": np.zeros((capacity, *template.shape[1:]), template.dtype),
            "terminated": np.zeros(capacity, np.bool_),
            "successor": np.full(capacity, -1, np.int64),  # slot of what followed; -1: nothing (yet)
        }
        # Slot of the last transition of each lane's unfinished episode, or -1; (lanes,).
        self._latest = np.full(1, -1, np.int64)

    def add(self, transitions: Transitions, lanes: IntArray | None = None) -> None:
        """Take in one transition of each of some lanes.

        Args:
            transitions: a batch of B.
            lanes: the lane of each, (B,), each at most once; None if transition i is of lane i.

        Raises:
            ValueError: more transitions than the ring holds, or lanes that do not number theirs.
        """
        n = len(transitions.features)
        if n > self.capacity:
            raise ValueError(f"replay_capacity is {self.capacity}, too small for {n} transitions at once")
        lanes = _checked_lanes(lanes, n)
        slots = np.arange(self.position, self.position + n) % self.capacity
        columns = self._columns
        for name in ("features", "actions", "rewards", "next_features", "terminated"):
            columns[name][slots] = getattr(transitions, name)
        if self.n_steps > 1:
            self._link(slots, transitions.terminated | transitions.truncated, lanes)
        self.position = (self.position + n) % self.capacity
        self.size = min(self.size + n, self.capacity)

    def _link(self, slots: IntArray, episode_over: NDArray[np.bool_], lanes: IntArray) -> None:
        missing = int(lanes.max(initial=-1)) + 1 - len(self._latest)
        if missing > 0:
            self._latest = np.append(self._latest, np.full(missing, -1, np.int64))
        overwritten = (self._latest - self.position) % self.capacity < len(slots)
        self._latest[overwritten] = -1

        before = self._latest[lanes]
        # An episode may have been given up unfinished: then this is not where the last transition led.
        led_here = self._columns["next_features"][before] == self._columns["features"][slots]
        follows = (before >= 0) & led_here.all(axis=tuple(range(1, led_here.ndim)))
        successor = self._columns["successor"]
        successor[slots] = -1
        successor[before[follows]] = slots[follows]
        self._latest[lanes] = np.where(episode_over, -1, slots)

    def sample(self, batch_size: int) -> ReplayBatch:
        """Draw transitions uniformly, with replacement, each with its return of up to `n_steps` rewards."""
        columns = self._columns
        first = last = (self._rng.random(batch_size) * self.size).astype(np.int64)  # (B,) slots
        rewards = columns["rewards"][first]
        discounts = np.full(batch_size, self.discount, np.float32)
        for _ in range(self.n_steps - 1):
            following = columns["successor"][last]
            goes_on = following >= 0
            last = np.where(goes_on, following, last)
            rewards += np.where(goes_on, discounts * columns["rewards"][last], 0)
            discounts[goes_on] *= self.discount
        discounts *= ~columns["terminated"][last]  # only the end of the task cuts bootstrapping
        return ReplayBatch(
            columns["features"][first],
            columns["actions"][first],
            rewards,
            columns["next_features"][last],
            discounts,
        )

    def state_arrays(self) -> dict[str, NDArray[Any]]:
        """The transitions held, by name, in the order of their slots; and each lane's latest slot."""
        return {name: column[: self.size] for name, column in self._columns.items()} | {
            "latest": self._latest
        }

    def load_state(self, arrays: Mapping[str, NDArray[Any]], position: int) -> None:
        """Put back what `state_arrays` gave, and `position`.

        Raises:
            ValueError: arrays that are missing or do not fit, or slots outside the ring.
        """
        size = len(arrays.get("actions", ()))
        expected = [size] if size < self.capacity else range(self.capacity)
        if size > self.capacity or position not in expected:
            raise ValueError(
                f"a replay of {size} transitions that goes on at {position!r} fits no ring of {self.capacity}"
            )
        for name, column in self._columns.items():
            column[:size] = restored(arrays, name, column[:size])
        latest = restored(arrays, "latest", np.empty(len(arrays.get("latest", ())), np.int64))
        self._latest = latest.copy()
        for slots in (self._latest, self._columns["successor"][:size]):
            if ((slots < -1) | (slots >= size)).any():
                raise ValueError("the replay's transitions do not follow one another within the ring")
        self.size, self.position = size, position


def _checked_lanes(lanes: Any, n: int) -> IntArray:
    """Which lane each of ``n`` transitions is of."""
    if lanes is None:
        return np.arange(n)
    checked = np.asarray(lanes)
    if checked.shape != (n,) or (checked < 0).any() or len(np.unique(checked)) < n:
        raise ValueError(f"lanes are {checked}; give {n} different numbers from 0 up")
    return checked
