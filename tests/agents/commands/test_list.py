"""`gridq list`, `--version`, and finding the learners at all."""

import csv
import io
import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import agents
import gym_gridq
from agents.cli import main
from gym_gridq import launcher

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def runs():
    words = [
        "train",
        "--no-pictures",
        "--quiet",
        "--agent",
        "tabular",
        "--num-envs",
        "1",
        "--total-steps",
        "60",
    ]
    assert main(words) == 0
    assert main([*words, "--learning-rate", "0.5", "--env-arg", "layout=aima", "--seed", "1"]) == 0
    assert main(["train", "--env-id", "FrozenLake-v1", *words[1:]]) == 0
    Path("runs/FrozenLake-v1-tabular-0-1/summary.json").unlink()
    return Path("runs")


def test_a_table_of_settings_and_results(capsys, runs):
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:4] == ["run", "agent", "environment", "seed"]
    assert [line.split()[0] for line in lines[1:]] == sorted(str(path) for path in runs.iterdir())
    assert "learning_rate 0.5" in lines[2]
    assert "GridQ-v0, layout aima" in lines[2]
    assert [line.split()[-1] for line in lines[1:]] == ["unfinished", "finished", "finished"]
    assert main(["list", "runs/GridQ-v0-tabular-0-1"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_the_same_for_programs(capsys, runs):
    assert main(["list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    summary = json.loads((runs / "GridQ-v0-aima-tabular-1-1/summary.json").read_text())
    assert listed[1]["learning_rate"] == 0.5
    assert listed[1]["env.layout"] == "aima"
    assert listed[1]["max_q_error"] == summary["max_q_error"]
    assert main(["list", "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["run"] for row in rows] == [each["run"] for each in listed]
    assert float(rows[1]["max_q_error"]) == summary["max_q_error"]


def test_what_cannot_be_listed(capsys, runs):
    assert main(["list", "none"]) == 1
    assert "there is no folder 'none'" in capsys.readouterr().err
    Path("empty").mkdir()
    assert main(["list", "empty"]) == 1
    assert "there is no run in 'empty'" in capsys.readouterr().err
    (runs / "GridQ-v0-tabular-0-1/config.json").write_text("{")
    assert main(["list"]) == 0
    assert "damaged: " in capsys.readouterr().out


def test_the_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"gym-gridq {gym_gridq.__version__}\n"
    assert gym_gridq.__version__ == agents.__version__ == version("gym-gridq")


def test_a_strangers_agents_in_front_is_named():
    Path("agents").mkdir()
    Path("agents/__init__.py").write_text("")
    program = "import sys; from gym_gridq.launcher import main; sys.exit(main())"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path.cwd()), str(ROOT)])}
    command = [sys.executable, "-c", program, "train"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(
        "gridq: error: the package 'agents' that Python finds first is not GridQ's: "
    )
    assert str(Path("agents").absolute()) in done.stderr
    assert done.stderr.count("\n") == 1


def test_ctrl_c_while_the_learners_are_imported_is_no_traceback(monkeypatch, capsys):
    def interrupted(name):
        raise KeyboardInterrupt

    monkeypatch.setattr(launcher, "import_module", interrupted)
    assert launcher.main() == 130
    assert capsys.readouterr().err == "gridq: error: interrupted\n"


def test_ours_is_found(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["gridq", "--version"])
    assert launcher.main() == 0
    assert capsys.readouterr().out.startswith("gym-gridq ")


def test_the_world_shows_its_map_and_how_to_go_on():
    done = subprocess.run(
        [sys.executable, "-m", "gym_gridq"], capture_output=True, text=True, cwd=ROOT, check=True
    )
    for words in ("...G\n.#.P\nS...\n", "0.6561", "gridq train", "gridq play"):
        assert words in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("gridq tr", {"train"}),
        ("gridq train --evaluate", {"--evaluate-every"}),
        ("gridq train --agent tabular --learn", {"--learning-rate"}),
        ("gridq train --agent tabular --hidden", set()),
        ("gridq list --j", {"--json"}),
    ],
)
def test_a_shell_is_told_what_could_come_next(tmp_path, line, offered):
    answer = tmp_path / "answer"
    environment = {
        **os.environ,
        **{"_ARGCOMPLETE": "1", "COMP_LINE": line, "COMP_POINT": str(len(line)), "COMP_TYPE": "9"},
        **{"_ARGCOMPLETE_STDOUT_FILENAME": str(answer), "_ARGCOMPLETE_IFS": "\n", "PYTHONPATH": str(ROOT)},
    }
    subprocess.run([sys.executable, "-m", "agents"], env=environment, check=False, capture_output=True)
    assert {word.strip() for word in answer.read_text().split("\n") if word} == offered


def test_a_sweep_is_listed_beside_runs(runs, capsys):
    words = [
        "sweep",
        "--agent",
        "tabular",
        "--set",
        "learning_rate=0.5,1",
        "--seeds",
        "3",
        "--total-steps",
        "50",
    ]
    assert main([*words, "--jobs", "1", "--quiet", "--out", "runs/a-sweep"]) == 0
    capsys.readouterr()
    assert main(["list", "--json"]) == 0
    listed = {Path(each["run"]).name: each for each in json.loads(capsys.readouterr().out)}
    assert len(listed) > 1
    assert listed["a-sweep"] == {
        "run": os.fspath(Path("runs/a-sweep")),
        "agent": "tabular",
        "environment": "GridQ-v0",
        "seed": "0 to 2",
        "settings": "6 trainings over learning_rate",
        "state": "finished",
    }
    Path("runs/a-sweep/summary.json").unlink()
    assert main(["list", "runs/a-sweep"]) == 0
    assert "unfinished" in capsys.readouterr().out
    Path("runs/a-sweep/config.json").write_text("{}")
    assert main(["list", "runs/a-sweep"]) == 0
    assert "damaged: " in capsys.readouterr().out
