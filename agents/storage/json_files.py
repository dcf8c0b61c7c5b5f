"""JSON files that may come from a stranger: of reasonable size and depth, and written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from agents.storage.files import opened_to_read, replacing

__all__ = ["read_json", "write_json"]

MAX_BYTES = 2**20
"""Of a file, where nothing else is said."""

MAX_DEPTH = 32
"""Levels of lists and objects within one another; nothing that a run needs has five."""


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Writes a JSON object into a file that replaces an earlier one at once.

    Raises:
        ValueError: if it is more than `read_json` would take back.
        OSError: if the file cannot be written.
    """
    text = json.dumps(value, indent=2).encode() + b"\n"
    if len(text) > MAX_BYTES:
        raise ValueError(f"{path.name} would have {len(text)} bytes; {MAX_BYTES} are allowed")
    with replacing(path) as file:
        file.write(text)


def read_json(path: Path, most: int = MAX_BYTES) -> dict[str, Any]:
    """The JSON object that a file holds.

    Args:
        path: the file.
        most: the bytes that it may have.

    Raises:
        ValueError: if it cannot be read, or holds something else.
    """
    try:
        with opened_to_read(path) as file:
            text = file.read(most + 1)
        value = json.loads(text, parse_constant=_refuse_constant) if len(text) <= most else None
    except FileNotFoundError:
        raise ValueError(f"{os.fspath(path)!r} is missing") from None
    except OSError as error:
        raise ValueError(f"{os.fspath(path)!r} cannot be read: {error.strerror}") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"{os.fspath(path)!r} is damaged: it is not JSON from {where} on") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{os.fspath(path)!r} is damaged: {error}") from error
    if not isinstance(value, dict) or not _is_shallow(value, MAX_DEPTH):
        raise ValueError(f"{os.fspath(path)!r} does not hold a JSON object of reasonable size")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


def _is_shallow(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    parts = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_is_shallow(part, levels - 1) for part in parts)
