"""TableAgent: what agents share that keep one value for each state and action."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from agents.algorithms.base import Agent
from agents.experience.observations import Features, ObservationEncoder
from agents.experience.states import StateEncoder
from agents.experience.transitions import FloatArray

__all__ = ["TableAgent"]


class TableAgent(Agent):
    """An agent with a table of action values, all 0 at first, in float64.

    Attributes:
        table: action values, (S, A).

    Raises:
        ValueError: unless the observation space is `Discrete`, or a `Tuple` or `MultiDiscrete` of such.
    """

    encoder_class: ClassVar[type[ObservationEncoder]] = StateEncoder

    def _build(self) -> None:
        self.table = self.state.array("table", (self.encoder.n_features, self.n_actions), np.float64)

    def _q_of(self, features: Features) -> FloatArray:
        q: FloatArray = self.table[features].astype(np.float32)  # (B, A)
        return q
