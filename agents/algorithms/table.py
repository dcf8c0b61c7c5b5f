"""TableAgent: what agents share that keep one value for each state and action."""

from __future__ import annotations

import struct
from abc import abstractmethod
from collections.abc import Sequence
from math import isfinite
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from agents.algorithms.schedules import make_schedule
from agents.algorithms.values import ValueAgent, highest_of
from agents.config import TableConfig
from agents.errors import DivergenceError
from agents.experience.observations import Features, ObservationEncoder
from agents.experience.states import StateEncoder
from agents.experience.transitions import IntArray, TransitionBatch
from agents.storage.state import State

__all__ = ["Table", "TableAgent"]


class Table:
    """Action values that move towards targets, all 0 at first, in float64.

    One transition is dealt with in Python numbers, a batch in arrays; they share the memory.

    Attributes:
        q: action values, (S, A).
        visits: how often each of them was moved, (S, A); None where the step size is constant.

    Args:
        n_states: number of states S.
        n_actions: number of actions A.
        step_size: "constant", or "1/n", with which a value is the mean of its targets.
        learning_rate: the constant one.
        state: what the table belongs to, as its arrays "table" and "visits".
    """

    def __init__(
        self, n_states: int, n_actions: int, step_size: str, learning_rate: float, state: State
    ) -> None:
        shape = n_states, n_actions
        self.q = state.array("table", shape, np.float64)
        self.visits = state.array("visits", shape, np.int64) if step_size == "1/n" else None
        if self.visits is not None and (self.visits < 0).any():
            raise ValueError("a pair was visited less than 0 times")
        self._learning_rate = learning_rate
        self._n_actions = n_actions
        # typed by hand, as mypy takes the items of a memoryview for integers
        self._cells: Any = memoryview(self.q.reshape(-1))  # type: ignore[arg-type]
        self._row_bytes = n_actions * self.q.itemsize
        self._unpack_row = struct.Struct(f"{n_actions}d").unpack_from

    def row(self, state: int) -> Sequence[float]:
        """The values of a state, (A,)."""
        return self._unpack_row(self._cells, state * self._row_bytes)

    def move_one(self, state: int, action: int, target: float) -> float:
        """Moves one value towards its target; returns the squared TD error.

        Raises:
            DivergenceError: if it is not finite.
        """
        pair = state * self._n_actions + action
        td_error = target - self._cells[pair]
        if self.visits is None:
            step_size = self._learning_rate
        else:
            self.visits[state, action] += 1
            step_size = 1.0 / self.visits.item(state, action)
        self._cells[pair] += step_size * td_error
        loss: float = td_error * td_error
        if not isfinite(loss):
            raise _diverged(loss)
        return loss

    def move(self, states: IntArray, actions: IntArray, targets: npt.NDArray[np.float64]) -> float:
        """Moves values towards their targets, several of one pair as if one after another.

        Args:
            states: (B,).
            actions: (B,).
            targets: (B,), from the table before the step.

        Returns:
            The mean squared TD error before the step.

        Raises:
            DivergenceError: if it is not finite.
        """
        pairs = states * self._n_actions + actions  # (B,)
        q = self.q.reshape(-1)
        td_errors = targets - q[pairs]
        loss = float(np.dot(td_errors, td_errors)) / len(pairs)
        # equal pairs side by side, in the order they came in
        order = np.argsort(pairs.astype(np.uint16) if q.size <= 2**16 else pairs, kind="stable")
        ordered = pairs[order]
        starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))  # (U,) where a new pair begins
        met, sizes = ordered[starts], np.append(starts[1:], len(pairs)) - starts
        if self.visits is None:
            # each later target of the pair takes its share of what an earlier one has moved
            n_later = np.repeat(starts + sizes, sizes) - np.arange(1, len(pairs) + 1)
            keep = (1.0 - self._learning_rate) ** np.arange(sizes.max())
            step_sizes = self._learning_rate * keep[n_later]
        else:
            # in a mean all weigh the same
            visits = self.visits.reshape(-1)
            visits[met] += sizes
            step_sizes = np.repeat(1.0 / visits[met], sizes)
        q[met] += np.add.reduceat(step_sizes * td_errors[order], starts)
        if not isfinite(loss):
            raise _diverged(loss)
        return loss


class TableAgent(ValueAgent):
    """An agent with a table of action values.

    Attributes:
        values: the table, and how it learns.
        table: the action values themselves, (S, A).
        steps: transitions taken in so far; counted where epsilon depends on it.

    Raises:
        ValueError: unless the observation space is `Discrete`, or a `Tuple` or `MultiDiscrete` of such.
    """

    encoder_class: ClassVar[type[ObservationEncoder]] = StateEncoder
    reward_type: ClassVar[type[np.floating[Any]]] = np.float64
    config: TableConfig
    table: npt.NDArray[np.float64]

    def _build(self) -> None:
        c = self.config
        self.values = self._make_values()
        self.table = self.values.q
        self._q_of_one = self.values.row  # type: ignore[method-assign, assignment]  # a call less
        self.steps = 0
        self._epsilon, self._discount = c.epsilon, c.discount
        self._counts_steps = c.epsilon_schedule != "constant"
        if self._counts_steps:
            self.state.counters(self, "steps")
        self._epsilon_after = make_schedule(c.epsilon_schedule, c.epsilon, c.epsilon_final, c.epsilon_steps)

    def _make_values(self) -> Table:
        """The table that it acts by."""
        return self._new_table(self.state)

    def _new_table(self, state: State) -> Table:
        c = self.config
        return Table(self.encoder.n_features, self.n_actions, c.step_size, c.learning_rate, state)

    def _planned_epsilon(self) -> float:
        """As configured, or as scheduled for the steps taken so far."""
        return self._epsilon_after(self.steps) if self._counts_steps else self._epsilon

    @abstractmethod
    def _learn_many(self, batch: TransitionBatch, lanes: Any) -> float | None:
        """`_learn` by array operations; a batch of one is left to `_learn_one`, to which it is the same."""

    def _learn(self, batch: TransitionBatch, lanes: Any) -> float | None:
        if len(batch.actions) > 1 or lanes is not None:
            return self._learn_many(batch, lanes)
        state, action, reward, next_state, terminated, truncated = (column.item() for column in batch)
        return self._learn_one(state, action, reward, next_state, terminated, truncated)  # type: ignore[arg-type]

    def _bootstrapped(
        self, batch: TransitionBatch, next_values: npt.NDArray[np.floating[Any]]
    ) -> npt.NDArray[np.float64]:
        """One-step targets, (B,), where the next states are worth ``next_values``, (B,)."""
        # only the end of the task cuts bootstrapping; a time limit does not
        targets: npt.NDArray[np.float64] = batch.rewards + self._discount * np.where(
            batch.terminated, 0.0, next_values
        )
        return targets

    def _q_of(self, features: Features) -> npt.NDArray[np.float64]:
        return self.table[features]

    def _values_of_policy(self, states: IntArray) -> npt.NDArray[np.float64]:
        """What states are worth to the epsilon-greedy policy, (B,)."""
        q, epsilon = self.table[states], self.epsilon  # (B, A)
        worth: npt.NDArray[np.float64] = (1.0 - epsilon) * highest_of(q) + epsilon * q.mean(axis=1)
        return worth

    def _value_of_policy(self, state: int) -> float:
        """What a state is worth to the epsilon-greedy policy."""
        q, epsilon = self.values.row(state), self.epsilon
        return (1.0 - epsilon) * max(q) + epsilon * (sum(q) / len(q))


def _diverged(loss: float) -> DivergenceError:
    return DivergenceError(f"the table has diverged: the squared TD error is {loss}")
