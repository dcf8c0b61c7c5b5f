"""The agents' settings as tables, in English and Chinese."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

from docs._ext import settings_zh

HEAD = ("setting", "default", "allowed", "meaning")


def settings(language: str) -> str:
    """A section for each agent, made from its configuration.

    Raises:
        LookupError: for words that have no Chinese yet.
    """
    from agents.algorithms.registry import AGENTS, agent_class

    return "\n\n".join(
        part for name in AGENTS for part in _agent(name, agent_class(name).config_class, language == "zh")
    )


def _agent(name: str, config: Any, chinese: bool) -> Iterator[str]:
    yield f"## `{name}`"
    summary = (config.__doc__ or "").splitlines()[0]
    yield _said(summary, settings_zh.SUMMARIES) if chinese else summary
    fields = dataclasses.fields(config)
    if fields:
        rows = [
            (
                f"`{field.name}`",
                f"`{field.default!r}`",
                _allowed(field.metadata["expected"]) if chinese else field.metadata["expected"],
                _said(field.metadata["help"], settings_zh.MEANINGS) if chinese else field.metadata["help"],
            )
            for field in fields
        ]
        head, *lines = (f"| {' | '.join(row)} |" for row in [settings_zh.HEAD if chinese else HEAD, *rows])
        yield "\n".join([head, "|---" * len(HEAD) + "|", *lines])


def _said(english: str, words: dict[str, str]) -> str:
    if english not in words:
        raise LookupError(f"docs/_ext/settings_zh.py has no Chinese for {english!r}; add it there")
    return words[english]


def _allowed(english: str) -> str:
    """What a setting may be, in Chinese."""
    if english == "":
        return ""
    for pattern, chinese in settings_zh.RANGES:
        found = re.fullmatch(re.escape(pattern).replace(r"\{\}", "(.+?)"), english)
        if found:
            return chinese.format(*found.groups()).replace("', '", "'、'")
    raise LookupError(f"docs/_ext/settings_zh.py has no Chinese for the range {english!r}; add it there")
