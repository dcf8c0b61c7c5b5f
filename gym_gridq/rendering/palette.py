"""Colours, and what they mean: blue is good, orange is bad, white is zero, violet is the agent.

Blue against orange is told apart with every common form of colour blindness, and both darken away from
white, so that the order survives a black-and-white print. The end points follow the orange-blue family of
Brewer's diverging schemes (https://colorbrewer2.org).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

__all__ = ["AGENT", "Colour", "by_shade", "colours", "diverging", "scale_of", "shade", "wants_white_ink"]

Colour = tuple[int, int, int]

PAPER: Colour = (250, 249, 246)
"""Around the board."""
FLOOR: Colour = (255, 255, 255)
LINE: Colour = (214, 210, 202)
"""Between cells."""
WALL: Colour = (62, 68, 82)
WALL_EDGE: Colour = (86, 94, 112)
INK: Colour = (34, 38, 48)
FAINT_INK: Colour = (128, 130, 136)
"""Coordinates and the labels of the status."""
WHITE: Colour = (255, 255, 255)

AGENT: Colour = (122, 40, 178)
AGENT_EDGE: Colour = (255, 255, 255)
TRAIL: Colour = (150, 84, 200)

GOOD: Colour = (24, 92, 156)
GOOD_TINT: Colour = (222, 236, 248)
BAD: Colour = (184, 78, 14)
BAD_TINT: Colour = (253, 232, 214)
HOLE: Colour = (28, 28, 34)
HOLE_TINT: Colour = (226, 226, 228)

_STOPS: tuple[Colour, ...] = (
    (148, 54, 4),
    (212, 100, 24),
    (246, 166, 96),
    (254, 222, 192),
    (255, 255, 255),
    (214, 230, 245),
    (152, 198, 230),
    (66, 138, 196),
    (10, 68, 136),
)
_STEPS = 512  # colours on either side of zero
_TABLE = np.stack(
    [
        np.interp(np.linspace(-1, 1, 2 * _STEPS + 1), np.linspace(-1, 1, len(_STOPS)), channel)
        for channel in zip(*_STOPS, strict=True)
    ],
    axis=-1,
)
_TABLE = np.rint(_TABLE).astype(np.uint8)  # (2 * _STEPS + 1, 3)
_IS_DARK = _TABLE @ np.array([0.299, 0.587, 0.114]) <= 140  # (2 * _STEPS + 1,), by luma


def scale_of(values: npt.NDArray[np.float64]) -> float:
    """The round number (1, 2 or 5 times a power of ten) at which the colours end for these values.

    A round number seldom changes while values are being learned, so that colours keep their meaning from
    frame to frame.
    """
    largest = float(np.abs(values).max(initial=0.0))
    if largest < 1e-300:
        return 1.0
    power = 10.0 ** math.floor(math.log10(largest))
    # A tenth of slack: values learned a little too high shall not make the colours jump to the next scale.
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if largest <= 1.1 * step * power)


def diverging(values: npt.NDArray[np.float64], scale: float) -> npt.NDArray[np.uint8]:
    """Colours of values: orange below zero, white at zero, blue above; full at ``scale`` and beyond.

    Args:
        values: any shape.
        scale: positive.

    Returns:
        The shape of ``values`` plus ``(3,)``.
    """
    return colours(shade(values, scale))


def shade(values: npt.NDArray[np.float64], scale: float) -> npt.NDArray[np.intp]:
    """Which of the colours values get, as a number that is 0 for white; their shape."""
    bounded = np.minimum(np.maximum(values * (_STEPS / scale), -_STEPS), _STEPS)
    return np.rint(bounded).astype(np.intp)


def colours(shades: npt.NDArray[np.intp]) -> npt.NDArray[np.uint8]:
    """The colours of shades; their shape plus ``(3,)``."""
    found: npt.NDArray[np.uint8] = _TABLE.take(shades + _STEPS, axis=0)
    return found


def wants_white_ink(shades: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """Whether white reads better than dark ink on the colours of shades; their shape."""
    dark: npt.NDArray[np.bool_] = _IS_DARK.take(shades + _STEPS)
    return dark


def by_shade() -> tuple[list[Colour], list[bool]]:
    """The colour of every shade, and whether it wants white ink; those below zero count from the end."""
    shades = np.roll(np.arange(-_STEPS, _STEPS + 1), -_STEPS)  # 0, 1, ..., -2, -1
    found = [(red, green, blue) for red, green, blue in colours(shades).tolist()]
    return found, wants_white_ink(shades).tolist()
