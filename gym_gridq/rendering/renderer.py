"""Renderer: what turns tracks and an overlay into text, frames, or a window, as a render mode says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from gymnasium.error import DependencyNotInstalled

from gym_gridq.drawing import DEFAULT_STYLE, DrawingStyle, Track
from gym_gridq.dynamics import Dynamics
from gym_gridq.rendering.geometry import Geometry
from gym_gridq.rendering.overlay import NOTHING, Overlay
from gym_gridq.rendering.text import draw_text

if TYPE_CHECKING:
    from gym_gridq.rendering.windows.grid_window import GridWindow

__all__ = ["Renderer"]


class Renderer:
    """Draws the boards of one world.

    Args:
        dynamics: the world.
        render_mode: ``"human"``, ``"rgb_array"`` or ``"ansi"``.
        style: how to draw it.
        fps: frames a second in the window.
        n_boards: number of boards in it.

    Attributes:
        window: the window of the mode ``"human"``, else None.

    Raises:
        DependencyNotInstalled: without pygame, unless it is text that is drawn.
        DisplayUnavailable: in ``human`` mode where there is no screen.
    """

    def __init__(
        self,
        dynamics: Dynamics,
        render_mode: str,
        style: DrawingStyle = DEFAULT_STYLE,
        fps: float = 4.0,
        n_boards: int = 1,
    ) -> None:
        self.window: GridWindow | None = None
        self._draw_one: Callable[[Track, Overlay], Any]
        layout, language = dynamics.layout, style.language
        if render_mode == "ansi":
            self._draw_one = lambda track, overlay: draw_text(layout, track, overlay, language=language)
            return
        try:
            import pygame  # noqa: F401
        except ImportError as error:
            raise DependencyNotInstalled(
                "drawing needs pygame, which is not installed; pip install pygame-ce (render_mode='ansi' "
                "does without it)"
            ) from error
        if render_mode == "human":
            from gym_gridq.rendering.windows.grid_window import GridWindow

            self.window = GridWindow(dynamics, style, fps, n_boards)
        else:
            from gym_gridq.rendering.scene import Scene

            self._draw_one = Scene(Geometry(layout, style.cell_size_for(layout)), language).frame

    def draw(self, tracks: Sequence[Track], overlay: Overlay | None = None) -> list[Any] | None:
        """Draws the world.

        Args:
            tracks: the episode on each board.
            overlay: what to lay over the boards, if anything.

        Returns:
            For each track, in the mode ``"rgb_array"`` a ``(height, width, 3)`` uint8 frame, always of the
            same size, in the mode ``"ansi"`` a text; None in the mode ``"human"``, where nothing happens once
            the user has closed the window.
        """
        overlay = NOTHING if overlay is None else overlay
        if self.window is not None:
            self.window.draw(tracks, overlay)
            self.window.take_restart()  # the program goes its own way
            return None
        return [self._draw_one(track, overlay) for track in tracks]

    def close(self) -> None:
        """Closes the window, if there is one; twice is fine."""
        if self.window is not None:
            self.window.close()
