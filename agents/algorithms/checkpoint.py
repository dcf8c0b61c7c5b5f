"""Checkpoints: an agent, and the training it is in, as one file, written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy.typing as npt

from agents.algorithms.base import Agent
from agents.algorithms.registry import agent_class
from agents.storage.archive import read_archive, write_archive
from agents.storage.files import replacing
from agents.storage.space_descriptions import describe_space, space_from

__all__ = ["Checkpoint", "CheckpointError", "load", "read_checkpoint", "write_checkpoint"]


class CheckpointError(ValueError):
    """A file is no checkpoint that can be used; the message says why."""


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


def write_checkpoint(
    path: str | os.PathLike[str],
    agent: Agent,
    training: Mapping[str, Any] | None = None,
    training_arrays: Mapping[str, npt.NDArray[Any]] | None = None,
) -> None:
    """Writes an agent, and the training it is in, into one file that replaces ``path`` at once.

    Args:
        path: file name; by custom it ends in ``.npz``.
        agent: the agent.
        training: state of a training, as JSON can hold it.
        training_arrays: arrays that belong to ``training``.

    Raises:
        OSError: if the file cannot be written; an earlier file is then as it was.
    """
    description = {
        "agent": {
            "name": agent.name,
            "seed": agent.seed,
            "config": agent.config.to_dict(),
            "observation_space": describe_space(agent.observation_space),
            "action_space": describe_space(agent.action_space),
            "state": agent.state_description(),
        },
        "training": training,
    }
    arrays = {f"agent/{name}": array for name, array in agent.state_arrays().items()}
    arrays |= {f"training/{name}": array for name, array in (training_arrays or {}).items()}
    with replacing(path) as file:
        write_archive(file, description, arrays)


def load(path: str | os.PathLike[str]) -> Agent:
    """The agent of a checkpoint, exactly as it was saved.

    Raises:
        CheckpointError: if the file is missing, damaged, of another version, or not a checkpoint.
    """
    return read_checkpoint(path).agent


def read_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """Reads a checkpoint; the file is data, nothing in it is trusted or executed.

    Raises:
        CheckpointError: if the file is missing, damaged, of another version, or not a checkpoint.
    """
    name = os.fspath(path)
    try:
        with Path(path).open("rb") as file:
            description, arrays = read_archive(file)
        return _restored(description, arrays)
    except FileNotFoundError:
        raise CheckpointError(f"there is no checkpoint {name!r}") from None
    except OSError as error:
        raise CheckpointError(f"checkpoint {name!r} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise CheckpointError(f"{name!r} cannot be used: {error}") from error


def _restored(description: Any, arrays: dict[str, npt.NDArray[Any]]) -> Checkpoint:
    """The agent that a description and arrays tell of."""
    try:
        about, training = description["agent"], description["training"]
        cls = agent_class(about["name"])
        config = cls.config_class.from_mapping(about["config"])
        observation_space = space_from(about["observation_space"])
        action_space = space_from(about["action_space"])
        own = {key.removeprefix("agent/"): array for key, array in arrays.items() if key.startswith("agent/")}
        # The settings ask for memory; the arrays, which are here already, say how much is right.
        needed = cls.n_numbers(observation_space, action_space, config)
        present = sum(array.size for array in own.values())
        if needed > present:
            raise ValueError(f"its settings call for {needed} numbers, but it holds {present}")
        agent = cls(observation_space, action_space, config, about["seed"])
        agent.load_state(own, about["state"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"its description is incomplete ({error})") from error
    rest = {
        key.removeprefix("training/"): array for key, array in arrays.items() if key.startswith("training/")
    }
    if not (training is None or isinstance(training, dict)):
        raise ValueError("its description of the training is none")
    return Checkpoint(agent, training, rest)
