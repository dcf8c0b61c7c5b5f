"""The losses that train a network, each as one DeZero function."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.networks.compat import dezero
from agents.networks.functions import FloatArray, refuse_second_derivatives

__all__ = ["policy_loss", "softmax", "td_loss"]


def td_loss(q: Any, actions: NDArray[np.int64], targets: NDArray[Any], huber: bool = False) -> Any:
    """The mean loss over a batch of TD errors d = q(s, a) - target, as a `dezero.Variable` ().

    d squared, as DeZero's `mean_squared_error`; or with `huber` d squared / 2 up to abs(d) = 1 and
    abs(d) - 1/2 beyond, whose gradient is d clipped to [-1, 1] (Mnih et al. 2015).

    Args:
        q: action values, `dezero.Variable` (B, A).
        actions: actions taken, (B,).
        targets: what their values should have been, (B,); no gradient flows into them.
        huber: which of the two losses.
    """
    return _TDLossFunction(actions, targets, huber)(q)


def policy_loss(
    preferences: Any,
    actions: NDArray[np.int64],
    weights: NDArray[Any],
    entropy_bonus: float = 0.0,
    normalizer: float | None = None,
) -> Any:
    """What policy gradients minimise, as a `dezero.Variable` ().

    Minus the sum of ``weight * log pi(action | state)``, and of `entropy_bonus` times the entropy of each
    state's policy, over `normalizer`. Its gradient is minus the estimate of the policy gradient (Sutton &
    Barto, section 13.3).

    Args:
        preferences: of a softmax policy pi, `dezero.Variable` (B, A).
        actions: actions taken, (B,).
        weights: how much better each turned out than expected, (B,); no gradient flows into them.
        entropy_bonus: weight of the entropies.
        normalizer: what the sum is divided by; B by default.
    """
    return _PolicyLossFunction(actions, weights, entropy_bonus, normalizer or len(actions))(preferences)


def softmax(preferences: NDArray[Any]) -> NDArray[np.float64]:
    """Probabilities of a softmax policy, (B, A), of its preferences, (B, A)."""
    exponents = preferences.astype(np.float64)
    exponents -= exponents.max(axis=1, keepdims=True)
    odds = np.exp(exponents)
    probabilities: NDArray[np.float64] = odds / odds.sum(axis=1, keepdims=True)
    return probabilities


class _TDLossFunction(dezero.Function):  # type: ignore[misc]
    """See `td_loss`."""

    def __init__(self, actions: NDArray[np.int64], targets: NDArray[Any], huber: bool) -> None:
        self.taken = np.arange(len(actions)), actions
        self.targets = targets
        self.huber = huber

    def forward(self, q: FloatArray) -> Any:
        self.td_error = d = q[self.taken] - self.targets  # (B,)
        if not self.huber:
            return np.dot(d, d) / len(d)
        size = np.abs(d)
        return np.where(size <= 1, 0.5 * d * d, size - 0.5).mean()

    def backward(self, gradient: Any) -> Any:
        refuse_second_derivatives()
        q = self.inputs[0].data
        scale = float(gradient.data) / len(q)
        gq = np.zeros(q.shape, np.float32)
        gq[self.taken] = scale * np.clip(self.td_error, -1, 1) if self.huber else 2 * scale * self.td_error
        return dezero.Variable(gq)


class _PolicyLossFunction(dezero.Function):  # type: ignore[misc]
    """See `policy_loss`."""

    def __init__(
        self, actions: NDArray[np.int64], weights: NDArray[Any], entropy_bonus: float, normalizer: float
    ) -> None:
        self.taken = np.arange(len(actions)), actions
        self.weights, self.entropy_bonus, self.normalizer = weights, entropy_bonus, normalizer

    def forward(self, preferences: FloatArray) -> Any:
        shifted = preferences - preferences.max(axis=1, keepdims=True)
        self.log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))  # (B, A)
        self.p = np.exp(self.log_p)
        self.entropies = -(self.p * self.log_p).sum(axis=1)  # (B,)
        gained = np.dot(self.weights, self.log_p[self.taken]) + self.entropy_bonus * self.entropies.sum()
        return np.asarray(-gained / self.normalizer)

    def backward(self, gradient: Any) -> Any:
        refuse_second_derivatives()
        g = self.p * np.asarray(self.weights)[:, np.newaxis]  # (B, A)
        g[self.taken] -= self.weights
        if self.entropy_bonus:
            g += self.entropy_bonus * self.p * (self.log_p + self.entropies[:, np.newaxis])
        return dezero.Variable((g * (float(gradient.data) / self.normalizer)).astype(np.float32))
