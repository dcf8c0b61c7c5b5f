"""The corpus itself: its page is up to date, its judges tell right from wrong, its settings are tested."""

from __future__ import annotations

import ast

import pytest

from gym_gridq.testing import WORLDS
from tests.faults import page, probes, results
from tests.faults.corpus import FAMILIES
from tests.interop.pages import Page


def test_the_page_is_made_from_the_results():
    assert page.FILE.read_text() == page.page(results.read())


def test_results_are_of_faults_that_exist():
    for row in results.read():
        assert row["fault"] in ("", *FAMILIES[row["family"]].faults)
        assert 0 <= row["caught"] <= row["seeds"]


def test_reasons_are_given_for_faults_that_exist():
    for family in FAMILIES.values():
        assert {*family.equivalent, *family.likely, *family.missed} <= set(family.faults)


def test_a_row_replaces_the_one_of_the_same_fault(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "FILE", tmp_path / "results.jsonl")
    row = {"family": "SARSA, a table", "fault": "no discount", "judge": "worlds", "caught": 1}
    results.keep(row)
    results.keep(row | {"judge": "probes"})
    results.keep(row | {"caught": 3})
    assert [(r["judge"], r["caught"]) for r in results.read()] == [("probes", 1), ("worlds", 3)]


@pytest.mark.parametrize(
    ("fault", "failed"),
    [
        ("", {}),
        ("reward sign flipped", dict.fromkeys(("reward by action", "reward by both"), "policy")),
        ("the time limit is taken for an end", {}),  # no probe has a time limit
    ],
)
def test_probes_judge_policy_and_values(fault, failed):
    found = probes.failed(FAMILIES["Q-learning, a table, online"], fault, 0)
    assert {name: found[name] for name in failed} == failed
    assert bool(found) == bool(failed)


def test_our_dqn_can_have_a_fault():
    world = next(world for world in WORLDS if world.name == "time-limit")
    report = FAMILIES["our DQN"].check(
        "the time limit is taken for an end", worlds=[world], seeds=(0,), total_steps=2_000
    )
    assert report.worlds[0].error is None
    assert not report.passed


@pytest.mark.parametrize("algorithm", ["DQN", "PPO", "A2C"])
def test_the_recipes_have_the_settings_of_the_corpus(algorithm):
    example = next(
        code
        for page_ in Page.all()
        for name, code in page_.examples.items()
        if name == f"check_learner on Stable-Baselines3's {algorithm}"
    )
    call = next(
        node
        for node in ast.walk(ast.parse(example))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == algorithm
    )
    written = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    source = (page.FILE.parents[2] / "tests/faults/libraries/stable_baselines3.py").read_text()
    function = next(
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name == algorithm.lower()
    )
    settings = next(node for node in ast.walk(function) if isinstance(node, ast.Dict))
    for key, value in zip(settings.keys, settings.values, strict=True):
        assert isinstance(key, ast.Constant)
        said = written[key.value]
        assert said in (ast.unparse(value), f"lambda left: {ast.unparse(value)} * left")
