"""RandomAgent: the yardstick, which learns nothing."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from agents.algorithms.values import ValueAgent
from agents.config import Config, RandomConfig
from agents.experience.observations import Features
from agents.experience.transitions import FloatArray, TransitionBatch

__all__ = ["RandomAgent"]


class RandomAgent(ValueAgent):
    """Draws every exploring action uniformly; its greedy action is the first, as all values are equal."""

    name: ClassVar[str] = "random"
    config_class: ClassVar[type[Config]] = RandomConfig
    learns: ClassVar[bool] = False

    def _build(self) -> None:
        """Nothing."""

    def _planned_epsilon(self) -> float:
        """Always 1."""
        return 1.0

    def _learn(self, batch: TransitionBatch, lanes: Any) -> float | None:
        """Learns nothing."""
        return None

    def _learn_one(
        self, state: int, action: int, reward: float, next_state: int, terminated: bool, truncated: bool
    ) -> float | None:
        return None

    def _q_of(self, features: Features) -> FloatArray:
        return np.zeros((len(features), self.n_actions), np.float32)
