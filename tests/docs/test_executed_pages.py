"""The examples of the pages about what is known exactly, each page run from top to bottom."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.lanes
@pytest.mark.parametrize(("name", "n_examples"), [("dynamic_programming", 8), ("evaluation", 7)])
def test_the_examples_run_and_their_assertions_hold(name: str, n_examples: int) -> None:
    page = DOCS / f"{name}.md"
    text = page.read_text(encoding="utf-8")
    examples = list(re.finditer(r"^```python\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL))
    assert len(examples) == n_examples
    namespace: dict[str, object] = {}
    for example in examples:
        lines_before = text.count("\n", 0, example.start(1))  # so that a traceback names the line of the page
        exec(compile("\n" * lines_before + example[1], str(page), "exec"), namespace)


def test_the_table_of_the_lakes_is_what_is_computed() -> None:
    from gym_gridq import Dynamics, solve, solve_horizon

    text = (DOCS / "evaluation.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| (\dx\d) \| (\d+) \| [\d.]* ?\| ([\d.]+) \| ([\d.]+) \|$", text, flags=re.MULTILINE
    )
    assert len(rows) == 4
    for size, limit, highest, endless in rows:
        lake = Dynamics(f"frozenlake-{size}", slip=2 / 3)
        assert f"{solve_horizon(lake, int(limit)).v[0, 0]:.4f}" == highest
        assert f"{solve(lake, 1).v[0]:.4f}" == endless
