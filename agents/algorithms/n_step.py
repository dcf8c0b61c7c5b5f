"""NStepAgent: what tables share that learn from returns over several steps."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from agents.algorithms.episodes import EpisodeLog, PlainStep
from agents.algorithms.table import TableAgent
from agents.config import NStepConfig
from agents.experience.transitions import IntArray, TransitionBatch

__all__ = ["NStepAgent"]

PlainTarget = tuple[int, int, float]
"""Numbered state, action and what their value should have been."""

Targets = tuple[IntArray, IntArray, npt.NDArray[np.float64]]
"""The same in arrays."""


class NStepAgent(TableAgent):
    """Returns over up to `n_steps` rewards (Sutton & Barto, chapter 7), or lambda-returns cut there (12.3).

    A return is built from its end: ``reward + discount * what follows``. What follows is the return of the
    next step, with weight `return_lambda`, and what the table says of that step instead, with the rest.
    """

    config: NStepConfig
    waits_for_action: ClassVar[bool]
    """Whether a step is kept until the next action is known, even where a return has one reward."""

    def _build(self) -> None:
        super()._build()
        self._n, self._lambda = self.config.n_steps, self.config.return_lambda
        if self._n > 1 or self.waits_for_action:
            log_state = self.state.within("episode_")
            self._log = EpisodeLog(self.encoder, self.n_actions, self.reward_type, log_state, self._n)

    @abstractmethod
    def _worth(self, states: IntArray, actions: IntArray) -> npt.NDArray[np.float64]:
        """What the table says of steps that were taken, (B,)."""

    @abstractmethod
    def _worth_of_one(self, state: int, action: int) -> float:
        """The same for one step."""

    def _targets(self, steps: Sequence[PlainStep], following: float) -> list[PlainTarget]:
        """Targets of the steps of an episode, oldest first, where ``following`` comes after the last."""
        targets, discount, shorter = [], self._discount, 1.0 - self._lambda
        for state, action, reward in reversed(steps):
            following = reward + discount * following
            targets.append((state, action, following))
            if shorter:
                following += shorter * (self._worth_of_one(state, action) - following)
        targets.reverse()
        return targets

    def _move_to(self, targets: list[PlainTarget]) -> float | None:
        """Moves values towards targets; returns the mean squared TD error, or None where there are none."""
        if not targets:
            return None
        move, loss = self.values.move_one, 0.0
        for state, action, target in targets:
            loss += move(state, action, target)
        return loss / len(targets)

    def _targets_of_lanes(self, lanes: IntArray, following: npt.NDArray[np.float64]) -> list[Targets]:
        """`_targets` of the latest steps of some lanes, up to `n_steps` of each; ``following`` is (B,)."""
        lengths, targets, shorter = self._log.clock.lengths[lanes], [], 1.0 - self._lambda
        for number in range(1, self._n + 1):
            there = lengths >= number
            if not there.all():
                lanes, lengths, following = lanes[there], lengths[there], following[there]
            if not len(lanes):
                break
            step = self._log.steps_ago(number, lanes)
            following = step.rewards + self._discount * following
            targets.append((step.features, step.actions, following))
            if shorter:
                following = following + shorter * (self._worth(step.features, step.actions) - following)
        return targets[::-1]

    def _targets_at_ends(self, batch: TransitionBatch, lanes: IntArray) -> list[Targets]:
        """Targets of all steps held of the episodes that a batch ended, which are forgotten."""
        over = np.flatnonzero(batch.terminated | batch.truncated)  # rows of the batch
        if not len(over):
            return []
        # only the end of the task cuts bootstrapping; a time limit does not
        tails = np.where(batch.terminated[over], 0.0, self._values_of_policy(batch.next_features[over]))
        targets = self._targets_of_lanes(lanes[over], tails)
        self._log.forget(lanes[over])
        return targets

    def _move_lanes_to(self, targets: list[Targets]) -> float | None:
        """`_move_to` for targets in arrays."""
        if not targets:
            return None
        return self.values.move(*(np.concatenate(column) for column in zip(*targets, strict=True)))
