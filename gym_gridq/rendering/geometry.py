"""Where everything stands in a frame, in pixels. Knows no screen and no pygame."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from gym_gridq.layout import Layout

__all__ = ["Geometry"]


@dataclass(frozen=True)
class Geometry:
    """The frame of a layout: a board of square cells, gutters for the coordinates, a strip for the status.

    The gutter at the right is wide enough for the legend of the colours, whatever the size of the cells.

    The strip is there whether or not it holds a status, so that all frames of a renderer have one size.

    Attributes:
        layout: the map.
        cell_size: side of a cell, in pixels.
    """

    layout: Layout
    cell_size: int

    @property
    def gutter(self) -> int:
        """Width of the margin left of the board and above it, in pixels."""
        return min(max(round(0.3 * self.cell_size), 16), 32)

    @property
    def legend_width(self) -> int:
        """Width of the margin right of the board, in pixels."""
        return max(self.gutter, 30)

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
        return self.gutter + self.board_size[0] + self.legend_width

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
