"""The examples of docs/dynamic_programming.md, run from top to bottom."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "dynamic_programming.md"


@pytest.mark.lanes
def test_the_examples_run_and_their_assertions_hold() -> None:
    text = PAGE.read_text(encoding="utf-8")
    examples = list(re.finditer(r"^```python\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL))
    assert len(examples) == 8
    namespace: dict[str, object] = {}
    for example in examples:
        lines_before = text.count("\n", 0, example.start(1))  # so that a traceback names the line of the page
        exec(compile("\n" * lines_before + example[1], str(PAGE), "exec"), namespace)
