"""The plan of a sweep: every setting that is tried, with every seed."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.arguments import checked_count
from agents.experiments.cell import CURVES, EXACT_MEASURES, POINTS, SAMPLED_MEASURES
from agents.experiments.grids import is_grid
from agents.storage.json_files import read_json
from agents.storage.run_folder import check_config
from agents.training.configuration import (
    env_of,
    lanes_of,
    new_agent,
    settings_of,
    usual_configuration,
)
from agents.versions import versions

__all__ = ["AFTER_THE_MEASURES", "Plan", "planned", "read_plan"]

MAX_CONFIG_BYTES = 2**26

ALWAYS = ("agent", "env_id", "seed")
AFTER_THE_MEASURES = ("digest", "error", "seconds", "worker", "finished")
"""As `agents.experiments.cell.CellResult` calls them."""


@dataclass(frozen=True)
class Plan:
    """What a sweep runs, in JSON's kinds of values, so that a file brings it back as it was.

    Attributes:
        settings: the configuration of a run (as its ``config.json`` has it), without its seed, each.
        varied: what tells the settings apart beside agent and environment: the column of each, and where it
            stands in a configuration, such as ``["hyperparameters", "epsilon"]``.
        seeds: with how many seeds every setting is run.
        measures: the figures of a cell, in the order of their columns.
        first_seed: the first of the seeds.
    """

    settings: list[dict[str, Any]]
    varied: dict[str, list[str]]
    seeds: int
    measures: list[str]
    first_seed: int = 0

    @property
    def n_cells(self) -> int:
        """How many trainings there are."""
        return len(self.settings) * self.seeds

    @property
    def columns(self) -> list[str]:
        """Those of ``results.csv``."""
        return [*ALWAYS, *self.varied, *self.measures, *AFTER_THE_MEASURES]

    def cell(self, index: int) -> dict[str, Any]:
        """The configuration of a cell; all settings come to their first seed before any to its second."""
        return {**self.settings[self.setting_of(index)], "seed": self.seed_of(index)}

    def setting_of(self, index: int) -> int:
        """Which setting a cell is of."""
        return index % len(self.settings)

    def seed_of(self, index: int) -> int:
        """Which seed a cell has."""
        return self.first_seed + index // len(self.settings)

    def named(self, setting: int) -> dict[str, Any]:
        """What tells a setting from the others: agent, environment and each varied value."""
        config = self.settings[setting]
        values = {name: config[room].get(key) for name, (room, key) in self.varied.items()}
        return {"agent": config["agent"], "env_id": config["env_id"], **values}

    def named_cell(self, index: int) -> dict[str, Any]:
        """The first columns of a cell's line, which tell it from the others."""
        named = {**self.named(self.setting_of(index)), "seed": self.seed_of(index)}
        return {column: named[column] for column in (*ALWAYS, *self.varied)}

    def to_json(self) -> dict[str, Any]:
        """What ``config.json`` holds."""
        return {
            "seeds": self.seeds,
            "first_seed": self.first_seed,
            "varied": self.varied,
            "measures": self.measures,
            "points": POINTS,
            "curves": list(CURVES),
            "settings": self.settings,
            "versions": versions(),
        }


def read_plan(path: Path) -> Plan:
    """The plan of a ``config.json``.

    Raises:
        ValueError: if it is another one.
    """
    try:
        config = read_json(path, MAX_CONFIG_BYTES)
        first_seed = config.get("first_seed", 0)
        plan = Plan(config["settings"], config["varied"], config["seeds"], config["measures"], first_seed)
        known = {*EXACT_MEASURES, *SAMPLED_MEASURES}
        sound = type(plan.seeds) is int and plan.seeds > 0 and config["points"] == POINTS
        sound = sound and config["curves"] == list(CURVES)
        sound = sound and type(first_seed) is int and first_seed >= 0
        sound = sound and isinstance(plan.settings, list) and bool(plan.settings)
        sound = sound and known.issuperset(plan.measures)
        if not sound:
            raise ValueError("not a sweep of this release")
        for number, setting in enumerate(plan.settings):
            check_config({**setting, "seed": 0}, path)
            plan.named(number)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"{os.fspath(path)!r} is not a sweep's, or damaged: {error}") from error
    return plan


def planned(
    agents: Sequence[str],
    env_ids: Sequence[str],
    seeds: int,
    settings: Mapping[str, Sequence[Any]],
    env_kwargs: Mapping[str, Sequence[Any]],
    total_steps: int | None = None,
    episodes: int | None = None,
    num_envs: int | None = None,
) -> Plan:
    """Every combination, each tried out as far as the first step.

    Args:
        agents: names of agents.
        env_ids: environments.
        seeds: number of seeds.
        settings: values of hyperparameters to try, by name.
        env_kwargs: values of the environment's arguments to try, by name.
        total_steps: environment steps of every training; what was tuned for the environment by default.
        episodes: episodes of every training, likewise.
        num_envs: environments side by side, likewise.

    Raises:
        ValueError: for anything that a training would refuse, or that leaves nothing to run.
        gymnasium.error.Error: for an id that nobody registered.
    """
    seeds = checked_count("seeds", seeds)
    limits = {"total_steps": total_steps, "episodes": episodes}
    limits = {name: value and checked_count(name, value) for name, value in limits.items()}
    tried = {"agent": agents, "env_id": env_ids}
    for what, values in (*tried.items(), *settings.items(), *env_kwargs.items()):
        if not values:
            raise ValueError(f"{what} has no values; give at least one")
        if len({_as_json(what, value) for value in values}) < len(values):
            raise ValueError(f"{what} has a value twice among {list(values)!r:.200}; give each once")
    configs = []
    for agent, env_id in itertools.product(agents, env_ids):
        usual = usual_configuration(env_id, agent)
        for arguments, chosen in itertools.product(_combinations(env_kwargs), _combinations(settings)):
            config = {**usual, "env_kwargs": arguments, **(limits if any(limits.values()) else {})}
            config["num_envs"] = checked_count("num_envs", num_envs or usual["num_envs"])
            config["hyperparameters"] = usual["hyperparameters"] | chosen
            config["hyperparameters"] = settings_of(config).to_dict()
            configs.append(config)
    measures: list[str] = []
    for config in configs:
        measures += [name for name in _tried_out(config) if name not in measures]
    varied = {name: ["hyperparameters", name] for name in settings}
    taken = {*varied, *ALWAYS, *measures, *AFTER_THE_MEASURES}
    for name in env_kwargs:
        varied[f"env_{name}" if name in taken else name] = ["env_kwargs", name]
    return Plan(configs, varied, seeds, measures)


def _as_json(what: str, value: Any) -> str:
    """The value, if JSON can hold it."""
    try:
        return json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{what} is {value!r:.80}; give what JSON can hold: {error}") from error


def _combinations(values: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    for chosen in itertools.product(*values.values()):
        yield dict(zip(values, chosen, strict=True))


def _tried_out(config: Mapping[str, Any]) -> tuple[str, ...]:
    """The measures of a configuration, whose environment and agent can be made."""
    with lanes_of(config) as env:
        new_agent({**config, "seed": 0}, env)
    with env_of(config) as env:
        return EXACT_MEASURES if is_grid(env) else SAMPLED_MEASURES
