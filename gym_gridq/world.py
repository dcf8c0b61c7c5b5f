"""What the scalar and the vector environment have in common: their arguments, their map, their pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import gymnasium

from gym_gridq.drawing import DrawingStyle, Track, checked_render_mode
from gym_gridq.dynamics import Dynamics, Outcome
from gym_gridq.layout import Layout

if TYPE_CHECKING:
    from gym_gridq.rendering import Overlay, Renderer

__all__ = ["GridWorld"]


class GridWorld:
    """A map with dynamics that can be drawn.

    Attributes:
        dynamics: what happens.
        style: how it is drawn.
    """

    metadata: dict[str, Any]
    render_mode: str | None

    # Gymnasium closes whatever is collected, even what its constructor refused to make.
    _renderer: Renderer | None = None

    def _set_up(
        self, dynamics: Dynamics, render_mode: str | None, cell_size: int | None, language: str
    ) -> None:
        """Takes the arguments that both environments have.

        Raises:
            ValueError: for one out of its range.
        """
        self.dynamics = dynamics
        self.render_mode = checked_render_mode(render_mode)
        self.style = DrawingStyle.checked(self.layout, cell_size, language)

    @property
    def layout(self) -> Layout:
        """The map."""
        return self.dynamics.layout

    @property
    def P(self) -> dict[int, dict[int, list[Outcome]]]:  # noqa: N802 - the toy-text environments' name
        """The dynamics as the toy-text dictionary ``{s: {a: [(p, s', r, terminated), ...]}}``."""
        return self.dynamics.P

    def _pictures(self, tracks: Sequence[Track], overlay: Overlay | None = None) -> list[Any] | None:
        """A frame or a text of each track, or None if a window shows them."""
        if self._renderer is None:
            from gym_gridq.rendering import Renderer

            assert self.render_mode is not None
            mode, fps = self.render_mode.removesuffix("_list"), self.metadata["render_fps"]
            self._renderer = Renderer(self.dynamics, mode, self.style, fps, len(tracks))
        return self._renderer.draw(tracks, overlay)

    def _warn_of_no_render_mode(self, maker: str) -> None:
        gymnasium.logger.warn(
            f"render() draws nothing without a render_mode: {maker}(..., render_mode='human')"
        )

    def _close_window(self) -> None:
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_renderer": None}  # a window stays with the process that opened it
