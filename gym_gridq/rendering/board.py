"""Board: what a layout looks like before anything happens on it."""

from __future__ import annotations

import pygame

from gym_gridq.rendering import palette, sprites
from gym_gridq.rendering.geometry import Geometry
from gym_gridq.rendering.labels import label
from gym_gridq.rendering.language import Language, translated
from gym_gridq.rendering.numerals import signed

__all__ = ["draw_board", "place"]

_TINT = {"G": palette.GOOD_TINT, "P": palette.BAD_TINT, "H": palette.HOLE_TINT}


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
    elif letter == "P":
        place(surface, sprites.hollow(icon, palette.BAD, (120, 48, 8), True), rect.center)
    elif letter == "H":
        place(surface, sprites.hollow(icon, (110, 110, 116), palette.HOLE, False), rect.center)
    if letter in "GPH" and size >= 40:
        reward = geometry.layout.rewards[letter]
        colour = palette.GOOD if reward > 0 else palette.BAD if reward < 0 else palette.FAINT_INK
        text = label(signed(reward), max(round(size * 0.19), 13), colour)
        surface.blit(text, text.get_rect(bottomright=(rect.right - size // 16, rect.bottom - size // 24)))
    elif letter == "S":
        small = size < 40
        name, height = ("S", 0.6) if small else (translated("START", language), 0.17)
        text = label(name, round(size * height), palette.FAINT_INK, language)
        at = rect.center if small else (rect.centerx, rect.bottom - round(size * 0.12))
        place(surface, text, at)


def place(surface: pygame.Surface, sprite: pygame.Surface, centre: tuple[int, int]) -> None:
    """Blits a sprite centred on a pixel."""
    width, height = sprite.get_size()
    surface.blit(sprite, (centre[0] - width // 2, centre[1] - height // 2))


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
