"""Choosing actions by their values: epsilon-greedy, ties broken uniformly at random."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from agents.errors import DivergenceError
from agents.experience.observations import Features
from agents.experience.transitions import FloatArray, IntArray

__all__ = ["epsilon_greedy", "greedy"]

ActionValues = Callable[[Features], FloatArray]
"""Features (B,) or (B, F) -> action values (B, A)."""


def greedy(q_of: ActionValues, features: Features) -> IntArray:
    """The first of the best actions, (B,).

    Raises:
        DivergenceError: if a value is not finite.
    """
    if len(features) == 1:
        q = _one_row(q_of, features)
        return np.array([q.index(max(q))])
    actions: IntArray = _finite(q_of, features).argmax(axis=1)
    return actions


def epsilon_greedy(
    q_of: ActionValues, features: Features, n_actions: int, epsilon: float, rng: np.random.Generator
) -> IntArray:
    """With probability ``epsilon`` any action, else one of the best, uniformly at random; (B,).

    Raises:
        DivergenceError: if a value is not finite.
    """
    n_lanes = len(features)
    if n_lanes == 1:
        if rng.random() < epsilon:
            return np.array([int(rng.random() * n_actions)])
        q = _one_row(q_of, features)
        highest = max(q)
        if q.count(highest) == 1:
            return np.array([q.index(highest)])
        best = [action for action, value in enumerate(q) if value == highest]
        return np.array([best[int(rng.random() * len(best))]])
    exploring = rng.random(n_lanes) < epsilon
    if exploring.all():
        return (rng.random(n_lanes) * n_actions).astype(np.int64)
    values = _finite(q_of, features)  # (B, A)
    is_best = values == values.max(axis=1, keepdims=True)
    # break ties uniformly at random; where there is none, argmax alone decides
    tied = np.count_nonzero(is_best) > n_lanes
    lottery = is_best * (1.0 - rng.random(is_best.shape)) if tied else is_best
    actions: IntArray = lottery.argmax(axis=1)
    if exploring.any():
        actions[exploring] = rng.random(np.count_nonzero(exploring)) * n_actions
    return actions


def _one_row(q_of: ActionValues, features: Features) -> list[float]:
    """The values of one observation: a list, as NumPy takes longer to begin than this to end."""
    q: list[float] = q_of(features)[0].tolist()
    if not math.isfinite(sum(q)):
        raise _diverged(q)
    return q


def _finite(q_of: ActionValues, features: Features) -> FloatArray:
    """Action values to choose by, (B, A): diverged ones would make the first action look best."""
    q = q_of(features)
    if not np.isfinite(q).all():
        raise _diverged(q)
    return q


def _diverged(q: Any) -> DivergenceError:
    return DivergenceError(f"the action values are {q!r:.200}: training has diverged")
