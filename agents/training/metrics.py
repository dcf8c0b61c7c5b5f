"""The metrics file: a line for every training episode."""

from __future__ import annotations

import math
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from agents.algorithms.base import Agent
from agents.storage.files import blamed_on, opened_to_change, opened_to_read
from agents.training.history import Episode
from agents.training.loop import Callback, Training

__all__ = ["METRICS", "MetricsFile", "read_metrics"]

METRICS = ("episode", "steps", "return", "length", "loss", "epsilon", "max_q_error")
"""Columns of ``metrics.csv``; see `agents.training.history.Episode` for the meaning of all but the last."""

JUDGED_GROWTH = 1.02
"""Steps between two judgements of the Q-values, as a factor: some 500 in a million steps."""


class MetricsFile(Callback):
    """Writes a line for every finished episode; a resumed training has no line twice and none missing.

    Numbers are written so that they read back exactly. No time of day is in it.

    Args:
        path: the file; an earlier one is written over unless `load_state` goes on with it.
        max_q_error: how far an agent's Q-values are from the optimum, where that is known. It is asked after
            the first episode and whenever the steps have grown by a fiftieth since.
    """

    def __init__(
        self, path: str | os.PathLike[str], max_q_error: Callable[[Agent], float] | None = None
    ) -> None:
        self.path = Path(path)
        self._max_q_error = max_q_error
        self._judged_at = 0
        self._file: BinaryIO | None = None
        self._n_bytes = 0
        self._checksum = 0

    def on_start(self, training: Training) -> None:
        """Opens the file, and cuts off what was written after the state gone on from."""
        self._file = opened_to_change(self.path)
        self._file.truncate(self._n_bytes)
        self._file.seek(self._n_bytes)
        if self._n_bytes == 0:
            self._write(",".join(METRICS))

    def on_episode(self, training: Training, episode: Episode) -> None:
        """Writes a line."""
        number, steps, episode_return, length, loss, epsilon = episode
        shown_loss = "" if math.isnan(loss) else repr(loss)
        shown_error = ""
        if self._max_q_error is not None and steps >= JUDGED_GROWTH * self._judged_at:
            shown_error = repr(self._max_q_error(training.agent))
            self._judged_at = steps
        self._write(f"{number},{steps},{episode_return!r},{length},{shown_loss},{epsilon!r},{shown_error}")

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


def read_metrics(path: str | os.PathLike[str]) -> dict[str, npt.NDArray[np.float64]]:
    """The columns of a metrics file, each (E,); NaN where a field is empty.

    Raises:
        ValueError: for another file, or a damaged one.
    """
    with opened_to_read(path) as file:
        header = file.readline(1000).decode(errors="replace").rstrip("\n").split(",")
        if header != list(METRICS):
            raise ValueError(
                f"{os.fspath(path)!r} is not a metrics file; its first line should be {','.join(METRICS)}"
            )
        try:
            rows = [[float(field or "nan") for field in line.rstrip(b"\n").split(b",")] for line in file]
            table = np.array(rows, np.float64).reshape(len(rows), len(METRICS))
        except ValueError as error:
            raise ValueError(f"{os.fspath(path)!r} is damaged: {error}") from error
    return {name: table[:, column] for column, name in enumerate(METRICS)}
