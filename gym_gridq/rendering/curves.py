"""Curves: small live charts beside the board."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pygame

from gym_gridq.drawing import Language
from gym_gridq.rendering import palette
from gym_gridq.rendering.canvas import label
from gym_gridq.rendering.language import translated
from gym_gridq.rendering.numerals import status_text

__all__ = ["draw_curves"]

_HEIGHT = 15
"""Of the font, in pixels."""


def draw_curves(
    surface: pygame.Surface,
    rect: pygame.Rect,
    curves: Mapping[str, npt.ArrayLike],
    language: Language = "en",
) -> None:
    """Draws series below one another, each with its name, its last value and its range.

    Args:
        surface: what to draw on.
        rect: where.
        curves: numbers in order, by name; NaN leaves a gap.
        language: of the names.
    """
    surface.fill(palette.PAPER, rect)
    for number, (name, series) in enumerate(curves.items()):
        part = pygame.Rect(
            rect.left, rect.top + rect.height * number // len(curves), rect.width, rect.height // len(curves)
        )
        title = label(translated(name, language), _HEIGHT, palette.FAINT_INK, language)
        _draw_curve(surface, part.inflate(-12, -12), title, np.asarray(series, dtype=np.float64))


def _draw_curve(
    surface: pygame.Surface, rect: pygame.Rect, title: pygame.Surface, series: npt.NDArray[np.float64]
) -> None:
    height = _HEIGHT
    surface.blit(title, rect)
    chart = pygame.Rect(rect.left, rect.top + height + 4, rect.width, rect.height - height - 4)
    pygame.draw.rect(surface, palette.FLOOR, chart)
    pygame.draw.rect(surface, palette.LINE, chart, width=1)
    means = _binned(series, chart.width // 2)
    known = means[np.isfinite(means)]
    if not len(known):
        return
    now = label(status_text(float(known[-1])), height + 2, palette.INK)
    surface.blit(now, now.get_rect(topright=(rect.right, rect.top - 1)))
    low, high = float(known.min()), float(known.max())
    ends = low, high
    if low > 0 and high / low > 100:  # a loss falls through orders of magnitude
        means, low, high = np.log(means), np.log(low), np.log(high)
    span = high - low or 1.0
    x = np.linspace(chart.left + 3, chart.right - 4, len(means))
    y = chart.bottom - 4 - (means - low) / span * (chart.height - 8)
    points = np.column_stack((x, y))[np.isfinite(y)].tolist()
    if len(points) > 1:
        pygame.draw.aalines(surface, palette.GOOD, False, points)
        pygame.draw.circle(surface, palette.AGENT, points[-1], 3)
    for value, top in ((ends[1], chart.top + 3), (ends[0], chart.bottom - height + 1)):
        surface.blit(label(status_text(value), height - 3, palette.FAINT_INK), (chart.left + 4, top))


def _binned(series: npt.NDArray[np.float64], most: int) -> npt.NDArray[np.float64]:
    """A series of at most so many means of neighbours; NaN counts for nothing."""
    if len(series) <= most:
        return series
    starts = np.linspace(0, len(series), most, endpoint=False).astype(np.intp)
    known = np.isfinite(series)
    sums = np.add.reduceat(np.where(known, series, 0.0), starts)
    counts = np.add.reduceat(known.astype(np.float64), starts)
    means = np.full(most, np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return means
