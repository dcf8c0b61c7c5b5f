"""ExpectedSarsaAgent: SARSA that takes the mean over the next action instead of drawing it."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from agents.algorithms.n_step import NStepAgent
from agents.config import Config, ExpectedSarsaConfig
from agents.experience.transitions import IntArray, TransitionBatch, checked_lanes

__all__ = ["ExpectedSarsaAgent"]


class ExpectedSarsaAgent(NStepAgent):
    """Expected SARSA (Sutton & Barto, section 6.6), and n-step expected SARSA (section 7.2).

    The target is ``reward + discount * sum of pi(a | next_state) Q(next_state, a)`` with the epsilon-greedy
    policy pi that it follows, so that it learns what that policy is worth, exploring included. With `n_steps`
    there are as many rewards in it.
    """

    name: ClassVar[str] = "expected-sarsa"
    config_class: ClassVar[type[Config]] = ExpectedSarsaConfig
    waits_for_action: ClassVar[bool] = False

    def _worth(self, states: IntArray, actions: IntArray) -> npt.NDArray[np.float64]:
        return self._values_of_policy(states)

    def _worth_of_one(self, state: int, action: int) -> float:
        return self._value_of_policy(state)

    def _learn_one(
        self, state: int, action: int, reward: float, next_state: int, terminated: bool, truncated: bool
    ) -> float | None:
        self.steps += 1
        # only the end of the task cuts bootstrapping; a time limit does not
        following = 0.0 if terminated else self._value_of_policy(next_state)
        if self._n == 1:
            return self.values.move_one(state, action, reward + self._discount * following)
        steps, targets = self._log.steps_to(state), []
        steps.append((state, action, reward))
        self._log.led_to = next_state
        if terminated or truncated:
            targets = self._targets(steps, following)
            steps.clear()
        elif len(steps) == self._n:
            targets = self._targets(steps, following)[:1]
            del steps[0]
        return self._move_to(targets)

    def _learn_many(self, batch: TransitionBatch, lanes: Any) -> float | None:
        """Returns the mean squared TD error of the pairs moved, or None where no target is complete yet."""
        self.steps += len(batch.actions)
        if self._n == 1:
            following = self._values_of_policy(batch.next_features)
            return self.values.move(batch.features, batch.actions, self._bootstrapped(batch, following))
        lanes = checked_lanes(lanes, len(batch.actions))
        self._log.begin(batch.features, lanes)
        self._log.add(batch, lanes)
        at_ends = self._targets_at_ends(batch, lanes)
        complete = self._log.clock.lengths[lanes] >= self._n  # (B,); episodes that ended have no steps left
        targets = []
        if complete.any():
            following = self._values_of_policy(batch.next_features[complete])
            targets = self._targets_of_lanes(lanes[complete], following)[:1]
        return self._move_lanes_to(targets + at_ends)
