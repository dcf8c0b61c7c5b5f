"""Renderer: the one thing an environment knows of drawing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from gymnasium.error import DependencyNotInstalled

from gym_gridq.drawing import RENDER_MODES
from gym_gridq.layout import Action, Layout
from gym_gridq.rendering.geometry import Geometry, checked_cell_size
from gym_gridq.rendering.language import checked_language
from gym_gridq.rendering.overlay import NOTHING, Overlay
from gym_gridq.rendering.text import draw_text

if TYPE_CHECKING:
    from gym_gridq.rendering.backup import Explanation
    from gym_gridq.rendering.scene import Scene
    from gym_gridq.rendering.view import View

__all__ = ["Renderer"]


class Renderer:
    """Draws a layout as text, as frames, or in a window.

    Args:
        layout: the map.
        render_mode: ``"human"``, ``"rgb_array"`` or ``"ansi"``.
        cell_size: side of a cell in pixels; None chooses one that suits the map.
        fps: frames a second in the window.
        explain: what a click on a cell shows in the window.
        language: of the words: ``"en"``, ``"zh"`` or ``"ja"``.

    Attributes:
        view: the window, once something was drawn in it.

    Raises:
        ValueError: for an unknown mode or language, or a cell size out of its range.
        DependencyNotInstalled: without pygame, unless it is text that is drawn.
    """

    def __init__(
        self,
        layout: Layout,
        render_mode: str,
        cell_size: int | None = None,
        fps: float = 4,
        explain: Callable[[int], Explanation] | None = None,
        language: str = "en",
    ) -> None:
        if render_mode not in RENDER_MODES:
            raise ValueError(f"render_mode is {render_mode!r}; give 'human', 'rgb_array' or 'ansi'")
        self._layout, self._mode, self._fps = layout, render_mode, fps
        self._explain, self._language = explain, checked_language(language)
        self._geometry = Geometry(layout, checked_cell_size(layout, cell_size))
        self._scene: Scene | None = None
        self.view: View | None = None
        if render_mode != "ansi":
            _require_pygame()

    def draw(
        self,
        state: int,
        heading: Action | None = None,
        trail: Sequence[int] = (),
        overlay: Overlay | None = None,
    ) -> npt.NDArray[np.uint8] | str | None:
        """Draws the world.

        Args:
            state: where the agent stands.
            heading: the move it made last, or None.
            trail: cells it has stood on, the oldest first and the present one last.
            overlay: what to lay over the board, if anything.

        Returns:
            ``rgb_array``: a ``(height, width, 3)`` uint8 frame, always of the same size. ``ansi``: text.
            ``human``: None; nothing happens once the user has closed the window.

        Raises:
            DisplayUnavailable: in ``human`` mode where there is no screen.
        """
        overlay = NOTHING if overlay is None else overlay
        if self._mode == "ansi":
            return draw_text(self._layout, state, heading, trail, overlay, language=self._language)
        if self._mode == "rgb_array":
            return self._drawn_scene().frame(state, heading, trail, overlay)
        self._opened_view().draw(state, heading, trail, overlay)
        return None

    def close(self) -> None:
        """Closes the window, if there is one; twice is fine."""
        if self.view is not None:
            self.view.close()

    def _drawn_scene(self) -> Scene:
        if self._scene is None:
            from gym_gridq.rendering.scene import Scene

            self._scene = Scene(self._geometry, self._language)
        return self._scene

    def _opened_view(self) -> View:
        if self.view is None:
            from gym_gridq.rendering.view import View

            cell_size = self._geometry.cell_size
            self.view = View(self._layout, cell_size, self._fps, self._explain, language=self._language)
        return self.view


def _require_pygame() -> None:
    try:
        import pygame  # noqa: F401
    except ImportError as error:
        raise DependencyNotInstalled(
            "drawing needs pygame, which is not installed; pip install pygame-ce (render_mode='ansi' does "
            "without it)"
        ) from error
