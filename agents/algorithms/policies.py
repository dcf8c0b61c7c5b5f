"""PolicyAgent: what agents share that learn a policy itself, as a network of preferences."""

from __future__ import annotations

from math import exp, isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from agents.algorithms.base import Agent
from agents.config import ActorCriticConfig, ReinforceConfig
from agents.errors import DivergenceError
from agents.experience.observations import Features
from agents.experience.transitions import FloatArray, IntArray
from agents.networks.compat import graph_lock
from agents.networks.losses import policy_loss, softmax, td_loss
from agents.networks.optimizers import Adam
from agents.networks.q_network import QNetwork

__all__ = ["PolicyAgent"]


class PolicyAgent(Agent):
    """An agent whose policy is the softmax of a network's outputs, the preferences (Sutton & Barto, 13.1).

    It explores by drawing from its policy; without exploring it takes the first of the likeliest actions.

    Attributes:
        network: preferences of each action.
        optimizer: Adam, for the policy.
        value_network: what a state is worth under the policy; None where nothing learns that.
        value_optimizer: Adam, for these values; or None.
    """

    config: ReinforceConfig | ActorCriticConfig
    value_network: QNetwork | None
    value_optimizer: Any

    def _build_networks(self, value_learning_rate: float | None) -> None:
        c, rng, state = self.config, self.generators["weights"], self.state
        self.network = QNetwork(self.encoder.n_features, self.n_actions, c.hidden_sizes, rng, state)
        self.optimizer = Adam(c.learning_rate, max_grad_norm=c.max_grad_norm)
        self.optimizer.setup(self.network, state.within("adam_"))
        self.value_network, self.value_optimizer = None, None
        if value_learning_rate is not None:
            self.value_network = QNetwork(
                self.encoder.n_features, 1, c.hidden_sizes, rng, state.within("value_")
            )
            self.value_optimizer = Adam(value_learning_rate, max_grad_norm=c.max_grad_norm)
            self.value_optimizer.setup(self.value_network, state.within("value_adam_"))

    def _planned_epsilon(self) -> float:
        """Always 0: whatever is drawn at random is drawn from the policy."""
        return 0.0

    def state_values(self, observations: Any) -> FloatArray:
        """What states are worth under the present policy, as far as it has learned that, float32 (B,).

        Raises:
            AttributeError: for an agent without such values.
        """
        features, _ = self.encoder.encode(observations)
        return self._values_of(features)

    def _values_of(self, features: Features) -> FloatArray:
        if self.value_network is None:
            raise AttributeError(
                f"the agent {self.name!r} was made without a baseline and has no state values"
            )
        values: FloatArray = self.value_network.predict(features)[:, 0]
        return values

    def _probabilities(self, features: Features) -> npt.NDArray[np.float64]:
        return softmax(self._preferences(features))

    def _preferences(self, features: Features) -> FloatArray:
        """Preferences to choose by, (B, A)."""
        preferences = self.network.predict(features)
        if not np.isfinite(preferences).all():
            raise _diverged(preferences)
        return preferences

    def _choose(self, features: Features, explore: bool) -> IntArray:
        if len(features) == 1:
            return np.array([self._choose_one(features[0], explore)])
        if not explore:
            likeliest: IntArray = self._preferences(features).argmax(axis=1)
            return likeliest
        reached = self._probabilities(features).cumsum(axis=1)  # (B, A)
        draws = self.generators["exploration"].random(len(features))[:, np.newaxis] * reached[:, -1:]
        actions: IntArray = (draws >= reached[:, :-1]).sum(axis=1)
        return actions

    def _choose_one(self, feature: Any, explore: bool) -> int:
        preferences = self.network.predict(np.asarray(feature)[np.newaxis])[0].tolist()
        if not isfinite(sum(preferences)):
            raise _diverged(preferences)
        highest = max(preferences)
        if not explore:
            return int(preferences.index(highest))
        odds = [exp(preference - highest) for preference in preferences]
        draw = self._random() * sum(odds)
        for action, share in enumerate(odds):
            draw -= share
            if draw < 0:
                return action
        return len(odds) - 1  # the last of them, but for rounding

    def _improve_policy(
        self,
        features: Features,
        actions: IntArray,
        weights: npt.NDArray[Any],
        normalizer: float | None = None,
    ) -> float:
        """One step up the gradient of ``sum of weight * log pi``; returns the loss, see `policy_loss`."""
        with graph_lock, np.errstate(over="ignore", invalid="ignore"):
            preferences = self.network(features)
            loss = policy_loss(preferences, actions, weights, self.config.entropy_bonus, normalizer)
            return self.optimizer.minimize(loss)

    def _improve_values(self, features: Features, targets: npt.NDArray[Any]) -> float:
        """One step of the state values towards targets, (B,); returns the mean squared error."""
        assert self.value_network is not None
        with graph_lock, np.errstate(over="ignore", invalid="ignore"):
            values = self.value_network(features)  # (B, 1)
            loss = td_loss(values, np.zeros(len(targets), np.int64), targets.astype(np.float32))
            error: float = self.value_optimizer.minimize(loss)
            return error


def _diverged(preferences: Any) -> DivergenceError:
    return DivergenceError(f"the preferences of the actions are {preferences!r:.200}: training has diverged")
