"""Where cells run: one function a backend, each an iterator of finished batches in whatever order they end.

A backend is given batches and yields their results; it takes no more batches than it needs to keep busy, so
that their size can follow what the first cells took.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from agents.experiments.cell import CellResult, run_cells

__all__ = ["BACKENDS", "Batches", "check_backend", "n_cores", "results_of"]

Cell = tuple[int, Mapping[str, Any]]
Finished: TypeAlias = Generator[list[CellResult], None, None]
Backend = Callable[[Iterable[Sequence[Cell]], int], Finished]

BATCH_SECONDS = 0.5
"""As long as a batch should take: long beside what it costs to send one, short for who waits."""

MOST_CELLS = 100
"""In a batch, however short they are."""


class Batches:
    """Cells, in batches of about `BATCH_SECONDS`, as far as it is known how long they take.

    Args:
        cells: number and configuration of each, in the order in which they are to be begun.
        kind_of: which cells take about as long as one another.
        jobs: how many batches run at a time.
    """

    def __init__(self, cells: Sequence[Cell], kind_of: Callable[[int], int], jobs: int) -> None:
        self._cells, self._kind_of, self._jobs = cells, kind_of, jobs
        self._seconds: dict[int, float] = {}

    def note(self, results: Iterable[CellResult]) -> None:
        """Learns from finished cells how long those of their kind take."""
        for result in results:
            kind = self._kind_of(result.number)
            self._seconds[kind] = max(self._seconds.get(kind, 0.0), result.seconds)

    def __iter__(self) -> Iterator[list[Cell]]:
        begun = 0
        while begun < len(self._cells):
            # towards the end, enough batches for everybody
            most = max(1, min(MOST_CELLS, (len(self._cells) - begun) // (2 * self._jobs)))
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


def n_cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_backend(name: str) -> None:
    """Refuses a backend that is not there.

    Raises:
        ValueError: for an unknown name.
    """
    if name not in BACKENDS:
        raise ValueError(f"unknown backend {name!r}; choose from {', '.join(BACKENDS)}")


def results_of(name: str, batches: Iterable[Sequence[Cell]], jobs: int) -> Finished:
    """Runs batches; yields each when it is finished.

    Args:
        name: one of `BACKENDS`.
        batches: the cells.
        jobs: processes at a time.

    Raises:
        ChildProcessError: if a worker process has died, which ends the others too.
    """
    return BACKENDS[name](batches, jobs)


def _on_loky(batches: Iterable[Sequence[Cell]], jobs: int) -> Finished:
    """Processes of this machine, each with one thread of BLAS: more would change the last bits."""
    from joblib import Parallel, delayed, parallel_config
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    # joblib runs one job in this process, whatever its threads; so there are two, of which one waits
    with parallel_config(backend="loky", n_jobs=max(2, jobs), inner_max_num_threads=1):
        ahead = 2 * jobs if jobs > 1 else 1
        parallel = Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch=ahead)
        finished = parallel(delayed(run_cells)(batch) for batch in batches)
    with contextlib.closing(finished):  # ends the processes, if nobody waits for what they do
        try:
            yield from finished
        except TerminatedWorkerError as error:
            raise ChildProcessError(
                "a worker process has died, for want of memory or because somebody ended it; "
                "what is finished is kept"
            ) from error


BACKENDS: dict[str, Backend] = {"loky": _on_loky}
