"""The kill test: trainings killed at random moments and gone on with, until they end as if nothing had been.

    python -m tests.reliability.kills [--kills 200] [--seed 0]

Prints one JSON object of figures. A process of its own, because it forks itself, warm, for every training:
so a killed training costs tens of milliseconds instead of seconds. Half of the kills fall at a random moment
of the training; the other half right before or after a random call within the writing of a checkpoint, where
they would hurt most.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import agents.training.saving
from agents.algorithms.checkpoint import read_checkpoint
from agents.commands.train import train_into
from agents.commands.train_options import defaults_for, run_config, train_parser
from agents.experience.env_spaces import HAS_LANES
from agents.storage.run_folder import RunFolder

CONFIGURATIONS = [
    "--agent tabular --num-envs 1 --total-steps 600 --env-arg slip=0.3",
    "--agent q-learning --num-envs 1 --total-steps 150 --env-arg slip=0.3",
    "--agent dqn --num-envs 1 --total-steps 200 --env-arg random_start=true",
    "--agent dqn --num-envs 8 --total-steps 1200 --env-arg slip=0.2",
    "--agent tabular --num-envs 3 --total-steps 600 --env-id FrozenLake-v1",
    "--agent q-learning --num-envs 1 --total-steps 120 --env-id CartPole-v1",
    "--agent sarsa --num-envs 3 --total-steps 600 --n-steps 4 --env-arg slip=0.3",
    "--agent monte-carlo --num-envs 1 --total-steps 600 --env-arg slip=0.3",
    "--agent reinforce --num-envs 1 --total-steps 400 --env-arg slip=0.3",
    "--agent actor-critic --num-envs 3 --total-steps 300 --n-steps 7 --env-id CartPole-v1",
    "--agent expected-sarsa --num-envs 1 --total-steps 600 --n-steps 4 --env-arg slip=0.3",
    "--agent random --num-envs 1 --total-steps 600 --env-arg slip=0.3",
]
if not HAS_LANES:
    CONFIGURATIONS = [words for words in CONFIGURATIONS if "--num-envs 1" in words]
CHECKPOINTS_A_RUN = 8
KEPT = ("checkpoint.npz", "metrics.csv")


def prepared(words: str) -> tuple[dict[str, Any], int]:
    """The configuration of a run, and its steps between checkpoints."""
    arguments = words.split()
    defaults = defaults_for(arguments)
    config = run_config(defaults, train_parser(defaults).parse(arguments))
    return config, config["total_steps"] // CHECKPOINTS_A_RUN


def in_a_fork(work: Callable[[], object]) -> int:
    """Runs ``work`` in a copy of this process; returns its id."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        os.setpgid(0, 0)
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def trained(folder: Path, config: dict[str, Any], every: int) -> None:
    """Trains into a folder from wherever it is."""
    run = RunFolder(folder) if folder.exists() else RunFolder.create(folder, config)
    with run.lock():
        train_into(run, config, every, quiet=True)


@contextmanager
def death_while_writing(rng: random.Random) -> Iterator[None]:
    """Kills this process at a random call, of Python or of C, within the writing of a random checkpoint."""
    real, due_write, due_call = (
        agents.training.saving.write_checkpoint,
        rng.randrange(CHECKPOINTS_A_RUN),
        rng.randrange(800),  # so many are made from the first to behind the rename
    )
    n_writes = n_calls = 0

    def watch(frame: object, event: str, argument: object) -> None:
        nonlocal n_calls
        n_calls += 1
        if n_calls >= due_call:
            os.kill(os.getpid(), signal.SIGKILL)

    def write(*arguments: Any) -> None:
        nonlocal n_writes
        n_writes += 1
        if n_writes > due_write:
            sys.setprofile(watch)
        real(*arguments)
        sys.setprofile(None)

    agents.training.saving.write_checkpoint = write
    try:
        yield
    finally:
        agents.training.saving.write_checkpoint = real


def kill_once(folder: Path, config: dict[str, Any], every: int, seconds: float, rng: random.Random) -> bool:
    """Trains until a kill or the end; returns whether it was killed."""
    if rng.random() < 0.5:
        own = random.Random(rng.random())

        def work() -> None:
            with death_while_writing(own):
                trained(folder, config, every)

        pid = in_a_fork(work)
    else:
        pid = in_a_fork(partial(trained, folder, config, every))
        select.select([], [], [], rng.uniform(0, seconds))
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0:
        raise AssertionError(f"a training failed in {folder}")
    return os.WIFSIGNALED(status)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    figures = {"kills": 0, "kills_before_the_first_checkpoint": 0, "resumed_past_step_0": 0, "runs": 0}
    figures |= {"unreadable": 0, "different": 0}

    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        plans = []
        for number, words in enumerate(CONFIGURATIONS):
            config, every = prepared(words)
            started = time.perf_counter()
            whole = home / f"whole-{number}"
            pid = in_a_fork(partial(trained, whole, config, every))
            assert os.waitpid(pid, 0)[1] == 0, words
            plans.append((whole, config, every, time.perf_counter() - started))

        while figures["kills"] < arguments.kills:
            whole, config, every, seconds = plans[figures["runs"] % len(plans)]
            folder = home / f"run-{figures['runs']}"
            for _ in range(rng.randint(2, 6)):
                if not kill_once(folder, config, every, seconds, rng):
                    break
                figures["kills"] += 1
                checkpoint_file = folder / "checkpoint.npz"
                if not checkpoint_file.exists():
                    figures["kills_before_the_first_checkpoint"] += 1
                    continue
                try:
                    training = read_checkpoint(checkpoint_file).training
                except ValueError:
                    traceback.print_exc()
                    figures["unreadable"] += 1
                    continue
                figures["resumed_past_step_0"] += training is not None and training["steps"] > 0
            pid = in_a_fork(partial(trained, folder, config, every))
            assert os.waitpid(pid, 0)[1] == 0, folder
            figures["different"] += any(
                (folder / kept).read_bytes() != (whole / kept).read_bytes() for kept in KEPT
            )
            assert not list(folder.glob(".*.partial")), folder
            figures["runs"] += 1
            shutil.rmtree(folder)
        left = [path.name for path in home.iterdir() if path.name.startswith(".new-run-")]
        figures["unfinished_folders"] = len(left)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
