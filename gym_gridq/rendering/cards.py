"""Cards: text that lies on the picture in a window: its keys, a notice, the Bellman backup of a cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pygame

from gym_gridq.drawing import Language
from gym_gridq.layout import Action
from gym_gridq.rendering import palette
from gym_gridq.rendering.canvas import label
from gym_gridq.rendering.language import translated
from gym_gridq.rendering.numerals import plain, written
from gym_gridq.rendering.overlay import Overlay

if TYPE_CHECKING:
    from gym_gridq.dynamics import Dynamics

__all__ = ["Explanation", "draw_card", "draw_notice", "explained_backup"]

Explanation = tuple[str, list[tuple[str, str]]]
"""A title, and rows of a name and what it is."""

_LARGEST, _SMALLEST = 20, 11
_INKS = palette.AGENT, palette.INK


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


def explained_backup(
    dynamics: Dynamics, overlay: Overlay, state: int, language: Language = "en"
) -> Explanation:
    """What the Bellman optimality equation makes of an overlay's values in a cell (Sutton & Barto, eq. 3.20).

    Each row is an action: its present value, and ``sum over outcomes of p * (r + discount * v(s'))``, where
    v(s') is the value shown of the next state, or the best of its Q-values. An overlay without Q-values has
    no present values of actions; there the sum is all there is to know of them (equation 4.6).

    Args:
        dynamics: the world.
        overlay: the values before the backup, and the discount.
        state: the cell.
        language: of the words.
    """
    discount, q_values, values = overlay.discount, overlay.q_values, overlay.state_values
    assert values is not None
    title = translated("cell ({}, {}), state {}, discount {:g}", language)
    title = title.format(*dynamics.layout.position(state), state, discount)
    if dynamics.absorbing[state]:
        is_wall = dynamics.layout.wall[state]
        why = "0: the cell is a wall" if is_wall else "0: the cell is terminal"
        return title, [("Q", translated(why, language))]

    def number(value: float) -> str:
        return written(np.array([value]), 1.0)[0]

    rows, word = [], translated("backup", language)
    for action in Action:
        terms, backup = [], 0.0
        outcomes = dynamics.outcomes(state, action)
        for probability, next_state, reward, terminated in outcomes:
            best = 0.0 if terminated else float(values[next_state])
            backup += probability * (reward + discount * best)
            term = plain(reward) if terminated else f"{plain(reward)} + {discount:g} · {number(best)}"
            terms.append(term if len(outcomes) == 1 else f"{probability:g} ({term})")
        sum_of_terms = " + ".join(terms)
        backed_up = number(backup)
        value = backed_up if q_values is None else number(float(q_values[state, action]))
        is_a_sum = sum_of_terms != plain(backup)
        rows.append(
            (
                f"Q({translated(action.name.lower(), language)}) = {value}",
                f"{word}  {sum_of_terms} = {backed_up}" if is_a_sum else f"{word}  {backed_up}",
            )
        )
    return title, rows
