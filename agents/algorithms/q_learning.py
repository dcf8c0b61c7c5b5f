"""QLearningAgent: the book's online algorithm, one gradient step for every step of the environment."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from agents.algorithms.values import ValueAgent
from agents.config import Config, QLearningConfig
from agents.experience.observations import Features
from agents.experience.transitions import FloatArray, TransitionBatch
from agents.networks.compat import graph_lock
from agents.networks.losses import td_loss
from agents.networks.optimizers import SGD
from agents.networks.q_network import QNetwork

__all__ = ["QLearningAgent"]


class QLearningAgent(ValueAgent):
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
        shape = self.encoder.n_features, self.n_actions, self.config.hidden_sizes
        self.network = QNetwork(*shape, self.generators["weights"], self.state)
        self.optimizer = SGD(self.config.learning_rate).setup(self.network, self.state)

    def _planned_epsilon(self) -> float:
        """As configured."""
        return self.config.epsilon

    def _learn(self, batch: TransitionBatch, lanes: Any) -> float | None:
        """One step of gradient descent on the mean squared TD error."""
        with graph_lock:
            next_q = self.network(batch.next_features)  # (B, A)
            next_q.unchain()  # the target is a number to reach, not a function to differentiate
            next_value = next_q.data.max(axis=1)  # (B,)
            # only the end of the task cuts bootstrapping; a time limit does not
            next_value[batch.terminated] = 0.0
            targets = batch.rewards + np.float32(self.config.discount) * next_value
            return self.optimizer.minimize(td_loss(self.network(batch.features), batch.actions, targets))

    def _q_of(self, features: Features) -> FloatArray:
        return self.network.predict(features)
