"""Cards: text that lies on the picture in a window, such as its keys or a calculation."""

from __future__ import annotations

from collections.abc import Sequence

import pygame

from gym_gridq.rendering import palette
from gym_gridq.rendering.labels import label
from gym_gridq.rendering.language import Language

__all__ = ["draw_card", "draw_notice"]

_LARGEST, _SMALLEST = 20, 11
_INKS = palette.AGENT, palette.INK


def draw_card(
    surface: pygame.Surface,
    title: str,
    rows: Sequence[tuple[str, str]],
    beside: int | None = None,
    language: Language = "en",
) -> None:
    """Draws a card with two columns, as large as it fits.

    Args:
        surface: what to draw on.
        title: first line.
        rows: names, and what they are.
        beside: height, in pixels, that the card leaves in sight where it can; None puts it in the middle.
        language: of the words.
    """
    for height in range(_LARGEST, _SMALLEST - 1, -1):
        table = [
            [label(text, height, ink, language) for text, ink in zip(row, _INKS, strict=True)] for row in rows
        ]
        head, gap = label(title, height + 2, palette.INK, language), height
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


def draw_notice(surface: pygame.Surface, text: str, language: Language = "en") -> None:
    """Draws a line at the upper edge."""
    line = label(text, 17, palette.WHITE, language)
    pill = line.get_rect().inflate(18, 8)
    pill.midtop = (surface.get_width() // 2, 3)
    pygame.draw.rect(surface, palette.AGENT, pill, border_radius=pill.height // 2)
    surface.blit(line, line.get_rect(center=pill.center))
