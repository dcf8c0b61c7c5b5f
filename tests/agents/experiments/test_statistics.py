"""What seeds add up to, against definitions and known distributions."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest

import agents
from agents.cli import main
from agents.experiments.statistics import improvement, interval, iqm, profile, summarised
from agents.experiments.table import table_of


def test_the_interquartile_mean_leaves_out_a_quarter_at_each_end():
    assert iqm(np.array([0.0, 1, 2, 3, 4, 5, 6, 1000])) == 3.5


def test_a_bootstrap_interval_is_that_of_the_definition():
    """Percentiles of the mean of all samples with repetition, of which four values have 256."""
    values = np.array([1.0, 2.0, 4.0, 8.0])
    means = [np.mean(drawn) for drawn in itertools.product(values, repeat=4)]
    low, high = interval(np.mean, values)
    assert low == pytest.approx(np.quantile(means, 0.025), abs=0.26)
    assert high == pytest.approx(np.quantile(means, 0.975), abs=0.51)


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(200):
        low, high = interval(np.mean, rng.normal(3, 1, 30))
        covered += low <= 3 <= high
    assert 176 <= covered <= 198  # a percentile interval of 30 values covers some 93.5%


def test_what_is_missing_is_counted_and_nothing_else():
    found = summarised([3.0, None, 3.0, 3.0, None])
    assert (found["n"], found["missing"]) == (3, 2)
    assert found["mean"] == found["median"] == found["iqm"] == 3.0
    assert found["mean_interval"] == [3.0, 3.0]
    assert summarised([5.0])["mean_interval"] is None
    assert summarised([None])["iqm"] is None


def test_improvement_counts_pairs():
    a, b = [1.0, 2.0, 2.0, None], [2.0, 3.0, None]
    pairs = [(x, y) for x in a for y in b]
    better = {"lower": 0.0, "higher": 0.0}
    for x, y in pairs:
        low = [math.inf if value is None else value for value in (x, y)]
        high = [-math.inf if value is None else value for value in (x, y)]
        better["lower"] += 1 if low[0] < low[1] else 0.5 * (low[0] == low[1])
        better["higher"] += 1 if high[0] > high[1] else 0.5 * (high[0] == high[1])
    probability, limits = improvement("regret", a, b)
    assert probability == pytest.approx(better["lower"] / 12)
    assert limits[0] <= probability <= limits[1]
    assert improvement("mean_return", a, b)[0] == pytest.approx(better["higher"] / 12)


def test_a_profile_falls_from_all_seeds_to_the_best():
    found = profile("mean_return", [[0.0, 1.0], [None, 0.5]])
    assert found["thresholds"][0] == 0.0
    assert found["thresholds"][-1] == 1.0
    assert [each[0] for each in found["fractions"]] == [1.0, 0.5]
    assert [each[50] for each in found["fractions"]] == [0.5, 0.5]
    assert [each[-1] for each in found["fractions"]] == [0.5, 0.0]
    assert profile("max_q_error", [[1e-6], [1.0]])["fractions"] == [[1.0] * 101, [0.0] * 100 + [1.0]]


def test_the_better_of_two_settings_is_told(tmp_path, capsys):
    plan = {"agent": "tabular", "seeds": 6, "settings": {"learning_rate": [0.01, 1.0]}, "total_steps": 1000}
    found = agents.sweep(**plan, folder=tmp_path, quiet=True, jobs=2)
    good, bad = {"learning_rate": 1.0}, {"learning_rate": 0.01}
    assert found.compare(good, bad) == {"measure": "max_q_error", "probability": 1.0, "interval": [1.0, 1.0]}
    assert found.compare(bad, good)["probability"] == 0.0
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary == json.loads(json.dumps(found.summary()))
    (comparison,) = summary["comparisons"]
    assert comparison["a"]["learning_rate"] == 1.0
    for setting in summary["settings"]:
        mine = [r for r in found.records if r["learning_rate"] == setting["setting"]["learning_rate"]]
        errors = [record["max_q_error"] for record in mine]
        assert setting["measures"]["max_q_error"]["mean"] == pytest.approx(np.mean(errors), rel=1e-12)
        assert setting["failures"] == 0
    with pytest.raises(ValueError, match="names 2 settings"):
        found.compare({}, good)
    with pytest.raises(ValueError, match="choose from regret, max_q_error"):
        found.compare(good, bad, "seconds")
    assert main(["sweep", "--resume", str(tmp_path)]) == 0
    table = capsys.readouterr().out
    assert "learning_rate  seeds  regret" in table
    assert "never" in table  # exact


def test_what_no_seed_has_is_told_by_its_word():
    figures = {"iqm": None, "iqm_interval": None, "missing": 2}
    measures = {"regret": figures, "steps_to_optimal": figures}
    setting = {"setting": {"agent": "tabular"}, "cells": 2, "measures": measures, "failures": 0}
    assert table_of({"settings": [setting]}).splitlines()[1].split() == ["2", "none", "never", "0"]
