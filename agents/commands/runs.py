"""The configuration of a run, as a command reads it from its folder."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from agents.algorithms.base import Agent
from agents.algorithms.registry import agent_class
from agents.config import Config
from agents.experience.env_spaces import single_spaces
from agents.storage.run_folder import RunFolder
from gym_gridq.checks import DISCOUNT

__all__ = ["differences", "discount_of", "new_agent", "read_config", "settings_of", "shown"]


def read_config(folder: RunFolder) -> dict[str, Any]:
    """What ``config.json`` of a run holds, its agent's settings included.

    Raises:
        ValueError: if it cannot be read, or holds something that no run has.
    """
    config = folder.read_config()
    try:
        settings_of(config)
    except ValueError as error:
        raise ValueError(f"{os.fspath(folder.config_file)!r} is damaged: {error}") from error
    return config


def new_agent(config: dict[str, Any], env: Any) -> Agent:
    """The agent of a run, as it was before its first step.

    Raises:
        ValueError: for settings out of their range, or spaces that it cannot handle.
    """
    # not by `make`, for which a setting called "name" or "seed" would be an argument of its own
    return agent_class(config["agent"])(*single_spaces(env), settings_of(config), config["seed"])


def discount_of(config: dict[str, Any]) -> float:
    """The discount that an agent's values are for; those of an agent without one are judged by the book's."""
    return float(getattr(settings_of(config), "discount", DISCOUNT))


def settings_of(config: dict[str, Any]) -> Config:
    """The settings of a run's agent.

    Raises:
        ValueError: for one that there is not, or out of its range.
    """
    return agent_class(config["agent"]).config_class.from_mapping(config["hyperparameters"])


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
        called.append(shown({"": f"{config['agent']} on {config['env_id']}"} | told))
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
