"""ExpectedSarsaAgent: SARSA that takes the mean over the next action instead of drawing it."""

from __future__ import annotations

from typing import Any, ClassVar

from agents.algorithms.table import TableAgent
from agents.config import Config, ExpectedSarsaConfig
from agents.experience.transitions import TransitionBatch

__all__ = ["ExpectedSarsaAgent"]


class ExpectedSarsaAgent(TableAgent):
    """Expected SARSA (Sutton & Barto, section 6.6).

    The target is ``reward + discount * sum of pi(a | next_state) Q(next_state, a)`` with the epsilon-greedy
    policy pi that it follows, so that it learns what that policy is worth, exploring included.
    """

    name: ClassVar[str] = "expected-sarsa"
    config_class: ClassVar[type[Config]] = ExpectedSarsaConfig

    def _learn_one(
        self, state: int, action: int, reward: float, next_state: int, terminated: bool, truncated: bool
    ) -> float:
        self.steps += 1
        # only the end of the task cuts bootstrapping; a time limit does not
        next_value = 0.0 if terminated else self._value_of_policy(next_state)
        return self.values.move_one(state, action, reward + self._discount * next_value)

    def _learn_many(self, batch: TransitionBatch, lanes: Any) -> float:
        """Moves a value for each transition; returns the mean squared TD error."""
        self.steps += len(batch.actions)
        targets = self._bootstrapped(batch, self._values_of_policy(batch.next_features))
        return self.values.move(batch.features, batch.actions, targets)
