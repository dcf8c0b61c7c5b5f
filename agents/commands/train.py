"""``gridq train``: trains an agent and leaves everything in a run folder."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from agents.algorithms.checkpoint import read_checkpoint
from agents.commands.environments import make_env, make_lanes, need_display, options_of_drawing
from agents.commands.grids import is_grid
from agents.commands.judging import judge_while_training
from agents.commands.memory import MAX_GIB, check_memory
from agents.commands.report import pictures_left_out, write_report
from agents.commands.runs import discount_of, new_agent, read_config, settings_of
from agents.commands.train_options import defaults_for, option_of, run_config, train_parser
from agents.storage.run_folder import PICTURES, RunFolder
from agents.training.callbacks import TensorBoard
from agents.training.interruption import Interruption
from agents.training.loop import Callback, Training
from agents.training.metrics import MetricsFile, read_metrics
from agents.training.progress import ProgressBar
from agents.training.saving import Checkpointing, continue_from, save_training

if TYPE_CHECKING:
    from agents.commands.live_view import LiveView

__all__ = ["run"]

OPTIONS_OF_WATCHING = {"speed", "language"}
OPTIONS_OF_A_RESUME = {
    *(
        "resume",
        "total_steps",
        "episodes",
        "checkpoint_every",
        "quiet",
        "no_pictures",
        "tensorboard",
        "watch",
    ),
    *OPTIONS_OF_WATCHING,
}


def run(arguments: Sequence[str]) -> int:
    """Runs the command."""
    defaults = defaults_for(arguments)
    parser = train_parser(defaults)
    options = vars(parser.parse(arguments))
    for name in sorted(OPTIONS_OF_WATCHING & set(options)):
        if "watch" not in options:
            parser.error(f"--{name} is the {name} of watching; give --watch too")
    if "watch" in options:
        need_display("train --watch ...", "leave out --watch")
    if "resume" in options:
        extra = sorted(set(options) - OPTIONS_OF_A_RESUME)
        if extra:
            parser.error(f"--resume goes on with the run as it was; leave out {option_of(extra[0])}")
        folder = RunFolder(options["resume"])
        read_config(folder)
        _refuse_without_checkpoint(folder)
        board = _tensorboard(options)
    else:
        config = run_config(defaults, options)
        # Whatever is wrong with the settings is said before a folder exists.
        with _environment(config) as env:
            check_memory(config, settings_of(config), env, options.get("max_memory", MAX_GIB))
            new_agent(config, env)
        board = _tensorboard(options)
        folder = RunFolder.create(options.get("run_dir"), config)
    with folder.lock(), _watching(folder, options) as watching:
        _extend(folder, options)
        left_out = _pictures_left_out(read_config(folder), options)
        started = time.perf_counter()
        try:
            training = train_into(
                folder,
                options.get("checkpoint_every"),
                "quiet" in options,
                [*watching, *board],
            )
        finally:
            seconds = folder.add_seconds(time.perf_counter() - started)
        if not training.finished:
            print(
                f"stopped after {training.steps} steps; go on with:\n"
                f"    gridq train --resume {shlex.quote(os.fspath(folder.path))}",
                file=sys.stderr,
            )
            return 130
        write_report(folder, training, seconds, "quiet" in options, left_out)
        for window in watching:
            window.hold()
    return 0


def _extend(folder: RunFolder, options: dict[str, Any]) -> None:
    """Gives a run that is gone on with the later end that is asked for.

    Raises:
        ValueError: if it has come that far already.
    """
    limits = {name: options[name] for name in ("total_steps", "episodes") if name in options}
    if "resume" not in options or not limits:
        return
    if not folder.checkpoint_file.exists():
        made = {}
    else:
        made = read_checkpoint(folder.checkpoint_file).training or {}
    for limit, counter in (("total_steps", "steps"), ("episodes", "n_episodes")):
        if limit in limits and limits[limit] <= made.get(counter, 0):
            raise ValueError(
                f"the run has made {made[counter]} {'steps' if counter == 'steps' else 'episodes'} already; "
                f"give {option_of(limit)} more than that"
            )
    folder.extend(read_config(folder) | {"total_steps": None, "episodes": None} | limits)


def _tensorboard(options: dict[str, Any]) -> list[Callback]:
    """What writes curves for TensorBoard, if that is asked for."""
    return [TensorBoard(options["tensorboard"])] if "tensorboard" in options else []


def _refuse_without_checkpoint(folder: RunFolder) -> None:
    """Refuses to go on with a run that has come somewhere, but of which nothing is left to go on from.

    A run that was killed before its first step has no checkpoint either, and begins.

    Raises:
        ValueError: if the checkpoint is missing.
    """
    begun = folder.summary_file.exists() or (
        folder.metrics_file.exists() and len(read_metrics(folder.metrics_file)["episode"]) > 0
    )
    if begun and not folder.checkpoint_file.exists():
        raise ValueError(
            f"{os.fspath(folder.checkpoint_file)!r} is missing, so there is nothing to go on from; "
            "put it back, or train anew: gridq train --config takes the run's config.json"
        )


def _pictures_left_out(config: dict[str, Any], options: dict[str, Any]) -> Collection[str]:
    """Which pictures not to draw; says why, before any time is spent, unless it was asked for."""
    if "no_pictures" in options:
        return PICTURES
    left_out = pictures_left_out(config)
    for why in sorted(set(left_out.values())):
        names = " and ".join(name for name, reason in left_out.items() if reason == why)
        print(f"without {names}: {why}", file=sys.stderr)
    return left_out


def train_into(
    folder: RunFolder, checkpoint_every: int | None, quiet: bool, watching: Sequence[Callback] = ()
) -> Training:
    """Trains into a run folder, from its checkpoint if it has one, until the end or a signal.

    Args:
        folder: the run, locked.
        checkpoint_every: steps between checkpoints, or None.
        quiet: show no progress.
        watching: further callbacks, which leave nothing behind.

    Returns:
        The training, saved.

    Raises:
        ValueError: if the folder's files are damaged or do not belong together.
        OSError: if something cannot be written.
        DivergenceError: if a reward or a loss is not finite; the last checkpoint stays.
    """
    config = read_config(folder)
    with (
        _environment(config) as env,
        contextlib.closing(make_env(config["env_id"], config["env_kwargs"])) as judged_env,
        Interruption() as interruption,
    ):
        checkpoint = read_checkpoint(folder.checkpoint_file) if folder.checkpoint_file.exists() else None
        agent = checkpoint.agent if checkpoint else new_agent(config, env)
        metrics = MetricsFile(folder.metrics_file, judge_while_training(judged_env, config))
        callbacks: list[Callback] = [
            metrics,
            interruption,
            Checkpointing(folder.checkpoint_file, checkpoint_every),
            *watching,
        ]
        if not quiet and sys.stderr.isatty():
            callbacks.append(ProgressBar(metrics))
        training = Training(agent, env, config["total_steps"], config["episodes"], callbacks)
        reason = continue_from(checkpoint, training) if checkpoint else None
        if reason is not None:
            print(
                f"{config['env_id']} cannot be restored, so it goes on with a new episode: {reason}",
                file=sys.stderr,
            )
        training.run()
        save_training(folder.checkpoint_file, training)
    return training


@contextlib.contextmanager
def _watching(folder: RunFolder, options: dict[str, Any]) -> Iterator[list[LiveView]]:
    """A window to watch the training in, if one is asked for."""
    if "watch" not in options:
        yield []
        return
    from agents.commands.live_view import LiveView

    config = read_config(folder)
    env_kwargs = config["env_kwargs"] | options_of_drawing(options)
    with contextlib.closing(make_env(config["env_id"], env_kwargs)) as env:
        if not is_grid(env):
            raise ValueError(
                f"--watch shows GridQ's maps, and {config['env_id']} is something else; leave out --watch"
            )
        with contextlib.closing(LiveView(env, discount_of(config), options.get("speed"))) as watching:
            yield [watching]


def _environment(config: dict[str, Any]) -> contextlib.closing[Any]:
    """The environment to train on, as a context that closes it."""
    return contextlib.closing(make_lanes(config["env_id"], config["env_kwargs"], config["num_envs"]))
