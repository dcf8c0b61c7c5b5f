"""DQNAgent: deep Q-learning with replay and a target network."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from agents.algorithms.replay import ReplayBuffer
from agents.algorithms.schedules import falling, make_schedule
from agents.algorithms.values import ValueAgent
from agents.config import Config, DQNConfig
from agents.experience.observations import Features
from agents.experience.transitions import FloatArray, TransitionBatch
from agents.networks.compat import graph_lock
from agents.networks.losses import td_loss
from agents.networks.optimizers import Adam, SparseAdam
from agents.networks.q_network import QNetwork

__all__ = ["DQNAgent"]


class DQNAgent(ValueAgent):
    """Deep Q-learning (Mnih et al. 2015), with what has proved its worth since.

    Transitions go into a replay, gradient steps learn from samples of it, and a second network, which follows
    the first one now and then, says what the next observation is worth. The first network may choose the
    action for it (double Q-learning, van Hasselt et al. 2016), and returns may span several steps.

    Attributes:
        network: the Q-network.
        target_network: values what lies behind a return.
        optimizer: Adam, or sparse Adam.
        replay: past transitions.
        steps: transitions taken in so far.
        updates: gradient steps made so far.

    Raises:
        ValueError: for sparse Adam where observations are not `Discrete`.
    """

    name: ClassVar[str] = "dqn"
    config_class: ClassVar[type[Config]] = DQNConfig
    config: DQNConfig
    steps: int
    updates: int
    _calls: int  # of `learn`
    _untrained: int  # transitions since the last training

    def _build(self) -> None:
        c, rng, sparse = self.config, self.generators, self.config.optimizer == "sparse-adam"
        if sparse and not self.encoder.is_index:
            raise ValueError(
                f"optimizer is 'sparse-adam', which steps the states of a batch, but those of "
                f"{self.observation_space} are not numbered; use 'adam'"
            )
        shape = self.encoder.n_features, self.n_actions, c.hidden_sizes
        self.network = QNetwork(*shape, rng["weights"], self.state, sparse)
        self.target_network = QNetwork(*shape, self.network, self.state.within("target_"))
        optimizer = (SparseAdam if sparse else Adam)(
            c.learning_rate, eps=c.adam_epsilon, max_grad_norm=c.max_grad_norm
        )
        self.optimizer = optimizer.setup(self.network, self.state.within("adam_"))
        self.replay = ReplayBuffer(
            c.replay_capacity,
            self.encoder,
            c.n_steps,
            c.discount,
            rng["replay"],
            self.state.within("replay_"),
        )
        self.state.counters(self, "steps", "updates", calls="_calls", untrained="_untrained")
        self._learning_rate_after = falling(c.learning_rate, c.learning_rate_steps)
        self._epsilon_after = make_schedule(c.epsilon_schedule, c.epsilon, c.epsilon_final, c.epsilon_steps)

    def _planned_epsilon(self) -> float:
        """As scheduled for the steps taken so far."""
        return self._epsilon_after(self.steps)

    def _learn(self, batch: TransitionBatch, lanes: Any) -> float | None:
        self.replay.add(batch, lanes)
        return self._remembered(len(batch.features))

    def _learn_one(
        self, state: int, action: int, reward: float, next_state: int, terminated: bool, truncated: bool
    ) -> float | None:
        self.replay.add_one(state, action, reward, next_state, terminated, truncated)
        return self._remembered(1)

    def _remembered(self, n: int) -> float | None:
        """Counts transitions that the replay took in, and trains if it is time to.

        Returns:
            Mean loss of the gradient steps made, or None if there were none.
        """
        self.steps += n
        self._untrained += n
        self._calls += 1
        if self._calls % self.config.train_frequency:
            return None
        n_updates = self._untrained if self.config.gradient_steps == -1 else self.config.gradient_steps
        self._untrained = 0
        if self.steps < self.config.learning_starts:
            return None
        self.optimizer.learning_rate = self._learning_rate_after(self.steps)
        return sum(self._update() for _ in range(n_updates)) / n_updates

    def _update(self) -> float:
        """One gradient step on a sample of the replay; returns its loss."""
        batch = self.replay.sample(self.config.batch_size)
        # What does not fit into float32 is found in the loss, with a better word than NumPy's.
        with graph_lock, np.errstate(over="ignore", invalid="ignore"):
            targets = batch.rewards + batch.discounts * self._values(batch.next_features)  # (B,)
            q, huber = self.network(batch.features), self.config.loss == "huber"  # (B, A)
            value = self.optimizer.minimize(td_loss(q, batch.actions, targets, huber))
        self.updates += 1
        if self.updates % self.config.target_update_interval == 0:
            self._update_target()
        return value

    def _values(self, features: Features) -> FloatArray:
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

    def _q_of(self, features: Features) -> FloatArray:
        return self.network.predict(features)
