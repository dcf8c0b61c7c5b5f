"""GridWindow: an interactive window on one board, or on those of many lanes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pygame

from gym_gridq.drawing import DEFAULT_STYLE, MOST_PIXELS, SMALLEST_CELL, DrawingStyle, Track
from gym_gridq.dynamics import Dynamics
from gym_gridq.layout import Action, Layout
from gym_gridq.rendering import sprites
from gym_gridq.rendering.geometry import Geometry
from gym_gridq.rendering.overlay import NOTHING, Explanation, Overlay
from gym_gridq.rendering.scene import Scene
from gym_gridq.rendering.windows.controls import KEYS, STEERING_KEYS, Keys
from gym_gridq.rendering.windows.interactive_window import InteractiveWindow
from gym_gridq.rendering.windows.panels import Curve
from gym_gridq.rendering.windows.window import screen_size

__all__ = ["ARROW_KEYS", "STEERING", "GridWindow", "optimum"]

ARROW_KEYS = {
    pygame.K_UP: Action.UP,
    pygame.K_DOWN: Action.DOWN,
    pygame.K_LEFT: Action.LEFT,
    pygame.K_RIGHT: Action.RIGHT,
}

STEERING = {
    **ARROW_KEYS,
    **{pygame.K_w: Action.UP, pygame.K_s: Action.DOWN, pygame.K_a: Action.LEFT, pygame.K_d: Action.RIGHT},
}
"""The keys of those who make the moves themselves."""

_SHARE_OF_SCREEN = 0.75
"""How much of a screen's width and height a window takes at first, where its size was not chosen."""

_CELLS_ON_SCREEN = 7.5
"""A cell is at first at most such a part of the screen's height: larger ones would show no more."""


class _Tiles(NamedTuple):
    """Boards of one size, side by side and below one another."""

    geometry: Geometry
    n_columns: int
    n_rows: int

    @classmethod
    def within(cls, geometry: Geometry, n_boards: int, width: int) -> _Tiles:
        """As many boards in a row as a width has room for."""
        n_columns = min(max(width // geometry.width, 1), n_boards)
        return cls(geometry, n_columns, math.ceil(n_boards / n_columns))

    @classmethod
    @lru_cache(maxsize=8)  # a window asks at every frame, and seldom changes its size
    def fitting(cls, layout: Layout, n_boards: int, room: tuple[int, int]) -> _Tiles:
        """The largest boards of which all fit into a ``(width, height)``, or the smallest there are."""
        largest = min(room[0] // layout.n_columns, room[1] // layout.n_rows)
        for cell_size in range(largest, SMALLEST_CELL, -1):
            tiles = cls.within(Geometry(layout, cell_size), n_boards, room[0])
            if tiles.size[0] <= room[0] and tiles.size[1] <= room[1]:
                return tiles
        return cls.within(Geometry(layout, SMALLEST_CELL), n_boards, room[0])

    @property
    def size(self) -> tuple[int, int]:
        """``(width, height)`` of all together, in pixels."""
        return self.n_columns * self.geometry.width, self.n_rows * self.geometry.height

    def corner(self, board: int) -> tuple[int, int]:
        """Pixel ``(x, y)`` where a board begins."""
        row, column = divmod(board, self.n_columns)
        return column * self.geometry.width, row * self.geometry.height


@lru_cache(maxsize=1)
def optimum(dynamics: Dynamics, discount: float) -> npt.NDArray[np.float64]:
    """q* of a world, ``(S, A)``; that of the world last asked about is kept."""
    from gym_gridq.exact.planning import solve

    return solve(dynamics, discount).q


class GridWindow(InteractiveWindow):
    """Boards that follow the size of the window. A click on a cell explains the numbers that are shown.

    Args:
        dynamics: the world.
        style: how to draw it; the size of its cells is the one at first, and suits the screen if it is None.
        pace: frames a second; None never waits.
        n_boards: number of boards, which are tiled.
        with_curves: whether to keep room for curves beside them.
        steered: whether a person makes the moves, see `InteractiveWindow.ask`.
        keys: what the window says of its keys; None for those that every board has.

    Raises:
        ValueError: for more boards than a window can hold.
        DisplayUnavailable: where there is no screen.
    """

    def __init__(
        self,
        dynamics: Dynamics,
        style: DrawingStyle = DEFAULT_STYLE,
        pace: float | None = 4.0,
        n_boards: int = 1,
        with_curves: bool = False,
        steered: bool = False,
        keys: Keys | None = None,
    ) -> None:
        self._dynamics, self._n_boards = dynamics, n_boards
        self._tracks: Sequence[Track] = ()
        self._overlay = NOTHING
        # The same object for the same overlay and mode, so that it is laid over the board once.
        self._seen = lru_cache(maxsize=1)(Overlay.seen)
        screen_width, screen_height = screen_size()
        share = _SHARE_OF_SCREEN * (0.6 if with_curves else 1.0)
        room = round(screen_width * share), round(screen_height * _SHARE_OF_SCREEN)
        largest = self._tiles_in(room).geometry.cell_size
        cell_size = style.cell_size or min(largest, round(screen_height / _CELLS_ON_SCREEN))
        self._tiles = _Tiles.within(Geometry(self._dynamics.layout, cell_size), n_boards, room[0])
        width, height = self._tiles.size
        if width * height > MOST_PIXELS:
            raise ValueError(
                f"{n_boards} boards make a window of {width}x{height} pixels; watch fewer lanes, or take "
                "render_mode='rgb_array' for frames"
            )
        self._scene = Scene(self._tiles.geometry, style.language)
        self._corner = 0, 0  # pixel (x, y) where the boards begin
        steering, icon = STEERING if steered else {}, sprites.agent(64, None)
        keys = keys or (STEERING_KEYS if steered else KEYS)
        super().__init__((width, height), icon, pace, with_curves, steering, style.language, keys)

    def draw(
        self,
        tracks: Sequence[Track],
        overlay: Overlay = NOTHING,
        curves: Mapping[str, Curve] | None = None,
        seconds: float | None = None,
    ) -> None:
        """Shows the world for the time of a frame, or for as long as the user pauses.

        Args:
            tracks: the episode on each board.
            overlay: what to lay over the boards.
            curves: what to draw beside them, by name.
            seconds: the time of the frame; None takes that of the pace.
        """
        self._tracks, self._overlay = tracks, overlay
        self._present(curves or {}, seconds)

    def _paint(self, surface: pygame.Surface, room: tuple[int, int]) -> None:
        tiles = self._tiles = self._tiles_in(room)
        if tiles.geometry.cell_size != self._scene.geometry.cell_size:
            self._scene = Scene(tiles.geometry, self._language)
        width, height = tiles.size
        self._corner = max((room[0] - width) // 2, 0), max((room[1] - height) // 2, 0)
        self._paint_boards(surface, self._corner)

    def _paint_boards(self, surface: pygame.Surface, corner: tuple[int, int]) -> None:
        overlay = self._seen(self._overlay, self.controls.mode)
        for board, track in enumerate(self._tracks):
            x, y = self._tiles.corner(board)
            surface.blit(self._scene.picture(track, overlay), (corner[0] + x, corner[1] + y))

    def _picture(self) -> pygame.Surface:
        picture = pygame.Surface(self._tiles.size, depth=32)
        self._paint_boards(picture, (0, 0))
        return picture

    def _size_in(self, room: tuple[int, int]) -> tuple[int, int]:
        return self._tiles_in(room).size

    def _cell_at(self, x: int, y: int) -> int | None:
        """Cells are counted through all boards."""
        geometry, n_columns, _ = self._tiles
        column, x = divmod(x - self._corner[0], geometry.width)
        row, y = divmod(y - self._corner[1], geometry.height)
        board, state = row * n_columns + column, geometry.state_at(x, y)
        if state is None or not (0 <= column < n_columns and 0 <= board < self._n_boards):
            return None
        return board * self._dynamics.layout.n_states + state

    def _outline(self, cell: int) -> pygame.Rect:
        geometry, (left, top) = self._tiles.geometry, self._corner
        board, state = divmod(cell, self._dynamics.layout.n_states)
        (board_x, board_y), (x, y) = self._tiles.corner(board), geometry.corners[state]
        size = geometry.cell_size, geometry.cell_size
        return pygame.Rect((left + board_x + x, top + board_y + y), size)

    def _explained(self, cell: int) -> Explanation:
        overlay = self._overlay
        if not overlay.has_numbers:
            overlay = Overlay(optimum(self._dynamics, overlay.discount), discount=overlay.discount)
        return overlay.explained(self._dynamics, cell % self._dynamics.layout.n_states, self._language)

    def _tiles_in(self, room: tuple[int, int]) -> _Tiles:
        return _Tiles.fitting(self._dynamics.layout, self._n_boards, room)
