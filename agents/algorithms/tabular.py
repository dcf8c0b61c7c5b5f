"""TabularQAgent: Q-learning with a table."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from agents.algorithms.table import TableAgent
from agents.config import Config, TabularConfig
from agents.errors import DivergenceError
from agents.experience.transitions import TransitionBatch

__all__ = ["TabularQAgent"]


class TabularQAgent(TableAgent):
    """Q-learning with one value for each state and action (Sutton & Barto, section 6.5).

    A batch is learned from in order, so that several lanes in one state all count.
    """

    name: ClassVar[str] = "tabular"
    config_class: ClassVar[type[Config]] = TabularConfig
    config: TabularConfig

    @property
    def epsilon(self) -> float:
        """As configured."""
        return self.config.epsilon

    def _learn(self, batch: TransitionBatch, lanes: Any) -> float | None:
        """One update a transition; returns the mean squared TD error."""
        squared_errors = 0.0
        for state, taken, gain, next_state, ended in zip(*batch[:5], strict=True):
            # only the end of the task cuts bootstrapping; a time limit does not
            next_value = 0.0 if ended else self.table[next_state].max()
            td_error = float(gain + self.config.discount * next_value - self.table[state, taken])
            self.table[state, taken] += self.config.learning_rate * td_error
            squared_errors += td_error * td_error
        loss = squared_errors / len(batch.features)
        if not math.isfinite(loss):
            raise DivergenceError(f"the table has diverged: the squared TD error is {loss}")
        return loss
