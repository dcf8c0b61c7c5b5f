"""A docstring in Google's style as Markdown. Knows nothing of Sphinx, nor of what the names in it mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from inspect import cleandoc

import griffe

_TITLES = {"parameters": "Arguments", "attributes": "Attributes", "raises": "Raises", "warns": "Warns"}
"""Sections that list names; every other one is prose."""
_OPTIONS = {"returns_named_value": False, "returns_multiple_items": False, "warnings": False}
_WORD = re.compile(r"``(.+?)``|`([^`]+)`|(?<!\w)(\*[^*\s][^*]*\*)(?!\w)|(\*)", re.DOTALL)

Link = Callable[[str], str]
"""From a name in single backticks to the Markdown that stands for it."""


def markdown(docstring: str, link: Link) -> str:
    """The whole docstring: its paragraphs, then its sections with their names as lists."""
    return "\n\n".join(_blocks(docstring, link))


def summary(docstring: str, link: Link) -> str:
    """Its first line."""
    return _inline(docstring.split("\n", 1)[0], link)


def _blocks(docstring: str, link: Link) -> Iterator[str]:
    for section in griffe.Docstring(docstring).parse("google", **_OPTIONS):
        kind, told = section.kind.value, section.value
        if kind == "text":
            yield from _paragraphs(told, link)
        elif kind == "admonition":
            yield f"**{section.title}** {_inline(told.contents, link)}"
        elif kind in _TITLES:
            yield f"**{_TITLES[kind]}**"
            named = [(getattr(item, "name", item.annotation), item.description.split()) for item in told]
            yield "\n".join(f"- `{name}`: {_inline(' '.join(said), link)}" for name, said in named)
        else:
            said = ": ".join(filter(None, [told[0].annotation, told[0].description]))  # a colon marks no type
            yield f"**{kind.title()}** {_inline(said, link)}"


def _paragraphs(text: str, link: Link) -> Iterator[str]:
    """Paragraphs; what stands indented after two colons is a listing."""
    listing = False
    for paragraph in text.split("\n\n"):
        if listing:
            yield f"```text\n{cleandoc(paragraph)}\n```"
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
