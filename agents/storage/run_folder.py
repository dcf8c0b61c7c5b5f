"""Run folders: everything one training leaves behind, and what is needed to go on with it."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
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

__all__ = ["RunFolder"]

MAX_CONFIG_BYTES = 2**20
MAX_NUM_ENVS = 2**20
MAX_SECONDS = 1e12
MAX_DEPTH = 32
"""Levels of lists and objects within one another in a JSON file; nothing that a run needs has five."""

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
        if path is not None and os.path.lexists(path):
            raise ValueError(
                f"the run folder {os.fspath(path)!r} exists; choose another, "
                f"or go on with it: gridq train --resume {os.fspath(path)}"
            )
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
        config = _read_json(self.config_file)
        for name, allows in _CONFIG.items():
            if name not in config:
                raise ValueError(f"{os.fspath(self.config_file)!r} is damaged: {name} is missing")
            if not allows(config[name]):
                raise ValueError(
                    f"{os.fspath(self.config_file)!r} is damaged: {name} is {config.get(name)!r:.80}"
                )
        return config

    def note(self, name: str, value: Any) -> None:
        """Adds what happened to a run to its ``config.json``."""
        _write_json(self.config_file, {**self.read_config(), name: value})

    def write_summary(self, summary: Mapping[str, Any]) -> None:
        """Writes ``summary.json``."""
        _write_json(self.summary_file, summary)

    def add_seconds(self, seconds: float) -> float:
        """Books the time that a process has trained here; returns that of all of them.

        It stands apart from the checkpoint, which holds the same bytes however long a training took.
        """
        file = self.path / ".seconds.json"
        with contextlib.suppress(ValueError):  # the first time, or damaged
            before = _read_json(file).get("seconds")
            if isinstance(before, int | float) and 0 <= before < MAX_SECONDS:
                seconds += before
        _write_json(file, {"seconds": seconds})
        return seconds

    def lock(self) -> contextlib.closing[FolderLock]:
        """The right to write here, as a context.

        Raises:
            BlockingIOError: if another process has it.
            OSError: if the folder cannot be locked at all.
        """
        lock = contextlib.closing(FolderLock(self.path))
        remove_dead_partials(self.path)
        return lock


def _remove_unfinished(parent: Path) -> None:
    """Removes what processes left that were killed while they made a run folder."""
    for left in parent.glob(f"{_UNFINISHED}*"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > 60:  # long enough for a living maker to have the lock
                with contextlib.closing(FolderLock(left)):
                    shutil.rmtree(left, ignore_errors=True)


def _free_names(parent: Path, config: Mapping[str, Any]) -> Iterator[Path]:
    """Names for a new run, the first free number first, for ever."""
    stem = f"{config['env_id']}-{config['agent']}-{config['seed']}".replace("/", "-").replace(":", "-")
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
