"""MapEditor: a map that is edited cell by cell and row by row, with undo. Knows no pygame."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gym_gridq.layout import Action, Layout

__all__ = ["TOOLS", "MapEditor"]

TOOLS = ".#PGHS"
"""Letters to paint with: floor, wall, pit, goal, hole, start."""

LONGEST_SIDE = 100
"""Rows and columns of a map that is edited: the optimum of a larger one would not follow the hand."""

STEP = 0.1
"""By how much a reward changes at once."""


class MapEditor:
    """A map under a person's hands; it is one that can be played at any time.

    Attributes:
        layout: the map as it is now.
        tool: the letter that is painted.
        is_saved: whether it stands in a file, or is the one begun with.

    Args:
        layout: the map to begin with.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.tool = "#"
        self.is_saved = True
        self._undone: list[Layout] = []
        self._before: list[Layout] = []
        self._in_stroke = False

    def paint(self, state: int, letter: str | None = None) -> bool:
        """Puts a letter, the tool's by default, into a cell; whether that changed anything.

        Raises:
            ValueError: if no map would be left, without a start or a goal.
        """
        row, column = self.layout.position(state)
        rows = list(self.layout.rows)
        rows[row] = rows[row][:column] + (letter or self.tool) + rows[row][column + 1 :]
        return self._change(Layout.from_rows(rows, self.layout.rewards))

    def resize(self, side: Action, grow: bool) -> bool:
        """Puts a row or column of floor beside one side of the map, or takes the one at that side away.

        Raises:
            ValueError: if no map would be left, without a start or a goal, or one too large.
        """
        across = side in (Action.LEFT, Action.RIGHT)
        lines = _columns(self.layout.rows) if across else list(self.layout.rows)
        if len(lines) == (LONGEST_SIDE if grow else 1):
            raise ValueError(f"a map has 1 to {LONGEST_SIDE} {'columns' if across else 'rows'}")
        is_first = side in (Action.UP, Action.LEFT)
        if grow:
            lines.insert(0 if is_first else len(lines), "." * len(lines[0]))
        else:
            del lines[0 if is_first else -1]
        self.end_stroke()
        return self._change(Layout.from_rows(_columns(lines) if across else lines, self.layout.rewards))

    def change_reward(self, state: int, n_steps: int) -> tuple[str, float] | None:
        """Raises or lowers the reward of all cells of the kind of one, by so many tenths.

        Returns:
            The letter and its reward now; None for a wall, which is never entered.

        Raises:
            ValueError: for a reward out of its range.
        """
        letter = str(self.layout.cells[state])
        if letter == "#":
            return None
        reward = round(self.layout.rewards[letter] + n_steps * STEP, 6) + 0.0
        self._change(Layout.from_rows(self.layout.rows, {**self.layout.rewards, letter: reward}))
        return letter, reward

    def end_stroke(self) -> None:
        """What is painted from now on is undone apart from what was painted before."""
        self._in_stroke = False

    def undo(self) -> bool:
        """Takes the last stroke back; whether there was one."""
        return self._go_back(self._before, self._undone)

    def redo(self) -> bool:
        """Makes a stroke again that was taken back; whether there was one."""
        return self._go_back(self._undone, self._before)

    def save(self, folder: Path) -> Path:
        """Writes the map under the first free name, ``map-001.txt`` and so on; no file is overwritten.

        Raises:
            OSError: if it cannot be written.
        """
        number = 1
        while True:
            path = folder / f"map-{number:03}.txt"
            try:
                with path.open("x", encoding="utf-8") as file:
                    file.write(self.layout.to_text())
            except FileExistsError:
                number += 1
                continue
            self.is_saved = True
            return path

    def _change(self, layout: Layout) -> bool:
        if layout == self.layout:
            return False
        if not self._in_stroke:
            self._before.append(self.layout)
            self._undone.clear()
            self._in_stroke = True
        self.layout, self.is_saved = layout, False
        return True

    def _go_back(self, there: list[Layout], back: list[Layout]) -> bool:
        self._in_stroke = False
        if not there:
            return False
        back.append(self.layout)
        self.layout, self.is_saved = there.pop(), False
        return True


def _columns(rows: Sequence[str]) -> list[str]:
    """The columns of rows, or the rows of columns."""
    return ["".join(column) for column in zip(*rows, strict=True)]
