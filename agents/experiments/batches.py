"""Cells in batches: as long as it takes to make sending one cheap, and no longer than people like to wait."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from agents.experiments.cell import Cell, CellResult

__all__ = ["Batches"]

BATCH_SECONDS = 0.5
"""As long as a batch should take: long beside what it costs to send one, short for who waits."""

MOST_CELLS = 100
"""In a batch, however short they are."""


class Batches:
    """Cells, in batches of about `BATCH_SECONDS`, as far as it is known how long they take.

    Attributes:
        jobs: how many batches run at a time, which a backend says when it knows.

    Args:
        cells: in the order in which they are to be begun.
        kind_of: which cells take about as long as one another, by their number.
    """

    def __init__(self, cells: Sequence[Cell], kind_of: Callable[[int], int]) -> None:
        self.jobs = 1
        self._cells, self._kind_of = cells, kind_of
        self._seconds: dict[int, float] = {}

    def __len__(self) -> int:
        """How many cells there are."""
        return len(self._cells)

    def note(self, results: Iterable[CellResult]) -> None:
        """Learns from finished cells how long those of their kind take."""
        for result in results:
            kind = self._kind_of(result.number)
            self._seconds[kind] = max(self._seconds.get(kind, 0.0), result.seconds)

    def __iter__(self) -> Iterator[list[Cell]]:
        begun = 0
        while begun < len(self._cells):
            # towards the end, enough batches for everybody
            most = max(1, min(MOST_CELLS, (len(self._cells) - begun) // (2 * self.jobs)))
            batch, seconds = [self._cells[begun]], self._expected(begun)
            while len(batch) < most:
                seconds += self._expected(begun + len(batch))
                if seconds > BATCH_SECONDS:
                    break
                batch.append(self._cells[begun + len(batch)])
            begun += len(batch)
            yield batch

    def _expected(self, number: int) -> float:
        return self._seconds.get(self._kind_of(self._cells[number][0]), BATCH_SECONDS)
