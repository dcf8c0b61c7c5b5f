"""Layouts: a text map becomes cells, starts, rewards and terminal states.

State = ``n_columns * row + column``, left to right, top to bottom. Walls have a state number too, so that
the number of a cell never depends on the walls around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from gym_gridq.checks import as_reward, read_only
from gym_gridq.named_layouts import MAPS

__all__ = ["LAYOUTS", "Action", "Layout"]

DEFAULT_REWARDS: Mapping[str, float] = {"S": 0.0, ".": 0.0, "G": 1.0, "P": -1.0, "H": -1.0}
"""Reward of entering a cell, by its letter."""

TERMINAL_LETTERS = "GH"
WALL = "#"
LETTERS = "S.#GPH"


class Action(IntEnum):
    """The four moves; the numbers are those of the book."""

    UP = 0
    DOWN = 1
    LEFT = 2
    RIGHT = 3


@dataclass(frozen=True)
class Layout:
    """A grid as text, checked once and never changed.

    Letters: ``S`` start (several: drawn uniformly), ``.`` floor, ``#`` wall, ``G`` goal (+1, terminal),
    ``P`` pit (-1, the episode goes on), ``H`` hole (-1, terminal). The reward belongs to the cell that a
    move ends on. A goal that cannot be reached is legal.

    Attributes:
        rows: the map, one string a row, all of one length.
        rewards: reward of entering a cell, by letter (``S . G P H``); finite.
        name: what a person calls it; plays no part in equality.

    Raises:
        ValueError: for an empty map, rows of unequal length, an unknown letter, no start, no goal, or a
            reward that is not a finite number for a letter that has one.
    """

    rows: tuple[str, ...]
    rewards: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_REWARDS))
    name: str | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if isinstance(self.rows, str):
            raise ValueError(
                f"the rows are one string, {_shortened(self.rows)}; give a list, one string a row"
            )
        rows = tuple(self.rows)
        for number, row in enumerate(rows):
            if not isinstance(row, str):
                raise ValueError(f"row {number} of the layout is {row!r}; every row must be a string")
        if not rows or not rows[0]:
            raise ValueError(f"layout {rows!r} is empty; give at least one row of at least one letter")
        for number, row in enumerate(rows):
            if len(row) != len(rows[0]):
                raise ValueError(
                    f"row {number} of the layout, {_shortened(row)}, has {len(row)} letters, but row 0 has "
                    f"{len(rows[0])}; make all rows equally long (use '#' for cells that do not exist)"
                )
            unknown = set(row) - set(LETTERS)
            if unknown:
                raise ValueError(
                    f"unknown letter {min(unknown)!r} in row {number} of the layout, {_shortened(row)}; use "
                    "'S' start, '.' floor, '#' wall, 'G' goal, 'P' pit, 'H' hole"
                )
        letters = set().union(*rows)
        if "S" not in letters:
            raise ValueError("the layout has no start; mark at least one cell with 'S'")
        if "G" not in letters:
            raise ValueError("the layout has no goal; mark at least one cell with 'G'")
        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "rewards", _FrozenRewards(_checked_rewards(self.rewards)))

    @classmethod
    def from_rows(
        cls, rows: Iterable[str], rewards: Mapping[str, float] | None = None, name: str | None = None
    ) -> Layout:
        """Builds a layout from text rows.

        Args:
            rows: one string a row.
            rewards: rewards by letter that differ from the usual ones, e.g. ``{"H": 0.0}``.
            name: what a person calls it.

        Raises:
            ValueError: see the class.
        """
        # checked, and made a tuple, by the constructor
        return cls(rows, {**DEFAULT_REWARDS, **(rewards or {})}, name)  # type: ignore[arg-type]

    @classmethod
    def from_text(cls, text: str, name: str | None = None) -> Layout:
        """Builds a layout from a text map: its rows, then the rewards that are not the usual ones.

        A reward is a line such as ``P = -2``. Blank lines and trailing blanks do not count.

        Args:
            text: the map.
            name: what a person calls it.

        Raises:
            ValueError: see the class; for a line that sets no reward.
        """
        lines = [line.rstrip() for line in text.splitlines()]
        rewards = {}
        for line in lines:
            letter, equals, value = line.partition("=")
            if equals:
                try:
                    rewards[letter.strip()] = float(value)
                except ValueError:
                    raise ValueError(
                        f"{_shortened(line)} sets no reward; write a letter and a number, such as 'P = -2'"
                    ) from None
        return cls.from_rows([line for line in lines if line and "=" not in line], rewards, name)

    def to_text(self) -> str:
        """The text map that `from_text` reads."""
        unusual = [
            f"{letter} = {reward!r}\n"
            for letter, reward in self.rewards.items()
            if reward != DEFAULT_REWARDS[letter]
        ]
        return "".join([*(f"{row}\n" for row in self.rows), *unusual])

    @property
    def plain(self) -> list[str] | dict[str, Any]:
        """The layout as JSON can hold it, for `resolve`: its rows where all rewards are the usual ones."""
        if self.rewards == DEFAULT_REWARDS:
            return list(self.rows)
        return {"rows": list(self.rows), "rewards": dict(self.rewards), "name": self.name}

    @classmethod
    def resolve(cls, layout: str | Iterable[str] | Layout) -> Layout:
        """Turns what users may say (a name, text rows, a layout) into a layout.

        Raises:
            ValueError: for an unknown name, or rows that make no layout.
        """
        if isinstance(layout, Layout):
            return layout
        if isinstance(layout, str):
            if layout not in LAYOUTS:
                names = ", ".join(sorted(LAYOUTS))
                raise ValueError(f"unknown layout {layout!r}; named layouts are {names}; or give text rows")
            return LAYOUTS[layout]
        if isinstance(layout, Mapping):  # a Layout that was in a spec, after Gymnasium wrote that as JSON
            if set(layout) != {"rows", "rewards", "name"}:
                raise ValueError(f"layout is {layout!r:.80}; a dictionary holds rows, rewards and name")
            return cls.from_rows(**layout)
        if not isinstance(layout, Iterable):
            raise ValueError(f"layout is {layout!r}; give a name, a sequence of text rows, or a Layout")
        return cls.from_rows(layout)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.rows)

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return len(self.rows[0])

    @property
    def n_states(self) -> int:
        """Number of cells, walls included."""
        return self.n_rows * self.n_columns

    @cached_property
    def cells(self) -> npt.NDArray[np.str_]:
        """Letters by state, ``(S,)``, read-only."""
        return read_only(np.array("".join(self.rows)).reshape(1).view("U1"))

    @cached_property
    def wall(self) -> npt.NDArray[np.bool_]:
        """Which states are walls, ``(S,)``, read-only."""
        return read_only(self.cells == WALL)

    @cached_property
    def terminal(self) -> npt.NDArray[np.bool_]:
        """Which states end the episode, ``(S,)``, read-only."""
        return read_only(np.isin(self.cells, list(TERMINAL_LETTERS)))

    @cached_property
    def start_states(self) -> npt.NDArray[np.int64]:
        """The cells marked ``S``, ascending, read-only."""
        return read_only(np.flatnonzero(self.cells == "S"))

    @cached_property
    def free_states(self) -> npt.NDArray[np.int64]:
        """The cells that are neither wall nor terminal, ascending, read-only."""
        return read_only(np.flatnonzero(~(self.wall | self.terminal)))

    def state(self, row: int, column: int) -> int:
        """State of a cell.

        Raises:
            ValueError: if the cell lies outside the map.
        """
        if not (0 <= row < self.n_rows and 0 <= column < self.n_columns):
            raise ValueError(
                f"cell ({row}, {column}) lies outside the {self.n_rows}x{self.n_columns} map; "
                f"rows go from 0 to {self.n_rows - 1}, columns from 0 to {self.n_columns - 1}"
            )
        return self.n_columns * row + column

    def position(self, state: int) -> tuple[int, int]:
        """``(row, column)`` of a state.

        Raises:
            ValueError: if there is no such state.
        """
        if not 0 <= state < self.n_states:
            raise ValueError(f"state {state} does not exist; states go from 0 to {self.n_states - 1}")
        row, column = divmod(int(state), self.n_columns)
        return row, column

    def __reduce__(self) -> tuple[Any, ...]:
        # Rebuilt from its text: the cached arrays would come back writable out of pickle and deepcopy.
        return type(self), (self.rows, dict(self.rewards), self.name)

    def __hash__(self) -> int:
        return hash((self.rows, tuple(sorted(self.rewards.items()))))

    def __str__(self) -> str:
        return "\n".join(self.rows)

    def __repr__(self) -> str:
        return f"Layout({self.name or 'unnamed'}, {self.n_rows}x{self.n_columns})"

    def _repr_html_(self) -> str:
        # Asked for by notebooks.
        return f'<pre style="line-height: 1.1; letter-spacing: 0.4em">{self}</pre>'


class _FrozenRewards(dict[str, float]):
    """A dictionary that refuses changes and, unlike a mapping proxy, pickles and prints as JSON."""

    def _refuse(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("a layout's rewards cannot be changed; make a new one with Layout.from_rows")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return _FrozenRewards, (dict(self),)


def _checked_rewards(rewards: Mapping[str, float]) -> dict[str, float]:
    checked = {}
    for letter, reward in rewards.items():
        if letter not in DEFAULT_REWARDS:
            raise ValueError(f"rewards name {letter!r}; only the letters S . G P H have a reward")
        checked[letter] = as_reward(reward, f"the reward of {letter!r}")
    missing = set(DEFAULT_REWARDS) - set(checked)
    if missing:
        raise ValueError(f"rewards lack {sorted(missing)}; Layout.from_rows fills in the usual ones")
    return checked


def _shortened(row: str) -> str:
    return repr(row if len(row) <= 40 else row[:37] + "...")


LAYOUTS: Mapping[str, Layout] = {name: Layout.from_text(text, name) for name, text in MAPS.items()}
"""The named layouts."""
