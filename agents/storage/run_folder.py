"""Run folders: everything one training leaves behind, and what is needed to go on with it."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shlex
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from agents.storage.files import (
    FolderLock,
    blamed_on,
    opened_to_read,
    remove_dead_partials,
    replacing,
    sync_directory,
)

__all__ = ["PICTURES", "RunFolder", "check_config", "read_config_file"]

MAX_CONFIG_BYTES = 2**20
MAX_NUM_ENVS = 2**20
MAX_SECONDS = 1e12
MAX_DEPTH = 32
"""Levels of lists and objects within one another in a JSON file; nothing that a run needs has five."""

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

    Args:
        path: an existing run folder.

    Raises:
        ValueError: for a folder that no training made.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        if not os.fspath(path):
            raise ValueError("the run folder has no name; give that of a folder that 'gridq train' made")
        if not self.path.is_dir():
            raise ValueError(f"there is no run folder {os.fspath(path)!r}; 'gridq train' makes one")
        if not self.config_file.is_file():
            raise ValueError(f"{os.fspath(path)!r} is not a run folder: {self.config_file.name} is missing")

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
            _write_json(new / "config.json", config)
            for target in [Path(path)] if path is not None else _free_names(parent, config):
                try:
                    new.rename(target)
                    break
                except OSError:
                    # Another process may have taken the name meanwhile; then the next number is tried.
                    if path is not None or not os.path.lexists(target):
                        raise
        return target

    @property
    def checkpoint_file(self) -> Path:
        """The agent, and the training while it is unfinished."""
        return self.path / "checkpoint.npz"

    @property
    def config_file(self) -> Path:
        """Everything that was used."""
        return self.path / "config.json"

    @property
    def metrics_file(self) -> Path:
        """A line for every training episode."""
        return self.path / "metrics.csv"

    @property
    def summary_file(self) -> Path:
        """How it ended; written last."""
        return self.path / "summary.json"

    @property
    def curves_file(self) -> Path:
        """Picture of return and loss."""
        return self.path / "curves.png"

    @property
    def q_values_file(self) -> Path:
        """Picture of the Q-values, where they can be drawn."""
        return self.path / "q_values.png"

    @property
    def gif_file(self) -> Path:
        """Animation of the greedy episode, where the environment draws."""
        return self.path / "greedy.gif"

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
        _write_json(self.config_file, config)
        self.summary_file.unlink(missing_ok=True)

    def note(self, name: str, value: Any) -> None:
        """Adds what happened to a run to its ``config.json``."""
        _write_json(self.config_file, {**self.read_config(), name: value})

    def write_summary(self, summary: Mapping[str, Any]) -> None:
        """Writes ``summary.json``, and removes what was only kept until then."""
        _write_json(self.summary_file, summary)
        self._seconds_file.unlink(missing_ok=True)

    def read_summary(self) -> dict[str, Any]:
        """What ``summary.json`` holds.

        Raises:
            ValueError: if it cannot be read.
        """
        return _read_json(self.summary_file)

    @property
    def _seconds_file(self) -> Path:
        return self.path / ".seconds.json"

    def add_seconds(self, seconds: float) -> float:
        """Books the time that a process has trained here; returns that of all of them.

        It stands apart from the checkpoint, which holds the same bytes however long a training took.
        """
        booked = self._seconds_file if self._seconds_file.exists() else self.summary_file
        with contextlib.suppress(ValueError):  # the first time, or damaged
            before = _read_json(booked).get("seconds")
            if isinstance(before, int | float) and 0 <= before < MAX_SECONDS:
                seconds += before
        _write_json(self._seconds_file, {"seconds": seconds})
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
    config = _read_json(path)
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


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    text = json.dumps(value, indent=2).encode() + b"\n"
    if len(text) > MAX_CONFIG_BYTES:
        raise ValueError(f"{path.name} would have {len(text)} bytes; {MAX_CONFIG_BYTES} are allowed")
    with replacing(path) as file:
        file.write(text)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        with opened_to_read(path) as file:
            text = file.read(MAX_CONFIG_BYTES + 1)
        value = json.loads(text, parse_constant=_refuse_constant) if len(text) <= MAX_CONFIG_BYTES else None
    except FileNotFoundError:
        raise ValueError(f"{os.fspath(path)!r} is missing") from None
    except OSError as error:
        raise ValueError(f"{os.fspath(path)!r} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{os.fspath(path)!r} is damaged: {error}") from error
    if not isinstance(value, dict) or not _is_shallow(value, MAX_DEPTH):
        raise ValueError(f"{os.fspath(path)!r} does not hold a JSON object of reasonable size")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


def _is_shallow(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    parts = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_is_shallow(part, levels - 1) for part in parts)
