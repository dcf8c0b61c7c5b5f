"""``gridq train``: trains an agent and leaves everything in a run folder."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
import time
from collections.abc import Sequence
from typing import Any

from agents.base import Agent
from agents.checkpoint import read_checkpoint
from agents.commands.common import make_lanes
from agents.commands.report import write_report
from agents.commands.train_options import defaults_for, option_of, run_config, train_parser
from agents.interruption import Interruption
from agents.loggers import MetricsFile, ProgressBar
from agents.registry import make
from agents.runs import RunFolder
from agents.saving import Checkpointing, continue_from, save_training
from agents.training import Callback, Training

__all__ = ["run"]

OPTIONS_OF_A_RESUME = {"resume", "checkpoint_every", "quiet"}


def run(arguments: Sequence[str]) -> int:
    """Runs the command."""
    defaults = defaults_for(arguments)
    parser = train_parser(defaults)
    options = vars(parser.parse(arguments))
    if "resume" in options:
        extra = sorted(set(options) - OPTIONS_OF_A_RESUME)
        if extra:
            parser.error(f"--resume goes on with the run as it was; leave out {option_of(extra[0])}")
        folder = RunFolder(options["resume"])
    else:
        config = run_config(defaults, options)
        # Whatever is wrong with the settings is said before a folder exists.
        with _environment(config) as env:
            _new_agent(config, env)
        folder = RunFolder.create(options.get("run_dir"), config)
    with folder.lock():
        return _train(folder, options.get("checkpoint_every"), quiet="quiet" in options)


def _train(folder: RunFolder, checkpoint_every: int | None, quiet: bool) -> int:
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
    return 0


def _environment(config: dict[str, Any]) -> contextlib.closing[Any]:
    """The environment to train on, as a context that closes it."""
    return contextlib.closing(make_lanes(config["env_id"], config["env_kwargs"], config["num_envs"]))


def _new_agent(config: dict[str, Any], env: Any) -> Agent:
    return make(config["agent"], env, config["seed"], **config["hyperparameters"])
