"""SarsaAgent: TD control on the policy that is followed."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from agents.algorithms.n_step import NStepAgent
from agents.config import Config, SarsaConfig
from agents.experience.transitions import IntArray, TransitionBatch, checked_lanes

__all__ = ["SarsaAgent"]


class SarsaAgent(NStepAgent):
    """SARSA (Sutton & Barto, section 6.4), and n-step SARSA (section 7.2).

    The target is ``reward + discount * Q(next_state, next_action)`` with the action really taken next, so a
    value moves one step late, when that action is known; with `n_steps` there are as many rewards in it.
    After the last step of an episode there is no next action: a task that ended is worth 0, and where a limit
    cut it short, the mean over the epsilon-greedy policy stands for the action not taken.
    """

    name: ClassVar[str] = "sarsa"
    config_class: ClassVar[type[Config]] = SarsaConfig
    waits_for_action: ClassVar[bool] = True

    def _worth(self, states: IntArray, actions: IntArray) -> npt.NDArray[np.float64]:
        return self.table[states, actions]

    def _worth_of_one(self, state: int, action: int) -> float:
        return self.values.row(state)[action]

    def _learn_one(
        self, state: int, action: int, reward: float, next_state: int, terminated: bool, truncated: bool
    ) -> float | None:
        self.steps += 1
        steps, targets = self._log.steps_to(state), []
        if self._n == 1 and steps and not (terminated or truncated):  # the common case, kept short
            last_state, last_action, last_reward = steps[0]
            target = last_reward + self._discount * self.values.row(state)[action]
            steps[0] = state, action, reward
            self._log.led_to = next_state
            return self.values.move_one(last_state, last_action, target)
        if len(steps) == self._n:
            # the next action of the step n ago is this one
            targets = self._targets(steps, self.values.row(state)[action])[:1]
            del steps[0]
        steps.append((state, action, reward))
        self._log.led_to = next_state
        if terminated or truncated:
            tail = 0.0 if terminated else self._value_of_policy(next_state)
            targets += self._targets(steps, tail)
            steps.clear()
        return self._move_to(targets)

    def _learn_many(self, batch: TransitionBatch, lanes: Any) -> float | None:
        """Returns the mean squared TD error of the pairs moved, or None where no target is complete yet."""
        self.steps += len(batch.actions)
        lanes = checked_lanes(lanes, len(batch.actions))
        complete = np.flatnonzero(self._log.begin(batch.features, lanes) >= self._n)  # rows of the batch
        targets = []  # of all, from the table before the step
        if len(complete):
            # the next action of steps n ago is this one
            following = self._worth(batch.features[complete], batch.actions[complete])
            targets = self._targets_of_lanes(lanes[complete], following)[:1]
        self._log.add(batch, lanes)
        return self._move_lanes_to(targets + self._targets_at_ends(batch, lanes))
