"""Scene: one picture of the world, composed as pixels. Needs pygame's drawing, but no screen."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pygame

from gym_gridq.drawing import Language, Track
from gym_gridq.rendering import palette, sprites
from gym_gridq.rendering.canvas import Pixels, canvas, new_pixels, place
from gym_gridq.rendering.geometry import Geometry
from gym_gridq.rendering.layers import draw_arrows, draw_board, draw_legend, draw_values
from gym_gridq.rendering.overlay import NOTHING, Overlay
from gym_gridq.rendering.status import Column, columns_of, draw_columns
from gym_gridq.rendering.triangles import Triangles

__all__ = ["Scene"]

_ASIDE = 0.29
"""How far up and left of the middle agent and trail keep where that is taken, as a share of a cell."""

_SMALLEST_WITH_CORNERS = 30
"""In cells smaller than this, in pixels, the agent takes the middle: in a corner it would be a speck."""

_MOST_CROSSINGS = 4096
"""Moves of which it is remembered where their footprints go."""


class Scene:
    """Frames of one layout at one size.

    What does not change between frames is drawn once, on a backdrop. A frame is a copy of it with trail and
    agent on it.

    Args:
        geometry: where everything stands.
        language: of the words.
    """

    def __init__(self, geometry: Geometry, language: Language = "en") -> None:
        self.geometry = geometry
        self._backdrop = _Backdrop(geometry, language)
        self._footprints = _footprints(geometry.cell_size)
        self._crossing = lru_cache(maxsize=_MOST_CROSSINGS)(self._crossed)

    def frame(self, track: Track, overlay: Overlay = NOTHING) -> npt.NDArray[np.uint8]:
        """One frame, ``(height, width, 3)`` uint8, the caller's own.

        Args:
            track: where the agent is, and which way it came.
            overlay: what to lay over the board.
        """
        return self._pixels(track, overlay)[..., :3]

    def picture(self, track: Track, overlay: Overlay = NOTHING) -> pygame.Surface:
        """The same as a surface."""
        return canvas(self._pixels(track, overlay))

    def _pixels(self, track: Track, overlay: Overlay) -> Pixels:
        self._backdrop.lay(overlay)
        pixels: Pixels = self._backdrop.pixels.copy()
        surface = canvas(pixels)
        cell_size = self.geometry.cell_size
        in_corner = overlay.covers_centres and cell_size >= _SMALLEST_WITH_CORNERS
        aside = round(cell_size * _ASIDE) if in_corner else 0
        self._draw_trail(surface, list(track.trail), aside, on_edges=overlay.covers_centres)
        x, y = self.geometry.centres[track.state]
        share = 0.36 if in_corner else 0.62 if cell_size >= _SMALLEST_WITH_CORNERS else 0.8
        place(surface, sprites.agent(round(cell_size * share), track.heading), (x - aside, y - aside))
        return pixels

    def _draw_trail(self, surface: pygame.Surface, cells: list[int], aside: int, on_edges: bool) -> None:
        """Footprints, fainter and smaller the older they are; in covered cells on the edges only."""
        oldest = len(self._footprints) - 1
        stamps: list[tuple[pygame.Surface, tuple[int, int]]] = []
        for age, (came_from, went_to) in enumerate(zip(cells[-2::-1], cells[:0:-1], strict=True)):
            if came_from == went_to:
                continue
            dot = self._footprints[min(age, oldest)]
            back = dot.get_width() // 2 + aside
            stamps += [(dot, (x - back, y - back)) for x, y in self._crossing(came_from, went_to, on_edges)]
        surface.fblits(stamps)

    def _crossed(self, came_from: int, went_to: int, on_edges: bool) -> list[tuple[int, int]]:
        """Pixels ``(x, y)`` in the middle of the footprints that a move leaves."""
        (x, y), (to_x, to_y) = self.geometry.centres[came_from], self.geometry.centres[went_to]
        parts = (1 / 2,) if on_edges else (0.0, 1 / 3, 2 / 3)
        return [(round(x + (to_x - x) * part), round(y + (to_y - y) * part)) for part in parts]


class _Backdrop:
    """All of a picture but agent and trail: a board that is drawn once, and an overlay on it.

    Of an overlay, only what looks different from the one before is drawn anew.

    Attributes:
        pixels: the picture; not to be drawn on.
    """

    def __init__(self, geometry: Geometry, language: Language) -> None:
        self._geometry, self._language = geometry, language
        self._board = new_pixels(geometry.size)
        draw_board(canvas(self._board), geometry, language)
        self.pixels: Pixels = self._board.copy()
        self._surface = canvas(self.pixels)
        self._triangles = Triangles(self._surface, geometry)
        self._overlay = NOTHING
        left, top = geometry.gutter, geometry.gutter + geometry.board_size[1]
        self._strip = pygame.Rect(left, top, geometry.board_size[0], geometry.status_height)
        self._status: list[Column] = []
        self._legend: float | None = None  # the scale it is of

    def lay(self, overlay: Overlay) -> None:
        """Puts an overlay in the place of the one before."""
        if overlay is self._overlay:
            return
        if overlay.q_values is None:
            self._triangles.forget()
        if not overlay.has_numbers:  # numbers come with colours, which cover whatever lay there before
            np.copyto(self.pixels, self._board)
            self._status, self._legend = [], None
        self._draw_cells(overlay)
        status = columns_of(self._strip, overlay.status, self._language)
        draw_columns(self._surface, self._strip, status, self._status)
        self._status = status
        self._overlay = overlay

    def _draw_cells(self, overlay: Overlay) -> None:
        surface, geometry = self._surface, self._geometry
        free = geometry.layout.free_states
        if overlay.q_values is not None:
            assert overlay.arrows is not None
            q_values = overlay.q_values[free]
            self._triangles.draw(q_values, overlay.arrows[free], self._legend_of(q_values, overlay.scale))
            return
        if overlay.values is not None:
            scale = self._legend_of(overlay.values[free], overlay.scale)
            draw_values(surface, geometry, overlay.values, scale)
        if overlay.arrows is not None:
            draw_arrows(surface, geometry, overlay.arrows, lifted=overlay.values is not None)

    def _legend_of(self, values: npt.NDArray[np.float64], scale: float | None) -> float:
        """Draws the legend for values, unless it stands there already; their scale, or the one given."""
        scale = palette.scale_of(values) if scale is None else scale
        if scale != self._legend:
            draw_legend(self._surface, self._geometry, scale)
            self._legend = scale
        return scale


def _footprints(cell_size: int) -> list[pygame.Surface]:
    """Footprints by age, the newest first; older ones look like the last."""
    shares = [1 - age / 12 for age in range(10)]
    return [
        sprites.footprint(max(round(cell_size * (0.05 + 0.07 * share)), 3), round(230 * share))
        for share in shares
    ]
