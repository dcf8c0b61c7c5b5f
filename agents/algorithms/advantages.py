"""Generalized advantages: how much better steps went than expected, from the TD errors that followed them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["generalized_advantages"]


def generalized_advantages(
    td_errors: npt.NDArray[np.float64], steps: Mapping[str, npt.NDArray[Any]], decay: float
) -> npt.NDArray[np.float64]:
    """Sums of TD errors to the end of the episode or of the steps (Schulman et al. 2016).

    Args:
        td_errors: of steps that were gathered one call of `learn` after another, (N,).
        steps: their "lane", their "call" in ascending order, and "t", their number in the episode, each (N,).
        decay: discount times lambda, by which each later error counts less.

    Returns:
        The advantages, (N,).
    """
    advantages = np.empty(len(td_errors))
    following = np.zeros(int(steps["lane"].max()) + 1)  # what to add to the step before, by lane
    calls = steps["call"]
    bounds = np.flatnonzero(np.diff(calls, prepend=-1, append=calls[-1] + 1))
    for begin, end in zip(bounds[-2::-1], bounds[:0:-1], strict=True):
        rows, lanes = slice(begin, end), steps["lane"][begin:end]
        advantages[rows] = td_errors[rows] + decay * following[lanes]
        # the first step of an episode follows none
        following[lanes] = np.where(steps["t"][rows] > 0, advantages[rows], 0.0)
    return advantages
