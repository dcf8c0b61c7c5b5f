"""State: what a learner learns with, declared once. Saving, restoring, copying and limits follow from that.

A learner asks a `State` for its arrays and counters while it is built. A new learner gets zeros, or what it
draws; one that is restored gets what was kept under the same names, if it has the declared shape and dtype.
Nothing is allocated before that is known, so a file can ask for no more memory than it brings.
"""

from __future__ import annotations

import copy
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Rows", "State"]

Array = npt.NDArray[Any]


class Rows:
    """Columns of one length, which take memory as they grow: a replay, an episode under way, one row a lane.

    Attributes:
        columns: an array for each name; its first `length` rows count.
        length: number of rows held.

    Args:
        columns: the rows to begin with, by name.
        most: how many rows there may be.
        fill: what new rows are full of.
    """

    def __init__(self, columns: Mapping[str, Array], most: int, fill: float) -> None:
        self.columns = dict(columns)
        self.length = len(next(iter(self.columns.values())))
        self._room, self._most, self._fill = self.length, most, fill

    def lengthen(self, length: int) -> None:
        """Holds at least ``length`` rows; `columns` may be other arrays then."""
        if length > self._room:
            self._room = min(max(length, 2 * self._room), self._most)
            for name, column in self.columns.items():
                grown = np.full((self._room, *column.shape[1:]), self._fill, column.dtype)
                grown[: len(column)] = column
                self.columns[name] = grown
        self.length = max(self.length, length)

    def held(self) -> dict[str, Array]:
        """The rows that count, by name of the column; views."""
        return {name: column[: self.length] for name, column in self.columns.items()}


class State:
    """Arrays and counters by name.

    Args:
        arrays: what to restore arrays from; None for a new learner. They are copied.
        counters: what to restore counters from.
    """

    def __init__(
        self, arrays: Mapping[str, Array] | None = None, counters: Mapping[str, Any] | None = None
    ) -> None:
        self._kept_arrays, self._kept_counters = arrays, counters or {}
        self._prefix = ""
        self._arrays: dict[str, Array] = {}
        self._rows: list[tuple[str, Rows]] = []
        self._writers: list[weakref.WeakMethod[Callable[[], None]]] = []
        # The owner holds this state; a reference back would keep both until the next garbage collection.
        self._counters: dict[str, tuple[weakref.ref[Any], str]] = {}

    def within(self, prefix: str) -> State:
        """The same state for a part of the learner: every name that it declares gets the prefix."""
        part = copy.copy(self)
        part._prefix = self._prefix + prefix
        return part

    def array(
        self, name: str, shape: tuple[int, ...], dtype: Any, initial: Callable[[], Array] | None = None
    ) -> Array:
        """Declares an array that the learner changes in place.

        Args:
            name: what it is kept under.
            shape: its shape.
            dtype: its dtype.
            initial: makes the array of a new learner; zeros by default.

        Raises:
            ValueError: if what was kept is missing or different.
        """
        name = self._prefix + name
        if self._kept_arrays is not None:
            array = self._kept(name, shape, dtype)
        else:
            array = np.zeros(shape, dtype) if initial is None else initial()
        self._arrays[name] = array
        return array

    def rows(
        self, columns: Mapping[str, tuple[tuple[int, ...], Any]], most: int = 2**62, fill: float = 0
    ) -> Rows:
        """Declares columns of one length that grow; those of a new learner are empty.

        Args:
            columns: the shape of one row and the dtype, by name.
            most: how many rows there may be.
            fill: what new rows are full of.

        Raises:
            ValueError: if what was kept is missing, different, of unequal lengths or too long.
        """
        if self._kept_arrays is None:
            empty = {name: np.empty((0, *shape), dtype) for name, (shape, dtype) in columns.items()}
            rows = Rows(empty, most, fill)
        else:
            kept = {
                name: self._kept(self._prefix + name, (None, *shape), dtype)
                for name, (shape, dtype) in columns.items()
            }
            lengths = {self._prefix + name: len(column) for name, column in kept.items()}
            if len(set(lengths.values())) > 1 or max(lengths.values()) > most:
                raise ValueError(f"arrays of one length, at most {most}, have the lengths {lengths}")
            rows = Rows(kept, most, fill)
        self._rows.append((self._prefix, rows))
        return rows

    def counters(self, owner: Any, *names: str, **attributes: str) -> None:
        """Declares integers from 0 up that are attributes of ``owner``, and sets them.

        Args:
            owner: part of the learner.
            *names: attributes kept under their own names.
            **attributes: name to keep it under = attribute.

        Raises:
            ValueError: if what was kept is missing or no counter.
        """
        for name, attribute in (dict(zip(names, names, strict=True)) | attributes).items():
            name = self._prefix + name
            value = 0 if self._kept_arrays is None else self._kept_counters.get(name)
            if type(value) is not int or value < 0:
                raise ValueError(f"counter {name!r} is {value!r}; it should be an integer from 0 up")
            setattr(owner, attribute, value)
            self._counters[name] = weakref.ref(owner), attribute

    def written_by(self, write: Callable[[], None]) -> None:
        """Declares a method that is called before the arrays are looked at.

        It writes into them what its owner holds in a quicker form meanwhile.
        """
        self._writers.append(weakref.WeakMethod(write))

    def kept_arrays(self) -> dict[str, Array]:
        """Every array by name, rows as far as they are held; the learner's own, not copies."""
        for writer in self._writers:
            if (write := writer()) is not None:
                write()
        return self._arrays | {
            prefix + name: column for prefix, rows in self._rows for name, column in rows.held().items()
        }

    def kept_counters(self) -> dict[str, int]:
        """Every counter by name."""
        return {name: getattr(owner(), attribute) for name, (owner, attribute) in self._counters.items()}

    def complete(self) -> None:
        """Says that all is declared: what was kept is let go, or refused if it belongs to another learner.

        Raises:
            ValueError: naming what nobody declared.
        """
        unknown = {*(self._kept_arrays or ()), *self._kept_counters}
        unknown -= {*self.kept_arrays(), *self._counters}
        if unknown:
            raise ValueError(f"it holds {', '.join(sorted(map(repr, unknown)))}, which this agent cannot use")
        self._kept_arrays, self._kept_counters = None, {}

    def _kept(self, name: str, shape: tuple[int | None, ...], dtype: Any) -> Array:
        """A copy of what was kept; a length of None may be any."""
        array = (self._kept_arrays or {}).get(name)
        if array is None:
            raise ValueError(f"array {name!r} is missing")
        fits = len(array.shape) == len(shape) and all(
            wanted in (None, length) for wanted, length in zip(shape, array.shape, strict=True)
        )
        if not fits or array.dtype != dtype:
            expected = str(shape).replace("None", "any length")
            raise ValueError(
                f"array {name!r} is {array.dtype} {array.shape}, "
                f"but this agent holds {np.dtype(dtype)} {expected}"
            )
        copied: Array = array.copy()
        return copied
