"""QLearningAgent: the book's online algorithm, one gradient step for every step of the environment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from agents.algorithms.base import Agent, restored
from agents.config import Config, QLearningConfig
from agents.errors import DivergenceError
from agents.experience.transitions import FloatArray, Transitions
from agents.networks.compat import graph_lock
from agents.networks.optimizers import SGD
from agents.networks.q_network import QNetwork, n_weights, td_loss

__all__ = ["QLearningAgent"]


class QLearningAgent(Agent):
    """Q-learning with a network (Deep Learning from Scratch 4, section 7.4).

    No replay and no target network: each transition moves the network once towards
    ``reward + discount * max Q(next_observation)``, by gradient descent on the squared error.

    Attributes:
        network: the Q-network.
        optimizer: plain gradient descent.
    """

    name: ClassVar[str] = "q-learning"
    config_class: ClassVar[type[Config]] = QLearningConfig
    config: QLearningConfig

    def _build(self) -> None:
        self.network = QNetwork(
            self.encoder.n_features, self.n_actions, self.config.hidden_sizes, self.generators["weights"]
        )
        self.optimizer = SGD(self.config.learning_rate).setup(self.network)

    @property
    def epsilon(self) -> float:
        """As configured."""
        return self.config.epsilon

    def _learn(self, batch: Transitions, lanes: Any) -> float | None:
        """One step of gradient descent on the mean squared TD error."""
        with graph_lock:
            next_q = self.network(batch.next_features)  # (B, A)
            next_q.unchain()  # the target is a number to reach, not a function to differentiate
            next_value = next_q.data.max(axis=1)  # (B,)
            # only the end of the task cuts bootstrapping; a time limit does not
            next_value[batch.terminated] = 0.0
            targets = batch.rewards + np.float32(self.config.discount) * next_value

            loss = td_loss(self.network(batch.features), batch.actions, targets)
            value = float(loss.data)
            if not math.isfinite(value):
                raise DivergenceError(
                    f"the loss is {value}: the network has diverged; lower the learning rate "
                    f"({self.config.learning_rate})"
                )
            self.network.cleargrads()
            loss.backward()
        self.optimizer.update()
        return value

    def _q_of(self, features: npt.NDArray[Any]) -> FloatArray:
        return self.network.predict(features)

    def state_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The weights."""
        return {"weights": self.network.weights}

    def load_state(self, arrays: Mapping[str, npt.NDArray[Any]], description: Mapping[str, Any]) -> None:
        """See `Agent.load_state`."""
        super().load_state(arrays, description)
        self.network.weights[:] = restored(arrays, "weights", self.network.weights)

    @classmethod
    def n_numbers(
        cls, observation_space: spaces.Space[Any], action_space: spaces.Space[Any], config: Config
    ) -> int:
        """Number of weights."""
        assert isinstance(config, QLearningConfig)
        return n_weights(spaces.flatdim(observation_space), spaces.flatdim(action_space), config.hidden_sizes)
