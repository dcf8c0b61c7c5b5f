"""``gridq train``: trains an agent and leaves everything in a run folder."""

from __future__ import annotations

import contextlib
import functools
import math
import os
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from agents.commands.drawing import drawn_env_of, need_display
from agents.commands.judging import judge_while_training
from agents.commands.memory import MAX_GIB, check_memory
from agents.commands.parser import option_of
from agents.commands.report import advice, pictures_left_out, write_report
from agents.commands.runs import checkpoint_of, command_to_go_on, origin_of, read_config
from agents.commands.terminal import print_aside
from agents.commands.train_options import defaults_for, limits_of, run_config, train_parser
from agents.storage.run_folder import PICTURES, RunFolder
from agents.training.by_hand import EpsilonByHand
from agents.training.callbacks import TensorBoard
from agents.training.configuration import discount_of, env_of, lanes_of, new_agent
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
    *("resume", "total_steps", "episodes", "checkpoint_every", "quiet", "no_pictures", "tensorboard"),
    *("watch", "import", "env_arg"),
    *OPTIONS_OF_WATCHING,
}


def run(arguments: Sequence[str]) -> int:
    """Runs the command."""
    defaults = defaults_for(arguments)
    parser = train_parser(defaults)
    options = parser.parse(arguments)
    for name in sorted(OPTIONS_OF_WATCHING & set(options)):
        if "watch" not in options:
            parser.error(f"--{name} is the {name} of watching; give --watch too")
    if "watch" in options:
        need_display("train --watch ...", "leave out --watch")
    if "resume" in options:
        parser.check_resume(options, OPTIONS_OF_A_RESUME, "run")
        folder = RunFolder(options["resume"])
        config = read_config(folder, options)
        _refuse_without_checkpoint(folder)
        board = _tensorboard(options)
    else:
        if "import" in options:
            parser.error("--import is for a run's folder; --env-id MODULE:ID names a module for a new run")
        config = run_config(defaults, options)
        # Whatever is wrong with the settings is said before a folder exists.
        with lanes_of(config) as env:
            check_memory(config, env, options.get("max_memory", MAX_GIB))
            new_agent(config, env)
        board = _tensorboard(options)
        folder = RunFolder.create(options.get("run_dir"), config)
    with folder.lock():
        if "resume" in options:
            config |= _extend(folder, config, options)
        left_out = _pictures_left_out(config, options)
        by_hand = EpsilonByHand(
            config.get("epsilon_by_hand", []), functools.partial(folder.note, "epsilon_by_hand")
        )
        with _watching(config, options, by_hand) as watching:
            callbacks = [*([by_hand] if watching or by_hand.changes else []), *watching]
            callbacks += board
            started = time.perf_counter()
            try:
                training = train_into(
                    folder, config, options.get("checkpoint_every"), "quiet" in options, callbacks
                )
            except BaseException:
                with contextlib.suppress(OSError):  # what went wrong first is what is told
                    folder.add_seconds(time.perf_counter() - started)
                raise
            seconds = folder.add_seconds(time.perf_counter() - started)
            go_on = command_to_go_on(folder, config, options)
            if not training.finished:
                print_aside(f"stopped after {training.steps} steps; go on with:\n    {go_on}")
                return 130
            try:
                summary = write_report(folder, config, training, seconds, "quiet" in options, left_out)
            except KeyboardInterrupt:
                print_aside(f"trained to its end; for the summary and the pictures:\n    {go_on}")
                return 130
            if "quiet" not in options and (what_to_try := advice(summary, config, go_on)):
                print_aside(what_to_try)
            if by_hand.changes and "quiet" not in options:
                print_aside(
                    "epsilon was changed by hand, as config.json notes: this is not the training of its seed"
                )
            for window in watching:
                if "quiet" not in options and window.is_open:
                    print_aside("the window shows what was learned; Esc closes it")
                window.hold(training.agent, summary)
    return 0


def _extend(folder: RunFolder, config: dict[str, Any], options: dict[str, Any]) -> dict[str, int | None]:
    """Gives a run that is gone on with the later end that is asked for.

    Returns:
        What changes in its configuration by that.

    Raises:
        ValueError: if it has come that far already.
    """
    limits = limits_of(options)
    if not limits:
        return {}
    begun = os.path.lexists(folder.checkpoint_file)
    made = (checkpoint_of(folder, config).training or {}) if begun else {}
    for limit, counter in (("total_steps", "steps"), ("episodes", "n_episodes")):
        if (limits[limit] or math.inf) <= made.get(counter, 0):
            raise ValueError(
                f"the run has made {made[counter]} {'steps' if counter == 'steps' else 'episodes'} already; "
                f"give {option_of(limit)} more than that"
            )
    folder.extend(folder.read_config() | limits)
    return limits


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
    names, why = pictures_left_out(config)
    if names:
        print_aside(f"without {' and '.join(names)}: {why}")
    return names


def train_into(
    folder: RunFolder,
    config: dict[str, Any],
    checkpoint_every: int | None,
    quiet: bool,
    watching: Sequence[Callback] = (),
) -> Training:
    """Trains into a run folder, from its checkpoint if it has one, until the end or a signal.

    Args:
        folder: the run, locked.
        config: its configuration.
        checkpoint_every: steps between checkpoints, or None.
        quiet: show no progress.
        watching: further callbacks, called after those that write files.

    Returns:
        The training, saved.

    Raises:
        ValueError: if the folder's files are damaged or do not belong together.
        OSError: if something cannot be written.
        DivergenceError: if a reward or a loss is not finite; the last checkpoint stays.
    """
    # read before anything is made, which may be large: it shows whether the folder's files belong together
    checkpoint = checkpoint_of(folder, config) if os.path.lexists(folder.checkpoint_file) else None
    with (
        lanes_of(config) as env,
        env_of(config) as judged_env,
        Interruption() as interruption,
    ):
        agent = checkpoint.agent if checkpoint else new_agent(config, env)
        metrics = MetricsFile(folder.metrics_file, judge_while_training(judged_env, config))
        callbacks: list[Callback] = [
            metrics,
            interruption,
            Checkpointing(folder.checkpoint_file, checkpoint_every, origin_of(config)),
            *watching,
        ]
        if not quiet and sys.stderr.isatty():
            callbacks.append(ProgressBar(metrics))
        training = Training(agent, env, config["total_steps"], config["episodes"], callbacks)
        reason = continue_from(checkpoint, training) if checkpoint else None
        if reason is not None:
            print_aside(f"{config['env_id']} cannot be restored, so it goes on with a new episode: {reason}")
        training.run()
        save_training(folder.checkpoint_file, training, origin_of(config))
    return training


@contextlib.contextmanager
def _watching(
    config: dict[str, Any], options: dict[str, Any], by_hand: EpsilonByHand
) -> Iterator[list[LiveView]]:
    """A window to watch the training in, if one is asked for."""
    if "watch" not in options:
        yield []
        return
    from agents.commands.live_view import LiveView

    language = options.get("language", "en")
    with drawn_env_of(config, options) as env:
        view = LiveView(env, discount_of(config), options.get("speed"), language, by_hand)
        with contextlib.closing(view):
            yield [view]
