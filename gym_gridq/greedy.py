"""Which actions count as best: the one rule of ties, for solutions, grades and arrows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["greedy_actions", "greedy_policy"]

TIE_TOLERANCE = 1e-9
"""Actions whose q lies within this relative distance of the best count as tied."""


def greedy_actions(q: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Which actions are best in each row, ``(S, A)``; all of them where several are tied."""
    # a frame is drawn in the time that a few calls take, so the largest are asked for without a detour
    best, largest = (np.maximum.reduce(values, axis=1, keepdims=True) for values in (q, np.abs(q)))
    greedy: npt.NDArray[np.bool_] = q >= best - TIE_TOLERANCE * np.maximum(1.0, largest)
    return greedy


def greedy_policy(q: npt.NDArray[np.float64], absorbing: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Equal weight on every best action, ``(S, A)``; zeros in the ``absorbing`` states ``(S,)``."""
    greedy = greedy_actions(q)
    greedy[absorbing] = False
    policy: npt.NDArray[np.float64] = greedy / np.maximum(greedy.sum(axis=1, keepdims=True), 1)
    return policy
