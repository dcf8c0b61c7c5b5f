"""The yardsticks: Q-learning with a table, and acting at random."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from agents.algorithms.base import Agent, restored
from agents.config import Config, RandomConfig, TabularConfig
from agents.errors import DivergenceError
from agents.experience.transitions import FloatArray, Transitions

__all__ = ["RandomAgent", "TabularQAgent"]


class RandomAgent(Agent):
    """Draws every exploring action uniformly; its greedy action is the first, as all values are equal."""

    name: ClassVar[str] = "random"
    config_class: ClassVar[type[Config]] = RandomConfig

    def _build(self) -> None:
        """Nothing."""

    @property
    def epsilon(self) -> float:
        """Always 1."""
        return 1.0

    def _learn(self, batch: Transitions, lanes: Any) -> float | None:
        """Learns nothing."""
        return None

    def _q_of(self, features: npt.NDArray[Any]) -> FloatArray:
        return np.zeros((len(features), self.n_actions), np.float32)


class TabularQAgent(Agent):
    """Q-learning with one value for each state and action (Sutton & Barto, section 6.5).

    Learns in float64. A batch is learned from in order, so that several lanes in one state all count.

    Raises:
        ValueError: unless the observation space is `Discrete`.
    """

    name: ClassVar[str] = "tabular"
    config_class: ClassVar[type[Config]] = TabularConfig
    config: TabularConfig

    def _build(self) -> None:
        if not self.encoder.is_index:
            raise ValueError(
                f"the observation space is {self.observation_space}; a table needs a Discrete one, "
                "or use the agent 'q-learning' or 'dqn'"
            )
        self.table = np.zeros((self.encoder.n_features, self.n_actions))  # (S, A)

    @property
    def epsilon(self) -> float:
        """As configured."""
        return self.config.epsilon

    def _learn(self, batch: Transitions, lanes: Any) -> float | None:
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

    def _q_of(self, features: npt.NDArray[Any]) -> FloatArray:
        q: FloatArray = self.table[features].astype(np.float32)  # (B, A)
        return q

    def state_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The table."""
        return {"table": self.table}

    def load_state(self, arrays: Mapping[str, npt.NDArray[Any]], description: Mapping[str, Any]) -> None:
        """See `Agent.load_state`."""
        super().load_state(arrays, description)
        self.table[:] = restored(arrays, "table", self.table)

    @classmethod
    def n_numbers(
        cls, observation_space: spaces.Space[Any], action_space: spaces.Space[Any], config: Config
    ) -> int:
        """Size of the table."""
        return int(spaces.flatdim(observation_space) * spaces.flatdim(action_space))
