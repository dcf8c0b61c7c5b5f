"""Checkpoints read: the agent of a file, exactly as it was saved, and the training it was in."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import numpy.typing as npt

from agents.algorithms.base import Agent
from agents.algorithms.registry import agent_class
from agents.storage.checkpoint_file import CheckpointError, read_file

__all__ = ["Checkpoint", "load", "read_checkpoint"]


class Checkpoint(NamedTuple):
    """What a file holds.

    Attributes:
        agent: the agent.
        training: the state of an unfinished training as JSON, or None.
        arrays: arrays that ``training`` refers to.
    """

    agent: Agent
    training: dict[str, Any] | None
    arrays: dict[str, npt.NDArray[Any]]


def load(path: str | os.PathLike[str]) -> Agent:
    """The agent of a checkpoint, exactly as it was saved.

    Raises:
        CheckpointError: if the file is missing, damaged, of another version, or not a checkpoint.
    """
    return read_checkpoint(path, follow_links=True).agent


def read_checkpoint(path: str | os.PathLike[str], follow_links: bool = False) -> Checkpoint:
    """Reads a checkpoint; the file is data, nothing in it is trusted or executed.

    Args:
        path: the file.
        follow_links: whether a link may stand for it; only where a person named the file.

    Raises:
        CheckpointError: if the file is missing, damaged, of another version, or not a checkpoint.
    """
    name = os.fspath(path)
    try:
        saved, training, arrays = read_file(path, follow_links)
        return Checkpoint(agent_class(saved.name).restored(saved), training, arrays)
    except FileNotFoundError:
        raise CheckpointError(f"there is no checkpoint {name!r}") from None
    except OSError as error:
        raise CheckpointError(f"checkpoint {name!r} cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{name!r} cannot be used: {error}") from error
