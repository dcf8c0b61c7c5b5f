"""Where everything stands in a frame, in pixels. Knows no screen and no pygame."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gym_gridq.layout import Layout

__all__ = ["Geometry", "checked_cell_size"]

SMALLEST_CELL = 8
"""Below this many pixels neither agent nor arrow can be told from a speck."""

MOST_PIXELS = 50_000_000
"""150 MB a frame; whatever asks for more is a slip of the pen."""


@dataclass(frozen=True)
class Geometry:
    """The frame of a layout: a board of square cells, gutters for the coordinates, a strip for the status.

    The strip is there whether or not it holds a status, so that all frames of a renderer have one size.

    Attributes:
        layout: the map.
        cell_size: side of a cell, in pixels.
    """

    layout: Layout
    cell_size: int

    @classmethod
    def fitting(cls, layout: Layout, size: tuple[int, int]) -> Geometry:
        """The largest frame that fits into ``size`` (width, height), or the smallest there is."""
        cell_size = max(SMALLEST_CELL, min(size[0] // layout.n_columns, size[1] // layout.n_rows))
        while cell_size > SMALLEST_CELL:
            geometry = cls(layout, cell_size)
            if geometry.width <= size[0] and geometry.height <= size[1]:
                break
            cell_size -= 1
        return cls(layout, cell_size)

    @property
    def gutter(self) -> int:
        """Width of the margin left, right and above the board, in pixels."""
        return min(max(round(0.3 * self.cell_size), 16), 32)

    @property
    def status_height(self) -> int:
        """Height of the strip below the board, in pixels."""
        return min(max(self.board_size[0] // 8, 26), 52)

    @property
    def board_size(self) -> tuple[int, int]:
        """``(width, height)`` of the cells alone, in pixels."""
        return self.layout.n_columns * self.cell_size, self.layout.n_rows * self.cell_size

    @property
    def width(self) -> int:
        """Width of the frame, in pixels."""
        return self.board_size[0] + 2 * self.gutter

    @property
    def height(self) -> int:
        """Height of the frame, in pixels."""
        return self.gutter + self.board_size[1] + self.status_height

    @property
    def size(self) -> tuple[int, int]:
        """``(width, height)`` of the frame, in pixels."""
        return self.width, self.height

    @cached_property
    def corners(self) -> list[tuple[int, int]]:
        """Pixel ``(x, y)`` of the upper left corner of every cell."""
        return [
            (self.gutter + column * self.cell_size, self.gutter + row * self.cell_size)
            for row in range(self.layout.n_rows)
            for column in range(self.layout.n_columns)
        ]

    @cached_property
    def centres(self) -> list[tuple[int, int]]:
        """Pixel ``(x, y)`` in the middle of every cell."""
        return [(x + self.cell_size // 2, y + self.cell_size // 2) for x, y in self.corners]

    def state_at(self, x: int, y: int) -> int | None:
        """The cell under a pixel, or None beside the board."""
        column, row = (x - self.gutter) // self.cell_size, (y - self.gutter) // self.cell_size
        if 0 <= row < self.layout.n_rows and 0 <= column < self.layout.n_columns:
            return row * self.layout.n_columns + column
        return None


def checked_cell_size(layout: Layout, cell_size: Any) -> int:
    """The side of a cell in pixels; None asks for one that suits the map.

    Raises:
        ValueError: for a size that leaves nothing to see, asks for a gigapixel, or is no whole number.
    """
    if cell_size is None:
        longest = max(layout.n_rows, layout.n_columns)
        return min(max(720 // longest, 24), max(320 // longest, 100))
    try:
        size = operator.index(cell_size)
    except TypeError:
        size = 0
    if isinstance(cell_size, bool) or size < SMALLEST_CELL:
        raise ValueError(
            f"cell_size is {cell_size!r}; give the side of a cell in pixels, a whole number from "
            f"{SMALLEST_CELL} (smaller ones leave nothing to see)"
        )
    if size * size * layout.n_states > MOST_PIXELS:
        largest = int((MOST_PIXELS / layout.n_states) ** 0.5)
        raise ValueError(
            f"cell_size is {size}, which makes {size * size * layout.n_states / 1e6:,.0f} million pixels of "
            f"a {layout.n_rows}x{layout.n_columns} map; give at most {largest}"
        )
    return size
