"""Numbers and arrays as users give them and as the package hands them out. Imports nothing of the package."""

from __future__ import annotations

import math
import operator
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["DISCOUNT", "as_float", "as_integer", "as_reward", "read_only", "restored_generator"]

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


def as_float(value: Any) -> float:
    """The number, or NaN for what is not one (a bool is not)."""
    if isinstance(value, bool | np.bool_ | str | bytes):
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


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


def restored_generator(state: Any) -> np.random.Generator:
    """A generator in a state that `numpy.random.PCG64.state` once gave.

    Raises:
        ValueError: if it is no such state.
    """
    generator = np.random.default_rng(0)
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)  # NumPy 1 only warns of numbers out of range
        try:
            generator.bit_generator.state = state
        except (KeyError, TypeError, ValueError, OverflowError, DeprecationWarning) as error:
            raise ValueError(f"the snapshot holds no state of a NumPy PCG64 generator: {error}") from error
    return generator
