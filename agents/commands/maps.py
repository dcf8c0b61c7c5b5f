"""Maps as commands take them: by name, or from a text file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import gym_gridq

__all__ = ["environment_arguments", "read_layout"]

MAX_MAP_BYTES = 2**24


def read_layout(text: str) -> gym_gridq.Layout:
    """A named layout, or that of a text file; in it, blank lines and trailing blanks do not count.

    Raises:
        ValueError: if there is none, or it is no map.
    """
    if text in gym_gridq.LAYOUTS:
        return gym_gridq.LAYOUTS[text]
    if not Path(text).is_file():
        names = ", ".join(sorted(gym_gridq.LAYOUTS))
        raise ValueError(f"there is no layout and no file {text!r}; named layouts are {names}")
    with Path(text).open("rb") as file:
        content = file.read(MAX_MAP_BYTES + 1)
    if len(content) > MAX_MAP_BYTES:
        raise ValueError(f"the map {text!r} is larger than {MAX_MAP_BYTES} bytes")
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"the map {text!r} is no text file: {error}") from error
    rows = [line.rstrip() for line in lines]
    try:
        return gym_gridq.Layout.from_rows([row for row in rows if row], name=Path(text).name)
    except ValueError as error:
        raise ValueError(f"the map {text!r}: {error}") from error


def environment_arguments(env_id: str, assignments: Iterable[str]) -> dict[str, Any]:
    """Arguments of an environment, each written ``NAME=VALUE``; the value is JSON, or else a string.

    The layout of a GridQ environment may be a file here, and becomes its rows, which JSON can hold.

    Raises:
        ValueError: for words that assign nothing, or a layout that is none.
    """
    arguments = dict(map(_parse_assignment, assignments))
    layout = arguments.get("layout")
    ours = env_id.rpartition(":")[2].startswith("GridQ-")
    if ours and isinstance(layout, str) and layout not in gym_gridq.LAYOUTS:
        arguments["layout"] = list(read_layout(layout).rows)
    return arguments


def _parse_assignment(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not (name.isidentifier() and equals):
        raise ValueError(f"{text!r} is no argument of an environment; write NAME=VALUE")
    try:
        return name, json.loads(value)
    except (ValueError, RecursionError):
        return name, value
