"""A docstring in Google's style as Markdown. Knows nothing of Sphinx, nor of what the names in it mean."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator

TITLES = {"Args": "Arguments", "Attributes": "Attributes", "Raises": "Raises", "Warns": "Warns"}
"""Sections that list names; every other one is prose."""
PROSE = {"Returns": "Returns", "Yields": "Yields", "Source": "Source"}

_SECTION = re.compile(rf"^({'|'.join([*TITLES, *PROSE])}):$")
_ITEM = re.compile(r"^(\*{0,2}\w+): +(.*)$")
_WORD = re.compile(r"``(.+?)``|`([^`]+)`|(?<!\w)(\*[^*\s][^*]*\*)(?!\w)|(\*)", re.DOTALL)

Link = Callable[[str], str]
"""From a name in single backticks to the Markdown that stands for it."""


def markdown(docstring: str, link: Link) -> str:
    """The whole docstring: its paragraphs, then its sections with their names as lists."""
    return "\n\n".join(_blocks(inspect.cleandoc(docstring), link))


def summary(docstring: str, link: Link) -> str:
    """Its first line."""
    return _inline(inspect.cleandoc(docstring).split("\n", 1)[0], link)


def _blocks(docstring: str, link: Link) -> Iterator[str]:
    title, lines = "", []
    for line in [*docstring.split("\n"), "Returns:"]:  # the last one only ends what is open
        section = _SECTION.match(line)
        if not section:
            lines.append(line)
            continue
        text = inspect.cleandoc("\n".join(["", *lines])).strip()
        if title in TITLES:
            yield f"**{TITLES[title]}**"
            yield "\n".join(f"- `{name}`: {_inline(said, link)}" for name, said in _items(text))
        elif title:
            yield f"**{PROSE[title]}** {_inline(text, link)}"
        elif text:
            yield from _paragraphs(text, link)
        title, lines = section[1], []


def _items(text: str) -> Iterator[tuple[str, str]]:
    """The names of a section with what is said of each, on one line."""
    name, said = "", []
    for line in text.split("\n"):
        item = _ITEM.match(line)
        if item:
            if name:
                yield name, " ".join(said)
            name, said = item[1], [item[2]]
        else:
            said.append(line.strip())
    yield name, " ".join(said)


def _paragraphs(text: str, link: Link) -> Iterator[str]:
    """Paragraphs; what stands indented after two colons is a listing."""
    listing = False
    for paragraph in text.split("\n\n"):
        if listing:
            yield f"```text\n{inspect.cleandoc(paragraph)}\n```"
        else:
            yield _inline(re.sub("::$", ":", paragraph), link)
        listing = not listing and paragraph.endswith("::")


def _inline(text: str, link: Link) -> str:
    """Code in double backticks, names in single ones, emphasis as it is; a lone star is no emphasis."""

    def word(found: re.Match[str]) -> str:
        code, name, emphasis, _ = found.groups()
        if code:
            return f"`{code}`"
        if name:
            return link(name)
        return emphasis or r"\*"

    return _WORD.sub(word, text)
