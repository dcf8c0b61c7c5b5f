"""Settings of runs in few words: what tells one from the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["differences", "shown"]


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
