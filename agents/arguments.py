"""What callers give and people type, numbers and names, checked once. NumPy's integers are integers."""

from __future__ import annotations

import difflib
import operator
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

__all__ = [
    "as_integer",
    "checked_count",
    "checked_ending",
    "checked_seed",
    "nearest",
    "read_integer",
    "suggestion",
]


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


def checked_ending(path: str | os.PathLike[str], endings: Sequence[str]) -> str:
    """The ending of a file's name, in small letters.

    Raises:
        ValueError: if it is none of ``endings``.
    """
    ending = Path(path).suffix.lower()
    if ending not in endings:
        raise ValueError(f"{os.fspath(path)!r} ends in none of {', '.join(endings)}; choose one of them")
    return ending


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


def read_integer(text: str) -> int:
    """The integer that a person types, ``1e3`` and ``1_000`` too.

    Raises:
        ValueError: for anything else.
    """
    try:
        return int(text)
    except ValueError:
        value = float(text)
        if not value.is_integer():
            raise
        return int(value)


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The known name that an unknown one is near to, if there is one. Dashes in front make no two alike."""
    bare = {each.lstrip("-").lower(): each for each in names}
    near = difflib.get_close_matches(str(name).lstrip("-").lower(), bare, n=1, cutoff=0.65)
    return bare[near[0]] if near else None


def suggestion(name: str, names: Iterable[str]) -> str:
    """What to say after an unknown name: the nearest known one, or all of them."""
    names = sorted(names)
    near = nearest(name, names)
    if near is not None:
        return f"did you mean {near!r}?"
    return f"choose from {', '.join(names)}" if names else "there are none to choose from"
