"""Numerals: numbers as short, well set text."""

from __future__ import annotations

import math
from functools import lru_cache
from numbers import Integral, Real
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "MINUS",
    "decimals_at",
    "numeral",
    "plain",
    "printable",
    "rounded",
    "signed",
    "status_text",
    "written",
]

MINUS = "\N{MINUS SIGN}"
"""As wide as a plus, where a hyphen is a speck."""


def written(values: npt.NDArray[np.float64], scale: float, tight: bool = False) -> list[str]:
    """Numbers in as few characters as their map needs, all with equally many decimals: 0.81, 12.3, 240.

    Args:
        values: finite, any shape; taken in C order.
        scale: largest magnitude on the map, which sets the decimals.
        tight: whether to leave out the zero before the point.
    """
    decimals = decimals_at(scale)
    return [numeral(value, decimals, tight) for value in rounded(values, scale).ravel().tolist()]


def decimals_at(scale: float) -> int | None:
    """How many decimals numbers are written with on a map of a scale; None: as 1.2e+04."""
    if scale > 9999:
        return None
    if scale < 0.1:
        return 2 - math.floor(math.log10(scale))
    return 2 - (scale > 10) - (scale > 100)


def rounded(values: npt.NDArray[np.float64], scale: float) -> npt.NDArray[np.float64]:
    """Numbers as exact as they are written; no zero is negative."""
    decimals = decimals_at(scale)
    return values if decimals is None else values.round(decimals) + 0.0


@lru_cache(maxsize=16384)
def numeral(value: float, decimals: int | None, tight: bool) -> str:
    """A rounded number with so many decimals, as `written` writes it."""
    if decimals is None:
        return _set(f"{value:.1e}")
    text = f"{value:.{decimals}f}"
    return _set(text.replace("0.", ".", 1) if tight and abs(value) < 1 else text)


def plain(value: float) -> str:
    """A number as it was given: 1, 0, -0.5."""
    return _set(f"{value:g}")


def signed(value: float) -> str:
    """The same with its sign: +1, 0, -0.5."""
    return f"+{plain(value)}" if value > 0 else plain(value)


def status_text(value: Any) -> str:
    """What a user put into the status line; numbers get three figures, None a dash."""
    if value is None:
        return "-"
    if isinstance(value, Integral):
        return _set(f"{int(value):,}")
    if isinstance(value, Real):
        return _set(f"{float(value):.3g}")
    return printable(str(value))


def printable(text: str) -> str:
    """A text as one line of characters that can be shown; a blank stands for any other."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else " " for character in text)


def _set(number: str) -> str:
    return number.replace("-", MINUS)
