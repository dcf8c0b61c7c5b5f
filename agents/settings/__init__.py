"""Tuned settings: one JSON file an environment id, with what was found to work there, by agent.

A file maps an agent's name to ``num_envs``, ``total_steps`` and ``hyperparameters``; what it leaves out is
the agent's default. A file may instead be ``{"like": ID}`` for another version of the same environment, or
another way to observe it.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

__all__ = ["tuned_ids", "tuned_settings"]


def tuned_ids() -> list[str]:
    """The environment ids that have settings."""
    return sorted(
        entry.name.removesuffix(".json")
        for entry in files(__name__).iterdir()
        if entry.name.endswith(".json")
    )


def tuned_settings(env_id: str, agent: str) -> dict[str, Any]:
    """What was found to work for an agent on an environment.

    Args:
        env_id: as `gymnasium.make` takes it, ``module:id`` included.
        agent: as `agents.make` takes it.

    Returns:
        Any of ``num_envs``, ``total_steps`` and ``hyperparameters``; empty where nothing was tuned.
    """
    name = env_id.rpartition(":")[2]
    if name not in tuned_ids():  # an id is looked up, never used as a path
        return {}
    settings = json.loads(files(__name__).joinpath(f"{name}.json").read_text("utf-8"))
    if "like" in settings:
        return tuned_settings(settings["like"], agent)
    found: dict[str, Any] = settings.get(agent, {})
    return found
