"""GridWindow: an interactive window on one board, or on those of many lanes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pygame

from gym_gridq.drawing import DEFAULT_STYLE, MOST_PIXELS, SMALLEST_CELL, DrawingStyle, Track
from gym_gridq.dynamics import Dynamics
from gym_gridq.layout import Action
from gym_gridq.rendering import sprites
from gym_gridq.rendering.backup import Explanation, explained_backup
from gym_gridq.rendering.controls import KEYS, STEERING_KEYS, Keys
from gym_gridq.rendering.geometry import Geometry
from gym_gridq.rendering.interactive_window import InteractiveWindow
from gym_gridq.rendering.overlay import NOTHING, Overlay
from gym_gridq.rendering.panels import Curve
from gym_gridq.rendering.scene import Scene
from gym_gridq.rendering.window import screen_size

__all__ = ["STEERING", "GridWindow"]

STEERING = {
    pygame.K_UP: Action.UP,
    pygame.K_w: Action.UP,
    pygame.K_DOWN: Action.DOWN,
    pygame.K_s: Action.DOWN,
    pygame.K_LEFT: Action.LEFT,
    pygame.K_a: Action.LEFT,
    pygame.K_RIGHT: Action.RIGHT,
    pygame.K_d: Action.RIGHT,
}
"""The keys of those who make the moves themselves."""

_SHARE_OF_SCREEN = 0.75
"""How much of a screen's width and height a window takes at first, where its size was not chosen."""

_CELLS_ON_SCREEN = 7.5
"""A cell is at first at most such a part of the screen's height: larger ones would show no more."""


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
        self._dynamics, self._layout, self._n_boards = dynamics, dynamics.layout, n_boards
        self._tracks: Sequence[Track] = ()
        self._overlay = NOTHING
        self._overlay_seen: tuple[Overlay, str, Overlay] | None = None
        self._optimum = lru_cache(maxsize=1)(self._solved)
        room, largest = self._first_room(with_curves)
        cell_size = style.cell_size or min(self._fitting(room).cell_size, largest)
        geometry = Geometry(self._layout, cell_size)
        self._n_columns = self._columns(geometry, room[0])
        width, height = self._tiled_size(geometry)
        if width * height > MOST_PIXELS:
            raise ValueError(
                f"{n_boards} boards make a window of {width}x{height} pixels; watch fewer lanes, or take "
                "render_mode='rgb_array' for frames"
            )
        self._scene = Scene(geometry, style.language)
        self._corner = 0, 0  # pixel (x, y) where the boards begin
        steering, icon = STEERING if steered else None, sprites.agent(64, None)
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
        geometry = self._fitting(room)
        if geometry.cell_size != self._scene.geometry.cell_size:
            self._scene = Scene(geometry, self._language)
        self._n_columns = self._columns(geometry, room[0])
        width, height = self._tiled_size(geometry)
        self._corner = max((room[0] - width) // 2, 0), max((room[1] - height) // 2, 0)
        self._paint_boards(surface, self._corner)

    def _paint_boards(self, surface: pygame.Surface, corner: tuple[int, int]) -> None:
        overlay, (width, height) = self._seen(), self._scene.geometry.size
        for board, track in enumerate(self._tracks):
            row, column = divmod(board, self._n_columns)
            at = corner[0] + column * width, corner[1] + row * height
            surface.blit(self._scene.picture(track, overlay), at)

    def _picture(self) -> pygame.Surface:
        picture = pygame.Surface(self._tiled_size(self._scene.geometry), depth=32)
        self._paint_boards(picture, (0, 0))
        return picture

    def _size_in(self, room: tuple[int, int]) -> tuple[int, int]:
        geometry = self._fitting(room)
        n_columns = self._columns(geometry, room[0])
        return n_columns * geometry.width, math.ceil(self._n_boards / n_columns) * geometry.height

    def _cell_at(self, x: int, y: int) -> int | None:
        """Cells are counted through all boards."""
        geometry, n_states = self._scene.geometry, self._layout.n_states
        column, x = divmod(x - self._corner[0], geometry.width)
        row, y = divmod(y - self._corner[1], geometry.height)
        board, state = row * self._n_columns + column, geometry.state_at(x, y)
        if state is None or not (0 <= column < self._n_columns and 0 <= board < self._n_boards):
            return None
        return board * n_states + state

    def _outline(self, cell: int) -> pygame.Rect:
        geometry, (left, top) = self._scene.geometry, self._corner
        board, state = divmod(cell, self._layout.n_states)
        row, column = divmod(board, self._n_columns)
        x, y = geometry.corners[state]
        x, y = left + column * geometry.width + x, top + row * geometry.height + y
        return pygame.Rect(x, y, geometry.cell_size, geometry.cell_size)

    def _explained(self, cell: int) -> Explanation:
        overlay = self._overlay
        if not overlay.has_numbers:
            overlay = Overlay(self._optimum(overlay.discount), discount=overlay.discount)
        return explained_backup(self._dynamics, overlay, cell % self._layout.n_states, self._language)

    def _solved(self, discount: float) -> npt.NDArray[np.float64]:
        from gym_gridq.exact.planning import solve

        return solve(self._dynamics, discount).q

    def _seen(self) -> Overlay:
        """The overlay in the chosen mode; the same object for the same input, so that it is laid once."""
        overlay, mode = self._overlay, self.controls.mode
        if self._overlay_seen is None or self._overlay_seen[:2] != (overlay, mode):
            self._overlay_seen = overlay, mode, overlay.seen(mode)
        return self._overlay_seen[2]

    def _first_room(self, with_curves: bool) -> tuple[tuple[int, int], int]:
        """What boards may take of the screen at first, ``(width, height)``, and their largest cell."""
        width, height = screen_size()
        share = _SHARE_OF_SCREEN * (0.6 if with_curves else 1.0)
        return (round(width * share), round(height * _SHARE_OF_SCREEN)), round(height / _CELLS_ON_SCREEN)

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

    def _tiled_size(self, geometry: Geometry) -> tuple[int, int]:
        """``(width, height)`` of all boards together, in pixels."""
        n_rows = math.ceil(self._n_boards / self._n_columns)
        return self._n_columns * geometry.width, n_rows * geometry.height
