"""SarsaAgent: TD control on the policy that is followed."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from agents.algorithms.episodes import EpisodeLog
from agents.algorithms.table import TableAgent
from agents.config import Config, SarsaConfig
from agents.experience.transitions import IntArray, TransitionBatch, checked_lanes

__all__ = ["SarsaAgent"]


class SarsaAgent(TableAgent):
    """SARSA (Sutton & Barto, section 6.4), and n-step SARSA (section 7.2).

    The target is ``reward + discount * Q(next_state, next_action)`` with the action really taken next, so a
    value moves one step late, when that action is known; with `n_steps` there are as many rewards in it.
    After the last step of an episode there is no next action: a task that ended is worth 0, and where a limit
    cut it short, the mean over the epsilon-greedy policy stands for the action not taken.
    """

    name: ClassVar[str] = "sarsa"
    config_class: ClassVar[type[Config]] = SarsaConfig
    config: SarsaConfig

    def _build(self) -> None:
        super()._build()
        log_state, window = self.state.within("episode_"), self.config.n_steps
        self._log = EpisodeLog(self.encoder, self.n_actions, self.reward_type, log_state, window)

    def _learn_one(
        self, state: int, action: int, reward: float, next_state: int, terminated: bool, truncated: bool
    ) -> float | None:
        self.steps += 1
        n, length = self.config.n_steps, self._log.clock.begin_one(state)
        targets = []
        if length >= n:
            # the next action of the step n ago is this one
            targets += self._targets(length, length - n, self.values.row(state)[action])[-1:]
        self._log.add_one(state, action, reward, next_state)
        if terminated or truncated:
            tail = 0.0 if terminated else self._value_of_policy(next_state)
            targets += self._targets(length + 1, max(0, length + 1 - n), tail)[::-1]
            self._log.forget(0)
        if not targets:
            return None
        return sum([self.values.move_one(*target) for target in targets]) / len(targets)

    def _targets(self, end: int, first: int, following: float) -> list[tuple[int, int, float]]:
        """Targets of the steps before ``end`` back to ``first``, where ``following`` comes after them."""
        targets = []
        for t in range(end - 1, first - 1, -1):
            state, action, reward = self._log.step_of_one(t)
            following = reward + self._discount * following
            targets.append((state, action, following))
        return targets

    def _learn_many(self, batch: TransitionBatch, lanes: Any) -> float | None:
        """Returns the mean squared TD error of the pairs moved, or None where no target is complete yet."""
        self.steps += len(batch.actions)
        lanes, n = checked_lanes(lanes, len(batch.actions)), self.config.n_steps
        lengths = self._log.begin(batch.features, lanes)
        targets = []  # pairs and what they should have been, from the table before the step

        # the next action of steps n ago is this one
        complete = lengths >= n
        if complete.any():
            chosen = lanes[complete]
            returns = self.table[batch.features[complete], batch.actions[complete]]
            for number in range(1, n + 1):
                step = self._log.steps_ago(number, chosen)
                returns = step.rewards + self._discount * returns
            targets.append((step.features, step.actions, returns))

        self._log.add(batch, lanes)
        over = batch.terminated | batch.truncated
        if over.any():
            tails = np.where(batch.terminated[over], 0.0, self._values_of_policy(batch.next_features[over]))
            targets += self._last_targets(lanes[over], tails)
            self._log.forget(lanes[over])
        if not targets:
            return None
        return self.values.move(*(np.concatenate(column) for column in zip(*targets, strict=True)))

    def _last_targets(
        self, lanes: IntArray, returns: npt.NDArray[np.float64]
    ) -> list[tuple[IntArray, IntArray, npt.NDArray[np.float64]]]:
        """Targets of all steps of the episodes that end in ``lanes``, followed by ``returns``, (B,)."""
        lengths, targets = self._log.clock.lengths[lanes], []
        for number in range(1, self.config.n_steps + 1):
            there = lengths >= number
            lanes, lengths, returns = lanes[there], lengths[there], returns[there]
            if not len(lanes):
                break
            step = self._log.steps_ago(number, lanes)
            returns = step.rewards + self._discount * returns
            targets.append((step.features, step.actions, returns))
        return targets[::-1]
