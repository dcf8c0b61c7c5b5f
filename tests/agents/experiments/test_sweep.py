"""Sweeps: every cell is the training that ``gridq train`` makes, and none is lost."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys

import gymnasium
import numpy as np
import pytest

import agents
from agents.cli import main
from agents.experiments.backends import BACKENDS
from agents.experiments.batches import Batches
from agents.experiments.cell import CURVES, POINTS, CellResult, digest_of, run_cell, run_cells
from agents.experiments.findings import Sweep
from agents.experiments.plan import planned
from agents.experiments.sweep_folder import SweepFolder
from tests.agents.experiments.comparing import told
from tests.tried import tried


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("--agent tabular --env-arg slip=0.2", {"agent": "tabular", "env_kwargs": {"slip": 0.2}}),
        ("--agent dqn", {"agent": "dqn"}),
        (
            "--agent q-learning --env-id CartPole-v1 --hidden-sizes 16,8",
            {"agent": "q-learning", "env_id": "CartPole-v1", "settings": {"hidden_sizes": [[16, 8]]}},
        ),
    ],
)
def test_a_cell_is_the_training_of_gridq_train(tmp_path, here, words, arguments):
    found = agents.sweep(**arguments, seeds=2, total_steps=400, folder=tmp_path / "sweep", quiet=True)
    train = ["train", *words.split(), "--total-steps", "400", "--seed", "1", "--quiet"]
    assert main([*train, "--run-dir", str(tmp_path / "run")]) == 0
    trained = agents.load(tmp_path / "run" / "checkpoint.npz")
    record = found.records[1]
    assert (record["seed"], record["error"]) == (1, "")
    assert record["digest"] == digest_of(trained)
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert record["total_steps"] == summary["steps"]
    for name in ("regret", "max_q_error", "optimal_states", "greedy_length", "mean_return"):
        if name in record:
            assert record[name] == summary[name], name


def test_processes_and_their_number_change_nothing(tmp_path, here, monkeypatch):
    plan = {"seeds": 3, "settings": {"learning_rate": [0.01, 0.003]}, "total_steps": 200, "quiet": True}
    alone = agents.sweep(**plan, folder=tmp_path / "alone")
    monkeypatch.undo()
    for jobs in (1, 2):
        found = agents.sweep(**plan, jobs=jobs, folder=tmp_path / str(jobs))
        assert told(found.records) == told(alone.records)
        assert len({record["worker"] for record in found.records}) <= jobs + 1
        assert f":{os.getpid()}" not in found.records[0]["worker"]
        a, b = np.load(tmp_path / "alone" / "curves.npz"), np.load(tmp_path / str(jobs) / "curves.npz")
        for name in CURVES:
            assert a[name].shape == (2, 3, POINTS)
            np.testing.assert_array_equal(a[name], b[name])


def killed(path, plan, due_write, share):
    """Runs a sweep in a fork that dies in the midst of a write; returns whether it did."""
    pid = os.fork()
    if pid == 0:
        real, n_writes = os.fsync, 0

        def die(descriptor):
            nonlocal n_writes
            n_writes += 1
            if n_writes == due_write:
                size = os.fstat(descriptor).st_size
                os.ftruncate(descriptor, int(size * share))  # as much of it as came to the disk
                os.kill(os.getpid(), signal.SIGKILL)
            real(descriptor)

        os.fsync = die
        try:
            agents.sweep(**plan, folder=path)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


def cells_at_once(batches, jobs, address):
    """A backend without processes: it is the writer that is killed."""
    for batch in batches:
        yield run_cells(batch)


@pytest.mark.linux
def test_a_killed_sweep_goes_on_with_what_is_missing(tmp_path, here, monkeypatch):
    monkeypatch.setitem(BACKENDS, "loky", cells_at_once)
    monkeypatch.setattr(Sweep, "_draw", lambda sweep, file, what, kind: file.write(b"a picture"))
    plan = {"agent": "tabular", "seeds": 10, "env_kwargs": {"slip": [0.0, 0.3]}}
    plan |= {"total_steps": 60, "num_envs": 1, "quiet": True}
    whole = agents.sweep(**plan, folder=tmp_path / "whole")
    rng, kills, n = random.Random(0), 0, 0
    while kills < 50:
        n += 1
        path = tmp_path / str(n)
        for _ in range(rng.randint(1, 6)):
            before = SweepFolder.is_one(path) and (path / "results.csv").read_bytes()
            # config.json is synced first; then two files a batch. What was whole before a write stays.
            was_killed = killed(path, plan, rng.randint(1, 12), 1.0 if rng.random() < 0.5 else 0.97)
            kills += was_killed
            if was_killed and before and before.endswith(b"\n") and rng.random() < 0.5:
                (path / "results.csv").write_bytes(before + b"tabular,GridQ-v0,")
        found = agents.sweep(**plan, folder=path)
        assert told(found.records) == told(whole.records)
        lines = (path / "results.csv").read_text().splitlines()
        assert len(lines) == 21
        assert len({tuple(line.split(",")[:4]) for line in lines}) == 21
        assert not list(path.glob(".*.partial"))
        with np.load(tmp_path / "whole" / "curves.npz") as a, np.load(path / "curves.npz") as b:
            for name in CURVES:
                np.testing.assert_array_equal(a[name], b[name])
    tried("SIGKILLs of a sweep: no cell lost, none twice", kills)


@pytest.mark.linux
def test_processes_of_a_killed_sweep_leave_and_the_lock_falls(tmp_path):
    words = [
        sys.executable,
        "-m",
        "agents",
        "sweep",
        "--agent",
        "tabular",
        "--seeds",
        "100000",
        "--jobs",
        "2",
    ]
    words += ["--env-id", "FrozenLake8x8-v1", "--total-steps", "300", "--out", str(tmp_path / "sweep")]
    with subprocess.Popen(words) as process:
        results = tmp_path / "sweep" / "results.csv"
        while not results.exists() or results.read_bytes().count(b"\n") < 3:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.02)
        with pytest.raises(BlockingIOError):
            SweepFolder(tmp_path / "sweep")
        process.kill()
    folder = SweepFolder(tmp_path / "sweep")  # nobody holds it
    assert 2 <= len(folder.records) == folder.plan.n_cells - len(folder.missing)
    folder.close()


def test_a_cell_that_fails_is_told_and_the_others_go_on(tmp_path, here, capsys):
    class Fragile(gymnasium.Env):
        observation_space, action_space = gymnasium.spaces.Discrete(2), gymnasium.spaces.Discrete(2)

        def reset(self, seed=None, options=None):
            self.seed = getattr(self, "seed", seed)
            return 0, {}

        def step(self, action):
            if self.seed == 1:
                raise OSError("the robot\nfell over, and lies there")
            return 0, float("nan") if self.seed == 2 else 1.0, True, False, {}

    gymnasium.register("Fragile-v0", Fragile, disable_env_checker=True)
    try:
        out = str(tmp_path / "sweep")
        words = "sweep --agent tabular --env-id Fragile-v0 --seeds 4 --total-steps 20 --out"
        assert main([*words.split(), out]) == 1
    finally:
        del gymnasium.registry["Fragile-v0"]
    assert "2 of 4 cells ended with an error" in capsys.readouterr().err
    with (tmp_path / "sweep" / "results.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["error"] for row in rows][:2] == ["", "OSError: the robot fell over, and lies there"]
    assert rows[2]["error"].startswith("diverged: ")
    assert rows[2]["digest"] == rows[2]["mean_return"] == ""
    assert rows[3]["mean_return"] == "1.0"
    # failures are not run again
    before = (tmp_path / "sweep" / "results.csv").read_bytes()
    assert main(["sweep", "--resume", out, "--quiet"]) == 1
    assert (tmp_path / "sweep" / "results.csv").read_bytes() == before


def test_a_half_line_is_run_again(tmp_path, here, capsys):
    words = "sweep --agent tabular --set epsilon=0.5,1 --seeds 3 --total-steps 50 --json --out"
    assert main([*words.split(), str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out)["cells"] == 6
    results = tmp_path / "results.csv"
    whole = results.read_bytes()
    results.write_bytes(whole[:-40])
    assert main(["sweep", "--resume", str(tmp_path), "--quiet"]) == 0
    rows = [line.split(b",")[:-3] for line in results.read_bytes().splitlines()]
    assert rows == [line.split(b",")[:-3] for line in whole.splitlines()]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--set lerning_rate=1", "tabular has no setting 'lerning_rate'; did you mean 'learning_rate'?"),
        ("--set learning_rate=0.5,7", "learning_rate is 7.0; give a number, more than 0 and at most 1"),
        ("--set learning_rate=0.5,0.50", "learning_rate has a value twice"),
        ("--set learning_rate", "write NAME=VALUE, or NAME=VALUE,VALUE"),
        ("--env-arg slip=0,2", "slip"),
        ("--env-id CartPole-v1", "Discrete"),
        ("--env-id Nothing-v0", "Nothing"),
    ],
)
def test_bad_values_are_refused_before_anything_is_made(tmp_path, capsys, words, message):
    out = tmp_path / "sweep"
    assert main(["sweep", "--agent", "tabular", "--seeds", "2", *words.split(), "--out", str(out)]) == 1
    assert message in capsys.readouterr().err
    assert not out.exists()


def test_lists_as_values_stand_in_brackets(tmp_path, here):
    words = "sweep --agent q-learning --set hidden_sizes=[4,4],[8] --seeds 1 --total-steps 20 --quiet --out"
    assert main([*words.split(), str(tmp_path)]) == 0
    with (tmp_path / "results.csv").open(newline="") as file:
        assert [row["hidden_sizes"] for row in csv.DictReader(file)] == ["[4, 4]", "[8]"]


def test_another_sweeps_folder_is_left_alone(tmp_path, here, capsys):
    plan = {"agent": "tabular", "total_steps": 20, "quiet": True, "folder": tmp_path}
    agents.sweep(**plan, seeds=1)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ValueError, match="holds another sweep"):
        agents.sweep(**plan, seeds=2)
    assert main(["sweep", "--out", str(tmp_path)]) == 1
    assert "gridq sweep --resume" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_chooses_no_code(tmp_path, here, capsys):
    agents.sweep("tabular", seeds=1, total_steps=20, folder=tmp_path, quiet=True)
    config = json.loads((tmp_path / "config.json").read_text())
    config["settings"][0]["env_id"] = "antigravity:GridQ-v0"
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "results.csv").unlink()
    assert main(["sweep", "--resume", str(tmp_path)]) == 1
    assert "say so: --import antigravity" in capsys.readouterr().err
    assert "antigravity" not in sys.modules


def test_batches_take_half_a_second(tmp_path):
    cells = [(number, {}) for number in range(1000)]
    batches = Batches(cells, lambda number: number % 2)
    batches.jobs = 2
    iterator = iter(batches)
    first = [next(iterator), next(iterator)]
    assert [len(batch) for batch in first] == [1, 1]  # nobody knows yet how long they take
    for (number, _), seconds in zip((cells[0], cells[1]), (0.01, 0.04), strict=True):
        batches.note([CellResult(number, {}, np.zeros(0), "", "", seconds, "", "")])
    rest = list(iterator)
    assert len(rest[0]) == 20  # ten of each kind
    assert len(rest[-1]) == 1
    assert [cell for batch in (*first, *rest) for cell in batch] == cells


def test_measures_are_of_the_curve():
    plan = planned(["tabular"], ["GridQ-v0"], 1, {}, {})
    result = run_cell(0, plan.cell(0))
    assert result.error == ""
    assert result.measures["regret"] == 0.0
    assert result.measures["greedy_length"] == 5
    exact = np.flatnonzero(result.curves[CURVES.index("max_q_error")] <= 0.01)
    assert exact.size
    total = plan.settings[0]["total_steps"]
    assert abs(result.measures["steps_to_exact"] - total * (exact[0] + 1) / POINTS) <= 64
    assert result.measures["steps_to_optimal"] <= total


def test_the_public_name_is_lazy():
    program = "import sys, agents; print('joblib' in sys.modules, 'gym_gridq' in sys.modules, agents.sweep)"
    said = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert said.startswith("False False <function sweep")
