"""The board as text: box drawing, arrows, and colours where the terminal has them."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TextIO

import numpy as np

from gym_gridq.drawing import Language, Track
from gym_gridq.layout import Action, Layout
from gym_gridq.rendering import palette
from gym_gridq.rendering.language import translated
from gym_gridq.rendering.numerals import MINUS, written
from gym_gridq.rendering.overlay import NOTHING, Overlay
from gym_gridq.rendering.palette import Colour

__all__ = ["Terminal", "draw_text", "in_ascii"]

_ARROWS = {Action.UP: "↑", Action.DOWN: "↓", Action.LEFT: "←", Action.RIGHT: "→"}
_AGENT = {None: "●", Action.UP: "▲", Action.DOWN: "▼", Action.LEFT: "◀", Action.RIGHT: "▶"}
_ASCII = str.maketrans("┌┬┐├┼┤└┴┘─│█●▲▼◀▶↑↓←→·" + MINUS, "+++++++++-|#@^v<>^v<>.-")

_COLUMNS_WITH_ALL_NUMBERS = 5
_COLUMNS_WITH_NUMBERS = 12
"""Wider maps show fewer numbers, or their lines would break in a usual terminal."""

_COLOUR = {
    "G": palette.GOOD,
    "P": palette.BAD,
    "H": palette.BAD,
    "S": palette.FAINT_INK,
    "#": palette.WALL_EDGE,
}

_COLOURED_ON_WINDOWS = ("WT_SESSION", "ConEmuANSI", "ANSICON", "TERM")
"""What terminals of Windows set that know the codes of colours; its older console prints them as they are."""


@dataclass(frozen=True)
class Terminal:
    """What the place where the text ends up can show.

    Attributes:
        colours: 0, 256, or 2**24.
        unicode: whether box drawing and arrows get through.
    """

    colours: int = 0
    unicode: bool = True

    @classmethod
    def of(cls, stream: TextIO | None = None) -> Terminal:
        """What a stream (standard output) can show; follows NO_COLOR, FORCE_COLOR, TERM and COLORTERM."""
        stream = sys.stdout if stream is None else stream
        encoding = getattr(stream, "encoding", None) or "utf-8"
        try:
            "┼▶→·".encode(encoding)
            unicode = True
        except (UnicodeEncodeError, LookupError):
            unicode = False
        environment = os.environ
        understood = sys.platform != "win32" or any(environment.get(name) for name in _COLOURED_ON_WINDOWS)
        wanted = bool(environment.get("FORCE_COLOR")) or (
            hasattr(stream, "isatty") and stream.isatty() and understood and environment.get("TERM") != "dumb"
        )
        if environment.get("NO_COLOR") or not wanted:  # https://no-color.org
            return cls(0, unicode)
        return cls(2**24 if environment.get("COLORTERM") in ("truecolor", "24bit") else 256, unicode)


def draw_text(
    layout: Layout,
    track: Track,
    overlay: Overlay = NOTHING,
    terminal: Terminal | None = None,
    language: Language = "en",
) -> str:
    """The board in characters; one line break between lines, none at the end.

    Cells say what they are (``S G P H``, a block for a wall, a dot where the agent has been), where the
    greedy actions point, and with values what the best of them is worth. A triangle is the agent and
    points where it heads.

    Args:
        layout: the map.
        track: where the agent is, and which way it came.
        overlay: what to lay over the board.
        terminal: what to draw for; None asks standard output.
        language: of the status line, where the terminal has more than ASCII.
    """
    terminal = Terminal.of() if terminal is None else terminal
    cells = _Cells(layout, track, overlay, terminal)
    margin = " " * (len(str(layout.n_rows - 1)) + 1)

    def rule(left: str, crossing: str, right: str) -> str:
        return f"{margin} {left}{crossing.join(['─' * cells.width] * layout.n_columns)}{right}"

    lines = [f"{margin}  {' '.join(str(column).center(cells.width) for column in range(layout.n_columns))}"]
    lines.append(rule("┌", "┬", "┐"))
    for row in range(layout.n_rows):
        if row:
            lines.append(rule("├", "┼", "┤"))
        first = row * layout.n_columns
        for number, parts in enumerate(
            zip(*map(cells.lines, range(first, first + layout.n_columns)), strict=True)
        ):
            name = str(row) if number == cells.height // 2 else ""
            lines.append(f"{name:>{len(margin)}} │{'│'.join(parts)}│")
    lines.append(rule("└", "┴", "┘"))
    if overlay.status:
        language = language if terminal.unicode else "en"
        status = [f"{translated(name, language)} {text}" for name, text in overlay.status]
        lines.append(f"{margin}  " + " · ".join(status))
    text = "\n".join(line.rstrip() for line in lines)
    return text if terminal.unicode else in_ascii(text)


def in_ascii(text: str) -> str:
    """The text with ASCII's nearest characters for lines, blocks and arrows."""
    return text.translate(_ASCII)


class _Cells:
    """Cells as painted lines, all of one width and height."""

    def __init__(self, layout: Layout, track: Track, overlay: Overlay, terminal: Terminal) -> None:
        self._layout, self._terminal = layout, terminal
        self._state, self._agent, self._trail = track.state, _AGENT[track.heading], frozenset(track.trail)
        values = overlay.q_values if overlay.q_values is not None else overlay.values
        if layout.n_columns > _COLUMNS_WITH_NUMBERS:
            values = None
        elif values is not None and values.ndim == 2 and layout.n_columns > _COLUMNS_WITH_ALL_NUMBERS:
            values = values.max(axis=1)
        self._values, self._arrows = values, overlay.arrows
        self._number_width = 0
        if values is not None:
            values = values[layout.free_states]
            self._scale = overlay.scale or palette.scale_of(values)
            self._number_width = max(map(len, written(values, self._scale)))
        self._crossed = self._values is not None and self._values.ndim == 2
        self.height = 3 if self._crossed else 1
        if self._crossed:
            self.width = 2 * self._number_width + 8
        elif self._values is not None or self._arrows is not None:
            self.width = (
                1 + (0 if self._arrows is None else 5) + (self._number_width + 1 if self._number_width else 0)
            )
        else:
            self.width = 3

    def lines(self, state: int) -> list[str]:
        """One cell, top to bottom."""
        letter = str(self._layout.cells[state])
        if letter == "#":
            return [self._painted("█" * self.width, _COLOUR["#"])] * self.height
        if letter in "GH" or (self._values is None and self._arrows is None):
            lines = [" " * self.width] * self.height
            lines[self.height // 2] = self._centred(self._mark(state, letter))
            return lines
        mark = self._mark(state, letter.replace("S", "."))
        arrows = "" if self._arrows is None else "".join(_ARROWS[a] for a in Action if self._arrows[state, a])
        if self._crossed:
            return self._cross(state, mark, arrows)
        number = "" if self._values is None else self._number(float(self._values[state])) + " "
        return [self._painted(*mark) + ("" if self._arrows is None else f"{arrows:<5}") + number]

    def _cross(self, state: int, mark: tuple[str, Colour | None], arrows: str) -> list[str]:
        assert self._values is not None
        up, down, left, right = (self._number(float(value)) for value in self._values[state])
        aside = (self.width - self._number_width) // 2
        rest = self.width - self._number_width - aside
        return [
            self._painted(*mark) + " " * (aside - 1) + up + " " * rest,
            f" {left} {arrows:^4} {right} ",
            " " * aside + down + " " * rest,
        ]

    def _mark(self, state: int, letter: str) -> tuple[str, Colour | None]:
        if state == self._state:
            return self._agent, palette.AGENT
        if letter in "GPHS":
            return letter, _COLOUR[letter]
        return ("·", palette.TRAIL) if state in self._trail else (" ", None)

    def _number(self, value: float) -> str:
        given = np.array([value])
        text = written(given, self._scale)[0].rjust(self._number_width)
        shade = palette.shade(given, self._scale)
        background = palette.colours(shade)[0]
        ink = palette.WHITE if palette.wants_white_ink(shade)[0] else palette.INK
        return self._painted(text, ink, tuple(background.tolist()))

    def _centred(self, mark: tuple[str, Colour | None]) -> str:
        left = (self.width - len(mark[0])) // 2
        return " " * left + self._painted(*mark) + " " * (self.width - len(mark[0]) - left)

    def _painted(self, text: str, ink: Colour | None, background: Colour | None = None) -> str:
        if not self._terminal.colours or ink is None:
            return text
        codes = [self._code(38, ink)] + ([] if background is None else [self._code(48, background)])
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m"

    def _code(self, ground: int, colour: Colour) -> str:
        if self._terminal.colours > 256:
            return f"{ground};2;{';'.join(map(str, colour))}"
        red, green, blue = (round(channel / 255 * 5) for channel in colour)
        return f"{ground};5;{16 + 36 * red + 6 * green + blue}"
