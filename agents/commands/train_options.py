"""The options of ``gridq train``: every setting, with the default that holds for agent and environment."""

from __future__ import annotations

import argparse
import dataclasses
import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.algorithms.registry import AGENTS, agent_class
from agents.commands.env_args import environment_arguments
from agents.commands.memory import MAX_GIB
from agents.commands.parser import Parser, UsageError, number_above_zero, option_of, reader, speed
from agents.commands.trust import add_own_words
from agents.config import Config
from agents.fields import field_types, parse_setting, what_to_give
from agents.storage.run_folder import MAX_NUM_ENVS, read_config_file
from agents.training.configuration import (
    DEFAULT_AGENT,
    DEFAULT_ENV,
    EVALUATE_EVERY,
    settings_of,
    usual_configuration,
)
from agents.training.saving import Checkpointing
from agents.versions import versions

__all__ = ["defaults_for", "limits_of", "run_config", "train_parser"]


def defaults_for(arguments: Sequence[str]) -> dict[str, Any]:
    """The configuration that holds where no option says otherwise: tuned for the environment, if it was.

    Raises:
        UsageError: for an unknown agent.
        ValueError: for a file of ``--config`` that is not a run's.
    """
    finder = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    for option in ("--config", "--agent", "--env-id"):
        finder.add_argument(option)
    try:
        named = finder.parse_known_args(arguments)[0]
    except argparse.ArgumentError:  # the full parser will say what is wrong
        named = finder.parse_known_args([])[0]
    given: dict[str, Any] = {}
    if named.config is not None:
        path = Path(named.config)
        given = read_config_file(path / "config.json" if path.is_dir() else path)
    env_id = given.get("env_id", DEFAULT_ENV) if named.env_id is None else named.env_id
    if not env_id:
        raise UsageError("--env-id is empty; give the id of an environment, or leave it out")
    try:
        agent = agent_class(given.get("agent", DEFAULT_AGENT) if named.agent is None else named.agent).name
    except ValueError as error:
        raise UsageError(str(error)) from error
    defaults = {"env_id": env_id, "env_kwargs": {}, **usual_configuration(env_id, agent)}
    defaults |= {"seed": 0, "evaluate_every": EVALUATE_EVERY}
    if given:
        defaults |= {name: given[name] for name in ("num_envs", "total_steps", "episodes", "seed")}
        defaults["evaluate_every"] = given.get("evaluate_every") or 0
        # What was set for another agent or another environment says nothing of this one.
        if agent == given["agent"]:
            defaults["hyperparameters"] = given["hyperparameters"]
        if env_id == given["env_id"]:
            defaults["env_kwargs"] = given["env_kwargs"]
    return defaults | {"hyperparameters": settings_of(defaults).to_dict()}


def train_parser(defaults: Mapping[str, Any]) -> Parser:
    """The parser with all options, of which ``--help`` shows the defaults."""
    name = defaults["agent"]
    parser = Parser(
        "gridq train",
        "Train an agent and leave checkpoint, metrics, summary and pictures in a new run folder.\n"
        f"The defaults shown are those of {name!r} on {defaults['env_id']}; name another --agent or --env-id "
        "to see its own.",
    )
    add, count = parser.add_argument, parser.count
    add("--agent", choices=sorted(AGENTS), help=f"which agent (default: {DEFAULT_AGENT})")
    add("--env-id", help=f"environment to train on (default: {DEFAULT_ENV})")
    parser.env_arg()
    count("--num-envs", f"environments side by side (default: {defaults['num_envs']})", high=MAX_NUM_ENVS)
    count("--total-steps", f"environment steps to train for (default: {_limit(defaults['total_steps'])})")
    count("--episodes", f"episodes to train for (default: {_limit(defaults['episodes'])})")
    count("--seed", f"everything random comes from it (default: {defaults['seed']})", low=0, metavar="S")
    add(
        "--config",
        metavar="FILE",
        help="a run's config.json, or its folder: train with its settings, except where other options say "
        "otherwise (default: none)",
    )
    add("--run-dir", metavar="DIR", help="new folder for the results (default: a new one under runs/)")
    add(
        "--resume",
        metavar="DIR",
        help="go on with a run, exactly where it stopped; with --total-steps or --episodes also with one "
        "that is finished (default: none)",
    )
    count(
        "--checkpoint-every",
        f"steps between checkpoints (default: every {Checkpointing.EVERY_SECONDS:g} seconds)",
    )
    count(
        "--evaluate-every",
        "steps between two evaluations of the greedy policy, for metrics and curves; 0: never; no effect on "
        f"GridQ, where its exact value is computed instead (default: {defaults['evaluate_every']})",
        low=0,
    )
    add(
        "--max-memory",
        type=number_above_zero,
        metavar="GIB",
        help=f"refuse an agent that would take more memory (default: {MAX_GIB:g})",
    )
    add(
        "--tensorboard",
        metavar="DIR",
        help="write return, length, loss and epsilon there for TensorBoard too (default: do not)",
    )
    parser.flag("--quiet", "show no progress and no table (default: show both)")
    parser.flag("--no-pictures", "draw neither curves nor maps (default: draw them)")
    parser.flag("--watch", "show the learner in a window while it trains (default: off)")
    add(
        "--speed",
        type=speed,
        metavar="X",
        help="steps a second while watching, or max for as fast as it goes; + and - change it (default: the "
        "whole training in about 14 seconds)",
    )
    parser.language()
    add_own_words(parser, env_arg=False)
    group = parser.add_argument_group(f"settings of the agent {name!r}")
    settings = settings_of(defaults)
    for field in dataclasses.fields(settings):
        _add_setting(group, settings, field)
    return parser


def run_config(defaults: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that a run uses, as ``config.json`` keeps it.

    Raises:
        ValueError: for settings out of their range, or words that set no argument of the environment.
    """
    settings = settings_of(defaults)
    names = {field.name for field in dataclasses.fields(settings)}
    chosen = dataclasses.replace(settings, **{name: options[name] for name in names & set(options)})
    arguments = environment_arguments(defaults["env_id"], options.get("env_arg", []))
    capacity = getattr(chosen, "replay_capacity", None)
    num_envs = options.get("num_envs", defaults["num_envs"])
    if capacity is not None and num_envs > capacity:
        raise ValueError(
            f"replay_capacity is {capacity}, below num_envs {num_envs}, of which each brings a transition at "
            "every step; give at least as much"
        )
    return {
        **defaults,
        **{name: options[name] for name in ("num_envs", "seed", "evaluate_every") if name in options},
        **limits_of(options),
        "env_kwargs": defaults["env_kwargs"] | arguments,
        "hyperparameters": chosen.to_dict(),
        "versions": versions(),
    }


def limits_of(options: Mapping[str, Any]) -> dict[str, int | None]:
    """The limits of a training that options set; one of them leaves the other out."""
    given = {name: options[name] for name in ("total_steps", "episodes") if name in options}
    return {"total_steps": None, "episodes": None} | given if given else {}


def _add_setting(group: Any, config: Config, field: dataclasses.Field[Any]) -> None:
    kind = field_types(type(config))[field.name]
    default = getattr(config, field.name)
    shown = ",".join(map(str, default)) if isinstance(default, tuple) else default
    expected = f"; {field.metadata['expected']}" if field.metadata["expected"] else ""
    group.add_argument(
        option_of(field.name),
        type=reader(what_to_give(kind), functools.partial(parse_setting, kind)),
        metavar="VALUE",
        help=f"{field.metadata['help']}{expected} (default: {shown})",
    )


def _limit(limit: int | None) -> str:
    return "no limit" if limit is None else f"{limit}, unless the other limit is given"
