"""The reference: names found in the sources, their calls and docstrings as Markdown."""

from __future__ import annotations

import inspect
import pkgutil
import re

import pytest

from docs._ext import docstrings, reference
from docs._ext.pages import sections
from docs._ext.sources import call, find

FUNCTIONS = [
    name for names in reference.pages().values() for name in names if not name.rpartition(".")[2][0].isupper()
]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_call_is_that_of_the_function(name: str):
    called: dict[str, object] = {}
    shown = call(name, find(name)).replace("=WORLDS", "=()").replace(name, "call")
    exec(f"def {shown}: pass", called)
    theirs = inspect.signature(pkgutil.resolve_name(name)).parameters
    ours = inspect.signature(called["call"]).parameters  # type: ignore[arg-type]
    assert list(ours) == list(theirs)
    for mine, real in zip(ours.values(), theirs.values(), strict=True):
        assert mine.kind == real.kind
        assert mine.name == "worlds" or mine.default == real.default


def test_a_name_is_found_through_the_modules_that_hand_it_on():
    assert find("gym_gridq.solve").path == "gym_gridq.exact.planning.solve"
    assert find("agents.sweep").path == "agents.experiments.sweep.sweep"  # brought in when first asked for
    assert find("agents.make").path == "agents.algorithms.registry.make"
    assert find("gym_gridq.LAYOUTS").docstring.value == "The named layouts."
    with pytest.raises(KeyError, match="slove"):
        find("gym_gridq.slove")


def test_a_dataclass_is_called_with_its_fields():
    shown = call("gym_gridq.Layout", find("gym_gridq.Layout").members["__init__"])
    assert shown == "gym_gridq.Layout(rows, rewards=..., name=None)"


def test_a_docstring_becomes_markdown():
    said = """Solves for q*, exactly.

    It is the *Bellman* equation::

        q = r + v

    and `solve` knows ``r``.

    Args:
        env: a world; of one
            lane.
        **more: the rest.

    Raises:
        gymnasium.error.ResetNeeded: before the first reset,
            and after close.

    Returns:
        The `Solution`: all of it.

    Source:
        Sutton & Barto.
    """
    assert docstrings.markdown(said, lambda name: f"<{name}>").split("\n") == [
        r"Solves for q\*, exactly.",
        "",
        "It is the *Bellman* equation:",
        "",
        "```text",
        "q = r + v",
        "```",
        "",
        "and <solve> knows `r`.",
        "",
        "**Arguments**",
        "",
        "- `env`: a world; of one lane.",
        "- `**more`: the rest.",
        "",
        "**Raises**",
        "",
        "- `gymnasium.error.ResetNeeded`: before the first reset, and after close.",
        "",
        "**Returns** The <Solution>: all of it.",
        "",
        "**Source** Sutton & Barto.",
    ]


@pytest.mark.parametrize("page", reference.pages(), ids=lambda page: page.stem)
def test_every_title_has_an_anchor_of_its_own(page):
    titles = [section.title.lower() for section in sections(page.read_text("utf-8"))]
    anchors = [re.sub(r"[^\w\- ]", "", title) for title in titles]
    assert len(set(anchors)) == len(anchors)


@pytest.mark.parametrize("page", reference.pages(), ids=lambda page: page.stem)
def test_every_page_begins_with_an_example_and_what_it_prints(page):
    before = page.read_text("utf-8").partition("<!-- generated")[0]
    assert "```python" in before
    assert "```text" in before
