"""The strip below a picture: labels above, values below, in columns of which the changed ones are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pygame

from gym_gridq.drawing import Language
from gym_gridq.rendering import palette
from gym_gridq.rendering.canvas import fill, label
from gym_gridq.rendering.language import translated

__all__ = ["Column", "columns_of", "draw_columns"]


class Column(NamedTuple):
    """A label and its value, as pictures.

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
    """As many columns as a strip has room for.

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
    """Draws columns on paper.

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
