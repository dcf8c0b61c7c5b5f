"""Observations that are arrays, or tuples and dicts of such: copied, compared, and taken row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["equal", "kept", "rows_of", "with_rows"]


def kept(observation: Any) -> Any:
    """An observation that stays what it is, whatever the environment does next with its arrays.

    Some environments write every observation into one array. Then what was seen before a step would be what
    is seen after it, and no error would tell.
    """
    if isinstance(observation, np.ndarray):
        return observation.copy()
    if isinstance(observation, dict):
        return {key: kept(part) for key, part in observation.items()}
    if isinstance(observation, tuple):
        return tuple(map(kept, observation))
    return list(map(kept, observation)) if isinstance(observation, list) else observation


def equal(one: Any, other: Any) -> bool:
    """Whether two observations are the same."""
    if isinstance(one, dict):
        return all(equal(part, other[key]) for key, part in one.items())
    if isinstance(one, tuple | list):
        return all(map(equal, one, other))
    return bool(np.array_equal(one, other, equal_nan=np.asarray(one).dtype.kind in "fc"))


def rows_of(batch: Any, rows: npt.NDArray[np.int64]) -> Any:
    """Chosen rows of an array, or of every array in a tuple or dict."""
    if isinstance(batch, dict):
        return {key: rows_of(part, rows) for key, part in batch.items()}
    if isinstance(batch, tuple):
        return tuple(rows_of(part, rows) for part in batch)
    return batch.take(rows, axis=0)


def with_rows(batch: Any, rows: npt.NDArray[np.bool_], replacements: Any) -> Any:
    """A copy of ``batch`` whose chosen rows are those of ``replacements``, one observation a lane."""
    if isinstance(batch, dict):
        return {
            key: with_rows(part, rows, [row and row[key] for row in replacements])
            for key, part in batch.items()
        }
    if isinstance(batch, tuple):
        return tuple(
            with_rows(part, rows, [row and row[place] for row in replacements])
            for place, part in enumerate(batch)
        )
    copy = batch.copy()
    for lane in np.flatnonzero(rows):
        copy[lane] = replacements[lane]
    return copy
