"""Layers of a picture: bare board, heat map, arrows, legend. The Q-values are `triangles`."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pygame

from gym_gridq.drawing import Language
from gym_gridq.layout import Action, Layout
from gym_gridq.rendering import palette, sprites
from gym_gridq.rendering.canvas import fill, label, matched, place
from gym_gridq.rendering.geometry import Geometry
from gym_gridq.rendering.language import translated
from gym_gridq.rendering.numerals import signed, written
from gym_gridq.rendering.palette import Colour

__all__ = [
    "draw_arrows",
    "draw_board",
    "draw_cell",
    "draw_legend",
    "draw_values",
    "marks_of",
    "rim_of",
    "rim_width",
]

_SMALLEST_NUMBERED = 30
"""Cells smaller than this, in pixels, show colours alone: a number could not be read."""

_LIFT = 0.12
"""How far above the middle arrows stand in a cell with its value below, as a share of its side."""

_SMALLEST_NAMED = 40
"""Cells smaller than this, in pixels, have no room for the word of a start below its arrows."""

_SMALLEST_MARKED = 46
"""Cells smaller than this, in pixels, have no room for a mark beside what covers them."""

_TINT = {"G": palette.GOOD_TINT, "P": palette.BAD_TINT, "H": palette.HOLE_TINT}

_RIM = {"P": palette.BAD, "S": palette.WALL}
"""Cells whose picture the values cover keep a rim, so that they are still known."""


def rim_of(layout: Layout, state: int) -> Colour | None:
    """The colour of a cell's rim, if it has one."""
    return _RIM.get(str(layout.cells[state]))


def rim_width(cell_size: int) -> int:
    """Width of a rim, in pixels."""
    return max(cell_size // 28, 1)


def marks_of(layout: Layout, state: int, size: int) -> list[tuple[pygame.Surface, tuple[int, int]]]:
    """What still tells of a pit that values cover: its sign and its reward, in the free corners at the right.

    Args:
        layout: the map.
        state: the cell.
        size: side of the cell, in pixels.

    Returns:
        Pictures, and where in the cell their upper left corners go.
    """
    if layout.cells[state] != "P" or size < _SMALLEST_MARKED:
        return []
    icon = sprites.tagged(sprites.hollow(round(size * 0.24), is_pit=True))
    reward = label(signed(layout.rewards["P"]), max(round(size * 0.14), 12), palette.BAD)
    tag, edge = sprites.tagged(reward), rim_width(size) + size // 40
    return [
        (icon, (size - edge - icon.get_width(), edge)),
        (tag, (size - edge - tag.get_width(), size - edge - tag.get_height())),
    ]


def draw_board(surface: pygame.Surface, geometry: Geometry, language: Language) -> None:
    """Draws paper, coordinates and every cell."""
    surface.fill(palette.PAPER)
    _draw_coordinates(surface, geometry)
    for state in range(geometry.layout.n_states):
        draw_cell(surface, geometry, state, language)
    x, y = geometry.corners[0]
    frame = pygame.Rect((x, y), geometry.board_size).inflate(2, 2)
    pygame.draw.rect(surface, palette.WALL, frame, width=1)


def draw_cell(surface: pygame.Surface, geometry: Geometry, state: int, language: Language) -> None:
    """Draws one cell: floor or wall, what lies in it, its reward."""
    size, (x, y) = geometry.cell_size, geometry.corners[state]
    letter = str(geometry.layout.cells[state])
    rect = pygame.Rect(x, y, size, size)
    if letter == "#":
        surface.blit(sprites.bricks(size), rect)
        return
    surface.fill(_TINT.get(letter, palette.FLOOR), rect)
    pygame.draw.rect(surface, palette.LINE, rect, width=1)
    icon = round(size * 0.56)
    if letter == "G":
        place(surface, sprites.flag(icon), rect.center)
    elif letter in "PH":
        place(surface, sprites.hollow(icon, is_pit=letter == "P"), rect.center)
    if letter in "GPH" and size >= 40:
        reward = geometry.layout.rewards[letter]
        colour = palette.GOOD if reward > 0 else palette.BAD if reward < 0 else palette.FAINT_INK
        text = label(signed(reward), max(round(size * 0.19), 13), colour)
        surface.blit(text, text.get_rect(bottomright=(rect.right - size // 16, rect.bottom - size // 24)))
    elif letter == "S":
        small = size < _SMALLEST_NAMED
        name, height = ("S", 0.6) if small else (translated("START", language), 0.17)
        text = label(name, round(size * height), palette.FAINT_INK, language)
        at = rect.center if small else (rect.centerx, rect.bottom - round(size * 0.12))
        place(surface, text, at)


def _draw_coordinates(surface: pygame.Surface, geometry: Geometry) -> None:
    layout, gutter = geometry.layout, geometry.gutter
    height = round(gutter * 0.62)
    widest = label(str(max(layout.n_rows, layout.n_columns) - 1), height, palette.FAINT_INK).get_width()
    every = -(-(widest + 4) // geometry.cell_size)  # labels of narrow cells would run into one another
    for column in range(0, layout.n_columns, every):
        centre = geometry.centres[column][0], gutter // 2 + 1
        place(surface, label(str(column), height, palette.FAINT_INK), centre)
    for row in range(0, layout.n_rows, every):
        centre = gutter // 2, geometry.centres[row * layout.n_columns][1]
        place(surface, label(str(row), height, palette.FAINT_INK), centre)


def draw_values(
    surface: pygame.Surface, geometry: Geometry, values: npt.NDArray[np.float64], scale: float
) -> None:
    """Draws a heat map of values ``(S,)``, numbered, over every cell that is neither wall nor terminal."""
    size, states = geometry.cell_size, geometry.layout.free_states
    height = min(max(round(size * 0.22), 11), 30)
    shades = palette.shade(values[states], scale)  # (N,)
    colours, white_ink = palette.colours(shades).tolist(), palette.wants_white_ink(shades)
    texts = written(values[states], scale, tight=size < 40)
    for state, colour, text, white in zip(states.tolist(), colours, texts, white_ink, strict=True):
        rect = pygame.Rect(geometry.corners[state], (size, size))
        fill(surface, colour, rect)
        pygame.draw.rect(surface, palette.LINE, rect, width=1)
        if size >= _SMALLEST_NUMBERED:
            number = label(text, height, palette.WHITE if white else palette.INK)
            place(surface, number, (rect.centerx, rect.bottom - round(size * 0.17)))
        rim = rim_of(geometry.layout, state)
        if rim is not None:
            pygame.draw.rect(surface, rim, rect, width=rim_width(size))
            for mark, (x, y) in marks_of(geometry.layout, state, size):
                surface.blit(mark, (rect.left + x, rect.top + y))


def draw_arrows(
    surface: pygame.Surface, geometry: Geometry, arrows: npt.NDArray[np.bool_], lifted: bool
) -> None:
    """Draws the arrows ``(S, A)`` of every cell that is neither wall nor terminal.

    Args:
        surface: the board.
        geometry: where everything stands on it.
        arrows: which actions get one.
        lifted: whether to leave room for a number below.
    """
    size = geometry.cell_size
    lifted = lifted and size >= _SMALLEST_NUMBERED
    side = round(size * (0.56 if lifted else 0.66 if size >= _SMALLEST_NAMED else 0.74))
    lift = round(size * _LIFT) if lifted else 0
    stamps = []
    for state in geometry.layout.free_states.tolist():
        x, y = geometry.centres[state]
        at = x - side // 2, y - side // 2 - lift
        stamps += [
            (sprites.arrow(side, action), at)
            for action, drawn in zip(Action, arrows[state].tolist(), strict=True)
            if drawn
        ]
    surface.fblits(stamps)


def draw_legend(surface: pygame.Surface, geometry: Geometry, scale: float) -> None:
    """Draws what the colours mean, in the gutter to the right."""
    gutter, (width, height) = geometry.gutter, geometry.board_size
    if height >= 80:
        surface.blit(_legend(geometry.legend_width - 1, height, scale), (gutter + width + 1, gutter))


@lru_cache(maxsize=64)
def _legend(width: int, height: int, scale: float) -> pygame.Surface:
    """All colours, the highest value on top, between the two ends of the scale; zero in the middle."""
    legend = pygame.Surface((width, height))
    legend.fill(palette.PAPER)
    ends, text_height = [signed(scale), signed(-scale)], 16
    while max(label(end, text_height, palette.FAINT_INK).get_width() for end in ends) > width - 2:
        text_height -= 1
    bar = pygame.Rect(0, 0, width // 3, min(height - 2 * text_height - 8, 360))
    bar.center = legend.get_rect().center
    for y, colour in enumerate(palette.diverging(np.linspace(1.0, -1.0, bar.height), 1.0).tolist()):
        pygame.draw.line(legend, colour, (bar.left, bar.top + y), (bar.right - 1, bar.top + y))
    pygame.draw.rect(legend, palette.LINE, bar, width=1)
    middle = (text_height + 6) // 2
    for text, y in zip(ends, (bar.top - middle, bar.bottom + middle), strict=True):
        place(legend, label(text, text_height, palette.INK), (width // 2, y))
    place(legend, label("0", text_height, palette.INK), bar.center)
    return matched(legend)
