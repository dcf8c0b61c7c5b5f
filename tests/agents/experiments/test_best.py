"""The best setting of a sweep, told honestly: on seeds that had no part in choosing it."""

from __future__ import annotations

import json

import pytest

import agents
from agents.cli import main
from agents.experiments.best import rerun_best
from tests.agents.experiments.comparing import told

PLAN = {
    "agent": "tabular",
    "seeds": 5,
    "settings": {"epsilon": [0.2, 1.0]},
    "total_steps": 640,
    "quiet": True,
}


def test_the_best_is_run_on_fresh_seeds_and_written_for_gridq_train(tmp_path, here, capsys):
    words = "sweep --agent tabular --seeds 5 --set epsilon=0.2,1 --total-steps 640 --quiet --json"
    assert main([*words.split(), "--best", "max_q_error", "--out", str(tmp_path / "sweep")]) == 0
    best = json.loads(capsys.readouterr().out)["best"]
    assert best["setting"] == {"agent": "tabular", "env_id": "GridQ-v0", "epsilon": 1.0}
    assert best["seeds"] == [5, 9]
    ten = agents.sweep(**PLAN | {"seeds": 10, "settings": {"epsilon": [1.0]}}, folder=tmp_path / "ten")
    means = [
        sum(record["max_q_error"] for record in ten.records[half]) / 5 for half in (slice(5), slice(5, 10))
    ]
    assert [best[which]["mean"] for which in ("chosen", "fresh")] == pytest.approx(means, rel=1e-12)
    # the fresh cells are those of their seeds, to the last bit
    fresh = tmp_path / "sweep" / "best-max_q_error"
    assert main(["sweep", "--resume", str(fresh), "--quiet"]) == 0
    lines = (fresh / "results.csv").read_text().splitlines()[1:]
    digests = [line.split(",")[-5] for line in lines]
    assert sorted(digests) == sorted(record["digest"] for record in ten.records[5:])

    train = ["train", "--config", best["file"], "--seed", "7", "--quiet", "--no-pictures"]
    assert main([*train, "--run-dir", str(tmp_path / "run")]) == 0
    trained = json.loads((tmp_path / "run" / "config.json").read_text())
    assert (trained["hyperparameters"]["epsilon"], trained["total_steps"]) == (1.0, 640)
    assert (trained["seed"], trained["evaluate_every"]) == (7, 10_000)


def test_what_is_finished_of_it_is_kept(tmp_path, here):
    found = agents.sweep(**PLAN, folder=tmp_path)
    first = rerun_best(found, "max_q_error", quiet=True)
    results = tmp_path / "best-max_q_error" / "results.csv"
    whole = results.read_bytes()
    results.write_bytes(b"".join(whole.splitlines(keepends=True)[:3]))
    assert rerun_best(found, "max_q_error", quiet=True) == first
    again = results.read_bytes()
    assert again.startswith(b"".join(whole.splitlines(keepends=True)[:3]))
    assert again.count(b"\n") == whole.count(b"\n")


def test_settings_as_good_as_the_best_are_counted(tmp_path, here):
    plan = PLAN | {"settings": {"epsilon": [0.5, 0.7, 1.0]}, "total_steps": 3200, "seeds": 2}
    best = rerun_best(agents.sweep(**plan, folder=tmp_path), "regret", quiet=True)
    assert (best.setting["epsilon"], best.n_settings, best.n_as_good) == (0.5, 3, 2)


def test_a_setting_that_fails_is_not_the_best(tmp_path, here):
    """Of an agent that never learns the values, the others count."""
    plan = PLAN | {"settings": {}, "agent": ["reinforce", "tabular"], "total_steps": 320, "seeds": 2}
    found = agents.sweep(**plan, folder=tmp_path)
    assert found.records[0]["max_q_error"] is None
    assert found.settings[found.best("max_q_error")]["agent"] == "tabular"


def test_an_unknown_measure_is_refused_before_anything_runs(tmp_path, capsys):
    words = "sweep --agent tabular --seeds 2 --best optimal_states --out"
    assert main([*words.split(), str(tmp_path / "sweep")]) == 1
    said = capsys.readouterr().err
    assert "measure is 'optimal_states'; choose from regret, max_q_error" in said
    assert not (tmp_path / "sweep").exists()


def test_told_is_the_whole_of_a_record(tmp_path, here):
    """So that a comparison of two sweeps compares something."""
    (record,) = told(agents.sweep("tabular", seeds=1, total_steps=40, folder=tmp_path, quiet=True).records)
    assert {"seed", "digest", "max_q_error", "error"} <= record.keys()
