"""Panels: what a window adds to a picture, cards of text, a bar at its foot, and live curves beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pygame

from gym_gridq.drawing import Language
from gym_gridq.rendering import palette
from gym_gridq.rendering.canvas import label
from gym_gridq.rendering.language import translated
from gym_gridq.rendering.numerals import status_text

__all__ = ["BAR_HEIGHT", "Curve", "draw_bar", "draw_curves", "fitted_card"]

BAR_HEIGHT = 28
"""Height of the bar at the foot of a window, in pixels."""

_LARGEST, _SMALLEST = 22, 12
"""Heights of the font on a card, in pixels."""

_HINT = "H: keys, Esc: close"

_INKS = palette.AGENT, palette.INK

_CURVE_TEXT = 17
_TICK_TEXT = 15
"""Heights of the fonts beside curves, in pixels."""


class Curve(NamedTuple):
    """Numbers over the steps of a training.

    Attributes:
        points: ``(N, 2)``, step and value, in order; a value that is NaN counts for nothing.
        level: value that they ought to reach, if it is known.
    """

    points: npt.ArrayLike
    level: float | None = None


def _card(title: str, rows: Sequence[tuple[str, str]], height: int, language: Language) -> pygame.Surface:
    """A card with two columns, in a font of a height. What is ours of its texts is translated."""
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
    surface = pygame.Surface((width, line * (len(table) + 1) + 2 * gap), pygame.SRCALPHA)
    pygame.draw.rect(surface, palette.PAPER, surface.get_rect(), border_radius=height // 2)
    pygame.draw.rect(surface, palette.AGENT, surface.get_rect(), width=2, border_radius=height // 2)
    surface.blit(head, (gap, gap))
    for number, row in enumerate(table, start=1):
        x, y = gap, gap + round(number * line + 0.2 * height)
        for cell, column_width in zip(row, widths, strict=True):
            surface.blit(cell, (x, y))
            x += column_width + gap
    return surface


def fitted_card(
    title: str,
    rows: Sequence[tuple[str, str]],
    room: tuple[int, int],
    language: Language,
    largest: int = _LARGEST,
) -> pygame.Surface:
    """The largest card that fits into a ``(width, height)``, or the smallest there is.

    Args:
        title: first line.
        rows: names, and what they are.
        room: for the card, in pixels.
        language: of the words.
        largest: height of the font, in pixels.
    """
    for height in range(largest, _SMALLEST - 1, -1):
        card = _card(title, rows, height, language)
        if card.get_width() <= room[0] and card.get_height() <= room[1]:
            break
    return card


def draw_bar(
    surface: pygame.Surface, rect: pygame.Rect, notice: tuple[str, tuple[Any, ...]] | None, language: Language
) -> None:
    """Draws the bar: at its right how to see the keys, at its left a notice.

    Args:
        surface: what to draw on.
        rect: where.
        notice: a text, translated, and the values in its braces; or None.
        language: of the words.
    """
    surface.fill(palette.PAPER, rect)
    pygame.draw.line(surface, palette.LINE, rect.topleft, rect.topright)
    height = 16
    text = label(translated(_HINT, language), height, palette.FAINT_INK, language)
    surface.blit(text, text.get_rect(midright=(rect.right - 8, rect.centery)))
    if notice is None:
        return
    room = rect.width - text.get_width() - 40
    said = translated(notice[0], language).format(*notice[1])
    line = label(said, height, palette.WHITE, language)
    while line.get_width() > room and height > _SMALLEST:
        height -= 1
        line = label(said, height, palette.WHITE, language)
    pill = pygame.Rect(4, rect.top + 3, min(line.get_width(), max(room, 0)) + 18, rect.height - 5)
    pygame.draw.rect(surface, palette.AGENT, pill, border_radius=pill.height // 2)
    middle = (line.get_height() - pill.height) // 2
    surface.blit(line, (pill.left + 9, pill.top), (0, middle, pill.width - 18, pill.height))


def draw_curves(
    surface: pygame.Surface,
    rect: pygame.Rect,
    curves: Mapping[str, Curve],
    language: Language = "en",
) -> None:
    """Draws curves below one another over the same steps, each with its name, its last value and its range.

    Args:
        surface: what to draw on.
        rect: where.
        curves: by name.
        language: of the names.
    """
    surface.fill(palette.PAPER, rect)
    tables = [np.asarray(curve.points, dtype=np.float64).reshape(-1, 2) for curve in curves.values()]
    last = max((float(table[-1, 0]) for table in tables if len(table)), default=1.0) or 1.0
    axis = _TICK_TEXT + 8
    tall = (rect.height - axis) // max(len(curves), 1)
    chart = rect
    for number, ((name, curve), table) in enumerate(zip(curves.items(), tables, strict=True)):
        part = pygame.Rect(rect.left, rect.top + tall * number, rect.width, tall).inflate(-16, -10)
        title = label(translated(name, language), _CURVE_TEXT, palette.INK, language)
        chart = _draw_curve(surface, part, title, table, curve.level, last)
    step = label(
        f"{translated('step', language)} {status_text(round(last))}", _TICK_TEXT, palette.FAINT_INK, language
    )
    y = rect.bottom - axis + _TICK_TEXT // 2
    zero = label("0", _TICK_TEXT, palette.FAINT_INK)
    surface.blit(zero, zero.get_rect(midleft=(chart.left, y)))
    surface.blit(step, step.get_rect(midright=(chart.right, y)))


def _draw_curve(
    surface: pygame.Surface,
    rect: pygame.Rect,
    title: pygame.Surface,
    table: npt.NDArray[np.float64],
    level: float | None,
    last: float,
) -> pygame.Rect:
    """Draws one of them; where its chart stands."""
    margin = label(status_text(-0.00123), _TICK_TEXT, palette.FAINT_INK).get_width() + 6
    chart = pygame.Rect(rect.left, rect.top + _CURVE_TEXT + 6, rect.width, rect.height - _CURVE_TEXT - 6)
    chart.width, chart.left = chart.width - margin, chart.left + margin
    surface.blit(title, (rect.left, rect.top))
    pygame.draw.rect(surface, palette.FLOOR, chart)
    pygame.draw.rect(surface, palette.LINE, chart, width=1)
    steps, values = _binned(table[np.isfinite(table[:, 1])], max(chart.width // 2, 2)).T
    if not len(values):
        return chart
    said = status_text(float(values[-1]))
    said = said if level is None else f"{said} / {status_text(level)}"
    now = label(said, _CURVE_TEXT + 1, palette.AGENT)
    surface.blit(now, now.get_rect(topright=(rect.right, rect.top - 1)))
    seen = values if level is None else np.append(values, level)
    low, high = float(seen.min()), float(seen.max())
    positive = float(seen[seen > 0].min(initial=np.inf))
    by_ratios = low >= 0 and high > 100 * positive  # a loss falls through orders of magnitude
    ends = (positive, high) if by_ratios else (low, high)

    def height_of(value: npt.ArrayLike) -> npt.NDArray[np.float64]:
        known = np.array([*ends, *np.atleast_1d(value)])
        bottom, top, *shares = np.log(known.clip(min=positive)) if by_ratios else known
        above: npt.NDArray[np.float64] = (np.array(shares) - bottom) / (top - bottom or 1.0)
        return chart.bottom - 5 - above * (chart.height - 10)

    if level is not None:
        y = round(float(height_of(level)[0]))
        for x in range(chart.left + 2, chart.right - 4, 9):
            pygame.draw.line(surface, palette.FAINT_INK, (x, y), (x + 4, y))
    x = chart.left + 3 + steps / last * (chart.width - 8)
    points = np.column_stack((x, height_of(values))).tolist()
    if len(points) > 1:
        pygame.draw.aalines(surface, palette.GOOD, False, points)
    pygame.draw.circle(surface, palette.AGENT, points[-1], 3)
    for value, y in ((ends[1], chart.top + _TICK_TEXT // 2), (ends[0], chart.bottom - _TICK_TEXT // 2)):
        tick = label(status_text(value), _TICK_TEXT, palette.FAINT_INK)
        surface.blit(tick, tick.get_rect(midright=(chart.left - 5, y)))
    return chart


def _binned(table: npt.NDArray[np.float64], most: int) -> npt.NDArray[np.float64]:
    """At most so many rows, ``(n, 2)``, each the mean of neighbours."""
    if len(table) <= most:
        return table
    starts = np.linspace(0, len(table), most, endpoint=False).astype(np.intp)
    counts = np.diff(np.append(starts, len(table)))
    means: npt.NDArray[np.float64] = np.add.reduceat(table, starts) / counts[:, None]
    return means
