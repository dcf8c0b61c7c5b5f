"""The reference: a section for each public name, made of what its source says of it."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

from docs._ext import docstrings
from docs._ext.contents import children, path_of, title_of
from docs._ext.pages import DOCS
from docs._ext.signatures import call, signature
from docs._ext.sources import ROOT, Function, Source, find, names

_MARKER = re.compile(r"^<!-- generated: reference (.+?) -->$", re.MULTILINE)
_TOLD_ELSEWHERE = {"gym_gridq.GridQEnv": "Its rules are told on [the environment's page](../environment.md)."}
"""Docstrings that are pages of their own; here their first line is enough."""
_PAGES = {"agents.config": "../agents.md"}
"""Modules that a page tells of."""


def reference(listed: str) -> str:
    """A section for each of the names, which stand apart by spaces."""
    return "\n\n".join("\n\n".join(_entry(name)) for name in listed.split())


def contents(_: str) -> str:
    """For each page its names, with the first line of what each says."""
    parts = []
    for page, told in pages().items():
        place = page.relative_to(DOCS).as_posix()
        parts.append(f"## [{title_of(place.removesuffix('.md'))}]({place})")
        rows = [
            f"| [`{name}`]({place}#{_anchor(_title(name))}) "
            f"| {docstrings.summary(find(name).docstring, lambda word: f'`{word}`')} |"
            for name in told
        ]
        parts.append("\n".join(["| name | what |", "|---|---|", *rows]))
    return "\n\n".join(parts)


@functools.cache
def pages() -> dict[Path, list[str]]:
    """The pages of the reference, in order, and the names on each."""
    listed = [path_of(name) for name in children("api")]
    return {page: " ".join(_MARKER.findall(page.read_text("utf-8"))).split() for page in listed}


def _entry(name: str) -> Iterator[str]:
    source = find(name)
    file = source.path.relative_to(ROOT).as_posix()
    yield f"## {_title(name)}"
    shown = signature(name, source)
    if shown:
        yield f"```python\n{shown}\n```"
    if name in _TOLD_ELSEWHERE:
        yield f"{docstrings.summary(source.docstring, str)} {_TOLD_ELSEWHERE[name]}"
    elif source.docstring:
        yield docstrings.markdown(source.docstring, lambda word: _linked(word, name))
    if isinstance(source.node, ast.ClassDef):
        yield from _members(name, source)
    yield f"Defined in [`{file}`](../../{file})."


def _members(name: str, source: Source) -> Iterator[str]:
    """What a class defines for everybody: its methods, its properties, the values of an enumeration."""
    node = source.node
    assert isinstance(node, ast.ClassDef)
    values = [
        f"- `{_short(name)}.{target}` = {ast.unparse(part.value)}"
        for part in node.body
        if isinstance(part, ast.Assign) and isinstance(part.value, ast.Constant)
        for target in names(part)
    ]
    if values and "IntEnum" in map(ast.unparse, node.bases):
        yield "\n".join(values)
    for part in node.body:
        if not isinstance(part, Function) or not _is_told(part):
            continue
        yield f"### `{_short(name)}.{part.name}`"
        if not any("property" in ast.unparse(decorator) for decorator in part.decorator_list):
            yield f"```python\n{call(f'{_short(name)}.{part.name}', part, source)}\n```"
        yield docstrings.markdown(ast.get_docstring(part) or "", lambda word: _linked(word, name))


def _is_told(part: Function) -> bool:
    """Whether a method is for users, and says more than which private one it fills in."""
    said = ast.get_docstring(part) or "See `_"
    return not part.name.startswith("_") and not said.startswith("See `_")


# -- links ---------------------------------------------------------------------------------------------


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _title(name: str) -> str:
    """Anchors know no capitals: `grade` and the class `Grade` need titles of their own."""
    return f"{'class ' if isinstance(find(name).node, ast.ClassDef) else ''}`{_short(name)}`"


def _anchor(title: str) -> str:
    """As GitHub and MyST make it of a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


@functools.cache
def _places() -> dict[str, tuple[Path, str]]:
    """Page and anchor of everything told, by each name that a docstring may call it."""
    found: dict[str, tuple[Path, str]] = {}
    for page, told in pages().items():
        for name in told:
            found[name] = found[_short(name)] = (page, _anchor(_title(name)))
            node = find(name).node
            for part in node.body if isinstance(node, ast.ClassDef) else []:
                if isinstance(part, Function) and _is_told(part):
                    member = f"{_short(name)}.{part.name}"
                    found[member] = found[f"{name}.{part.name}"] = (page, _anchor(member))
    return found


def _linked(word: str, name: str) -> str:
    """A name of ours leads to its place, unless it stands there already."""
    if word in _PAGES:
        return f"[`{word}`]({_PAGES[word]})"
    place = _places().get(f"{_short(name)}.{word}") or _places().get(word)
    if place is None or word in (name, _short(name)):
        return f"`{word}`"
    page, anchor = place
    here = page in pages() and name in pages()[page]
    return f"[`{word}`]({'' if here else page.name}#{anchor})"
