"""What environments, scalar and vector, know of drawing before anything is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gym_gridq.layout import Layout

if TYPE_CHECKING:
    from gym_gridq.rendering.language import Language

__all__ = ["RENDER_MODES", "TRAIL_LENGTH", "DrawingStyle", "checked_render_mode"]

RENDER_MODES = ("human", "rgb_array", "ansi")

TRAIL_LENGTH = 13
"""Cells that are remembered for drawing, the present one included."""


class DrawingStyle(NamedTuple):
    """How an environment is to draw.

    Attributes:
        cell_size: side of a cell in pixels; None suits it to the map.
        language: of the words.
    """

    cell_size: int | None
    language: Language

    @classmethod
    def checked(cls, layout: Layout, cell_size: Any, language: Any) -> DrawingStyle:
        """Makes one of what a user gave; what is usual imports nothing.

        Raises:
            ValueError: for a cell size out of its range on this map, or an unknown language.
        """
        if cell_size is not None:
            from gym_gridq.rendering.geometry import checked_cell_size

            cell_size = checked_cell_size(layout, cell_size)
        if language != "en":
            from gym_gridq.rendering.language import checked_language

            language = checked_language(language)
        return cls(cell_size, language)


def checked_render_mode(render_mode: Any) -> str | None:
    """One of `RENDER_MODES`, or None.

    Raises:
        ValueError: for any other.
    """
    if render_mode is not None and render_mode not in RENDER_MODES:
        raise ValueError(f"render_mode is {render_mode!r}; give None or one of {', '.join(RENDER_MODES)}")
    mode: str | None = render_mode
    return mode
