"""Layers: Q-triangles, heat map, arrows, legend and status line, drawn on top of a board."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pygame

from gym_gridq.layout import Action
from gym_gridq.rendering import palette, sprites
from gym_gridq.rendering.board import place
from gym_gridq.rendering.canvas import fill, matched
from gym_gridq.rendering.geometry import Geometry
from gym_gridq.rendering.labels import label
from gym_gridq.rendering.numerals import decimals_at, signed, written
from gym_gridq.rendering.overlay import NOTHING, Overlay

__all__ = ["LIFT", "draw_overlay", "draw_status"]

_SMALLEST_NUMBERED_Q = 46
_SMALLEST_NUMBERED_V = 22
"""Cells smaller than this, in pixels, show colours and arrows alone: their numbers could not be read."""

LIFT = 0.08
"""How far above the middle things stand in a cell with its value below, as a share of its side."""

_RIM = {"P": palette.BAD, "S": palette.WALL}
"""Cells whose picture the values cover keep a rim, so that they are still known."""


def draw_overlay(
    surface: pygame.Surface, geometry: Geometry, overlay: Overlay, before: Overlay = NOTHING
) -> None:
    """Draws the values and arrows of every cell that is neither wall nor terminal, and the legend.

    Args:
        surface: the board.
        geometry: where everything stands on it.
        overlay: what to draw.
        before: what is drawn on it already; Q-values that look the same are not drawn again.
    """
    states = geometry.layout.free_states
    if overlay.q_values is not None:
        scale = palette.scale_of(overlay.q_values[states])
        states = states[_looks_new(overlay, before, states, scale)]
        _draw_q_values(surface, geometry, overlay.q_values[states], states, scale)
        _draw_legend(surface, geometry, scale)
    elif overlay.values is not None:
        scale = palette.scale_of(overlay.values[states])
        _draw_values(surface, geometry, overlay.values[states], states, scale)
        _draw_legend(surface, geometry, scale)
    if overlay.has_numbers:
        _draw_rims(surface, geometry, states)
    if overlay.arrows is not None:
        _draw_arrows(surface, geometry, overlay, overlay.arrows, states)


def draw_status(surface: pygame.Surface, geometry: Geometry, status: tuple[tuple[str, str], ...]) -> None:
    """Draws the strip below the board: labels above, values below, as many columns as there is room for."""
    left, top = geometry.gutter, geometry.gutter + geometry.board_size[1]
    room, height = geometry.board_size[0], geometry.status_height
    fill(surface, palette.PAPER, pygame.Rect(0, top + 1, geometry.width, height - 1))
    columns = [
        (label(name, round(height * 0.33), palette.FAINT_INK), label(text, round(height * 0.42), palette.INK))
        for name, text in status
    ]
    widths = [max(name.get_width(), text.get_width()) for name, text in columns]
    narrowest_gap = height // 5
    while len(widths) > 1 and sum(widths) + narrowest_gap * (len(widths) - 1) > room:
        widths.pop()
    gap = min((room - sum(widths)) // max(len(widths) - 1, 1), height)
    for (name, text), width in zip(columns, widths, strict=False):
        surface.blit(name, (left, top + round(height * 0.18)))
        surface.blit(text, (left, top + round(height * 0.48)))
        left += width + gap


def _looks_new(
    overlay: Overlay, before: Overlay, states: npt.NDArray[np.int64], scale: float
) -> npt.NDArray[np.bool_]:
    """Which cells look different from before in colour, number or arrow, (N,)."""
    if before.q_values is None or palette.scale_of(before.q_values[states]) != scale:
        return np.ones(len(states), dtype=bool)
    assert overlay.q_values is not None
    assert overlay.arrows is not None
    assert before.arrows is not None
    now, then = overlay.q_values[states], before.q_values[states]  # (N, A)
    if (np.abs(now - then).max(axis=1) > scale / 50).all():  # plainly so, without a closer look
        return np.ones(len(states), dtype=bool)
    decimals = decimals_at(scale)
    new: npt.NDArray[np.bool_] = (
        (np.round(now, decimals) != np.round(then, decimals))
        | (palette.shade(now, scale) != palette.shade(then, scale))
        | (overlay.arrows[states] != before.arrows[states])
    ).any(axis=1)
    return new


def _draw_q_values(
    surface: pygame.Surface,
    geometry: Geometry,
    q_values: npt.NDArray[np.float64],
    states: npt.NDArray[np.int64],
    scale: float,
) -> None:
    size = geometry.cell_size
    colours = palette.diverging(q_values, scale)  # (N, A, 3)
    for state, (up, down, to_left, to_right) in zip(states.tolist(), colours.tolist(), strict=True):
        left, top = geometry.corners[state]
        right, bottom, middle = left + size - 1, top + size - 1, geometry.centres[state]
        pygame.draw.polygon(surface, up, ((left, top), (right, top), middle))
        pygame.draw.polygon(surface, down, ((right, bottom), (left, bottom), middle))
        pygame.draw.polygon(surface, to_left, ((left, bottom), (left, top), middle))
        pygame.draw.polygon(surface, to_right, ((right, top), (right, bottom), middle))
        pygame.draw.line(surface, palette.LINE, (left, top), (right, bottom))
        pygame.draw.line(surface, palette.LINE, (left, bottom), (right, top))
        pygame.draw.rect(surface, palette.LINE, (left, top, size, size), width=1)
    if size >= _SMALLEST_NUMBERED_Q:
        _draw_q_numbers(surface, geometry, q_values, states, colours, scale)


def _draw_q_numbers(
    surface: pygame.Surface,
    geometry: Geometry,
    q_values: npt.NDArray[np.float64],
    states: npt.NDArray[np.int64],
    colours: npt.NDArray[np.uint8],
    scale: float,
) -> None:
    size, edge = geometry.cell_size, geometry.cell_size // 20
    height = min(max(round(size * 0.165), 12), 26)
    inks = [palette.WHITE if white else palette.INK for white in palette.wants_white_ink(colours).flat]
    texts = written(q_values, scale, tight=size < 76)
    labels = iter([label(text, height, ink) for text, ink in zip(texts, inks, strict=True)])
    stamps: list[tuple[pygame.Surface, tuple[int, int]]] = []
    for state in states.tolist():
        (left, top), (x, y) = geometry.corners[state], geometry.centres[state]
        up, down, to_left, to_right = next(labels), next(labels), next(labels), next(labels)
        tall = up.get_height()
        stamps += (
            (up, (x - up.get_width() // 2, top + edge)),
            (down, (x - down.get_width() // 2, top + size - edge - tall)),
            (to_left, (left + edge, y - tall // 2)),
            (to_right, (left + size - edge - to_right.get_width(), y - tall // 2)),
        )
    surface.fblits(stamps)


def _draw_values(
    surface: pygame.Surface,
    geometry: Geometry,
    values: npt.NDArray[np.float64],
    states: npt.NDArray[np.int64],
    scale: float,
) -> None:
    size = geometry.cell_size
    height = min(max(round(size * 0.22), 11), 30)
    colours = palette.diverging(values, scale)  # (N, 3)
    white_ink = palette.wants_white_ink(colours)
    texts = written(values, scale, tight=size < 40)
    for state, colour, text, white in zip(states.tolist(), colours.tolist(), texts, white_ink, strict=True):
        rect = pygame.Rect(geometry.corners[state], (size, size))
        fill(surface, colour, rect)
        pygame.draw.rect(surface, palette.LINE, rect, width=1)
        if size >= _SMALLEST_NUMBERED_V:
            number = label(text, height, palette.WHITE if white else palette.INK)
            place(surface, number, (rect.centerx, rect.bottom - round(size * 0.17)))


def _draw_rims(surface: pygame.Surface, geometry: Geometry, states: npt.NDArray[np.int64]) -> None:
    size, letters = geometry.cell_size, "".join(geometry.layout.rows)
    for state in states.tolist():
        colour = _RIM.get(letters[state])
        if colour is not None:
            rect = pygame.Rect(geometry.corners[state], (size, size))
            pygame.draw.rect(surface, colour, rect, width=max(size // 28, 1))


def _draw_arrows(
    surface: pygame.Surface,
    geometry: Geometry,
    overlay: Overlay,
    arrows: npt.NDArray[np.bool_],
    states: npt.NDArray[np.int64],
) -> None:
    size = geometry.cell_size
    among_numbers = overlay.q_values is not None and size >= _SMALLEST_NUMBERED_Q
    side = round(size * (0.42 if among_numbers else 0.74))
    lift = 0 if overlay.values is None else round(size * LIFT)
    stamps = []
    for state in states.tolist():
        x, y = geometry.centres[state]
        at = x - side // 2, y - side // 2 - lift
        stamps += [
            (sprites.arrow(side, action), at)
            for action, drawn in zip(Action, arrows[state].tolist(), strict=True)
            if drawn
        ]
    surface.fblits(stamps)


def _draw_legend(surface: pygame.Surface, geometry: Geometry, scale: float) -> None:
    """What the colours mean, in the gutter to the right."""
    gutter, (width, height) = geometry.gutter, geometry.board_size
    if gutter >= 22:
        surface.blit(_legend(gutter - 1, height, scale), (gutter + width + 1, gutter))


@lru_cache(maxsize=64)
def _legend(width: int, height: int, scale: float) -> pygame.Surface:
    """All colours, the highest value on top, between the two ends of the scale."""
    legend = pygame.Surface((width, height))
    legend.fill(palette.PAPER)
    bar = pygame.Rect(0, 0, width // 5, min(height * 2 // 3, 260))
    bar.center = legend.get_rect().center
    for y, colour in enumerate(palette.diverging(np.linspace(1.0, -1.0, bar.height), 1.0).tolist()):
        pygame.draw.line(legend, colour, (bar.left, bar.top + y), (bar.right - 1, bar.top + y))
    pygame.draw.rect(legend, palette.LINE, bar, width=1)
    text_height = width // 2
    for end, y in ((scale, bar.top - text_height), (-scale, bar.bottom + text_height)):
        place(legend, label(signed(end), text_height, palette.FAINT_INK), (bar.centerx, y))
    return matched(legend)
