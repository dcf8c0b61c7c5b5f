"""The configuration of a run, as a command reads it from its folder."""

from __future__ import annotations

import os
from typing import Any

from agents.algorithms.base import Agent
from agents.algorithms.registry import agent_class
from agents.config import Config
from agents.experience.env_spaces import single_spaces
from agents.storage.run_folder import RunFolder
from agents.training.by_hand import EpsilonByHand, Note
from gym_gridq.checks import DISCOUNT

__all__ = ["discount_of", "epsilon_by_hand", "new_agent", "read_config"]


def read_config(folder: RunFolder) -> dict[str, Any]:
    """What ``config.json`` of a run holds, its agent's settings included.

    Raises:
        ValueError: if it cannot be read, or holds something that no run has.
    """
    config = folder.read_config()
    try:
        _settings(config)
    except ValueError as error:
        raise ValueError(f"{os.fspath(folder.config_file)!r} is damaged: {error}") from error
    return config


def new_agent(config: dict[str, Any], env: Any) -> Agent:
    """The agent of a run, as it was before its first step.

    Raises:
        ValueError: for settings out of their range, or spaces that it cannot handle.
    """
    # not by `make`, for which a setting called "name" or "seed" would be an argument of its own
    return agent_class(config["agent"])(*single_spaces(env), _settings(config), config["seed"])


def epsilon_by_hand(config: dict[str, Any], note: Note | None = None) -> EpsilonByHand:
    """The callback that sets epsilon where a person did when the run was watched.

    Raises:
        ValueError: if the configuration holds something else.
    """
    return EpsilonByHand(config.get("epsilon_by_hand", []), note)


def discount_of(config: dict[str, Any]) -> float:
    """The discount that an agent's values are for; those of an agent without one are judged by the book's."""
    return float(getattr(_settings(config), "discount", DISCOUNT))


def _settings(config: dict[str, Any]) -> Config:
    return agent_class(config["agent"]).config_class.from_mapping(config["hyperparameters"])
