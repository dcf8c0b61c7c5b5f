"""``gridq train``: trains an agent and leaves everything in a run folder."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from agents.commands.environments import make_env, make_lanes, need_display, options_of_drawing
from agents.commands.grids import has_action_values, is_grid, max_q_error_from_optimum
from agents.commands.printing import print_aside
from agents.commands.report import write_report
from agents.commands.runs import (
    checkpoint_of,
    command_to_go_on,
    discount_of,
    new_agent,
    origin_of,
    read_config,
)
from agents.commands.train_options import defaults_for, option_of, run_config, train_parser
from agents.storage.run_folder import RunFolder
from agents.training.interruption import Interruption
from agents.training.loop import Callback, Training
from agents.training.metrics import MetricsFile
from agents.training.progress import ProgressBar
from agents.training.saving import Checkpointing, continue_from, save_training

if TYPE_CHECKING:
    from agents.commands.live_view import LiveView

__all__ = ["run"]

OPTIONS_OF_WATCHING = {"speed", "language"}
OPTIONS_OF_A_RESUME = {"resume", "checkpoint_every", "quiet", "watch", "import", "env_arg"}
OPTIONS_OF_A_RESUME |= OPTIONS_OF_WATCHING


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
        config = read_config(folder, options)
    else:
        if "import" in options:
            parser.error("--import is for a run's folder; --env-id MODULE:ID names a module for a new run")
        config = run_config(defaults, options)
        # Whatever is wrong with the settings is said before a folder exists.
        with _environment(config) as env:
            new_agent(config, env)
        folder = RunFolder.create(options.get("run_dir"), config)
    with folder.lock(), _watching(config, options) as watching:
        started = time.perf_counter()
        try:
            training = train_into(
                folder, options.get("checkpoint_every"), "quiet" in options, watching, config
            )
        except BaseException:
            with contextlib.suppress(OSError):  # what went wrong first is what is told
                folder.add_seconds(time.perf_counter() - started)
            raise
        seconds = folder.add_seconds(time.perf_counter() - started)
        if not training.finished:
            go_on = command_to_go_on(folder, config, options)
            print_aside(f"stopped after {training.steps} steps; go on with:\n    {go_on}")
            return 130
        write_report(folder, config, training, seconds, "quiet" in options)
        for window in watching:
            window.hold()
    return 0


def train_into(
    folder: RunFolder,
    checkpoint_every: int | None,
    quiet: bool,
    watching: Sequence[Callback] = (),
    config: dict[str, Any] | None = None,
) -> Training:
    """Trains into a run folder, from its checkpoint if it has one, until the end or a signal.

    Args:
        folder: the run, locked.
        checkpoint_every: steps between checkpoints, or None.
        quiet: show no progress.
        watching: further callbacks, which leave nothing behind.
        config: the run's configuration, if it is known already; else it is read from the folder.

    Returns:
        The training, saved.

    Raises:
        ValueError: if the folder's files are damaged or do not belong together.
        OSError: if something cannot be written.
        DivergenceError: if a reward or a loss is not finite; the last checkpoint stays.
    """
    config = config or read_config(folder)
    # read before anything is made, which may be large: it shows whether the folder's files belong together
    checkpoint = checkpoint_of(folder, config) if os.path.lexists(folder.checkpoint_file) else None
    with (
        _environment(config) as env,
        contextlib.closing(make_env(config["env_id"], config["env_kwargs"])) as map_env,
        Interruption() as interruption,
    ):
        agent = checkpoint.agent if checkpoint else new_agent(config, env)
        max_q_error = (
            max_q_error_from_optimum(map_env, discount_of(config)) if has_action_values(agent) else None
        )
        callbacks: list[Callback] = [
            MetricsFile(folder.metrics_file, max_q_error),
            interruption,
            Checkpointing(folder.checkpoint_file, checkpoint_every, origin_of(config)),
            *watching,
        ]
        if not quiet and sys.stderr.isatty():
            callbacks.append(ProgressBar())
        training = Training(agent, env, config["total_steps"], config["episodes"], callbacks)
        reason = continue_from(checkpoint, training) if checkpoint else None
        if reason is not None:
            print_aside(f"{config['env_id']} cannot be restored, so it goes on with a new episode: {reason}")
        training.run()
        save_training(folder.checkpoint_file, training, origin_of(config))
    return training


@contextlib.contextmanager
def _watching(config: dict[str, Any], options: dict[str, Any]) -> Iterator[list[LiveView]]:
    """A window to watch the training in, if one is asked for."""
    if "watch" not in options:
        yield []
        return
    from agents.commands.live_view import LiveView

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
