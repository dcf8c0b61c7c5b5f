"""Scene: one picture of the world, composed as pixels. Needs pygame's drawing, but no screen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pygame

from gym_gridq.layout import Action
from gym_gridq.rendering import sprites
from gym_gridq.rendering.board import draw_board, place
from gym_gridq.rendering.canvas import Pixels, canvas, new_pixels
from gym_gridq.rendering.geometry import Geometry
from gym_gridq.rendering.layers import LIFT, draw_overlay, draw_status
from gym_gridq.rendering.overlay import NOTHING, Overlay

__all__ = ["Scene"]


class Scene:
    """Frames of one layout at one size.

    What does not change between frames is drawn once: the board when the scene is made, an overlay when it
    first appears. A frame is then a copy with trail and agent on it.

    Args:
        geometry: where everything stands.
    """

    def __init__(self, geometry: Geometry) -> None:
        self.geometry = geometry
        self._board = new_pixels(geometry.size)
        draw_board(canvas(self._board), geometry)
        self._backdrop = self._board.copy()  # the board with the overlay on it
        self._overlay = NOTHING

    def frame(
        self, state: int, heading: Action | None, trail: Sequence[int], overlay: Overlay
    ) -> npt.NDArray[np.uint8]:
        """One frame, ``(height, width, 3)`` uint8, the caller's own.

        Args:
            state: where the agent stands.
            heading: the move it made last, or None.
            trail: cells it has stood on, the oldest first and the present one last.
            overlay: what to lay over the board.
        """
        return self._pixels(state, heading, trail, overlay)[..., :3]

    def picture(
        self, state: int, heading: Action | None, trail: Sequence[int], overlay: Overlay
    ) -> pygame.Surface:
        """The same as a surface."""
        return canvas(self._pixels(state, heading, trail, overlay))

    def _pixels(self, state: int, heading: Action | None, trail: Sequence[int], overlay: Overlay) -> Pixels:
        if overlay is not self._overlay:
            self._lay(overlay)
        pixels: Pixels = self._backdrop.copy()
        surface = canvas(pixels)
        cell_size = self.geometry.cell_size
        self._draw_trail(surface, list(trail), on_edges=overlay.covers_centres)
        x, y = self.geometry.centres[state]
        if overlay.values is not None:
            y -= round(cell_size * LIFT)
        share = 0.62 if not overlay.has_numbers or cell_size < 24 else 0.36 if overlay.values is None else 0.5
        place(surface, sprites.agent(round(cell_size * share), heading), (x, y))
        return pixels

    def _lay(self, overlay: Overlay) -> None:
        if not overlay.has_numbers:  # numbers come with colours, which cover whatever lay there before
            np.copyto(self._backdrop, self._board)
        surface = canvas(self._backdrop)
        draw_overlay(surface, self.geometry, overlay, before=self._overlay)
        draw_status(surface, self.geometry, overlay.status)
        self._overlay = overlay

    def _draw_trail(self, surface: pygame.Surface, cells: list[int], on_edges: bool) -> None:
        """Footprints, fainter and smaller the older they are; among numbers only where edges were crossed."""
        cell_size = self.geometry.cell_size
        for age, (came_from, went_to) in enumerate(zip(cells[-2::-1], cells[:0:-1], strict=True)):
            if came_from == went_to:
                continue
            share = max(1 - age / 12, 0.25)
            dot = sprites.footprint(max(round(cell_size * (0.05 + 0.07 * share)), 3), round(230 * share))
            (x, y), (to_x, to_y) = self.geometry.centres[came_from], self.geometry.centres[went_to]
            for part in (1 / 2,) if on_edges else (0.0, 1 / 3, 2 / 3):
                place(surface, dot, (round(x + (to_x - x) * part), round(y + (to_y - y) * part)))
