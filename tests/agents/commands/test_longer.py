"""Runs that go on after their end, and runs that are made again from what they leave."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import pytest

from agents.cli import main
from agents.storage.run_folder import RunFolder


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def train(*words):
    return main(["train", "--no-pictures", "--quiet", *map(str, words)])


LANES = pytest.param([], 4800, 9600, marks=pytest.mark.lanes)


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        LANES,
        (["--num-envs", 1, "--env-arg", "slip=0.2"], 300, 700),
        (["--agent", "tabular", "--num-envs", 1], 300, 700),
        (["--agent", "q-learning"], 300, 700),
        (
            ["--env-id", "FrozenLake-v1", "--agent", "tabular", "--num-envs", 1, "--evaluate-every", 50],
            90,
            301,
        ),
    ],
)
def test_an_extended_run_is_the_longer_run(words, first, last):
    assert train("--run-dir", "longer", "--total-steps", last, *words) == 0
    assert train("--run-dir", "extended", "--total-steps", first, *words) == 0
    assert train("--resume", "extended", "--total-steps", last) == 0
    for name in ("checkpoint.npz", "metrics.csv", "config.json"):
        assert (Path("longer") / name).read_bytes() == (Path("extended") / name).read_bytes(), name
    longer, extended = (json.loads(Path(run, "summary.json").read_text()) for run in ("longer", "extended"))
    for summary in (longer, extended):
        assert summary.pop("seconds") > 0
        del summary["paths"]
    assert longer == extended


def test_by_episodes_too_and_never_to_an_earlier_end(capsys):
    assert train("--run-dir", "run", "--agent", "tabular", "--num-envs", 1, "--episodes", 5) == 0
    assert train("--resume", "run", "--episodes", 8) == 0
    summary = json.loads(Path("run/summary.json").read_text())
    assert summary["episodes"] == 8
    for option, name in (("--episodes", "episodes"), ("--total-steps", "steps")):
        assert train("--resume", "run", option, summary[name]) == 1
        err = capsys.readouterr().err
        assert f"the run has made {summary[name]} {name} already; give {option} more than that" in err
    assert json.loads(Path("run/summary.json").read_text()) == summary


def test_a_finished_run_has_no_litter():
    assert train("--run-dir", "run", "--agent", "tabular", "--total-steps", 50) == 0
    assert {path.name for path in Path("run").iterdir()} == {
        *("checkpoint.npz", "config.json", "metrics.csv", "summary.json")
    }
    with RunFolder("run").lock(), pytest.raises(BlockingIOError), RunFolder("run").lock():
        pass


def test_the_configuration_of_a_run_reruns_it_and_options_win(capsys):
    words = ["--agent", "q-learning", "--hidden-sizes", "8,4", "--env-arg", "slip=0.25", "--seed", 3]
    assert train(*words, "--total-steps", 60, "--run-dir", "one") == 0
    for config in ("one", "one/config.json"):
        assert train("--config", config, "--run-dir", f"two-{len(config)}") == 0
        for name in ("checkpoint.npz", "metrics.csv", "config.json"):
            assert Path("one", name).read_bytes() == Path(f"two-{len(config)}", name).read_bytes()
    wins = ["--seed", 4, "--env-arg", "layout=aima", "--epsilon", 0.5, "--episodes", 3]
    assert train("--config", "one", *wins, "--run-dir", "three") == 0
    one, three = (json.loads(Path(run, "config.json").read_text()) for run in ("one", "three"))
    assert three["env_kwargs"] == {"slip": 0.25, "layout": "aima"}
    assert three["hyperparameters"] == one["hyperparameters"] | {"epsilon": 0.5}
    assert (three["seed"], three["total_steps"], three["episodes"]) == (4, None, 3)
    assert train("--config", "one", "--agent", "tabular", "--run-dir", "four") == 0
    assert json.loads(Path("four/config.json").read_text())["hyperparameters"]["learning_rate"] == 1.0
    assert main(["train", "--config", "one", "--help"]) == 0
    assert "(default: 8,4)" in capsys.readouterr().out
    assert train("--config", "none.json") == 1
    assert "'none.json' is missing" in capsys.readouterr().err


def test_a_run_folder_is_named_by_its_layout():
    Path("map.txt").write_text("S..\n..G\n")
    for words in ([], ["--env-arg", "layout=aima"], ["--env-arg", "layout=map.txt"]):
        assert train("--agent", "random", "--total-steps", 5, *words) == 0
    assert sorted(path.name for path in Path("runs").iterdir()) == [
        "GridQ-v0-2x3-random-0-1",
        "GridQ-v0-aima-random-0-1",
        "GridQ-v0-random-0-1",
    ]


class Board:
    """Stands in for TensorBoard's writer."""

    made: ClassVar[list["Board"]] = []

    def __init__(self, directory):
        self.directory, self.names = directory, set()
        self.made.append(self)

    def add_scalar(self, name, value, step):
        self.names.add(name)

    def flush(self):
        """Nothing is waiting."""


def test_tensorboard_is_written_to_on_request(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tensorboard.summary", None)
    assert train("--tensorboard", "board", "--run-dir", "run") == 1
    assert "TensorBoard is not installed" in capsys.readouterr().err
    assert not Path("run").exists()
    monkeypatch.setitem(sys.modules, "tensorboard.summary", SimpleNamespace(Writer=Board))
    assert train("--tensorboard", "board", "--agent", "tabular", "--episodes", 3, "--run-dir", "run") == 0
    (board,) = Board.made
    assert board.directory == "board"
    assert "episode/return" in board.names


def test_more_memory_is_taken_when_it_is_allowed(capsys):
    words = ["--agent", "q-learning", "--hidden-sizes", "3e2,3e2", "--total-steps", 3, "--run-dir", "run"]
    assert train(*words, "--max-memory", 0.0001) == 1
    assert "GiB of memory with these settings, more than the 0.0001 it may" in capsys.readouterr().err
    assert train(*words) == 0
