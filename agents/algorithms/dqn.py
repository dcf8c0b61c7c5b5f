"""DQNAgent: deep Q-learning with replay and a target network."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from agents.algorithms.base import Agent, restored
from agents.algorithms.replay import ReplayBuffer
from agents.algorithms.schedules import make_schedule
from agents.config import Config, DQNConfig
from agents.errors import DivergenceError
from agents.experience.transitions import FloatArray, Transitions
from agents.networks.compat import graph_lock
from agents.networks.optimizers import Adam
from agents.networks.q_network import QNetwork, n_weights, td_loss

__all__ = ["DQNAgent"]


class DQNAgent(Agent):
    """Deep Q-learning (Mnih et al. 2015), with what has proved its worth since.

    Transitions go into a replay, gradient steps learn from samples of it, and a second network, which follows
    the first one now and then, says what the next observation is worth. The first network may choose the
    action for it (double Q-learning, van Hasselt et al. 2016), and returns may span several steps.

    Attributes:
        network: the Q-network.
        target_network: values what lies behind a return.
        optimizer: Adam.
        replay: past transitions.
        steps: transitions taken in so far.
        updates: gradient steps made so far.
    """

    name: ClassVar[str] = "dqn"
    config_class: ClassVar[type[Config]] = DQNConfig
    config: DQNConfig

    def _build(self) -> None:
        c, encoder = self.config, self.encoder
        self.network, self.target_network = (
            QNetwork(encoder.n_features, self.n_actions, c.hidden_sizes, self.generators["weights"])
            for _ in range(2)
        )
        self.target_network.weights[:] = self.network.weights
        self.optimizer = Adam(c.learning_rate, max_grad_norm=c.max_grad_norm).setup(self.network)
        template = (
            np.empty(0, np.int64) if encoder.is_index else np.empty((0, encoder.n_features), np.float32)
        )
        self.replay = ReplayBuffer(
            c.replay_capacity, template, c.n_steps, c.discount, self.generators["replay"]
        )
        self._epsilon_after = make_schedule(c.epsilon_schedule, c.epsilon, c.epsilon_final, c.epsilon_steps)
        self.steps = self.updates = 0
        self._calls = self._untrained = 0  # calls of `learn`; transitions since the last training

    @property
    def epsilon(self) -> float:
        """As scheduled for the steps taken so far."""
        return self._epsilon_after(self.steps)

    def _learn(self, batch: Transitions, lanes: Any) -> float | None:
        """Remember the transitions, and train if it is time to.

        Returns:
            Mean loss of the gradient steps made, or None if there were none.
        """
        self.replay.add(batch, lanes)
        self.steps += len(batch.features)
        self._untrained += len(batch.features)
        self._calls += 1
        if self._calls % self.config.train_frequency:
            return None
        n_updates = self._untrained if self.config.gradient_steps == -1 else self.config.gradient_steps
        self._untrained = 0
        if self.steps < self.config.learning_starts:
            return None
        return sum(self._update() for _ in range(n_updates)) / n_updates

    def _update(self) -> float:
        """One gradient step on a sample of the replay; returns its loss."""
        batch = self.replay.sample(self.config.batch_size)
        # What does not fit into float32 is found in the loss, with a better word than NumPy's.
        with graph_lock, np.errstate(over="ignore", invalid="ignore"):
            targets = batch.rewards + batch.discounts * self._values(batch.next_features)  # (B,)
            loss = td_loss(
                self.network(batch.features), batch.actions, targets, huber=self.config.loss == "huber"
            )
            value = float(loss.data)
            if not math.isfinite(value):
                raise DivergenceError(
                    f"the loss is {value} after {self.updates} gradient steps: the network has diverged; "
                    f"lower learning_rate ({self.config.learning_rate}) or set max_grad_norm"
                )
            self.network.cleargrads()
            loss.backward()
            self.optimizer.update()
        self.updates += 1
        if self.updates % self.config.target_update_interval == 0:
            self._update_target()
        return value

    def _values(self, features: NDArray[Any]) -> FloatArray:
        """What observations are worth to the target network, (B,)."""
        q = self.target_network.predict(features)  # (B, A)
        if not self.config.double_q:
            best: FloatArray = q.max(axis=1)
            return best
        # The noise in one network's values does not favour the action that the other one's noise makes best.
        chosen = self.network.predict(features).argmax(axis=1)  # (B,)
        values: FloatArray = q[np.arange(len(q)), chosen]
        return values

    def _update_target(self) -> None:
        target = self.target_network.weights
        if self.config.target_tau == 1:
            target[:] = self.network.weights
        else:
            target += self.config.target_tau * (self.network.weights - target)

    def _q_of(self, features: NDArray[Any]) -> FloatArray:
        return self.network.predict(features)

    def state_arrays(self) -> dict[str, NDArray[Any]]:
        """Weights of both networks, the optimizer's moments and the replay."""
        arrays = {"weights": self.network.weights, "target_weights": self.target_network.weights}
        arrays |= {f"adam_{name}": moment for name, moment in self.optimizer.state.items()}
        return arrays | {f"replay_{name}": array for name, array in self.replay.state_arrays().items()}

    def state_description(self) -> dict[str, Any]:
        """Counters. See `Agent.state_description`."""
        return {
            **super().state_description(),
            "steps": self.steps,
            "updates": self.updates,
            "calls": self._calls,
            "untrained": self._untrained,
            "adam_steps": self.optimizer.t,
            "replay_position": self.replay.position,
        }

    def load_state(self, arrays: Mapping[str, NDArray[Any]], description: Mapping[str, Any]) -> None:
        """See `Agent.load_state`."""
        super().load_state(arrays, description)
        vectors = {"weights": self.network.weights, "target_weights": self.target_network.weights}
        vectors |= {f"adam_{name}": moment for name, moment in self.optimizer.state.items()}
        for name, vector in vectors.items():
            vector[:] = restored(arrays, name, vector)
        counters = ("steps", "updates", "calls", "untrained", "adam_steps", "replay_position")
        for name in counters:
            if type(description.get(name)) is not int or description[name] < 0:
                raise ValueError(f"counter {name!r} is {description.get(name)!r}; it should be 0 or more")
        self.steps, self.updates, self._calls, self._untrained, self.optimizer.t, position = (
            description[name] for name in counters
        )
        prefix = "replay_"
        replay = {
            name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)
        }
        self.replay.load_state(replay, position)

    @classmethod
    def n_numbers(
        cls, observation_space: spaces.Space[Any], action_space: spaces.Space[Any], config: Config
    ) -> int:
        """Weights of two networks and two moments of each weight; a replay grows as it is filled."""
        assert isinstance(config, DQNConfig)
        return 4 * n_weights(
            spaces.flatdim(observation_space), spaces.flatdim(action_space), config.hidden_sizes
        )
