"""Run folders: everything one training leaves behind, and what is needed to go on with it."""

from __future__ import annotations

import contextlib
import itertools
import os
import shlex
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from agents.storage.files import blamed_on, remove_dead_partials, sync_directory
from agents.storage.folder_lock import FolderLock
from agents.storage.json_files import read_json, write_json

__all__ = ["PICTURES", "RunFolder", "check_config", "read_config_file"]

MAX_NUM_ENVS = 2**20
MAX_SECONDS = 1e12
PICTURES = ("curves.png", "q_values.png", "greedy.gif")
"""Those that a run may leave."""

_UNFINISHED = ".new-run-"


def _is_count(value: Any, low: int = 1) -> bool:
    return type(value) is int and value >= low


_CONFIG: dict[str, Callable[[Any], bool]] = {
    "env_id": lambda value: isinstance(value, str),
    "env_kwargs": lambda value: isinstance(value, dict),
    "num_envs": lambda value: _is_count(value) and value <= MAX_NUM_ENVS,
    "agent": lambda value: isinstance(value, str),
    "hyperparameters": lambda value: isinstance(value, dict),
    "seed": lambda value: _is_count(value, 0),
    "total_steps": lambda value: value is None or _is_count(value),
    "episodes": lambda value: value is None or _is_count(value),
    "evaluate_every": lambda value: value is None or _is_count(value, 0),  # not in older files
}
"""What ``config.json`` must hold."""


class RunFolder:
    """The files of one training.

    Attributes:
        path: the folder.
        checkpoint_file: the agent, and the training while it is unfinished.
        config_file: everything that was used.
        metrics_file: a line for every training episode.
        summary_file: how it ended; written last.
        curves_file: picture of return and loss.
        q_values_file: picture of the Q-values, where they can be drawn.
        gif_file: animation of the greedy episode, where the environment draws.

    Args:
        path: an existing run folder.

    Raises:
        ValueError: for a folder that no training made.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.checkpoint_file = self.path / "checkpoint.npz"
        self.config_file = self.path / "config.json"
        self.metrics_file = self.path / "metrics.csv"
        self.summary_file = self.path / "summary.json"
        self.curves_file, self.q_values_file, self.gif_file = (self.path / name for name in PICTURES)
        self._seconds_file = self.path / ".seconds.json"
        if not os.fspath(path):
            raise ValueError("the run folder has no name; give that of a folder that 'gridq train' made")
        if not self.path.is_dir():
            raise ValueError(f"there is no run folder {os.fspath(path)!r}; 'gridq train' makes one")
        if not self.config_file.is_file():
            inside = next((file.parent for file in sorted(self.path.glob("*/config.json"))), None)
            hint = "" if inside is None else f"; name one of those in it, such as {os.fspath(inside)!r}"
            raise ValueError(
                f"{os.fspath(path)!r} is not a run folder: {self.config_file.name} is missing{hint}"
            )

    @classmethod
    def create(cls, path: str | os.PathLike[str] | None, config: Mapping[str, Any]) -> RunFolder:
        """Makes a new run folder with its configuration in it; it appears whole or not at all.

        Args:
            path: the folder, which must not exist; by default a new one under ``runs/``.
            config: what ``config.json`` is to hold, with ``env_id``, ``agent`` and ``seed``.

        Raises:
            ValueError: if the folder exists, or the configuration is too long to be read again.
            OSError: if it cannot be made.
        """
        if path is not None and not os.fspath(path):
            raise ValueError("the run folder has no name; give one, or leave it to be made under runs/")
        if path is not None and os.path.lexists(path):
            if (Path(path) / "config.json").is_file():
                hint = (
                    f"choose another, or go on with it: gridq train --resume {shlex.quote(os.fspath(path))}"
                )
            else:
                hint = "choose another name" if Path(path).is_dir() else "it is a file; choose another name"
            raise ValueError(f"the run folder {os.fspath(path)!r} exists; {hint}")
        parent = Path("runs") if path is None else Path(path).parent
        with blamed_on(parent if path is None else path):
            target = cls._made(path, parent, config)
            sync_directory(parent)
        return cls(target)

    @staticmethod
    def _made(path: str | os.PathLike[str] | None, parent: Path, config: Mapping[str, Any]) -> Path:
        parent.mkdir(parents=True, exist_ok=True)
        _remove_unfinished(parent)
        with (
            tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=parent, ignore_cleanup_errors=True) as made,
            contextlib.closing(FolderLock(made)),
        ):
            new = Path(made) / "run"
            new.mkdir()
            write_json(new / "config.json", config)
            for target in [Path(path)] if path is not None else _free_names(parent, config):
                try:
                    new.rename(target)
                    break
                except OSError:
                    # Another process may have taken the name meanwhile; then the next number is tried.
                    if path is not None or not os.path.lexists(target):
                        raise
        return target

    def read_config(self) -> dict[str, Any]:
        """What ``config.json`` holds, of the kinds it should be.

        Raises:
            ValueError: if it cannot be read, or holds something else.
        """
        return read_config_file(self.config_file)

    def extend(self, config: Mapping[str, Any]) -> None:
        """Gives a run a later end; until it is there, it has no summary.

        Args:
            config: what ``config.json`` is to hold from now on.
        """
        self.add_seconds(0.0)  # the summary knew them
        write_json(self.config_file, config)
        self.summary_file.unlink(missing_ok=True)

    def note(self, name: str, value: Any) -> None:
        """Adds what happened to a run to its ``config.json``."""
        write_json(self.config_file, {**self.read_config(), name: value})

    def write_summary(self, summary: Mapping[str, Any]) -> None:
        """Writes ``summary.json``, and removes what was only kept until then."""
        write_json(self.summary_file, summary)
        self._seconds_file.unlink(missing_ok=True)

    def add_seconds(self, seconds: float) -> float:
        """Books the time that a process has trained here; returns that of all of them.

        It stands apart from the checkpoint, which holds the same bytes however long a training took.
        """
        booked = self._seconds_file if self._seconds_file.exists() else self.summary_file
        with contextlib.suppress(ValueError):  # the first time, or damaged
            before = read_json(booked).get("seconds")
            if isinstance(before, int | float) and 0 <= before < MAX_SECONDS:
                seconds += before
        write_json(self._seconds_file, {"seconds": seconds})
        return seconds

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """The right to write here, as a context. A run that is finished by its end keeps no file of it.

        Raises:
            BlockingIOError: if another process has it.
            OSError: if the folder cannot be locked at all.
        """
        with contextlib.closing(FolderLock(self.path)) as lock:
            remove_dead_partials(self.path)
            yield
            if self.summary_file.exists():
                lock.remove()


def read_config_file(path: Path) -> dict[str, Any]:
    """What a ``config.json`` holds, of the kinds it should be.

    Raises:
        ValueError: if it cannot be read, or holds something else.
    """
    config = read_json(path)
    check_config(config, path)
    return config


def check_config(config: Mapping[str, Any], path: Path) -> None:
    """Refuses a configuration whose parts are not of the kinds they should be.

    Args:
        config: that of a run.
        path: the file that it was read from, for the message.

    Raises:
        ValueError: naming the part.
    """
    if "settings" in config and "seeds" in config:
        raise ValueError(
            f"{os.fspath(path)!r} is that of a sweep, not of a run; 'gridq plot' and 'gridq list' show sweeps"
        )
    for name, allows in _CONFIG.items():
        if name not in config and name != "evaluate_every":
            raise ValueError(f"{os.fspath(path)!r} is damaged: {name} is missing")
        if not allows(config.get(name)):
            raise ValueError(f"{os.fspath(path)!r} is damaged: {name} is {config.get(name)!r:.80}")


def _remove_unfinished(parent: Path) -> None:
    """Removes what processes left that were killed while they made a run folder."""
    for left in parent.glob(f"{_UNFINISHED}*"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > 60:  # long enough for a living maker to have the lock
                with contextlib.closing(FolderLock(left)):
                    shutil.rmtree(left, ignore_errors=True)


def _free_names(parent: Path, config: Mapping[str, Any]) -> Iterator[Path]:
    """Names for a new run, the first free number first, for ever."""
    layout = config["env_kwargs"].get("layout")
    if isinstance(layout, list):  # a map out of a file
        layout = f"{len(layout)}x{len(layout[0])}"
    parts = [config["env_id"], layout, config["agent"], config["seed"]]
    stem = "-".join(str(part) for part in parts if part is not None).replace("/", "-").replace(":", "-")
    for number in itertools.count(1):
        target = parent / f"{stem}-{number}"
        if not os.path.lexists(target):
            yield target
