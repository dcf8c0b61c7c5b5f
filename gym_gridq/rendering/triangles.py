"""Triangles: the four Q-values of a cell as coloured triangles, with numbers and greedy arrows."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pygame

from gym_gridq.layout import Action, Layout
from gym_gridq.rendering import palette, sprites
from gym_gridq.rendering.canvas import label
from gym_gridq.rendering.geometry import Geometry
from gym_gridq.rendering.layers import marks_of, rim_of, rim_width
from gym_gridq.rendering.numerals import decimals_at, numeral, rounded
from gym_gridq.rendering.palette import Colour

__all__ = ["Triangles"]

_SMALLEST_NUMBERED = 56
"""Cells smaller than this, in pixels, show colours and arrows alone: four numbers could not be read."""

_TUPLES, _WHITE_INK = palette.by_shade()
_COLOURS = [pygame.Color(*colour) for colour in _TUPLES]
"""pygame takes these in a tenth of the time that it takes tuples in."""

_Stamp = tuple[pygame.Surface, tuple[int, int]]
"""A picture, and where its upper left corner goes."""


class _Look(NamedTuple):
    """All that is seen of the Q-values of the free cells."""

    scale: float
    shades: npt.NDArray[np.intp]  # (N, A)
    numbers: npt.NDArray[np.float64]  # (N, A)
    arrows: npt.NDArray[np.bool_]  # (N, A)


class Triangles:
    """Draws Q-values on one surface, and of those it has drawn there before only what looks different.

    Args:
        surface: what to draw on.
        geometry: where the cells stand on it.
    """

    def __init__(self, surface: pygame.Surface, geometry: Geometry) -> None:
        self._surface = surface
        states = geometry.layout.free_states.tolist()
        size = self._size = geometry.cell_size
        self._corners = [geometry.corners[state] for state in states]
        self._centres = [geometry.centres[state] for state in states]
        letters = [str(geometry.layout.cells[state]) for state in states]
        kinds = dict(zip(letters, states, strict=True))
        cells = {letter: _cell(geometry.layout, state, size) for letter, state in kinds.items()}
        self._cells = [cells[letter] for letter in letters]
        side = round(size * (0.42 if size >= _SMALLEST_NUMBERED else 0.74))
        arrows = [sprites.arrow(side, action) for action in Action]
        self._arrow_stamps = [
            [(arrow, (x - side // 2, y - side // 2)) for arrow in arrows] for x, y in self._centres
        ]
        self._numerals: tuple[_Numerals, _Numerals] | None = None  # dark and white ones
        self._seen: _Look | None = None

    def forget(self) -> None:
        """Something else was drawn where the cells are."""
        self._seen = None

    def draw(self, q_values: npt.NDArray[np.float64], arrows: npt.NDArray[np.bool_], scale: float) -> None:
        """Draws the cells that look different from what stands there.

        Args:
            q_values: of the free cells, ``(N, A)``.
            arrows: which of their actions get an arrow, ``(N, A)``.
            scale: where the colours end.
        """
        look = _Look(scale, palette.shade(q_values, scale), rounded(q_values, scale), arrows)
        different = self._different(look)
        self._seen = look
        places, shades = different.tolist(), look.shades[different].tolist()
        for place, four in zip(places, shades, strict=True):
            cell = self._cells[place]
            cell.set_palette([_COLOURS[shade] for shade in four])
            self._surface.blit(cell, self._corners[place])
        stamps: list[_Stamp] = []
        if self._size >= _SMALLEST_NUMBERED:
            stamps += self._numbers(look.scale, look.numbers[different].tolist(), shades, places)
        for place, drawn in zip(places, look.arrows[different].tolist(), strict=True):
            stamps += itertools.compress(self._arrow_stamps[place], drawn)
        self._surface.fblits(stamps)

    def _different(self, look: _Look) -> npt.NDArray[np.intp]:
        """Which of the free cells look different from what stands there, (n,)."""
        seen = self._seen
        if seen is None or seen.scale != look.scale:
            return np.arange(len(self._cells))
        different = look.shades != seen.shades
        different |= look.numbers != seen.numbers
        different |= look.arrows != seen.arrows
        return np.flatnonzero(np.logical_or.reduce(different, axis=1))

    def _numbers(
        self, scale: float, numbers: list[list[float]], shades: list[list[int]], places: list[int]
    ) -> list[_Stamp]:
        size, edge = self._size, self._size // 20
        decimals = decimals_at(scale)
        if self._numerals is None or self._numerals[0].decimals != decimals:
            self._numerals = _Numerals(size, decimals, palette.INK), _Numerals(size, decimals, palette.WHITE)
        inks, tall, edge_above = self._numerals, self._numerals[0].tall, edge + self._numerals[0].margin
        stamps: list[_Stamp] = []
        for place, (first, second, third, fourth), (above, below, at_left, at_right) in zip(
            places, numbers, shades, strict=True
        ):
            (left, top), (x, y) = self._corners[place], self._centres[place]
            up, up_width = inks[_WHITE_INK[above]][first]
            down, down_width = inks[_WHITE_INK[below]][second]
            to_left, _ = inks[_WHITE_INK[at_left]][third]
            to_right, right_width = inks[_WHITE_INK[at_right]][fourth]
            stamps += (
                (up, (x - up_width // 2, top + edge_above)),
                (down, (x - down_width // 2, top + size - edge_above - tall)),
                (to_left, (left + edge, y - tall // 2)),
                (to_right, (left + size - edge - right_width, y - tall // 2)),
            )
        return stamps


def _cell(layout: Layout, state: int, size: int) -> pygame.Surface:
    """A cell whose pixels are numbers of colours: 0 to 3 those of the actions, to be set before every use.

    Its rim and its marks are drawn for good.

    pygame writes such a picture with given colours in two thirds of the time that drawing its parts takes.
    """
    cell = pygame.Surface((size, size), depth=8)
    last, middle = size - 1, (size // 2, size // 2)
    pygame.draw.polygon(cell, Action.UP, ((0, 0), (last, 0), middle))
    pygame.draw.polygon(cell, Action.DOWN, ((last, last), (0, last), middle))
    pygame.draw.polygon(cell, Action.LEFT, ((0, last), (0, 0), middle))
    pygame.draw.polygon(cell, Action.RIGHT, ((last, 0), (last, last), middle))
    line, edge, rim = len(Action), len(Action) + 1, rim_of(layout, state)
    cell.set_palette_at(line, palette.LINE)
    pygame.draw.line(cell, line, (0, 0), (last, last))
    pygame.draw.line(cell, line, (0, last), (last, 0))
    pygame.draw.rect(cell, line, cell.get_rect(), width=1)
    if rim is not None:
        cell.set_palette_at(edge, rim)
        pygame.draw.rect(cell, edge, cell.get_rect(), width=rim_width(size))
    numbers: dict[tuple[int, ...], int] = {}  # of the colours of marks
    for mark, (left, top) in marks_of(layout, state, size):
        for x, y in itertools.product(range(mark.get_width()), range(mark.get_height())):
            red, green, blue, alpha = mark.get_at((x, y))
            if alpha < 128:
                continue
            colour = tuple(channel // 16 * 17 for channel in (red, green, blue))  # few enough for a palette
            number = numbers.setdefault(colour, edge + 1 + len(numbers))
            cell.set_palette_at(number, colour)
            cell.set_at((left + x, top + y), number)
    return cell


class _Numerals(dict[float, tuple[pygame.Surface, int]]):
    """Rounded numbers as pictures, with their widths; each is drawn once.

    Args:
        size: side of the cells they are for, in pixels.
        decimals: as `decimals_at` gives them.
        ink: their colour.

    Attributes:
        decimals: the same.
        tall: height of every picture.
        margin: room that their font leaves above them.
    """

    MOST = 4096

    def __init__(self, size: int, decimals: int | None, ink: Colour) -> None:
        self._height = min(max(round(size * 0.165), 12), 30)
        self._tight, self._ink, self.decimals = size < 76, ink, decimals
        rows = label("0123456789e+\N{MINUS SIGN}.", self._height, ink).get_bounding_rect()
        self.tall, self.margin = rows.height, rows.top

    def __missing__(self, number: float) -> tuple[pygame.Surface, int]:
        if len(self) >= self.MOST:
            self.clear()
        text = label(numeral(number, self.decimals, self._tight), self._height, self._ink)
        # without the empty rows of the font, which would be drawn all the same
        picture = text.subsurface((0, self.margin, text.get_width(), self.tall)).copy()
        self[number] = picture, picture.get_width()
        return self[number]
