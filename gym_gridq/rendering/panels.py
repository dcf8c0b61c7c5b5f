"""Panels: what a window adds to a picture, cards of text that lie on it and live curves beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pygame

from gym_gridq.drawing import Language
from gym_gridq.rendering import palette
from gym_gridq.rendering.canvas import label
from gym_gridq.rendering.language import translated
from gym_gridq.rendering.numerals import status_text

__all__ = ["draw_card", "draw_curves", "draw_notice"]

_LARGEST, _SMALLEST = 20, 11
_INKS = palette.AGENT, palette.INK

_CURVE_TEXT = 15
"""Height of the font beside curves, in pixels."""


def draw_card(
    surface: pygame.Surface,
    title: str,
    rows: Sequence[tuple[str, str]],
    beside: int | None = None,
    language: Language = "en",
) -> None:
    """Draws a card with two columns, as large as it fits. What is ours of its texts is translated.

    Args:
        surface: what to draw on.
        title: first line.
        rows: names, and what they are.
        beside: height, in pixels, that the card leaves in sight where it can; None puts it in the middle.
        language: of the words.
    """
    for height in range(_LARGEST, _SMALLEST - 1, -1):
        table = [
            [
                label(translated(text, language), height, ink, language)
                for text, ink in zip(row, _INKS, strict=True)
            ]
            for row in rows
        ]
        head, gap = label(translated(title, language), height + 2, palette.INK, language), height
        widths = [max(cell.get_width() for cell in column) for column in zip(*table, strict=True)]
        line = round(1.35 * height)
        width = max(sum(widths) + gap * (len(widths) - 1), head.get_width()) + 2 * gap
        tall = line * (len(table) + 1) + 2 * gap
        if width <= surface.get_width() - 8 and tall <= surface.get_height() - 8:
            break
    card = pygame.Rect(0, 0, width, tall)
    card.center = surface.get_rect().center
    if beside is not None:
        below = beside < surface.get_height() / 2
        card.top = surface.get_height() - tall - 4 if below else 4
    pygame.draw.rect(surface, palette.PAPER, card, border_radius=height // 2)
    pygame.draw.rect(surface, palette.AGENT, card, width=2, border_radius=height // 2)
    surface.blit(head, (card.left + gap, card.top + gap))
    for number, row in enumerate(table, start=1):
        x, y = card.left + gap, card.top + gap + round(number * line + 0.2 * height)
        for cell, column_width in zip(row, widths, strict=True):
            surface.blit(cell, (x, y))
            x += column_width + gap


def draw_notice(
    surface: pygame.Surface, text: str, values: tuple[Any, ...] = (), language: Language = "en"
) -> None:
    """Draws a line at the upper edge: a text, translated, with values in its braces."""
    line = label(translated(text, language).format(*values), 17, palette.WHITE, language)
    pill = line.get_rect().inflate(18, 8)
    pill.midtop = (surface.get_width() // 2, 3)
    pygame.draw.rect(surface, palette.AGENT, pill, border_radius=pill.height // 2)
    surface.blit(line, line.get_rect(center=pill.center))


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
        title = label(translated(name, language), _CURVE_TEXT, palette.FAINT_INK, language)
        _draw_curve(surface, part.inflate(-12, -12), title, np.asarray(series, dtype=np.float64))


def _draw_curve(
    surface: pygame.Surface, rect: pygame.Rect, title: pygame.Surface, series: npt.NDArray[np.float64]
) -> None:
    height = _CURVE_TEXT
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
