"""The environments of commands: what people and run folders may say of them, and how."""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import gym_gridq
from agents.commands.env_args import checked_arguments, parse_assignments
from gym_gridq.drawing import has_screen

__all__ = [
    "check_arguments",
    "environment_arguments",
    "import_named",
    "is_ours",
    "leave_out_current_directory",
    "names_something",
    "need_display",
    "options_of_drawing",
    "options_of_drawing_maps",
    "read_layout",
]

MAX_MAP_BYTES = 2**24
OF_DRAWING = ("cell_size", "language")
"""Options of commands that are arguments of GridQ's environments."""

OF_GYMNASIUM = {
    *("id", "num_envs", "render_mode", "autoreset", "apply_api_compatibility"),
    *("vectorization_mode", "vector_kwargs", "wrappers", "entry_point", "additional_wrappers"),
}
"""Arguments that Gymnasium takes itself, of which most choose code to run or processes to start."""

_NAMES_SOMETHING = re.compile(r"[/\\:.~%$\0]")
"""What is in the name of a file or of a module, and not in that of a mode or a map."""


def check_arguments(env_id: str, env_kwargs: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    """Refuses arguments by which a run folder would choose code, processes or files.

    Args:
        env_id: the environment.
        env_kwargs: its arguments, as the folder gives them.
        own: those that a person gave again.

    Raises:
        ValueError: naming the argument.
    """
    for name, value in env_kwargs.items():
        if name in OF_GYMNASIUM:
            raise ValueError(f"{name} is no argument of an environment, but {env_id} is to be made with it")
        if name in own and own[name] != value:
            raise ValueError(f"{env_id} was made with {name}={value!r:.80}, not with {own[name]!r:.80}")
        if name not in own and names_something(env_id, name, value):
            raise ValueError(
                f"{env_id} is to be made with {name}={value!r:.80}, which may be a file or a module, and a "
                f"run folder may not choose these; if you trust it, say so: --env-arg {name}=..."
            )


def names_something(env_id: str, name: str, value: Any) -> bool:
    """Whether an argument may be the name of a file or a module, rather than a number or a plain word.

    The layout of a GridQ environment, which is full of dots, is neither.
    """
    is_layout = is_ours(env_id) and name == "layout"
    return not is_layout and any(map(_NAMES_SOMETHING.search, _texts(value)))


def _texts(value: Any) -> Iterator[str]:
    """Every text in a value of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in [*value, *value.values()] if isinstance(value, dict) else value:
            yield from _texts(part)


def is_ours(env_id: str) -> bool:
    """Whether an id is one of this package's."""
    return env_id.rpartition(":")[2].startswith("GridQ-")


def leave_out_current_directory() -> None:
    """Has nothing imported from the current directory any more, which ``python -m`` puts first.

    It may be a stranger's run folder, with a module in it that an environment of a library's asks for.
    """
    started_as = sys.modules["__main__"].__spec__
    by_us = started_as is not None and started_as.name == "agents.__main__"
    if by_us and sys.path and sys.path[0] in ("", str(Path.cwd())):
        sys.path.pop(0)


def import_named(module: str) -> None:
    """Imports a module that a person named beside a run folder.

    Raises:
        ImportError: if there is no such module.
        ValueError: for a name that no module has.
    """
    if not all(part.isidentifier() for part in module.split(".")):
        raise ValueError(f"--import {module!r} is not the name of a module, such as my_package.environments")
    importlib.import_module(module)


def options_of_drawing(options: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a command's options that are arguments of the environment it draws."""
    return {name: options[name] for name in OF_DRAWING if name in options}


def options_of_drawing_maps(env_id: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The same, of a command for which they have no other use.

    Raises:
        ValueError: for another environment than ours.
    """
    drawing = options_of_drawing(options)
    if drawing and not is_ours(env_id):
        option = "--" + next(iter(drawing)).replace("_", "-")
        raise ValueError(f"{option} is for GridQ's maps, and {env_id} is something else; leave out {option}")
    return drawing


def need_display(command: str, instead: str) -> None:
    """Refuses to go on where no window can be opened.

    Args:
        command: what would open it.
        instead: what can be done without one.

    Raises:
        ValueError: if there is no display.
    """
    if not has_screen():
        raise ValueError(
            f"there is no display to open a window on; {instead}, "
            f"or 'xvfb-run gridq {command}' gives a virtual display"
        )
    # Worlds of others open the display in their own way, in which SIGTERM becomes an event nobody reads.
    os.environ.setdefault("SDL_NO_SIGNAL_HANDLERS", "1")


def read_layout(text: str) -> gym_gridq.Layout:
    """A named layout, or that of a text file, of which `Layout.from_text` tells the form.

    Raises:
        ValueError: for a name that is neither a layout nor a file, or a file that is not a map.
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
        map_text = content.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"the map {text!r} is not a text file: {error}") from error
    try:
        return gym_gridq.Layout.from_text(map_text, name=Path(text).name)
    except ValueError as error:
        raise ValueError(f"the map {text!r}: {error}") from error


def environment_arguments(env_id: str, assignments: Iterable[str]) -> dict[str, Any]:
    """Arguments of an environment, each written ``NAME=VALUE``; the value is Python, JSON, or else a string.

    The layout of a GridQ environment may be a file here, and becomes what JSON can hold of it.

    Raises:
        ValueError: for words that assign nothing, a name that the environment does not know, a value of
            another kind than it has, or a layout that is not known.
    """
    arguments = checked_arguments(env_id, parse_assignments(assignments))
    layout = arguments.get("layout")
    if is_ours(env_id) and isinstance(layout, str) and layout not in gym_gridq.LAYOUTS:
        arguments["layout"] = read_layout(layout).plain
    return arguments
