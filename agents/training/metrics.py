"""The metrics file: a line for every training episode."""

from __future__ import annotations

import math
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
import numpy.typing as npt

from agents.algorithms.base import Agent
from agents.storage.files import blamed_on, opened_to_change, opened_to_read
from agents.training.history import Episode
from agents.training.loop import Callback, Training

__all__ = ["KNOWN", "METRICS", "Judge", "MetricsFile", "read_metrics"]

EPISODE = ("episode", "steps", "return", "length", "loss", "epsilon")
"""The columns of what an exploring learner went through; see `agents.training.history.Episode`."""

KNOWN = ("greedy_value", "optimal_value", "max_q_error", "greedy_return")
"""Those of what it knows, filled in now and then: the exact value of the greedy policy, that of the best one,
max abs(Q - q*); and, where no optimum is known, the mean return of greedy episodes."""

METRICS = (*EPISODE, *KNOWN)
"""Columns of ``metrics.csv``."""

MAX_HEADER = 1000
"""Bytes of the line of their names."""


class Judge(Protocol):
    """Says now and then what an agent knows. When it is asked follows from the steps alone."""

    def due(self, steps: int, judged_at: int) -> bool:
        """Whether to look again, after so many environment steps; 0 before the first look."""

    def judge(self, agent: Agent) -> Mapping[str, float]:
        """Numbers for some of `KNOWN`; NaN where one has no value. The agent is left as it was."""


class MetricsFile(Callback):
    """Writes a line for every finished episode; a resumed training has no line twice and none missing.

    Numbers are written so that they read back exactly. No time of day is in it.

    Args:
        path: the file; an earlier one is written over unless `load_state` goes on with it.
        judge: what fills the columns of `KNOWN`, asked at the ends of episodes.

    Attributes:
        known: what the judge said last.
    """

    def __init__(self, path: str | os.PathLike[str], judge: Judge | None = None) -> None:
        self.path = Path(path)
        self.known: Mapping[str, float] = {}
        self._judge = judge
        self._judged_at = 0
        self._columns: tuple[str, ...] = METRICS
        self._file: BinaryIO | None = None
        self._n_bytes = 0
        self._checksum = 0

    def on_start(self, training: Training) -> None:
        """Opens the file, and cuts off what was written after the state gone on from."""
        self._file = opened_to_change(self.path)
        if self._n_bytes:  # a file of an earlier release goes on with the columns it has
            self._columns = _columns(self._file)
        self._file.truncate(self._n_bytes)
        self._file.seek(self._n_bytes)
        if self._n_bytes == 0:
            self._write(",".join(METRICS))

    def on_episode(self, training: Training, episode: Episode) -> None:
        """Writes a line."""
        known: Mapping[str, float] = {}
        if self._judge is not None and self._judge.due(episode.steps, self._judged_at):
            self.known = known = self._judge.judge(training.agent)
            self._judged_at = episode.steps
        fields = dict(zip(EPISODE, map(_shown, episode), strict=True))
        fields |= {name: _shown(value) for name, value in known.items()}
        self._write(",".join(fields.get(name, "") for name in self._columns))

    def on_end(self, training: Training) -> None:
        """Closes the file."""
        if self._file is not None:
            with blamed_on(self.path):
                self._file.close()
            self._file = None

    def state(self) -> dict[str, int]:
        """Length and checksum of what is on the disk when this returns, and when Q-values were judged."""
        if self._file is not None:
            with blamed_on(self.path):
                self._file.flush()
                os.fsync(self._file.fileno())
        return {"bytes": self._n_bytes, "crc32": self._checksum, "judged_at": self._judged_at}

    def load_state(self, state: Any) -> None:
        """Goes on after the lines that were there when the state was taken.

        Raises:
            ValueError: if those lines are no longer there.
        """
        n_bytes, checksum, judged_at = (state[name] for name in ("bytes", "crc32", "judged_at"))
        if any(type(number) is not int or number < 0 for number in (n_bytes, checksum, judged_at)):
            raise ValueError(f"the saved state of the metrics is damaged: {state!r:.80}")
        written = b""
        if n_bytes:
            try:
                with opened_to_read(self.path) as file:
                    # no more memory than the file has, whatever was claimed
                    written = file.read(min(n_bytes, os.fstat(file.fileno()).st_size))
            except FileNotFoundError:
                raise ValueError(
                    f"{os.fspath(self.path)!r} is missing; the run cannot be continued without it"
                ) from None
        if len(written) != n_bytes or zlib.crc32(written) != checksum:
            raise ValueError(
                f"{os.fspath(self.path)!r} is not as the checkpoint left it; put it back, or start a new run"
            )
        self._n_bytes, self._checksum, self._judged_at = n_bytes, checksum, judged_at

    def _write(self, line: str) -> None:
        assert self._file is not None
        data = line.encode() + b"\n"
        with blamed_on(self.path):
            self._file.write(data)
        self._n_bytes += len(data)
        self._checksum = zlib.crc32(data, self._checksum)


def _shown(value: float) -> str:
    return "" if math.isnan(value) else repr(value)


def _columns(file: BinaryIO) -> tuple[str, ...]:
    return tuple(file.readline(MAX_HEADER).decode(errors="replace").rstrip("\n").split(","))


def read_metrics(path: str | os.PathLike[str]) -> dict[str, npt.NDArray[np.float64]]:
    """The columns of a metrics file, each (E,); NaN where a field is empty, or of a release without it.

    Raises:
        ValueError: for another file, or a damaged one.
    """
    with opened_to_read(path) as file:
        header = _columns(file)
        if header[: len(EPISODE)] != EPISODE or not set(header) <= set(METRICS):
            raise ValueError(
                f"{os.fspath(path)!r} is not a metrics file; its first line should be {','.join(METRICS)}"
            )
        try:
            rows = [[float(field or "nan") for field in line.rstrip(b"\n").split(b",")] for line in file]
            table = np.array(rows, np.float64).reshape(len(rows), len(header))
        except ValueError as error:
            raise ValueError(f"{os.fspath(path)!r} is damaged: {error}") from error
    columns = {name: table[:, column] for column, name in enumerate(header)}
    return {name: columns.get(name, np.full(len(table), np.nan)) for name in METRICS}
