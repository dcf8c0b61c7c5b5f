"""Printing what a command has found, wherever standard output leads."""

from __future__ import annotations

import contextlib
import json
import sys
from typing import Any

from agents.plain_text import printable
from gym_gridq.rendering.text import in_ascii

__all__ = ["print_aside", "print_json", "print_text"]


def print_text(text: str) -> None:
    """Prints a text; with ASCII's characters for its lines and arrows where those do not get through."""
    text = printable(text)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        text = in_ascii(text).encode("ascii", "backslashreplace").decode("ascii")
    print(text)


def print_aside(text: str) -> None:
    """Prints a word to the person, on standard error, if anybody is there to read it."""
    with contextlib.suppress(OSError):  # a terminal that is gone
        print(printable(text), file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """Prints a value as JSON."""
    print(json.dumps(value, indent=2))
