"""A sweep on real processes that are stopped and killed, and goes on as if nothing had been."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import agents
from agents.experiments.plan import planned
from agents.experiments.sweep_folder import SweepFolder
from tests.agents.experiments.comparing import told
from tests.tried import tried

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

SEEDS, SETTINGS, EPISODES = 25, {"learning_rate": [0.01, 0.03]}, 20


def started(words):
    """The command in a process group of its own, as a terminal has it, which Ctrl-C reaches."""
    words = [sys.executable, "-m", "agents", *map(str, words)]
    heeds = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # noqa: E731
    return subprocess.Popen(
        words, stderr=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=heeds
    )


def lines_after(process, results, more):
    """Waits until so many lines more are there than were when the process began; returns the last one."""
    before = results.read_text().count("\n") if results.exists() else 1
    while not results.exists() or results.read_text().count("\n") < before + more:
        assert process.poll() is None, process.stderr.read()
    return results.read_text().splitlines()[-1]


def worker_of(line):
    """The process that ran the cell of a line."""
    return int(line.split(",")[-2].rpartition(":")[2])


def wait_until_gone(pid):
    """Waits until a process of a dead parent has left, or is only waited for by nobody."""
    stat = Path(f"/proc/{pid}/stat")
    while stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z":
        threading.Event().wait(0.05)


@pytest.fixture
def folder(tmp_path):
    """A new sweep of which nothing has run."""
    plan = planned(["q-learning"], ["GridQ-v0"], SEEDS, SETTINGS, {}, episodes=EPISODES)
    SweepFolder.made(tmp_path / "sweep", plan).close()
    return tmp_path / "sweep"


def resumed(folder: Path):
    return started(["sweep", "--resume", folder, "--jobs", 2, "--quiet"])


def test_whatever_ends_it_the_rest_is_run_and_nothing_twice(folder, tmp_path, here):
    results = folder / "results.csv"
    with resumed(folder) as process:  # Ctrl-C
        lines_after(process, results, 3)
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate()[1]
    assert process.returncode == 130
    assert f"go on with:\n    gridq sweep --resume {folder}" in said
    assert "Traceback" not in said
    kept = results.read_text()
    assert kept.endswith("\n")

    with resumed(folder) as process:  # for want of memory, say
        os.kill(worker_of(lines_after(process, results, 3)), signal.SIGKILL)
        said = process.communicate()[1]
    assert process.returncode == 1
    assert "a worker process has died" in said
    assert results.read_text().startswith(kept)

    rng, kills = random.Random(0), 0
    while kills < 2:
        with resumed(folder) as process:
            line = lines_after(process, results, rng.randint(1, 6))
            process.kill()
        wait_until_gone(worker_of(line))
        kills += 1

    with resumed(folder) as process:
        said = process.communicate()[1]
    assert (process.returncode, said) == (0, "")
    whole = agents.sweep(
        "q-learning", seeds=SEEDS, settings=SETTINGS, episodes=EPISODES, folder=tmp_path / "whole", quiet=True
    )
    ended = SweepFolder(folder)
    ended.close()
    assert told([ended.records[index] for index in sorted(ended.records)]) == told(whole.records)
    assert results.read_text().count("\n") == 1 + ended.plan.n_cells
    tried(
        "sweeps on real processes: stopped by Ctrl-C, a worker's death, SIGKILL; gone on with exactly",
        2 + kills,
    )
