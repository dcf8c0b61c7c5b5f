"""The options of ``gridq train``: every setting, with the default that holds for agent and environment."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from agents.algorithms.base import Agent
from agents.algorithms.registry import AGENTS, agent_class
from agents.commands.environments import environment_arguments
from agents.commands.memory import MAX_GIB
from agents.commands.parser import (
    Parser,
    UsageError,
    add_language,
    integer_from,
    number_above_zero,
    speed,
)
from agents.commands.runs import add_own_words
from agents.config import Config, field_types, parse_setting, what_to_give
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

__all__ = ["Defaults", "defaults_for", "option_of", "run_config", "train_parser"]


class Defaults(NamedTuple):
    """What holds where no option says otherwise: tuned for the environment, if it was tuned for."""

    agent: type[Agent]
    env_id: str
    num_envs: int
    total_steps: int | None
    episodes: int | None
    config: Config
    env_kwargs: dict[str, Any]
    seed: int
    evaluate_every: int


def defaults_for(arguments: Sequence[str]) -> Defaults:
    """The defaults for the agent and the environment that the arguments name.

    Raises:
        UsageError: for an unknown agent.
    """
    finder = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    for option in ("--config", "--agent", "--env-id"):
        finder.add_argument(option)
    try:
        named = finder.parse_known_args(arguments)[0]
    except argparse.ArgumentError:  # the full parser will say what is wrong
        named = finder.parse_known_args([])[0]
    given = {} if named.config is None else _read_config(named.config)
    env_id = given.get("env_id", DEFAULT_ENV) if named.env_id is None else named.env_id
    if not env_id:
        raise UsageError("--env-id is empty; give the id of an environment, or leave it out")
    try:
        cls = agent_class(given.get("agent", DEFAULT_AGENT) if named.agent is None else named.agent)
    except ValueError as error:
        raise UsageError(str(error)) from error
    usual = usual_configuration(env_id, cls.name)
    defaults = Defaults(
        cls,
        env_id,
        usual["num_envs"],
        usual["total_steps"],
        usual["episodes"],
        settings_of(usual),
        {},
        0,
        EVALUATE_EVERY,
    )
    if not given:
        return defaults
    # What was set for another agent or another environment says nothing of this one.
    if cls.name == given["agent"]:
        defaults = defaults._replace(config=cls.config_class.from_mapping(given["hyperparameters"]))
    if env_id == given["env_id"]:
        defaults = defaults._replace(env_kwargs=given["env_kwargs"])
    return defaults._replace(
        num_envs=given["num_envs"],
        total_steps=given["total_steps"],
        episodes=given["episodes"],
        seed=given["seed"],
        evaluate_every=given.get("evaluate_every") or 0,
    )


def _read_config(name: str) -> dict[str, Any]:
    """The configuration in a file, or in a run folder.

    Raises:
        ValueError: if it is none.
    """
    path = Path(name) / "config.json" if Path(name).is_dir() else Path(name)
    return read_config_file(path)


def train_parser(defaults: Defaults) -> Parser:
    """The parser with all options, of which ``--help`` shows the defaults."""
    name = defaults.agent.name
    parser = Parser(
        "gridq train",
        "Train an agent and leave checkpoint, metrics, summary and pictures in a new run folder.\n"
        f"The defaults shown are those of {name!r} on {defaults.env_id}; name another --agent or --env-id "
        "to see its own.",
    )
    add = parser.add_argument
    add("--agent", choices=sorted(AGENTS), help=f"which agent (default: {DEFAULT_AGENT})")
    add("--env-id", help=f"environment to train on (default: {DEFAULT_ENV})")
    add(
        "--env-arg",
        action="append",
        metavar="NAME=VALUE",
        help="argument of the environment, such as slip=0.2, layout=aima or layout=map.txt; may be repeated "
        "(default: none)",
    )
    add(
        "--num-envs",
        type=integer_from(1, MAX_NUM_ENVS),
        metavar="N",
        help=f"environments side by side (default: {defaults.num_envs})",
    )
    add(
        "--total-steps",
        type=integer_from(1),
        metavar="N",
        help=f"environment steps to train for (default: {_limit(defaults.total_steps)})",
    )
    add(
        "--episodes",
        type=integer_from(1),
        metavar="N",
        help=f"episodes to train for (default: {_limit(defaults.episodes)})",
    )
    add(
        "--seed",
        type=integer_from(0),
        metavar="S",
        help=f"everything random comes from it (default: {defaults.seed})",
    )
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
    add(
        "--checkpoint-every",
        type=integer_from(1),
        metavar="N",
        help=f"steps between checkpoints (default: every {Checkpointing.EVERY_SECONDS:g} seconds)",
    )
    add(
        "--evaluate-every",
        type=integer_from(0),
        metavar="N",
        help="steps between two evaluations of the greedy policy, for metrics and curves; 0: never; no "
        f"effect on GridQ, where its exact value is computed instead (default: {defaults.evaluate_every})",
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
    add("--quiet", action="store_true", help="show no progress and no table (default: show both)")
    add(
        "--no-pictures",
        action="store_true",
        help="draw neither curves nor maps (default: draw them)",
    )
    add("--watch", action="store_true", help="show the learner in a window while it trains (default: off)")
    add(
        "--speed",
        type=speed,
        metavar="X",
        help="steps a second while watching, or max for as fast as it goes; + and - change it (default: the "
        "whole training in about 14 seconds)",
    )
    add_language(parser)
    add_own_words(parser, env_arg=False)
    group = parser.add_argument_group(f"settings of the agent {name!r}")
    for field in dataclasses.fields(defaults.config):
        _add_setting(group, defaults.config, field)
    return parser


def run_config(defaults: Defaults, options: dict[str, Any]) -> dict[str, Any]:
    """Everything that a run uses, as ``config.json`` keeps it.

    Raises:
        ValueError: for settings out of their range, or words that set no argument of the environment.
    """
    names = {field.name for field in dataclasses.fields(defaults.config)}
    config = dataclasses.replace(defaults.config, **{name: options[name] for name in names & set(options)})
    limits = {name: options[name] for name in ("total_steps", "episodes") if name in options}
    if not limits:
        limits = {"total_steps": defaults.total_steps, "episodes": defaults.episodes}
    return {
        "env_id": defaults.env_id,
        "env_kwargs": defaults.env_kwargs
        | environment_arguments(defaults.env_id, options.get("env_arg", [])),
        "num_envs": options.get("num_envs", defaults.num_envs),
        "agent": defaults.agent.name,
        "hyperparameters": config.to_dict(),
        "seed": options.get("seed", defaults.seed),
        "total_steps": limits.get("total_steps"),
        "episodes": limits.get("episodes"),
        "evaluate_every": options.get("evaluate_every", defaults.evaluate_every),
        "versions": versions(),
    }


def option_of(name: str) -> str:
    """The option that sets ``name``."""
    return "--" + name.replace("_", "-")


def _add_setting(group: Any, config: Config, field: dataclasses.Field[Any]) -> None:
    kind = field_types(type(config))[field.name]

    def read(text: str) -> Any:
        try:
            return parse_setting(kind, text)
        except (ValueError, OverflowError) as error:
            raise argparse.ArgumentTypeError(f"{text!r:.80} is given; give {what_to_give(kind)}") from error

    default = getattr(config, field.name)
    shown = ",".join(map(str, default)) if isinstance(default, tuple) else default
    expected = f"; {field.metadata['expected']}" if field.metadata["expected"] else ""
    group.add_argument(
        option_of(field.name),
        type=read,
        metavar="VALUE",
        help=f"{field.metadata['help']}{expected} (default: {shown})",
    )


def _limit(limit: int | None) -> str:
    return "no limit" if limit is None else f"{limit}, unless the other limit is given"
