"""Mosaic: the boards of many lanes, tiled in one window."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import pygame

from gym_gridq.layout import Action, Layout
from gym_gridq.rendering import palette, sprites
from gym_gridq.rendering.geometry import MOST_PIXELS, SMALLEST_CELL, Geometry, checked_cell_size
from gym_gridq.rendering.language import Language
from gym_gridq.rendering.overlay import NOTHING
from gym_gridq.rendering.scene import Scene
from gym_gridq.rendering.window import Window

__all__ = ["Board", "Mosaic"]

Board = tuple[int, Action | None, Sequence[int]]
"""State, heading and trail of a lane, as `Scene.frame` takes them."""

_FIRST_SIZE = (1200, 900)
"""Room that boards of no chosen size are made to fit in, ``(width, height)`` in pixels."""

_NAP = 0.01


class Mosaic:
    """A window that shows all lanes. Once it is closed, everything here does nothing and takes no time.

    Args:
        layout: the map.
        n_boards: number of lanes.
        cell_size: side of a cell in pixels at first; None suits it to the number of boards. The boards then
            follow the size of the window.
        fps: frames a second.
        language: of the words.

    Raises:
        ValueError: for more boards than a window can hold.
        DisplayUnavailable: where there is no screen.
    """

    def __init__(
        self,
        layout: Layout,
        n_boards: int,
        cell_size: int | None,
        fps: float,
        language: Language = "en",
    ) -> None:
        self._layout, self._n_boards, self._pause = layout, n_boards, 1 / fps
        self._language = language
        if cell_size is None:
            fitting = self._fitting(_FIRST_SIZE).cell_size
            cell_size = min(fitting, checked_cell_size(layout, None))
        geometry = Geometry(layout, cell_size)
        n_columns = self._columns(geometry, _FIRST_SIZE[0])
        size = (n_columns * geometry.width, math.ceil(n_boards / n_columns) * geometry.height)
        if size[0] * size[1] > MOST_PIXELS:
            raise ValueError(
                f"{n_boards} boards make a window of {size[0]}x{size[1]} pixels; watch fewer lanes, or take "
                "render_mode='rgb_array' for frames"
            )
        self._scene = Scene(geometry, self._language)
        self._window = Window("GridQ", size, icon=sprites.agent(64, None))
        self._due = time.monotonic()

    def draw(self, boards: Sequence[Board]) -> None:
        """Shows every lane for the time of a frame."""
        if not self._window.is_open:
            return
        self._window.events()
        if self._window.is_open:
            self._window.show(self._composed(boards, self._window.size))
        self._due = max(self._due, time.monotonic() - self._pause) + self._pause
        while self._window.is_open and time.monotonic() < self._due:
            time.sleep(_NAP)
            self._window.events()

    def close(self) -> None:
        """Closes the window; twice is fine."""
        self._window.close()

    def _composed(self, boards: Sequence[Board], size: tuple[int, int]) -> pygame.Surface:
        geometry = self._fitting(size)
        if geometry.cell_size != self._scene.geometry.cell_size:
            self._scene = Scene(geometry, self._language)
        n_columns = self._columns(geometry, size[0])
        picture = pygame.Surface(size, depth=32)
        picture.fill(palette.PAPER)
        for lane, (state, heading, trail) in enumerate(boards):
            row, column = divmod(lane, n_columns)
            board = self._scene.picture(state, heading, trail, NOTHING)
            picture.blit(board, (column * geometry.width, row * geometry.height))
        return picture

    def _fitting(self, size: tuple[int, int]) -> Geometry:
        """The largest boards of which all fit into ``size`` (width, height), or the smallest there are."""
        geometry = Geometry.fitting(self._layout, size)
        while geometry.cell_size > SMALLEST_CELL:
            n_rows = math.ceil(self._n_boards / self._columns(geometry, size[0]))
            if n_rows * geometry.height <= size[1]:
                break
            geometry = Geometry(self._layout, geometry.cell_size - 1)
        return geometry

    def _columns(self, geometry: Geometry, width: int) -> int:
        """How many boards stand side by side."""
        return min(max(width // geometry.width, 1), self._n_boards)
