"""Runs, as commands read them from their folders, and what they call them."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from agents.algorithms.checkpoint import Checkpoint, read_checkpoint
from agents.commands.env_args import parse_assignments
from agents.commands.trust import OURS, check_trust, leave_out_current_directory, names_something
from agents.storage.checkpoint_file import CheckpointError
from agents.storage.run_folder import RunFolder
from agents.training.configuration import settings_of

__all__ = [
    "checkpoint_of",
    "command_to_go_on",
    "differences",
    "origin_of",
    "read_config",
    "shown",
]


def read_config(folder: RunFolder, options: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What ``config.json`` of a run holds, its agent's settings included.

    Args:
        folder: the run.
        options: those of `add_own_words`, as far as they were given. Only modules that a person named may
            stand before the environment's id; they are imported, and ``env_id`` comes back without.

    Raises:
        ValueError: if it cannot be read, or holds something that no run has, or that no folder may say.
        ImportError: for a module that cannot be imported.
    """
    options = options or {}
    config = folder.read_config()
    name = repr(os.fspath(folder.config_file))
    env_id = config["env_id"]
    own_arguments = parse_assignments(options.get("env_arg", ()))
    for unknown in own_arguments.keys() - config["env_kwargs"].keys():
        raise ValueError(
            f"the run's {env_id} was not made with {unknown}, and an argument cannot be added to it; "
            f"leave out --env-arg {unknown}=..."
        )
    try:
        settings_of(config)
    except ValueError as error:
        raise ValueError(f"{name} is damaged: {error}") from error
    leave_out_current_directory()
    check_trust([config], name, options.get("import", ()), own_arguments)
    return config | {"env_id": env_id.rpartition(":")[2]}


def checkpoint_of(folder: RunFolder, config: Mapping[str, Any]) -> Checkpoint:
    """The checkpoint of a run, if it is of the run that ``config.json`` tells of.

    Raises:
        CheckpointError: if it cannot be read, or is another run's.
    """
    checkpoint = read_checkpoint(folder.checkpoint_file)
    agent, settings = checkpoint.agent, config["hyperparameters"]
    is_of_it = agent.name == config["agent"]
    parts = {
        "agent": is_of_it,
        "hyperparameters": is_of_it
        and type(agent.config).from_file(settings, agent.observation_space) == agent.config,
        "seed": agent.seed == config["seed"],
        # checkpoints of earlier releases do not tell
        "environment": (checkpoint.training or {}).get("run", origin_of(config)) == origin_of(config),
    }
    for part, is_the_same in parts.items():
        if not is_the_same:
            raise CheckpointError(
                f"{os.fspath(folder.checkpoint_file)!r} cannot be used: it was made with another {part} than "
                f"{folder.config_file.name} names; they are not of one run"
            )
    return checkpoint


def origin_of(config: Mapping[str, Any]) -> str:
    """A digest of a run's environment, by which a checkpoint is not taken for one of another run's."""
    made_of = [config["env_id"].rpartition(":")[2], config["env_kwargs"], config["num_envs"]]
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()


def command_to_go_on(folder: RunFolder, config: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    """What to type to go on with a run, with the words that a person has said for it."""
    module, colon, _ = config["env_id"].rpartition(":")
    imports = options.get("import", [module] if colon and module != OURS else [])
    own_arguments = [
        f"{name}={value}"
        for name, value in config["env_kwargs"].items()
        if names_something(config["env_id"], name, value)
    ]
    words = ["gridq", "train", "--resume", os.fspath(folder.path)]
    for option, values in (("--import", imports), ("--env-arg", own_arguments)):
        words += [word for value in values for word in (option, value)]
    return shlex.join(words)


def differences(configs: Sequence[dict[str, Any]]) -> list[str]:
    """What to call each of several settings: agent, environment, and what not all of that pair share.

    Seeds and versions do not count, so that runs which differ by their seed alone are called alike.
    """
    called = []
    for config in configs:
        alike = [_flat(other) for other in configs if _pair(other) == _pair(config)]
        telling = [name for name in alike[0] if len({str(each.get(name)) for each in alike}) > 1]
        telling += sorted({name for each in alike for name in each if name not in alike[0]})
        settings = _flat(config)
        told = {name: settings[name] for name in telling if name in settings}
        called.append(", ".join(filter(None, [f"{config['agent']} on {config['env_id']}", shown(told)])))
    return called


def shown(settings: Mapping[str, Any]) -> str:
    """Names and values for people, in a line."""
    return ", ".join(f"{name} {_short(value)}".strip() for name, value in settings.items())


def _pair(config: dict[str, Any]) -> tuple[str, str]:
    return config["agent"], config["env_id"]


def _flat(config: dict[str, Any]) -> dict[str, Any]:
    """What makes a setting, by short names."""
    limits = {name: config[name] for name in ("num_envs", "total_steps", "episodes")}
    return {**config["env_kwargs"], **config["hyperparameters"], **limits}


def _short(value: Any) -> str:
    if isinstance(value, list | tuple) and value and all(isinstance(row, str) for row in value):
        return f"{len(value)}x{len(value[0])}"  # a map
    return f"{value:g}" if isinstance(value, float) else str(value).replace(" ", "")
