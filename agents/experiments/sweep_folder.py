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
from typing import Any

from agents.experiments.cell import CellResult
from agents.experiments.curves import GROWING, RECORD, Curves, by_setting, packed, unpacked, write_arrays
from agents.experiments.plan import AFTER_THE_MEASURES, Plan, read_plan
from agents.storage.files import (
    blamed_on,
    opened_to_change,
    remove_dead_partials,
    replacing,
)
from agents.storage.folder_lock import FolderLock

__all__ = ["SweepFolder"]

CONFIG, RESULTS = "config.json", "results.csv"


class SweepFolder:
    """A sweep on disk. One process at a time holds it, and writes.

    A cell's curves come first, then its line in ``results.csv``, in one piece; so a cell whose line is there
    is there whole, and of any other nothing counts. What was being written when a process was killed is cut
    off by the next one.

    Attributes:
        path: the folder.
        config_file: what is to run.
        results_file: a line for every finished cell.
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
        self.config_file, self.results_file = self.path / CONFIG, self.path / RESULTS
        if not self.path.is_dir():
            raise ValueError(f"there is no sweep in {os.fspath(path)!r}; 'gridq sweep --out DIR' makes one")
        with contextlib.ExitStack() as opened:
            self._lock = opened.enter_context(contextlib.closing(FolderLock(self.path)))
            remove_dead_partials(self.path)
            self.plan = self._settle(plan)
            self._growing = opened.enter_context(opened_to_change(self.path / GROWING))
            self._table = opened.enter_context(opened_to_change(self.results_file))
            curves = self._read_curves()
            self.records = self._read_table()
            self._curve_of = {index: curves[index] for index in self.records if index in curves}
            self._opened = opened.pop_all()

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
        return (Path(path) / CONFIG).is_file() and (Path(path) / RESULTS).is_file()

    @property
    def missing(self) -> list[int]:
        """The numbers of the cells that are still to be run."""
        return [index for index in range(self.plan.n_cells) if index not in self.records]

    def add(self, results: Iterable[CellResult]) -> None:
        """Writes finished cells; they are on the disk when this returns.

        Raises:
            OSError: if they cannot be written.
        """
        self._lock.check()
        finished, lines = list(results), []
        for result in finished:
            record = self.records[result.number] = self._record(result)
            self._curve_of[result.number] = result.curves
            lines.append(_line(map(_shown, record.values())))
        for path, file, written in (
            (self.path / GROWING, self._growing, packed(finished)),
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
        write_arrays(self.path / "curves.npz", self.plan, self.curves())

    def write_json(self, name: str, value: Mapping[str, Any]) -> None:
        """Writes a JSON file into the folder.

        Raises:
            OSError: if it cannot be written.
        """
        with replacing(self.path / name) as file:
            file.write(json.dumps(value, indent=2, allow_nan=False).encode() + b"\n")

    def close(self) -> None:
        """Gives the folder free."""
        self._opened.close()

    def _settle(self, plan: Plan | None) -> Plan:
        """The plan of the folder, written down before anything runs."""
        if not os.path.lexists(self.config_file):
            if plan is None:
                raise ValueError(f"{os.fspath(self.path)!r} holds no sweep: {CONFIG} is missing")
            if os.path.lexists(self.results_file):
                raise ValueError(
                    f"{os.fspath(self.path)!r} has a {RESULTS} but no {CONFIG}; "
                    "put that back, or choose another folder"
                )
            self.write_json(CONFIG, plan.to_json())
            return plan
        found = read_plan(self.config_file)
        if plan is not None and found != plan:
            raise ValueError(
                f"{os.fspath(self.path)!r} holds another sweep, or something else; choose another folder"
            )
        return found

    def _read_curves(self) -> dict[int, Curves]:
        """Those of every cell; what follows was being written when a process was killed, and is cut off."""
        curves = unpacked(self._growing)
        whole = os.fstat(self._growing.fileno()).st_size // RECORD.itemsize * RECORD.itemsize
        self._growing.truncate(whole)
        self._growing.seek(whole)
        return curves

    def _read_table(self) -> dict[int, dict[str, Any]]:
        """The records of every whole line; what follows is cut off likewise."""
        text = self._table.read()
        whole = text.rfind(b"\n") + 1
        self._table.truncate(whole)
        self._table.seek(whole)
        if whole == 0:
            self._table.write(_line(self.plan.columns))
            self._table.flush()
            return {}
        header, *rows = csv.reader(io.StringIO(text[:whole].decode(errors="replace"), newline=""))
        if header != self.plan.columns:
            raise ValueError(f"{os.fspath(self.results_file)!r} is damaged: its columns are not the plan's")
        names = map(self.plan.named_cell, range(self.plan.n_cells))
        numbers = {tuple(map(_shown, name.values())): index for index, name in enumerate(names)}
        n_named = len(self.plan.named_cell(0))
        records: dict[int, dict[str, Any]] = {}
        for row in rows:
            index = numbers.get(tuple(row[:n_named]))
            if index is None or len(row) != len(header) or index in records:
                raise ValueError(
                    f"{os.fspath(self.results_file)!r} is damaged: no line, or a second one, should begin "
                    f"with {','.join(row[:n_named])!r:.80}"
                )
            try:
                told = zip(header[n_named:], row[n_named:], strict=True)
                measured = {name: _value(name, text) for name, text in told}
                records[index] = self.plan.named_cell(index) | measured
            except ValueError as error:
                raise ValueError(f"{os.fspath(self.results_file)!r} is damaged: {error}") from error
        return records

    def _record(self, result: CellResult) -> dict[str, Any]:
        """A cell by the columns of the table, in their order."""
        return {
            **self.plan.named_cell(result.number),
            **{name: result.measures.get(name) for name in self.plan.measures},
            **{name: getattr(result, name) for name in AFTER_THE_MEASURES},
            "seconds": round(result.seconds, 4),
        }


def _line(fields: Iterable[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow(fields)
    return text.getvalue().encode()


def _shown(value: Any) -> str:
    """A value as a field of the table has it: floats so that they read back exactly, None empty."""
    if value is None:
        return ""
    if isinstance(value, list | dict | bool):
        return json.dumps(value)
    return repr(value) if isinstance(value, float) else str(value)


def _value(name: str, text: str) -> Any:
    """What `_shown` made a measure's field, or one of those after the measures, of."""
    if name in AFTER_THE_MEASURES and name != "seconds":
        return text
    if not text:
        return None
    return int(text) if text.isdigit() else float(text)
