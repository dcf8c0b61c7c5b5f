"""What there is to know of a picture before it is drawn: which episode it shows, and how it is to look.

Imported by the environments, so it imports nothing that draws.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple, cast

from gym_gridq.checks import as_integer
from gym_gridq.layout import Action, Layout

__all__ = [
    "COLLECTED_MODES",
    "DEFAULT_STYLE",
    "LANGUAGES",
    "MOST_PIXELS",
    "RENDER_MODES",
    "SMALLEST_CELL",
    "DrawingStyle",
    "Language",
    "Mode",
    "Track",
    "checked_render_mode",
    "has_screen",
]

RENDER_MODES = ("human", "rgb_array", "ansi")

COLLECTED_MODES = ("rgb_array_list", "ansi_list")
"""Those that hand out all pictures since the last ones: Gymnasium's wrapper does, and lanes by themselves."""

Mode = Literal["q", "v", "p", "none"]
"""What to lay over a board: Q-values, values, the policy, or nothing."""

Language = Literal["en", "zh", "ja"]

LANGUAGES: tuple[Language, ...] = ("en", "zh", "ja")

TRAIL_LENGTH = 13
"""Cells that a track remembers, the present one included."""

SMALLEST_CELL = 8
"""Below this many pixels neither agent nor arrow can be told from a speck."""

MOST_PIXELS = 50_000_000
"""150 MB a frame; whatever asks for more is a slip of the pen."""


class Track:
    """The way of an episode, as far as a picture of it shows it.

    Attributes:
        trail: the last cells that the agent was on, the oldest first and the present one last.
        heading: the move made last, or None.
        episode: number of the episode, counted from 1; 0 before the first.
        steps: moves made in it.
        episode_return: undiscounted sum of its rewards.
        reward: the last one, or None.

    Args:
        trail: cells to begin with.
        heading: the move that led to the last of them.
    """

    def __init__(self, trail: Iterable[int] = (), heading: Action | None = None) -> None:
        self.trail: deque[int] = deque(trail, maxlen=TRAIL_LENGTH)
        self.heading = heading
        self.episode, self.steps, self.episode_return = 0, 0, 0.0
        self.reward: float | None = None

    @property
    def state(self) -> int:
        """The agent's cell."""
        return self.trail[-1]

    def begin(self, state: int) -> None:
        """An episode begins on a cell."""
        self.trail.clear()
        self.trail.append(state)
        self.heading, self.reward = None, None
        self.episode += 1
        self.steps, self.episode_return = 0, 0.0

    def move(self, action: Action | None, state: int, reward: float = 0.0) -> None:
        """A move led to a cell; without an action, nobody sees where it headed."""
        self.trail.append(state)
        self.heading, self.reward = action, reward
        self.steps += 1
        self.episode_return += reward

    def status(self) -> dict[str, Any]:
        """What a status line says of the episode."""
        return {
            "episode": self.episode,
            "step": self.steps,
            "return": self.episode_return,
            "reward": self.reward,
        }


class DrawingStyle(NamedTuple):
    """How pictures are to look.

    Attributes:
        cell_size: side of a cell in pixels; None suits it to the map.
        language: of the words.
    """

    cell_size: int | None = None
    language: Language = "en"

    @classmethod
    def checked(cls, layout: Layout, cell_size: Any, language: Any) -> DrawingStyle:
        """Makes one of what a user gave.

        Raises:
            ValueError: for a cell size that leaves nothing to see, asks for a gigapixel, or is not a whole
                number; for an unknown language.
        """
        if language not in LANGUAGES:
            raise ValueError(f"language is {language!r}; give one of {', '.join(map(repr, LANGUAGES))}")
        size = None if cell_size is None else as_integer(cell_size) or 0
        if size is not None and size < SMALLEST_CELL:
            raise ValueError(
                f"cell_size is {cell_size!r}; give the side of a cell in pixels, a whole number from "
                f"{SMALLEST_CELL} (smaller ones leave nothing to see)"
            )
        if size is not None and size * size * layout.n_states > MOST_PIXELS:
            raise ValueError(
                f"cell_size is {size}, which makes {size * size * layout.n_states / 1e6:,.0f} million pixels "
                f"of a {layout.n_rows}x{layout.n_columns} map; give at most "
                f"{int((MOST_PIXELS / layout.n_states) ** 0.5)}"
            )
        return cls(size, cast(Language, language))

    def cell_size_for(self, layout: Layout) -> int:
        """The side of a cell in pixels, where there is room."""
        longest = max(layout.n_rows, layout.n_columns)
        return self.cell_size or min(max(720 // longest, 24), max(320 // longest, 100))


DEFAULT_STYLE = DrawingStyle()


def checked_render_mode(render_mode: Any) -> str | None:
    """One of `RENDER_MODES`, or None.

    Raises:
        ValueError: for any other.
    """
    if render_mode is not None and render_mode not in RENDER_MODES:
        raise ValueError(f"render_mode is {render_mode!r}; give None or one of {', '.join(RENDER_MODES)}")
    mode: str | None = render_mode
    return mode


def has_screen() -> bool:
    """Whether a window may find a screen; False where there is certainly none."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in names)
