"""``gridq train``: trains an agent and leaves everything in a run folder."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import platform
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import gymnasium

from agents.base import Agent
from agents.checkpoint import read_checkpoint
from agents.cli import Parser, UsageError
from agents.commands.common import (
    discount_of,
    integer_from,
    is_grid,
    make_env,
    need_display,
    number_above_zero,
    parse_assignment,
)
from agents.commands.report import write_report
from agents.config import Config, field_types, parse_setting
from agents.interruption import Interruption
from agents.loggers import MetricsFile, ProgressBar
from agents.registry import AGENTS, agent_class, make
from agents.runs import RunFolder
from agents.saving import Checkpointing, continue_from, save_training
from agents.training import Callback, Training

if TYPE_CHECKING:
    from agents.commands.watching import Watching

__all__ = ["run"]

DEFAULT_AGENT = "q-learning"
DEFAULT_EPISODES = 1000
RUN_OPTIONS = ("env_id", "total_steps", "episodes", "num_envs", "seed", "run_dir", "env_arg", "agent")
"""Options that describe a run; a resumed one has them already."""


def run(arguments: Sequence[str]) -> int:
    """Runs the command."""
    try:
        cls = agent_class(_agent_name(arguments))
    except ValueError as error:
        raise UsageError(str(error)) from error
    parser = _parser(cls)
    options = vars(parser.parse(arguments))
    settings = {field.name for field in dataclasses.fields(cls.config_class)}
    if "speed" in options and "watch" not in options:
        parser.error("--speed is the speed of watching; give --watch too")
    if "watch" in options:
        need_display()
    if "resume" in options:
        extra = sorted((set(RUN_OPTIONS) | settings) & set(options))
        if extra:
            parser.error(f"--resume goes on with the run as it was; leave out --{extra[0].replace('_', '-')}")
        folder = RunFolder(options["resume"])
    else:
        hyperparameters = {name: options[name] for name in settings & set(options)}
        config = _run_config(cls, cls.config_class.from_mapping(hyperparameters), options)
        # Whatever is wrong with the settings is said before a folder exists.
        with _environment(config) as env:
            _new_agent(config, env)
        folder = RunFolder.create(options.get("run_dir"), config)
    with folder.lock(), _watched(folder.read_config(), options) as watching:
        return _train(folder, options.get("checkpoint_every"), "quiet" in options, watching)


def _train(folder: RunFolder, checkpoint_every: int | None, quiet: bool, watching: Watching | None) -> int:
    """Trains into a run folder, from its checkpoint if it has one."""
    config = folder.read_config()
    started = time.perf_counter()
    with _environment(config) as env, Interruption() as interruption:
        callbacks: list[Callback] = [MetricsFile(folder.metrics_file), interruption]
        checkpoint = read_checkpoint(folder.checkpoint_file) if folder.checkpoint_file.exists() else None
        agent = checkpoint.agent if checkpoint else _new_agent(config, env)
        extras: list[Callback] = [Checkpointing(folder.checkpoint_file, checkpoint_every)]
        if not quiet and sys.stderr.isatty():
            extras.append(ProgressBar())
        if watching is not None:
            extras.append(watching)
        training = Training(agent, env, config["total_steps"], config["episodes"], (*callbacks, *extras))
        if checkpoint and not continue_from(checkpoint, training):
            print(
                f"the state of {config['env_id']} cannot be restored; going on with a new episode",
                file=sys.stderr,
            )
        training.run()
        save_training(folder.checkpoint_file, training)
        if training.stop_reason is not None and not training.finished:
            print(
                f"stopped after {training.steps} steps; go on with:\n"
                f"    gridq train --resume {shlex.quote(os.fspath(folder.path))}",
                file=sys.stderr,
            )
            return 130
        write_report(folder, config, training, time.perf_counter() - started, quiet)
    if watching is not None:
        watching.hold()
    return 0


def _parser(cls: type[Agent]) -> Parser:
    parser = Parser(
        "gridq train",
        "Train an agent and leave checkpoint, metrics, summary and pictures in a new run folder.\n"
        f"The settings shown are those of the agent {cls.name!r}; --agent shows those of another.",
    )
    add = parser.add_argument
    add("--agent", choices=sorted(AGENTS), help=f"which agent (default: {DEFAULT_AGENT})")
    add("--env-id", help="environment to train on (default: GridQ-v0)")
    add(
        "--env-arg",
        action="append",
        metavar="NAME=VALUE",
        help="argument of the environment, such as slip=0.2 or layout=aima; may be repeated (default: none)",
    )
    add("--num-envs", type=integer_from(1), metavar="N", help="environments side by side (default: 1)")
    add(
        "--total-steps",
        type=integer_from(1),
        metavar="N",
        help="environment steps to train for (default: no limit)",
    )
    add(
        "--episodes",
        type=integer_from(1),
        metavar="N",
        help=f"episodes to train for (default: {DEFAULT_EPISODES}, or no limit with --total-steps)",
    )
    add("--seed", type=integer_from(0), metavar="S", help="everything random comes from it (default: 0)")
    add("--run-dir", metavar="DIR", help="new folder for the results (default: a new one under runs/)")
    add(
        "--resume",
        metavar="DIR",
        help="go on with an interrupted run, exactly where it stopped (default: none)",
    )
    add(
        "--checkpoint-every",
        type=integer_from(1),
        metavar="N",
        help=f"steps between checkpoints (default: every {Checkpointing.EVERY_SECONDS:g} seconds)",
    )
    add("--quiet", action="store_true", help="show no progress and no table (default: show both)")
    add("--watch", action="store_true", help="show the learner in a window while it trains (default: off)")
    add(
        "--speed",
        type=number_above_zero,
        metavar="X",
        help="steps a second while watching; + and - change it (default: as fast as it goes)",
    )
    group = parser.add_argument_group(f"settings of the agent {cls.name!r}")
    for field in dataclasses.fields(cls.config_class):
        _add_setting(group, cls.config_class, field)
    return parser


def _add_setting(group: Any, config_class: type[Config], field: dataclasses.Field[Any]) -> None:
    kind = field_types(config_class)[field.name]

    def read(text: str) -> Any:
        return parse_setting(kind, text)

    read.__name__ = field.name.replace("_", " ")
    shown = ",".join(map(str, field.default)) if isinstance(field.default, tuple) else field.default
    expected = f"; {field.metadata['expected']}" if field.metadata["expected"] else ""
    group.add_argument(
        "--" + field.name.replace("_", "-"),
        type=read,
        metavar="VALUE",
        help=f"{field.metadata['help']}{expected} (default: {shown})",
    )


def _agent_name(arguments: Sequence[str]) -> str:
    """Which agent's settings the options are; read first, because they depend on it."""
    finder = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    finder.add_argument("--agent", default=DEFAULT_AGENT)
    try:
        return str(finder.parse_known_args(arguments)[0].agent)
    except (argparse.ArgumentError, SystemExit):
        return DEFAULT_AGENT  # the full parser will say what is wrong


def _run_config(cls: type[Agent], config: Config, options: dict[str, Any]) -> dict[str, Any]:
    """Everything that is used, as ``config.json`` keeps it."""
    episodes, total_steps = options.get("episodes"), options.get("total_steps")
    return {
        "env_id": options.get("env_id", "GridQ-v0"),
        "env_kwargs": dict(map(parse_assignment, options.get("env_arg", []))),
        "num_envs": options.get("num_envs", 1),
        "agent": cls.name,
        "hyperparameters": config.to_dict(),
        "seed": options.get("seed", 0),
        "total_steps": total_steps,
        "episodes": DEFAULT_EPISODES if episodes is None and total_steps is None else episodes,
        "versions": {
            "python": platform.python_version(),
            **{name: _version(name) for name in ("gym-gridq", "gymnasium", "numpy", "dezero")},
        },
    }


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:  # run from a checkout
        return None


def _environment(config: dict[str, Any]) -> contextlib.closing[Any]:
    """The environment to train on, as a context that closes it."""
    if config["num_envs"] == 1:
        return contextlib.closing(make_env(config["env_id"], config["env_kwargs"]))
    return contextlib.closing(
        gymnasium.make_vec(config["env_id"], num_envs=config["num_envs"], **config["env_kwargs"])
    )


@contextlib.contextmanager
def _watched(config: dict[str, Any], options: dict[str, Any]) -> Iterator[Watching | None]:
    """A window to watch the training in, if one is asked for."""
    if "watch" not in options:
        yield None
        return
    from agents.commands.watching import Watching

    with contextlib.closing(make_env(config["env_id"], config["env_kwargs"])) as env:
        if not is_grid(env):
            raise ValueError(f"--watch shows GridQ's maps, and {config['env_id']} has none")
        with contextlib.closing(Watching(env, discount_of(config), options.get("speed"))) as watching:
            yield watching


def _new_agent(config: dict[str, Any], env: Any) -> Agent:
    return make(config["agent"], env, config["seed"], **config["hyperparameters"])
