"""What stands below an example is what it prints, on every page that begins with one."""

from __future__ import annotations

import contextlib
import io
import re
from functools import cache

import pytest

from docs._ext.pages import DOCS

NUMBER = r"-?\d+(?:\.\d+)?(?:e-?\d+)?"
SHOWN = [
    pytest.param(found[1], found[2], id=f"{page.relative_to(DOCS.parent).as_posix()}:{number}")
    for page in [*sorted(DOCS.parent.glob("README*.md")), *sorted(DOCS.glob("**/*.md"))]
    if not {"_build", "interop"} & set(page.parts)
    for number, found in enumerate(
        re.finditer(
            r"^```python\n((?:(?!```).*\n)+)```\n\n```text\n((?:(?!```).*\n)+)```",
            page.read_text("utf-8"),
            re.M,
        )
    )
]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(monkeypatch, tmp_path_factory):
    monkeypatch.chdir(tmp_path_factory.mktemp("example"))


@cache
def printed(code: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "example", "exec"), {})
    return out.getvalue()


@pytest.mark.parametrize(("code", "text"), SHOWN)
def test_an_example_prints_what_stands_below_it(code: str, text: str):
    """Its last lines, in long outputs; learned values may differ in the rounding of other processors."""
    lines = printed(code).splitlines()[-len(text.splitlines()) :]
    for line, shown in zip(lines, text.splitlines(), strict=True):
        assert re.sub(NUMBER, "#", line) == re.sub(NUMBER, "#", shown)
        numbers = [[float(number) for number in re.findall(NUMBER, side)] for side in (line, shown)]
        assert numbers[0] == pytest.approx(numbers[1], abs=0.005)


def test_every_start_page_has_an_example():
    pages = {param.id.rpartition(":")[0] for param in SHOWN}
    starts = {"README.md", "README.zh.md", *(f"docs/{name}index.md" for name in ("", "zh/", "ja/"))}
    assert starts <= pages
