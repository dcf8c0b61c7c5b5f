"""Fixed parts: what an environment is made of and reads, but should never change, as a digest.

Code is fixed, and the constants that it reads: those of its module, its class, its closure and its defaults.
A digest of them goes into a snapshot and is compared when the snapshot is put back, so that what did change
after all is noticed. What cannot be looked into is refused: a generator that has been begun, a lock, a random
generator of the whole process, a function of a library that nobody here knows.
"""

from __future__ import annotations

import builtins
import functools
import hashlib
import inspect
import marshal
import types
from collections import defaultdict
from collections.abc import Mapping
from enum import Enum
from typing import Any

import numpy as np

from agents.experience.snapshots.globals_read import globals_of
from agents.experience.snapshots.known import (
    CONTAINERS,
    NotRestorableError,
    is_known_code,
    is_no_state,
    is_plain_object,
)

__all__ = ["FixedParts"]


_REACHING_OUT = {"open", "input", "exec", "eval", "compile", "globals", "__import__", "id", "breakpoint"}
_ATOMS = (bool, int, float, complex, str, bytes, type(None), type(...), type(NotImplemented), range, slice)
_FUNCTIONS_IN_C = (
    types.BuiltinFunctionType,
    types.WrapperDescriptorType,
    types.MethodDescriptorType,
    types.MethodWrapperType,
    types.ClassMethodDescriptorType,
    np.ufunc,
)
_SLOTS = (types.GetSetDescriptorType, types.MemberDescriptorType)
_WRITTEN_IN_PYTHON = 1 << 9  # the flag of classes that are made while a program runs
_OF_EVERY_CLASS = {"__dict__", "__weakref__", "__doc__", "__module__", "__annotations__", "__slots__"}


class FixedParts:
    """Takes digests of what should not change.

    Attributes:
        shared: numbers of the parts that were met on the way.

    Args:
        parts: the number of each part of an environment that a snapshot keeps, by its identity. A digest
            tells that such a part is met, not what it holds.
    """

    def __init__(self, parts: Mapping[int, int]) -> None:
        self.shared: set[int] = set()
        self._parts = parts
        self._of_classes: dict[type, str] = {}

    def digest(self, value: Any) -> str:
        """A digest of a value and of all that it reads.

        Raises:
            NotRestorableError: if something in it cannot be looked into.
        """
        hashing = _Hashing(self._parts, self.shared)
        hashing.feed(value)
        return hashing.hash.hexdigest()

    def digest_of_table(self, table: Any) -> str:
        """A digest of a large container that belongs to a known library, in a fortieth of the time.

        Raises:
            NotRestorableError: if something in it cannot be looked into.
        """
        try:
            return hashlib.blake2b(marshal.dumps(table, 2), digest_size=16).hexdigest()
        except ValueError:  # it holds more than Python's own plain values
            return self.digest(table)

    def digest_of_class(self, cls: type) -> str:
        """A digest of what the methods and attributes of a class and its bases read.

        Raises:
            NotRestorableError: if something in it cannot be looked into.
        """
        if cls not in self._of_classes:
            hashing = _Hashing(self._parts, self.shared)
            hashing.feed_class(cls)
            self._of_classes[cls] = hashing.hash.hexdigest()
        return self._of_classes[cls]


class _Hashing:
    """Feeds values into one digest."""

    def __init__(self, parts: Mapping[int, int], shared: set[int]) -> None:
        self.hash = hashlib.blake2b(digest_size=16)
        self._parts, self._shared = parts, shared
        self._seen: set[int] = set()

    def feed(self, value: Any) -> None:
        """Takes in a value."""
        if is_no_state(value):
            return
        kind = type(value)
        self._name(kind.__qualname__)
        if id(value) in self._parts:
            self._shared.add(self._parts[id(value)])
        elif kind in _ATOMS or isinstance(value, np.dtype | np.random.SeedSequence):
            self._name(repr(value))
        elif isinstance(value, np.generic) or kind is np.ndarray:
            self._array(value)
        elif id(value) in self._seen:
            return
        elif kind in CONTAINERS:
            self._container(value)
        elif isinstance(value, Enum):
            self._name(f"{kind.__module__}.{kind.__qualname__}.{value.name}")
        else:
            self._seen.add(id(value))
            self._code(value)

    def feed_class(self, cls: type) -> None:
        """Takes in what the code and the attributes of a class read, apart from known bases."""
        for base in cls.__mro__:
            if is_known_code(base):
                continue
            self._seen.add(id(base))
            for name, value in sorted(vars(base).items()):
                if name in _OF_EVERY_CLASS or name == "_abc_impl":
                    continue
                if name.startswith("__") and not isinstance(value, types.FunctionType):
                    continue
                self._name(name)
                self.feed(value)

    def _name(self, text: str) -> None:
        self.hash.update(text.encode("utf-8", "surrogatepass") + b"\0")

    def _array(self, value: Any) -> None:
        array = np.asarray(value)
        if array.dtype.hasobject:
            raise NotRestorableError("it holds an array of objects")
        self._name(f"{array.dtype.str} {array.shape}")
        self.hash.update(array.tobytes())

    def _container(self, value: Any) -> None:
        self._seen.add(id(value))
        self._name(str(len(value)))
        for item in value.items() if isinstance(value, dict) else value:
            self._all(*item) if isinstance(value, dict) else self.feed(item)
        if isinstance(value, defaultdict):
            self.feed(value.default_factory)

    def _code(self, value: Any) -> None:
        if isinstance(value, types.FunctionType):
            self._function(value)
        elif isinstance(value, types.MethodType):
            self.feed(value.__func__)
            self.feed(value.__self__)
        elif isinstance(value, types.ModuleType):
            self._demand(
                is_known_code(value), f"it uses the module {value.__name__}, which may keep anything"
            )
            self._name(value.__name__)
        elif isinstance(value, type):
            self._name(f"{value.__module__}.{value.__qualname__}")
            looked_into = is_known_code(value) or value.__flags__ & _WRITTEN_IN_PYTHON
            self._demand(looked_into, f"it uses the class {value.__qualname__}, of which nothing is known")
            if not issubclass(value, Enum):
                self.feed_class(value)
        elif isinstance(value, _FUNCTIONS_IN_C):
            self._function_in_c(value)
        elif isinstance(value, property):
            self._all(value.fget, value.fset, value.fdel)
        elif isinstance(value, staticmethod | classmethod):
            self.feed(value.__func__)
        elif isinstance(value, functools.cached_property):
            self.feed(value.func)
        elif isinstance(value, functools.partial):
            self._all(value.func, value.args, value.keywords)
        elif is_plain_object(value):
            self.feed_class(type(value))
            self._all(vars(value))
        elif not isinstance(value, _SLOTS) and not self._is_harmless(value):
            self._demand(
                not callable(value), f"it calls {getattr(value, '__name__', value)}, which may keep anything"
            )
            raise NotRestorableError(f"it holds a {type(value).__qualname__}, which cannot be looked into")

    @staticmethod
    def _is_harmless(value: Any) -> bool:
        """A function of NumPy's that is none of Python's own kinds, or a type as annotations have it."""
        a_type = type(value).__module__ in ("typing", "types")
        return a_type or (callable(value) and is_known_code(value))

    def _all(self, *values: Any) -> None:
        for value in values:
            self.feed(value)

    def _function(self, function: types.FunctionType) -> None:
        self._name(function.__qualname__)
        self._all(*inspect.getclosurevars(function).nonlocals.items())
        self._all(function.__defaults__, function.__kwdefaults__, vars(function) or None)
        if not is_known_code(function):
            for value in globals_of(function):
                self.feed(value)

    def _function_in_c(self, function: Any) -> None:
        name = getattr(function, "__name__", "?")
        owner = getattr(function, "__self__", None)
        if isinstance(owner, types.ModuleType):
            self._demand(
                is_known_code(owner), f"it calls {name} of {owner.__name__}, which may keep anything"
            )
            reaches_out = owner is builtins and name in _REACHING_OUT
            self._demand(not reaches_out, f"it calls {name}, which reaches outside")
        elif owner is not None:
            self.feed(owner)
        else:
            home = getattr(function, "__objclass__", function)
            known = isinstance(function, np.ufunc) or is_known_code(home)
            self._demand(known, f"it calls {name}, of which nothing is known")
        self._name(name)

    @staticmethod
    def _demand(holds: object, complaint: str) -> None:
        if not holds:
            raise NotRestorableError(complaint)
