"""ReplayBuffer: a ring of past transitions, from which n-step returns are sampled."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.experience.observations import ObservationEncoder
from agents.experience.transitions import FloatArray, IntArray, TransitionBatch, checked_lanes, one_row
from agents.storage.state import State

__all__ = ["ReplayBatch", "ReplayBuffer"]


FIELDS = ("features", "actions", "rewards", "next_features", "terminated")
"""What is kept of a transition, by its name in a `TransitionBatch`."""


class ReplayBatch(NamedTuple):
    """A sample to learn from: the target of a row is `rewards + discounts * value of next_features`."""

    features: NDArray[Any]  # (B,) int64 or (B, F) float32
    actions: IntArray  # (B,)
    rewards: FloatArray  # (B,), discounted sum of up to n rewards
    next_features: NDArray[Any]  # what was observed after the last of them
    discounts: FloatArray  # (B,), discount to the power of their number; 0 where the task ended


class ReplayBuffer:
    """Keeps the latest transitions of any number of lanes, in memory that grows with their number.

    Each transition knows the one that followed it in its episode. A sample walks along up to `n_steps` of
    them and stops at the episode's end, or where its lane stands at present; so a return never mixes two
    episodes, and one cut short by a time limit bootstraps from what was observed last (Sutton & Barto,
    section 7.1).

    Attributes:
        position: where in the ring the next transition goes.

    Args:
        capacity: number of transitions to keep; the oldest go first.
        encoder: says what encoded observations are.
        n_steps: longest number of rewards in a return.
        discount: discount factor of the returns.
        rng: source of the samples.
        state: what the transitions belong to, as its arrays and counters.

    Raises:
        ValueError: to restore what fits no ring of this capacity, or slots outside the ring.
    """

    position: int

    def __init__(
        self,
        capacity: int,
        encoder: ObservationEncoder,
        n_steps: int,
        discount: float,
        rng: np.random.Generator,
        state: State | None = None,
    ) -> None:
        self.capacity, self.n_steps, self.discount, self._rng = capacity, n_steps, discount, rng
        state = state or State()
        self._transitions = state.rows(
            {
                "features": encoder.column,
                "actions": ((), np.int64),
                "rewards": ((), np.float32),
                "next_features": encoder.column,
                "terminated": ((), np.bool_),
                "successor": ((), np.int64),  # slot of what followed; -1: nothing (yet)
            },
            most=capacity,
            fill=-1,
        )
        # Slot of the last transition of each lane's unfinished episode, or -1; (lanes,).
        self._latest = state.rows({"latest": ((), np.int64)}, fill=-1)
        state.counters(self, "position")
        self._latest.lengthen(1)
        self._check_ring()

    @property
    def size(self) -> int:
        """Number of transitions held."""
        return self._transitions.length

    def held(self) -> dict[str, NDArray[Any]]:
        """The transitions held, by name, in the order of their slots; views."""
        return self._transitions.held()

    def add(self, transitions: TransitionBatch, lanes: IntArray | None = None) -> None:
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
        lanes = checked_lanes(lanes, n)
        self._transitions.lengthen(min(self.position + n, self.capacity))
        slots = np.arange(self.position, self.position + n) % self.capacity
        columns = self._transitions.columns
        for name in FIELDS:
            columns[name][slots] = getattr(transitions, name)
        if self.n_steps > 1:
            self._link(slots, transitions.terminated | transitions.truncated, lanes)
        self.position = (self.position + n) % self.capacity

    def add_one(
        self, state: int, action: int, reward: float, next_state: int, terminated: bool, truncated: bool
    ) -> None:
        """`add` for one transition of lane 0 between numbered states."""
        if self.n_steps > 1:
            self.add(one_row(state, action, reward, next_state, terminated, truncated))
            return
        slot, columns = self.position, self._transitions.columns
        if slot >= self.size:
            self._transitions.lengthen(slot + 1)
        for name, value in zip(FIELDS, (state, action, reward, next_state, terminated), strict=True):
            columns[name][slot] = value
        self.position = (slot + 1) % self.capacity

    def _link(self, slots: IntArray, episode_over: NDArray[np.bool_], lanes: IntArray) -> None:
        self._latest.lengthen(int(lanes.max(initial=-1)) + 1)
        latest, columns = self._latest.columns["latest"], self._transitions.columns
        overwritten = (latest - self.position) % self.capacity < len(slots)
        latest[overwritten] = -1

        before = latest[lanes]
        # An episode may have been given up unfinished: then this is not where the last transition led.
        led_here = columns["next_features"][before] == columns["features"][slots]
        follows = (before >= 0) & led_here.all(axis=tuple(range(1, led_here.ndim)))
        columns["successor"][slots] = -1
        columns["successor"][before[follows]] = slots[follows]
        latest[lanes] = np.where(episode_over, -1, slots)

    def sample(self, batch_size: int) -> ReplayBatch:
        """Draw transitions uniformly, with replacement, each with its return of up to `n_steps` rewards."""
        columns = self._transitions.columns
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

    def _check_ring(self) -> None:
        """Refuses restored transitions that do not follow one another within the ring."""
        size = self.size
        if self.position not in ([size] if size < self.capacity else range(self.capacity)):
            raise ValueError(
                f"a replay of {size} transitions cannot go on at {self.position} in a ring of {self.capacity}"
            )
        for slots in (self._latest.held()["latest"], self.held()["successor"]):
            if ((slots < -1) | (slots >= size)).any():
                raise ValueError("the replay's transitions do not follow one another within the ring")
