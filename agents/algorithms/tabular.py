"""TabularQAgent: Q-learning with a table."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from agents.algorithms.table import Table, TableAgent
from agents.algorithms.values import highest_of
from agents.config import Config, TabularConfig
from agents.experience.transitions import TransitionBatch, one_row
from agents.storage.state import State

__all__ = ["TabularQAgent"]


class TabularQAgent(TableAgent):
    """Q-learning (Sutton & Barto, section 6.5): the target is ``reward + discount * max Q(next_state)``.

    With `double_q` there are two tables (van Hasselt 2010; Sutton & Barto, section 6.7). A coin says which of
    them a transition moves; that one chooses the next action, and the other one says what it is worth. What
    chance made look best in one table was not made so in the other. The agent acts by their mean.
    """

    name: ClassVar[str] = "tabular"
    config_class: ClassVar[type[Config]] = TabularConfig
    config: TabularConfig
    _pair: tuple[Table, Table] | None

    def _make_values(self) -> Table:
        if not self.config.double_q:
            self._pair = None
            return super()._make_values()
        a, b = self._pair = (
            self._new_table(self.state.within("a_")),
            self._new_table(self.state.within("b_")),
        )
        mean = self._new_table(State())  # follows from the two, so that it is not kept
        mean.q[:] = (a.q + b.q) / 2
        return mean

    def _learn_one(
        self, state: int, action: int, reward: float, next_state: int, terminated: bool, truncated: bool
    ) -> float | None:
        if self._pair is not None:
            return self._learn_many(one_row(state, action, reward, next_state, terminated, truncated), None)
        self.steps += 1
        # only the end of the task cuts bootstrapping; a time limit does not
        next_value = 0.0 if terminated else max(self.values.row(next_state))
        return self.values.move_one(state, action, reward + self._discount * next_value)

    def _learn_many(self, batch: TransitionBatch, lanes: Any) -> float:
        """Moves a value for each transition; returns the mean squared TD error."""
        self.steps += len(batch.actions)
        if self._pair is not None:
            return self._learn_pair(batch, *self._pair)
        next_values = highest_of(self.table[batch.next_features])  # (B,)
        return self.values.move(batch.features, batch.actions, self._bootstrapped(batch, next_values))

    def _learn_pair(self, batch: TransitionBatch, a: Table, b: Table) -> float:
        """Double Q-learning."""
        heads = self.generators["replay"].random(len(batch.actions)) < 0.5  # (B,)
        next_a, next_b = a.q[batch.next_features], b.q[batch.next_features]  # (B, A)
        rows = np.arange(len(heads))
        next_values = np.where(
            heads, next_b[rows, next_a.argmax(axis=1)], next_a[rows, next_b.argmax(axis=1)]
        )
        targets, squared_errors = self._bootstrapped(batch, next_values), 0.0
        for table, moved in ((a, heads), (b, ~heads)):
            if moved.any():
                chosen = batch.features[moved], batch.actions[moved]
                squared_errors += table.move(*chosen, targets[moved]) * len(chosen[0])
        pairs = batch.features, batch.actions
        self.table[pairs] = (a.q[pairs] + b.q[pairs]) / 2
        return squared_errors / len(heads)
