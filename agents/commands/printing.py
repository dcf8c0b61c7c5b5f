"""Printing what a command has found, wherever standard output leads."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from gym_gridq.rendering.text import in_ascii

__all__ = ["print_json", "print_text"]


def print_text(text: str) -> None:
    """Prints a text; with ASCII's characters for its lines and arrows where those do not get through."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        text = in_ascii(text).encode("ascii", "backslashreplace").decode("ascii")
    print(text)


def print_json(value: Mapping[str, Any]) -> None:
    """Prints one JSON object."""
    print(json.dumps(value, indent=2))
