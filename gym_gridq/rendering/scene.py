"""Scene: one picture of the world, composed as pixels. Needs pygame's drawing, but no screen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pygame

from gym_gridq.layout import Action
from gym_gridq.rendering import sprites
from gym_gridq.rendering.backdrop import Backdrop
from gym_gridq.rendering.board import place
from gym_gridq.rendering.canvas import Pixels, canvas
from gym_gridq.rendering.geometry import Geometry
from gym_gridq.rendering.language import Language
from gym_gridq.rendering.layers import LIFT
from gym_gridq.rendering.overlay import Overlay

__all__ = ["Scene"]


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
        self._backdrop = Backdrop(geometry, language)
        self._footprints = _footprints(geometry.cell_size)

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
        self._backdrop.lay(overlay)
        pixels: Pixels = self._backdrop.pixels.copy()
        surface = canvas(pixels)
        cell_size = self.geometry.cell_size
        self._draw_trail(surface, list(trail), on_edges=overlay.covers_centres)
        x, y = self.geometry.centres[state]
        if overlay.values is not None:
            y -= round(cell_size * LIFT)
        share = 0.62 if not overlay.has_numbers or cell_size < 24 else 0.36 if overlay.values is None else 0.5
        place(surface, sprites.agent(round(cell_size * share), heading), (x, y))
        return pixels

    def _draw_trail(self, surface: pygame.Surface, cells: list[int], on_edges: bool) -> None:
        """Footprints, fainter and smaller the older they are; among numbers only where edges were crossed."""
        centres, oldest = self.geometry.centres, len(self._footprints) - 1
        parts = (1 / 2,) if on_edges else (0.0, 1 / 3, 2 / 3)
        stamps: list[tuple[pygame.Surface, tuple[int, int]]] = []
        for age, (came_from, went_to) in enumerate(zip(cells[-2::-1], cells[:0:-1], strict=True)):
            if came_from == went_to:
                continue
            dot = self._footprints[min(age, oldest)]
            half = dot.get_width() // 2
            (x, y), (to_x, to_y) = centres[came_from], centres[went_to]
            stamps += [
                (dot, (round(x + (to_x - x) * part) - half, round(y + (to_y - y) * part) - half))
                for part in parts
            ]
        surface.fblits(stamps)


def _footprints(cell_size: int) -> list[pygame.Surface]:
    """Footprints by age, the newest first; older ones look like the last."""
    shares = [1 - age / 12 for age in range(10)]
    return [
        sprites.footprint(max(round(cell_size * (0.05 + 0.07 * share)), 3), round(230 * share))
        for share in shares
    ]
