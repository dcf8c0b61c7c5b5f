"""The page about seeds: its cells run, what it says of their figures holds, and the stored runs are ours."""

from __future__ import annotations

import re

import numpy as np
import pytest

from agents.experiments.cell import run_cell
from agents.experiments.plan import planned
from docs._ext.pages import DOCS, cells

PAGE = DOCS / "how_many_seeds.md"


@pytest.fixture(scope="module")
def ran():
    """The names that the page's cells leave behind."""
    import matplotlib.pyplot as plt

    plt.switch_backend("agg")
    namespace: dict[str, object] = {"__name__": "__main__"}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(DOCS)
        for cell in cells(PAGE.read_text("utf-8")):
            exec(compile("\n" * cell.line + cell.code, str(PAGE), "exec"), namespace)
    plt.close("all")
    return namespace


def test_what_the_page_says_in_words_is_what_its_cells_find(ran):
    coverage, won = ran["coverage"], ran["won"]
    assert coverage[3]["mean"] == pytest.approx(2 / 3, abs=0.05)  # two times out of three
    assert coverage[30]["mean"] < 0.92  # not even thirty
    assert coverage[10]["interquartile mean"] > 0.91  # about right from ten on
    assert 1 - won[0.005, 3] == pytest.approx(1 / 3, abs=0.05)  # turned round one time in three
    assert won[0.005, 30] > 0.85  # thirty of each
    assert won[0.008, 100] < 0.75  # beyond a hundred
    too_good = 1 - np.array(ran["said"]) / np.array(ran["true"])
    assert too_good[[2, 5]] == pytest.approx([1 / 3, 1 / 12], abs=0.04)


def test_intervals_are_those_of_sweeps():
    """The page computes thousands at once, a sweep one."""
    from agents.experiments.statistics import interval, iqm

    errors = np.load(DOCS / "how_many_seeds.npz")["0.01"].astype(float)
    few = errors[:10]
    again = np.random.default_rng(1).integers(10, size=(20_000, 10))
    expected = np.quantile(iqm(few[again]), [0.025, 0.975])
    np.testing.assert_allclose(interval(iqm, few), expected, rtol=0.1)


@pytest.mark.lanes
def test_the_stored_runs_are_like_those_of_today():
    """Like them, not equal: on another machine the last bits differ, and then the errors do."""
    stored = np.load(DOCS / "how_many_seeds.npz")["0.01"]
    assert len(stored) == 10_000
    plan = planned(["dqn"], ["GridQ-v0"], 12, {"learning_rate": [0.01]}, {}, 1200)
    errors = [run_cell(number, plan.cell(number)).measures["max_q_error"] for number in range(12)]
    low, high = np.quantile(stored, [0.1, 0.9])
    assert low < np.median(errors) < high


def test_the_text_and_the_stored_file_agree_on_how_many_there_are():
    with np.load(DOCS / "how_many_seeds.npz") as stored:
        sizes = {name: len(stored[name]) for name in stored.files}
    assert len(sizes) == 10
    assert sizes.pop("0.01") == 10_000
    assert set(sizes.values()) == {500}
    assert re.search(r"five hundred seeds\s+each", PAGE.read_text("utf-8"))
