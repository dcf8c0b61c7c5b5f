"""Panels of text around a picture: the strip of its status, cards over it, the bar at a window's foot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pygame

from gym_gridq.drawing import Language
from gym_gridq.rendering import palette
from gym_gridq.rendering.canvas import fill, label
from gym_gridq.rendering.language import translated

__all__ = ["BAR_HEIGHT", "Column", "columns_of", "draw_bar", "draw_columns", "fitted_card"]

BAR_HEIGHT = 28
"""Height of the bar at the foot of a window, in pixels."""

_LARGEST, _SMALLEST = 22, 12
"""Heights of the font on a card, in pixels."""

_HINT = "H: keys, Esc: close"

_INKS = palette.AGENT, palette.INK


class Column(NamedTuple):
    """A label of the status and its value, as pictures; they stand one above the other.

    Attributes:
        left: where it begins, in pixels.
        width: of the wider of the two.
        name: the label.
        text: the value.
    """

    left: int
    width: int
    name: pygame.Surface
    text: pygame.Surface


def columns_of(strip: pygame.Rect, status: tuple[tuple[str, str], ...], language: Language) -> list[Column]:
    """The status in as many columns as a strip has room for.

    Args:
        strip: where they are to stand.
        status: pairs of label, translated, and text, in order.
        language: of the words.
    """
    left, _, room, height = strip
    pictures = [
        (
            label(translated(name, language), round(height * 0.33), palette.FAINT_INK, language),
            label(text, round(height * 0.42), palette.INK, language),
        )
        for name, text in status
    ]
    widths = [max(name.get_width(), text.get_width()) for name, text in pictures]
    narrowest_gap = height // 5
    while len(widths) > 1 and sum(widths) + narrowest_gap * (len(widths) - 1) > room:
        widths.pop()
    gap = min((room - sum(widths)) // max(len(widths) - 1, 1), height)
    columns = []
    for (name, text), width in zip(pictures, widths, strict=False):
        columns.append(Column(left, width, name, text))
        left += width + gap
    return columns


def draw_columns(
    surface: pygame.Surface, strip: pygame.Rect, columns: Sequence[Column], before: Sequence[Column] = ()
) -> None:
    """Draws columns of the status on paper, those that have changed.

    Args:
        surface: what to draw on.
        strip: where.
        columns: what to draw there.
        before: what stands there, in whose place they come.
    """
    top, height = strip.top, strip.height
    middle = round(height * 0.48)
    for column in before:
        if column not in columns:
            fill(surface, palette.PAPER, pygame.Rect(column.left, top + 1, column.width, height - 1))
    for column in columns:
        if column not in before:
            left, _, name, text = column
            surface.blit(name, (left, top + min(round(height * 0.18), middle - name.get_height())))
            surface.blit(text, (left, top + middle))


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
