"""The folder of a sweep: what it is to run, and what has become of every cell so far."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from agents.experiments.cell import CellResult
from agents.experiments.curves import RECORD, Curves, by_setting, packed, unpacked, write_arrays
from agents.experiments.plan import Plan, read_plan, shown
from agents.storage.files import (
    blamed_on,
    opened_to_change,
    opened_to_read,
    remove_dead_partials,
    replacing,
)
from agents.storage.folder_lock import FolderLock

__all__ = ["SweepFolder", "read_curves"]

GROWING = ".curves"

_INTEGERS = {"total_steps", "optimal_states", "greedy_length", "steps_to_exact", "steps_to_optimal"}
_INTEGERS |= {"steps_to_threshold", "episodes"}


class SweepFolder:
    """A sweep on disk. One process at a time holds it, and writes.

    A cell's curves come first, then its line in ``results.csv``, in one piece; so a cell whose line is there
    is there whole, and of any other nothing counts. What was being written when a process was killed is cut
    off by the next one.

    Attributes:
        path: the folder.
        plan: what is to run.
        records: the finished cells, each by its columns, by number.

    Args:
        path: an existing folder that holds a sweep, or nothing of one.
        plan: what is to run; None to read it there. If it is there already, it must be the same.

    Raises:
        ValueError: for a folder of another kind or of another sweep, or a damaged one.
        BlockingIOError: if another process holds it.
        OSError: if it cannot be read or written.
    """

    def __init__(self, path: str | os.PathLike[str], plan: Plan | None = None) -> None:
        self.path = Path(path)
        self._table: BinaryIO | None = None
        self._growing: BinaryIO | None = None
        if not self.path.is_dir():
            raise ValueError(f"there is no sweep in {os.fspath(path)!r}; 'gridq sweep --out DIR' makes one")
        self._lock = FolderLock(self.path)
        try:
            remove_dead_partials(self.path)
            self.plan = self._settle(plan)
            self.records: dict[int, dict[str, Any]] = {}
            self._curve_of: dict[int, Curves] = {}
            self._open()
        except BaseException:
            self.close()
            raise

    @classmethod
    def made(cls, path: str | os.PathLike[str] | None, plan: Plan) -> SweepFolder:
        """The folder of a plan, made if it is not there.

        Args:
            path: the folder; by default a new one under ``runs/``.
            plan: what is to run.
        """
        if path is not None:
            with blamed_on(path):
                Path(path).mkdir(parents=True, exist_ok=True)
            return cls(path, plan)
        stem = f"{plan.settings[0]['env_id']}-sweep".replace("/", "-").replace(":", "-")
        Path("runs").mkdir(exist_ok=True)
        for number in itertools.count(1):
            with contextlib.suppress(FileExistsError):
                new = Path("runs") / f"{stem}-{number}"
                new.mkdir()
                return cls(new, plan)
        raise AssertionError

    @staticmethod
    def is_one(path: str | os.PathLike[str]) -> bool:
        """Whether a folder holds a sweep."""
        return (Path(path) / "config.json").is_file() and (Path(path) / "results.csv").is_file()

    @property
    def config_file(self) -> Path:
        """What is to run."""
        return self.path / "config.json"

    @property
    def results_file(self) -> Path:
        """A line for every finished cell."""
        return self.path / "results.csv"

    @property
    def curves_file(self) -> Path:
        """The curves of every cell, as arrays."""
        return self.path / "curves.npz"

    @property
    def missing(self) -> list[int]:
        """The numbers of the cells that are still to be run."""
        return [index for index in range(self.plan.n_cells) if index not in self.records]

    def add(self, results: Iterable[CellResult]) -> None:
        """Writes finished cells; they are on the disk when this returns.

        Raises:
            OSError: if they cannot be written.
        """
        assert self._table is not None
        assert self._growing is not None
        self._lock.check()
        finished, lines = list(results), []
        for result in finished:
            record = self._record(result)
            self.records[result.number] = record
            self._curve_of[result.number] = result.curves
            lines.append(_line(shown(record[name]) for name in self.plan.columns))
        for path, file, written in (
            (self._growing_file, self._growing, packed(finished)),
            (self.results_file, self._table, b"".join(lines)),
        ):
            with blamed_on(path):
                file.write(written)
                file.flush()
                os.fsync(file.fileno())

    def curves(self) -> Curves:
        """Those of every finished cell, (settings, seeds, len(CURVES), POINTS); NaN where unknown."""
        return by_setting(self.plan, self._curve_of)

    def write_curves(self) -> None:
        """Writes ``curves.npz``.

        Raises:
            OSError: if it cannot be written.
        """
        write_arrays(self.curves_file, self.plan, self.curves())

    def write_json(self, name: str, value: Mapping[str, Any]) -> None:
        """Writes a JSON file into the folder.

        Raises:
            OSError: if it cannot be written.
        """
        with replacing(self.path / name) as file:
            file.write(json.dumps(value, indent=2, allow_nan=False).encode() + b"\n")

    def close(self) -> None:
        """Gives the folder free."""
        for file in (self._table, self._growing):
            if file is not None:
                file.close()
        self._lock.close()

    @property
    def _growing_file(self) -> Path:
        """The curves so far."""
        return self.path / GROWING

    def _settle(self, plan: Plan | None) -> Plan:
        """The plan of the folder, written down before anything runs."""
        if not os.path.lexists(self.config_file):
            if plan is None:
                raise ValueError(f"{os.fspath(self.path)!r} holds no sweep: config.json is missing")
            if os.path.lexists(self.results_file):
                raise ValueError(
                    f"{os.fspath(self.path)!r} has a results.csv but no config.json; "
                    "put that back, or choose another folder"
                )
            self.write_json(self.config_file.name, plan.to_json())
            return plan
        found = read_plan(self.config_file)
        if plan is not None and found != plan:
            raise ValueError(
                f"{os.fspath(self.path)!r} holds another sweep, or something else; choose another folder"
            )
        return found

    def _open(self) -> None:
        self._growing = opened_to_change(self._growing_file)
        curves = unpacked(self._growing)
        whole = os.fstat(self._growing.fileno()).st_size // RECORD.itemsize * RECORD.itemsize
        self._growing.truncate(whole)
        self._growing.seek(whole)
        self._table = opened_to_change(self.results_file)
        text = self._table.read()
        kept = text.rfind(b"\n") + 1  # what follows was being written when the process was killed
        self._table.truncate(kept)
        self._table.seek(kept)
        if kept == 0:
            self._table.write(_line(self.plan.columns))
            self._table.flush()
        else:
            self._read_table(text[:kept].decode(errors="replace"))
        self._curve_of = {index: curves[index] for index in self.records if index in curves}

    def _read_table(self, text: str) -> None:
        header, *rows = csv.reader(io.StringIO(text, newline=""))
        if header != self.plan.columns:
            raise ValueError(f"{os.fspath(self.results_file)!r} is damaged: its columns are not the plan's")
        numbers = {self.plan.key(index): index for index in range(self.plan.n_cells)}
        n_named = 3 + len(self.plan.varied)
        for row in rows:
            index = numbers.get(tuple(row[:n_named]))
            if index is None or len(row) != len(header) or index in self.records:
                raise ValueError(
                    f"{os.fspath(self.results_file)!r} is damaged: no line, or a second one, should begin "
                    f"with {','.join(row[:n_named])!r:.80}"
                )
            try:
                fields = dict(zip(header, row, strict=True))
                self.records[index] = self._named(index) | {
                    name: _value(name, fields[name]) for name in header[n_named:]
                }
            except ValueError as error:
                raise ValueError(f"{os.fspath(self.results_file)!r} is damaged: {error}") from error

    def _named(self, index: int) -> dict[str, Any]:
        named = self.plan.named(self.plan.setting_of(index))
        order = ("agent", "env_id", "seed", *self.plan.varied)
        return {name: named.get(name, self.plan.seed_of(index)) for name in order}

    def _record(self, result: CellResult) -> dict[str, Any]:
        measures = {name: result.measures.get(name) for name in self.plan.measures}
        return {
            **self._named(result.number),
            **measures,
            "digest": result.digest,
            "error": result.error,
            "seconds": round(result.seconds, 4),
            "worker": result.worker,
            "finished": result.finished,
        }


def read_curves(path: str | os.PathLike[str]) -> tuple[Plan, dict[int, Curves]]:
    """The plan of a sweep and the curves of its finished cells, whether or not a process is at work there.

    Raises:
        ValueError: if it is another folder, or a damaged one.
        OSError: if it cannot be read.
    """
    plan = read_plan(Path(path) / "config.json")
    with opened_to_read(Path(path) / GROWING) as file:
        curves = unpacked(file)
    return plan, {index: curve for index, curve in curves.items() if 0 <= index < plan.n_cells}


def _line(fields: Iterable[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow(fields)
    return text.getvalue().encode()


def _value(name: str, text: str) -> Any:
    if name in ("digest", "error", "worker", "finished"):
        return text
    if not text:
        return None
    return int(text) if name in _INTEGERS else float(text)
