"""Real processes, real signals, real refusals of the system."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import agents
from agents.cli import main
from agents.training.interruption import Interruption

pytestmark = pytest.mark.linux

ROOT = Path(__file__).parents[2]
ENDLESS = ["train", "--agent", "tabular", "--num-envs", "1", "--total-steps", "100000000", "--run-dir", "run"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def started(*words, **kwargs):
    """A ``gridq`` process that has begun to train."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    metrics = Path("run/metrics.csv")
    size = metrics.stat().st_size if metrics.exists() else 100
    process = subprocess.Popen(
        [sys.executable, "-m", "agents", *words], stderr=subprocess.PIPE, text=True, env=environment, **kwargs
    )
    while not (metrics.exists() and metrics.stat().st_size > size):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.01)
            raise AssertionError(process.stderr.read())
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_saves_and_says_how_to_go_on(number):
    process = started(*ENDLESS)
    process.send_signal(number)
    _, err = process.communicate()
    assert process.returncode == 130
    assert "finishing the step, then saving" in err
    assert "gridq train --resume run" in err
    assert "Traceback" not in err
    process = started("train", "--resume", "run")
    process.send_signal(number)
    process.communicate()
    assert process.returncode == 130
    agents.load("run/checkpoint.npz")


def test_two_processes_cannot_train_into_one_folder():
    process = started(*ENDLESS)
    other = subprocess.run(
        [sys.executable, "-m", "agents", "train", "--resume", "run"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert other.returncode == 1
    assert other.stderr.startswith("gridq: error: another process is training into 'run'")
    assert process.poll() is None
    process.kill()
    process.communicate()
    # Killed, it holds nothing any more.
    process = started("train", "--resume", "run")
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 130


def test_a_full_disk_leaves_the_earlier_files(capsys):
    """The system refuses to let any file grow past 2,000 bytes."""
    import resource  # which Windows lacks

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("COVERAGE_PROCESS_CONFIG", None)  # what coverage measures would not fit either
    done = subprocess.run(
        [sys.executable, "-m", "agents", *ENDLESS],
        capture_output=True,
        text=True,
        env=environment,
        preexec_fn=limited,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr in {
        f"gridq: error: {Path('run', name)}: File too large\n" for name in ("checkpoint.npz", "metrics.csv")
    }
    json.loads(Path("run/config.json").read_text())
    assert not list(Path("run").glob(".*.partial"))
    # With room again, it goes on, from whatever there was.
    process = started("train", "--resume", "run")
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode in (0, 130)


def interrupting(monkeypatch, at_step, what):
    """Does something to the world in the middle of a training."""
    real = Interruption.on_step

    def on_step(interruption, training):
        if training.steps == at_step:
            what()
        real(interruption, training)

    monkeypatch.setattr(Interruption, "on_step", on_step)


SHORT = "train --agent tabular --num-envs 1 --total-steps 300 --checkpoint-every 50 --run-dir run"
WORDS = SHORT.split()


def test_a_folder_that_vanishes(capsys, monkeypatch):
    interrupting(monkeypatch, 120, lambda: shutil.rmtree("run"))
    assert main([*WORDS, "--quiet"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("gridq: error: ")
    assert "No such file or directory" in err
    assert "run" in err


def test_a_folder_that_becomes_read_only():
    """Root may write anywhere, so it first gives up what sets it apart; its files stay its own."""
    program = f"""
import ctypes, os, sys
sys.path.insert(0, {str(ROOT)!r})
from agents.cli import main
from agents.training.interruption import Interruption
if os.getuid() == 0:
    version, everybody = 0x20080522, 0
    header, none = (ctypes.c_uint32 * 2)(version, everybody), (ctypes.c_uint32 * 6)()
    assert ctypes.CDLL(None, use_errno=True).capset(header, none) == 0
real = Interruption.on_step
def on_step(interruption, training):
    if training.steps == 120:
        os.chmod("run", 0o555)
    real(interruption, training)
Interruption.on_step = on_step
code = main({WORDS!r})
os.chmod("run", 0o755)
sys.exit(code)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("gridq: error: ")
    assert "Permission denied" in done.stderr
    assert agents.load("run/checkpoint.npz").table.any()
    assert not list(Path("run").glob(".*.partial"))


def test_a_folder_that_cannot_be_written(capsys):
    assert main(["train", "--run-dir", "/proc/nothing/run"]) == 1
    assert capsys.readouterr().err.startswith("gridq: error: /proc/nothing")
