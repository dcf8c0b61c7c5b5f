"""Numbers and arrays as users give them and as the package hands them out. Imports nothing of the package."""

from __future__ import annotations

import math
import operator
from typing import Any, SupportsFloat

import numpy as np
import numpy.typing as npt

__all__ = ["DISCOUNT", "as_count", "as_discount", "as_float", "as_integer", "as_reward", "read_only"]

LARGEST_REWARD = 1e100
"""Sums of larger ones might leave the range of floats."""

DISCOUNT = 0.9
"""The book's discount, where nothing else is said."""


def as_integer(value: Any) -> int | None:
    """The integer meant by an int, a NumPy integer or a 0-d integer array; None for all else, bools too."""
    if isinstance(value, bool | np.bool_):
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None


def as_count(value: Any, name: str, least: int = 1, otherwise: str = "") -> int:
    """The integer, where it is one from ``least`` up.

    Raises:
        ValueError: for anything else. It calls the value by ``name``, and ends on what else may be given.
    """
    number = as_integer(value)
    if number is None or number < least:
        raise ValueError(f"{name} is {value!r}; give an integer from {least} up{otherwise}")
    return number


def as_float(value: Any) -> float:
    """The number, or NaN for what is not one (a bool is not)."""
    if isinstance(value, bool | np.bool_ | str | bytes):
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def as_discount(value: SupportsFloat) -> float:
    """The discount as a float.

    Raises:
        ValueError: if it is no number in [0, 1].
    """
    discount = as_float(value)
    if not 0.0 <= discount <= 1.0:
        raise ValueError(f"discount is {value!r}; give a number from 0 to 1")
    return discount


def as_reward(value: Any, name: str) -> float:
    """The number, where it can be a reward: up to `LARGEST_REWARD` either way.

    Raises:
        ValueError: for anything else; a bool, a string, NaN and an infinite number too. It calls the value by
            ``name``.
    """
    reward = as_float(value)
    if not abs(reward) <= LARGEST_REWARD:
        raise ValueError(f"{name} is {value!r:.80}; give a finite number, at most 1e100 either way")
    return reward


def read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The same array, closed for writing."""
    array.flags.writeable = False
    return array
