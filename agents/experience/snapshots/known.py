"""What is known of values: which are looked into, which are trusted, and which say nothing of the state."""

from __future__ import annotations

import logging
import types
from collections import Counter, OrderedDict, defaultdict, deque
from enum import Enum
from typing import Any

import gymnasium
import numpy as np
from gymnasium.envs.registration import EnvSpec

__all__ = [
    "ATOMS",
    "CONTAINERS",
    "NotRestorableError",
    "changes_in_a_space",
    "class_name",
    "inherits_a_snapshot",
    "is_known_code",
    "is_no_state",
    "is_plain_object",
    "tells_itself",
]


class NotRestorableError(ValueError):
    """An environment cannot be put back exactly; the message says why."""


ATOMS = (bool, int, float, complex, str, bytes, type(None))
"""Kinds of values that stand for themselves in a tree."""

CONTAINERS = (list, tuple, dict, set, frozenset, deque, defaultdict, OrderedDict, Counter)
"""Kinds of containers that are looked into; an own kind of somebody's may do anything."""

_KNOWN_MODULES = {
    *("gymnasium", "gym_gridq", "numpy", "builtins", "math", "cmath", "operator", "functools", "itertools"),
    *("collections", "copy", "dataclasses", "enum", "typing", "abc", "numbers", "fractions", "statistics"),
    *("heapq", "bisect", "string", "re", "warnings", "logging", "types", "__future__"),
}
"""Their functions and classes do what they are told, and keep nothing that decides what comes next."""

_PLAIN_SIZE = type("_Plain", (), {}).__basicsize__


def is_known_code(thing: Any) -> bool:
    """Whether a class, a function or a module is of a library whose workings are known here."""
    name = thing.__name__ if isinstance(thing, types.ModuleType) else getattr(thing, "__module__", None)
    if not isinstance(name, str) or name.split(".")[0] not in _KNOWN_MODULES:
        return False
    # its functions draw from one generator for the whole process; those made by it have their own
    makes_one = isinstance(thing, type) or thing is np.random.default_rng
    return makes_one or not name.startswith("numpy.random")


def is_plain_object(value: Any) -> bool:
    """Whether all that an object holds stands in its `vars`: it is of a Python class without slots."""
    return (
        type(value).__basicsize__ == _PLAIN_SIZE
        and hasattr(value, "__dict__")
        and not isinstance(value, type | types.FunctionType | types.MethodType | types.ModuleType | Enum)
    )


def is_no_state(value: Any) -> bool:
    """Whether a value plays no part in what comes next, be it there or not."""
    return isinstance(value, EnvSpec | logging.Logger)


def tells_itself(value: Any) -> bool:
    """Whether an object's own class, not one it derives from, says what its state is."""
    own = vars(type(value))
    return "snapshot" in own and "restore" in own


def inherits_a_snapshot(value: Any) -> bool:
    """Whether an object has the methods that tell its state, from wherever."""
    return hasattr(type(value), "snapshot") and hasattr(type(value), "restore")


def class_name(value: Any) -> str:
    """The name that an object's class has in a tree."""
    return f"{type(value).__module__}.{type(value).__qualname__}"


def changes_in_a_space(part: Any) -> bool:
    """Whether an attribute of a space is, or holds, a random generator, which alone ever changes there."""
    if isinstance(part, dict | tuple | list):
        return any(map(changes_in_a_space, part.values() if isinstance(part, dict) else part))
    return part is None or isinstance(part, np.random.Generator | gymnasium.Space)
