"""The recipes as text: whole, short, pinned, and every one with a row in the table of results."""

from __future__ import annotations

import pytest

from tests.interop import run
from tests.interop.pages import Page

LIBRARIES = {
    "agilerl", "bsuite", "check_learner_settings", "cleanrl", "d3rlpy", "minari", "rl-zoo",
    "rlberry", "rllib", "sb3-contrib", "sbx", "skrl", "stable-baselines3", "tianshou", "torchrl",
}  # fmt: skip
EXAMPLES = [
    pytest.param(page, name, code, id=name) for page in Page.all() for name, code in page.examples.items()
]


def test_every_library_has_a_page():
    assert {page.name for page in Page.all()} == LIBRARIES


@pytest.mark.parametrize(("page", "name", "code"), EXAMPLES)
def test_an_example_is_short_and_whole(page, name, code):
    compile(code, f"{page.name}.md", "exec")
    lines = [line for line in code.splitlines() if line.strip()]
    assert 9 <= len(lines) <= 40
    assert max(map(len, lines)) <= 110
    if "check_learner(" in code:
        assert "\nassert " in code  # on the report, which says nothing by itself
        return
    for needed in ("import gym_gridq\n", "env = ", "policy", "gym_gridq.grade(env, "):
        assert needed in code


@pytest.mark.parametrize("page", Page.all(), ids=lambda page: page.name)
def test_versions_are_pinned(page):
    assert "==" in page.install[-1]
    uses_torch = any("torch" in line for line in page.install)
    assert not uses_torch or page.install[0] == "pip install torch==2.13.0"  # else CUDA comes along


def test_the_table_has_a_row_for_every_example_and_no_other():
    rows = [line.split(" | ") for line in run.RESULTS.read_text().splitlines() if line.startswith("| [")]
    expected = {
        f"| [{name}]({page.name}.md)": str(sum(bool(line.strip()) for line in code.splitlines()))
        for page in Page.all()
        for name, code in page.examples.items()
    }
    assert {row[0]: row[4] for row in rows} == expected  # with as many lines
    for row in rows:
        assert row[-1].startswith("passes " if row[3] == "check_learner" else "5 steps, regret 0, ")


def test_a_row_replaces_the_one_of_the_same_recipe(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "RESULTS", tmp_path / "results.md")
    row = dict.fromkeys(run.COLUMNS[1:], "old")
    run.write_row("[B](b.md)", row)
    run.write_row("[A](a.md)", row)
    run.write_row("[B](b.md)", row | {"steps": "new"})
    lines = [line for line in run.RESULTS.read_text().splitlines() if line.startswith("| [")]
    assert [line.split(" | ")[0] for line in lines] == ["| [A](a.md)", "| [B](b.md)"]
    assert lines[1] == "| [B](b.md) | old | old | old | old | new | old | old |"


def test_an_unknown_page_is_wrong_usage(capsys):
    with pytest.raises(SystemExit) as stopped:
        run.main(["no-such-library"])
    assert stopped.value.code == 2
    assert "no page named 'no-such-library'; choose from agilerl, bsuite" in capsys.readouterr().err


def test_pages_are_taken_apart(tmp_path):
    page = tmp_path / "lib.md"
    page.write_text(
        "# L\n\n```sh\npip install a==1\npip install 'b[x]==2' c\n```\n\n## One\n\n```python\nx = 1\n```\n"
    )
    read = Page.read(page)
    assert read == Page("lib", ("pip install a==1", "pip install 'b[x]==2' c"), {"One": "x = 1\n"})
    assert read.distributions == ["b", "c"]
