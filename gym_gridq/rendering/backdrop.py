"""Backdrop: the board with an overlay on it, which is all of a picture but the agent and its trail."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gym_gridq.rendering import palette
from gym_gridq.rendering.board import draw_board
from gym_gridq.rendering.canvas import Pixels, canvas, new_pixels
from gym_gridq.rendering.geometry import Geometry
from gym_gridq.rendering.language import Language
from gym_gridq.rendering.layers import draw_arrows, draw_legend, draw_status, draw_values
from gym_gridq.rendering.overlay import NOTHING, Overlay
from gym_gridq.rendering.triangles import Triangles

__all__ = ["Backdrop"]


class Backdrop:
    """A board that is drawn once, under overlays of which only what looks different is drawn anew.

    Attributes:
        pixels: the picture; not to be drawn on.

    Args:
        geometry: where everything stands.
        language: of the words.
    """

    def __init__(self, geometry: Geometry, language: Language) -> None:
        self._geometry, self._language = geometry, language
        self._board = new_pixels(geometry.size)
        draw_board(canvas(self._board), geometry, language)
        self.pixels: Pixels = self._board.copy()
        self._surface = canvas(self.pixels)
        self._triangles = Triangles(self._surface, geometry)
        self._overlay = NOTHING
        self._status: tuple[tuple[str, str], ...] = ()
        self._legend: float | None = None  # the scale it is of

    def lay(self, overlay: Overlay) -> None:
        """Puts an overlay in the place of the one before."""
        if overlay is self._overlay:
            return
        if overlay.q_values is None:
            self._triangles.forget()
        if not overlay.has_numbers:  # numbers come with colours, which cover whatever lay there before
            np.copyto(self.pixels, self._board)
            self._status, self._legend = (), None
        self._draw_cells(overlay)
        if overlay.status != self._status:
            draw_status(self._surface, self._geometry, overlay.status, self._language)
            self._status = overlay.status
        self._overlay = overlay

    def _draw_cells(self, overlay: Overlay) -> None:
        surface, geometry = self._surface, self._geometry
        free = geometry.layout.free_states
        if overlay.q_values is not None:
            assert overlay.arrows is not None
            q_values = overlay.q_values[free]
            self._triangles.draw(q_values, overlay.arrows[free], self._legend_of(q_values))
            return
        if overlay.values is not None:
            draw_values(surface, geometry, overlay.values, self._legend_of(overlay.values[free]))
        if overlay.arrows is not None:
            draw_arrows(surface, geometry, overlay.arrows, lifted=overlay.values is not None)

    def _legend_of(self, values: npt.NDArray[np.float64]) -> float:
        """Draws the legend for values, unless it stands there already; their scale."""
        scale = palette.scale_of(values)
        if scale != self._legend:
            draw_legend(self._surface, self._geometry, scale)
            self._legend = scale
        return scale
