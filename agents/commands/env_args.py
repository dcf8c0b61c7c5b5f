"""Arguments of environments as people write them, ``NAME=VALUE``, checked before anything is made."""

from __future__ import annotations

import ast
import contextlib
import inspect
import json
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import gymnasium
from gymnasium.envs.registration import find_highest_version, load_env_creator, parse_env_id

import gym_gridq
from agents.arguments import checked_count, suggestion

__all__ = [
    "checked_arguments",
    "environment_arguments",
    "is_ours",
    "parse_assignments",
    "parse_value",
    "read_layout",
]

MAX_MAP_BYTES = 2**24

OF_MAKE = {"max_episode_steps": 100}
"""What `gymnasium.make` itself takes, with a value of the right kind."""

_WORDS = {"true": True, "false": False, "none": None, "null": None}


def is_ours(env_id: str) -> bool:
    """Whether an id is one of this package's."""
    return env_id.rpartition(":")[2].startswith("GridQ-")


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


def parse_assignments(assignments: Iterable[str]) -> dict[str, Any]:
    """Names and values.

    Raises:
        ValueError: for words that assign nothing, or a name that comes twice.
    """
    arguments: dict[str, Any] = {}
    for text in assignments:
        name, equals, value = text.partition("=")
        if not (name.isidentifier() and equals):
            raise ValueError(f"{text!r} does not set an argument of the environment; write NAME=VALUE")
        if name in arguments:
            raise ValueError(f"{name} is given twice; give it once")
        arguments[name] = parse_value(value)
    return arguments


def parse_value(text: str) -> Any:
    """A value as Python or JSON write it, true, false and none in any case; all else is a string."""
    word = text.strip().lower()
    if word in _WORDS:
        return _WORDS[word]
    for read in (json.loads, ast.literal_eval):
        with contextlib.suppress(ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            value = read(text.strip())
            value = list(value) if isinstance(value, tuple | set) else value
            json.dumps(value)  # config.json can hold it, and gives it back as it is
            return value
    return text


def checked_arguments(env_id: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments, each of the kind that the environment's own default is of.

    An id that nobody registered, and an environment whose parameters cannot be read, are left to Gymnasium.

    Raises:
        ValueError: for a name that the environment does not know (the nearest one is named), for text where
            it has a number or a truth, for what is not the user's to set, and for an id without its version.
    """
    parameters = _parameters(env_id)
    _check_version(env_id)
    checked = {}
    for name, value in arguments.items():
        if name == "render_mode":
            raise ValueError(
                f"{name} is no argument to set: each command draws as it needs to; leave out {name}={value}"
            )
        if name == "max_episode_steps" and value is not None:
            value = checked_count(name, int(value) if type(value) is float and value.is_integer() else value)
        if parameters is not None and name not in parameters:
            names = parameters.keys() - {"render_mode"} or ["none at all"]
            raise ValueError(f"{env_id} has no argument {name!r}; {suggestion(name, names)}")
        checked[name] = _of_the_kind(name, value, (parameters or {}).get(name))
    return checked


def _check_version(env_id: str) -> None:
    """Refuses ``CartPole``, of which Gymnasium takes the latest version: what was tuned goes by whole ids."""
    module, colon, name = env_id.rpartition(":")
    with contextlib.suppress(gymnasium.error.Error):  # an id of no form at all
        namespace, bare, version = parse_env_id(name)
        latest = None if version is not None else find_highest_version(namespace, bare)
        if latest is not None and name not in gymnasium.registry:
            raise ValueError(f"{env_id!r} names no version; did you mean '{module}{colon}{name}-v{latest}'?")


def _parameters(env_id: str) -> dict[str, Any] | None:
    """The names and defaults of an environment's parameters, or None where they cannot be told."""
    try:
        module, _, name = env_id.rpartition(":")
        if module:  # registers the id
            import_module(module)
        spec = gymnasium.spec(name)
        entry_point = spec.entry_point
        creator: Any = entry_point if callable(entry_point) else load_env_creator(str(entry_point))
        if isinstance(creator, type) and issubclass(creator, gymnasium.Env):
            creator = creator.__init__
        if inspect.getmodule(creator) is inspect.getmodule(gym_gridq.OneHotObservation):
            creator = gym_gridq.GridQEnv.__init__  # whose arguments the one-hot id takes
        signature = inspect.signature(creator)
    except (gymnasium.error.Error, ImportError, AttributeError, TypeError, ValueError):
        return None
    parameters = {name: each for name, each in signature.parameters.items() if name != "self"}
    if any(each.kind is each.VAR_KEYWORD for each in parameters.values()):
        return None
    defaults = {name: each.default for name, each in parameters.items()}
    return defaults | {name: value for name, value in spec.kwargs.items() if name in defaults} | OF_MAKE


def _of_the_kind(name: str, value: Any, default: Any) -> Any:
    """The value, as something of the default's kind where that is a truth or a number."""
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise ValueError(f"{name} is {value!r}; give true or false")
    elif isinstance(default, int | float):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{name} is {value!r}; give a number, such as {default:g}")
        if isinstance(default, int) and isinstance(value, float) and value.is_integer():
            return int(value)  # 1e3
    return value


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
        return gym_gridq.Layout.from_text(content.decode(), name=Path(text).name)
    except UnicodeDecodeError as error:
        raise ValueError(f"the map {text!r} is not a text file: {error}") from error
    except ValueError as error:
        raise ValueError(f"the map {text!r}: {error}") from error
