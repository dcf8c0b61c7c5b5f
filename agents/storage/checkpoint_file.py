"""The file of a checkpoint: an agent and the training it is in, taken apart into plain data and arrays."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy.typing as npt
from gymnasium import spaces

from agents.storage.archive import read_archive, write_archive
from agents.storage.files import opened_to_read, replacing
from agents.storage.space_descriptions import describe_space, space_from

__all__ = [
    "CheckpointError",
    "SavedAgent",
    "read_file",
    "write_checkpoint",
]

Arrays = dict[str, npt.NDArray[Any]]


class CheckpointError(ValueError):
    """A file is no checkpoint that can be used; the message says why."""


class SavedAgent(NamedTuple):
    """An agent taken apart. Of one out of a file, nothing but the spaces has been tried yet.

    Attributes:
        name: which agent.
        seed: its own.
        config: its settings, as JSON can hold them.
        observation_space: space of one observation.
        action_space: space of one action.
        state: its state, as JSON can hold it, without the arrays.
        arrays: those of its state.
    """

    name: Any
    seed: Any
    config: Any
    observation_space: spaces.Space[Any]
    action_space: spaces.Space[Any]
    state: Any
    arrays: Arrays


def write_checkpoint(
    path: str | os.PathLike[str],
    agent: SavedAgent,
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
        ValueError: if there is more to keep than a checkpoint may hold; again nothing is written.
    """
    space_arrays: Arrays = {}
    description = {
        "agent": {
            "name": agent.name,
            "seed": agent.seed,
            "config": agent.config,
            "observation_space": describe_space(agent.observation_space, space_arrays),
            "action_space": describe_space(agent.action_space, space_arrays),
            "state": agent.state,
        },
        "training": training,
    }
    groups = {"agent": agent.arrays, "spaces": space_arrays, "training": training_arrays or {}}
    arrays = {f"{group}/{name}": array for group, named in groups.items() for name, array in named.items()}
    with replacing(path) as file:
        write_archive(file, description, arrays)


def read_file(
    path: str | os.PathLike[str], follow_links: bool = False
) -> tuple[SavedAgent, dict[str, Any] | None, Arrays]:
    """What `write_checkpoint` wrote; the file is data, nothing in it is trusted or executed.

    Args:
        path: the file.
        follow_links: whether a link may stand for it; only where a person named the file.

    Returns:
        The agent, the training as JSON or None, and the arrays that this refers to.

    Raises:
        OSError: if it cannot be read.
        ValueError: if it is damaged, of another version, or not a checkpoint.
    """
    with opened_to_read(path, follow_links) as file:
        description, arrays = read_archive(file)

    def group(name: str) -> Arrays:
        prefix = f"{name}/"
        return {key.removeprefix(prefix): array for key, array in arrays.items() if key.startswith(prefix)}

    try:
        about, training = description["agent"], description["training"]
        agent = SavedAgent(
            about["name"],
            about["seed"],
            about["config"],
            space_from(about["observation_space"], group("spaces")),
            space_from(about["action_space"], group("spaces")),
            about["state"],
            group("agent"),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"its description is incomplete ({error})") from error
    if not (training is None or isinstance(training, dict)):
        raise ValueError(f"its description of the training is {training!r:.80}; a JSON object was expected")
    return agent, training, group("training")
