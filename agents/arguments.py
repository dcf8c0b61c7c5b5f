"""Numbers that callers give, checked once for all who take them. NumPy's integers are integers."""

from __future__ import annotations

import operator
from typing import Any

__all__ = ["checked_count", "checked_seed"]


def checked_count(name: str, value: Any) -> int:
    """An integer from 1 up.

    Raises:
        ValueError: for anything else; ``name`` is what the message calls it.
    """
    return _integer(value, 1, f"{name} is {value!r}; give an integer from 1 up")


def checked_seed(value: Any) -> int | None:
    """An integer from 0 up, or None.

    Raises:
        ValueError: for anything else.
    """
    return (
        None
        if value is None
        else _integer(value, 0, f"seed is {value!r}; give an integer from 0 up, or None")
    )


def _integer(value: Any, low: int, complaint: str) -> int:
    try:
        integer = operator.index(value)
    except TypeError:
        raise ValueError(complaint) from None
    if isinstance(value, bool) or integer < low:
        raise ValueError(complaint)
    return integer
