"""Numbers that callers give, checked once for all who take them. NumPy's integers are integers."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

__all__ = ["as_integer", "checked_count", "checked_seed"]


def as_integer(value: Any) -> int | None:
    """The integer that a value is, or None: a Boolean, a fraction and a text are not integers."""
    if isinstance(value, bool | np.bool_):
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None


def checked_count(name: str, value: Any) -> int:
    """An integer from 1 up.

    Raises:
        ValueError: for anything else; ``name`` is what the message calls it.
    """
    integer = as_integer(value)
    if integer is None or integer < 1:
        raise ValueError(f"{name} is {value!r}; give an integer from 1 up")
    return integer


def checked_seed(value: Any) -> int | None:
    """An integer from 0 up, or None, which stands for a fresh seed.

    Raises:
        ValueError: for anything else.
    """
    if value is None:
        return None
    integer = as_integer(value)
    if integer is None or integer < 0:
        raise ValueError(f"seed is {value!r}; give an integer from 0 up, or leave it out")
    return integer
