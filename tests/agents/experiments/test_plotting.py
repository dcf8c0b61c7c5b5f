"""``gridq plot`` draws sweeps and runs together, a setting that is in both as one curve."""

from __future__ import annotations

import json

import numpy as np
import pytest

import agents
from agents.cli import main
from agents.commands import plot
from agents.experiments.cell import CURVES
from agents.experiments.sweep_folder import SweepFolder

PLAN = {
    "agent": "tabular",
    "seeds": 3,
    "settings": {"epsilon": [0.3, 1.0]},
    "total_steps": 1600,
    "quiet": True,
}
TRAIN = "train --agent tabular --total-steps 1600 --quiet --no-pictures --epsilon"


@pytest.fixture
def drawn(monkeypatch):
    """What the command hands over to be drawn."""
    found = {}
    real = plot.draw_runs
    monkeypatch.setattr(
        plot, "draw_runs", lambda file, runs, kind: (found.update(runs), real(file, runs, kind))
    )
    return found


def test_sweeps_and_runs_come_into_one_picture(tmp_path, here, capsys, drawn, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = agents.sweep(**PLAN, folder="sweep")
    assert main([*TRAIN.split(), "0.3", "--seed", "1", "--run-dir", "run"]) == 0
    assert main([*TRAIN.split(), "0.7", "--run-dir", "other"]) == 0
    assert main(["plot", "sweep", "run", "other", "--output", "all.svg"]) == 0
    assert capsys.readouterr().out.endswith("8 runs in all.svg\n")
    assert (tmp_path / "all.svg").read_bytes().startswith(b"<?xml")
    sizes = {name.rpartition(", ")[2]: len(group) for name, group in drawn.items()}
    assert sizes == {"epsilon 0.3": 4, "epsilon 1": 3, "epsilon 0.7": 1}
    (of_both,) = (group for name, group in drawn.items() if name.endswith("epsilon 0.3"))
    cell, run = of_both[1], of_both[3]  # the same training, seed 1
    assert (cell["steps"][-1], cell["regret"][-1]) == (
        found.records[2]["total_steps"],
        np.float32(found.records[2]["regret"]),
    )
    # what the run knew at its last look, the cell knew at its next one
    looked = np.flatnonzero(np.isfinite(run["regret"]))[-1]
    after = np.searchsorted(cell["steps"], run["steps"][looked])
    assert cell["regret"][after] == np.float32(run["regret"][looked])
    assert cell["max_q_error"][after] == np.float32(run["max_q_error"][looked])


def test_a_sweep_that_is_running_is_drawn_as_far_as_it_is(tmp_path, here, drawn, capsys):
    agents.sweep(**PLAN, folder=tmp_path / "sweep")
    curves = tmp_path / "sweep" / ".curves"
    whole = curves.read_bytes()
    curves.write_bytes(whole[: len(whole) // 2 + 100])  # three cells, and what is being written
    assert main(["plot", str(tmp_path / "sweep"), "--output", str(tmp_path / "a.png")]) == 0
    assert sorted(map(len, drawn.values())) == [1, 2]
    curves.write_bytes(b"")
    assert main(["plot", str(tmp_path / "sweep"), "--output", str(tmp_path / "b.png")]) == 1
    assert "nothing is finished yet" in capsys.readouterr().err
    assert not (tmp_path / "b.png").exists()


def test_the_lock_of_a_running_sweep_is_no_hindrance(tmp_path, here, drawn):
    agents.sweep(**PLAN, folder=tmp_path / "sweep")
    held = SweepFolder(tmp_path / "sweep")
    try:
        assert main(["plot", str(tmp_path / "sweep"), "--output", str(tmp_path / "a.png")]) == 0
    finally:
        held.close()


def test_curves_know_their_steps(tmp_path, here):
    """Also where episodes are the end, whose lengths differ."""
    plan = PLAN | {"total_steps": None, "episodes": 30, "num_envs": 1, "settings": {}}
    found = agents.sweep(**plan, folder=tmp_path)
    steps = np.load(tmp_path / "curves.npz")["steps"][0]  # (seeds, points)
    assert (np.diff(steps, axis=1) >= 0).all()
    assert steps[:, -1].tolist() == [record["total_steps"] for record in found.records]
    assert CURVES[0] == "steps"


def test_trainings_of_a_sweep_are_too_many_one_by_one(tmp_path, here, capsys):
    agents.sweep(**PLAN, folder=tmp_path)
    assert main(["plot", str(tmp_path), "--each", "--output", str(tmp_path / "a.png")]) == 1
    assert "leave out --each" in capsys.readouterr().err


def test_a_strangers_sweep_is_read_with_care(tmp_path, here, capsys):
    agents.sweep(**PLAN, folder=tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    config["settings"][0]["num_envs"] = "many"
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert main(["plot", str(tmp_path), "--output", str(tmp_path / "a.png")]) == 1
    assert "num_envs is 'many'" in capsys.readouterr().err
