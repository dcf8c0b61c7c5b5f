"""The reference: a section for each public name, made of what its source says of it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path

import griffe

from docs._ext import docstrings
from docs._ext.contents import children, path_of, title_of
from docs._ext.pages import DOCS
from docs._ext.sources import ROOT, call, find

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
            f"| {docstrings.summary(_said(find(name)), lambda word: f'`{word}`')} |"
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
    found = find(name)
    file = found.filepath.relative_to(ROOT).as_posix()
    yield f"## {_title(name)}"
    called = found.members.get("__init__") if found.is_class else found
    if called is not None and called.is_function:
        yield f"```python\n{call(name, called)}\n```"
    if name in _TOLD_ELSEWHERE:
        yield f"{docstrings.summary(_said(found), str)} {_TOLD_ELSEWHERE[name]}"
    elif _said(found):
        yield docstrings.markdown(_said(found), lambda word: _linked(word, name))
    if found.is_class:
        yield from _members(name, found)
    yield f"Defined in [`{file}`](../../{file})."


def _members(name: str, found: griffe.Class) -> Iterator[str]:
    """What a class defines for everybody: its methods, its properties, the values of an enumeration."""
    if "IntEnum" in map(str, found.bases):
        values = found.attributes.values()
        yield "\n".join(
            f"- `{_short(name)}.{part.name}` = {part.value}" for part in values if part.value.isdigit()
        )
    for part in _told(found):
        yield f"### `{_short(name)}.{part.name}`"
        if part.is_function:
            yield f"```python\n{call(f'{_short(name)}.{part.name}', part)}\n```"
        yield docstrings.markdown(_said(part), lambda word: _linked(word, name))


def _told(found: griffe.Object) -> list[griffe.Object]:
    """The methods and properties for users, which say more than which private one they fill in."""
    parts = [part for part in found.members.values() if part.is_function or "property" in part.labels]
    return [
        part for part in parts if part.name[0] != "_" and not (_said(part) or "See `_").startswith("See `_")
    ]


def _said(found: griffe.Object) -> str:
    return found.docstring.value if found.docstring else ""


# -- links ---------------------------------------------------------------------------------------------


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _title(name: str) -> str:
    """Anchors know no capitals: `grade` and the class `Grade` need titles of their own."""
    return f"{'class ' if find(name).is_class else ''}`{_short(name)}`"


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
            for part in _told(find(name)) if find(name).is_class else ():
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
