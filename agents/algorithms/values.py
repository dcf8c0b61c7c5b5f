"""ValueAgent: what agents share that choose by action values."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import reduce
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from agents.algorithms.base import Agent
from agents.errors import DivergenceError
from agents.experience.observations import Features
from agents.experience.transitions import FloatArray, IntArray

__all__ = ["ValueAgent", "highest_of"]


class ValueAgent(Agent):
    """An agent that is epsilon-greedy with respect to its action values, ties broken uniformly at random.

    Without exploring it takes the first of the best actions.
    """

    @abstractmethod
    def _q_of(self, features: Features) -> npt.NDArray[np.floating[Any]]:
        """Action values of encoded observations, (B, A)."""

    def _q_of_one(self, feature: Any) -> Sequence[float]:
        """Action values of one encoded observation, (A,): no array, as that takes longer than the rest."""
        row: list[float] = self._q_of(np.asarray(feature)[np.newaxis])[0].tolist()
        return row

    def q_values(self, observations: Any) -> FloatArray:
        """Action values, float32 (B, A); a single observation counts as a batch of one."""
        features, _ = self.encoder.encode(observations)
        return self._q_of(features).astype(np.float32, copy=False)

    def _choose_one(self, feature: Any, explore: bool) -> int:
        random = self._random
        if explore and random() < self.epsilon:
            return int(random() * self.n_actions)
        q = self._q_of_one(feature)
        if not isfinite(sum(q)):
            raise _diverged(q)
        highest = max(q)
        if not explore or q.count(highest) == 1:
            return q.index(highest)
        best = [action for action, value in enumerate(q) if value == highest]
        return best[int(random() * len(best))]

    def _choose(self, features: Features, explore: bool) -> IntArray:
        n_lanes = len(features)
        if n_lanes == 1:
            return np.array([self._choose_one(features[0], explore)])
        if not explore:
            first_best: IntArray = self._finite_q(features).argmax(axis=1)
            return first_best
        rng = self.generators["exploration"]
        exploring = rng.random(n_lanes) < self.epsilon
        if exploring.all():
            return (rng.random(n_lanes) * self.n_actions).astype(np.int64)
        q = self._finite_q(features)  # (B, A)
        is_best = q == highest_of(q)[:, np.newaxis]
        # break ties uniformly at random; where there is none, argmax alone decides
        tied = np.count_nonzero(is_best) > n_lanes
        lottery = is_best * (1.0 - rng.random(is_best.shape)) if tied else is_best
        actions: IntArray = lottery.argmax(axis=1)
        if exploring.any():
            actions[exploring] = rng.random(np.count_nonzero(exploring)) * self.n_actions
        return actions

    def _probabilities(self, features: Features) -> npt.NDArray[np.float64]:
        q = self._finite_q(features)  # (B, A)
        is_best = q == q.max(axis=1, keepdims=True)
        shares = is_best / is_best.sum(axis=1, keepdims=True)
        probabilities: npt.NDArray[np.float64] = (1.0 - self.epsilon) * shares + self.epsilon / self.n_actions
        return probabilities

    def _finite_q(self, features: Features) -> npt.NDArray[np.floating[Any]]:
        """Action values to choose by, (B, A): diverged ones would make the first action look best."""
        q = self._q_of(features)
        if not np.isfinite(q).all():
            raise _diverged(q)
        return q


def highest_of(q: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.floating[Any]]:
    """The highest value of each row, (B,): column by column, as NumPy is slow along a short axis."""
    highest: npt.NDArray[np.floating[Any]] = reduce(np.maximum, q.T)
    return highest


def _diverged(q: Any) -> DivergenceError:
    return DivergenceError(f"the action values are {q!r:.200}: training has diverged")
