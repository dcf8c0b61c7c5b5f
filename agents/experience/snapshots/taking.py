"""Taking an environment's state: everything that its attributes hold, as a tree of plain data."""

from __future__ import annotations

import copy
import itertools
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np

from agents.experience.snapshots.fixed_parts import FixedParts
from agents.experience.snapshots.known import (
    ATOMS,
    CONTAINERS,
    NotRestorableError,
    changes_in_a_space,
    class_name,
    inherits_a_snapshot,
    is_known_code,
    is_no_state,
    is_plain_object,
    tells_itself,
)

__all__ = ["Taking", "digest_of"]

_TABLE = 200
"""Values in a container of a known library's from which it counts as a table, which is compared, not kept."""
_MOST_VALUES = 200_000
"""Values that a snapshot may hold; beyond, taking it would be felt."""


class Taking:
    """Turns an environment into a tree of plain data.

    Plain values stand for themselves, everything else is a list that begins with its kind. Whatever can be
    shared is counted in the order of its first meeting, and a later meeting only names that number.
    """

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._open: set[int] = set()
        self._kept: list[Any] = []  # so that no identity is used again
        self._arrays: list[np.ndarray[Any, Any]] = []
        self._told: dict[int, str] = {}  # what objects hold that tell their state themselves
        self._fixed: list[Callable[[FixedParts], None]] = []
        self._n_values = 0
        self._where = ""

    def all_of(self, value: Any) -> dict[str, Any]:
        """The tree, and which of its parts are also held by code, or by one another's memory.

        Raises:
            NotRestorableError: if something in it cannot be looked into.
        """
        tree = self.take(value)
        for identity, name in self._told.items():
            if identity in self._numbers:
                raise NotRestorableError(
                    f"something else holds {name}, which would be put back apart from it"
                )
        fixed = FixedParts(self._numbers)
        for take_digest in self._fixed:  # now that all parts are known
            take_digest(fixed)
        return {"tree": tree, "shared": sorted(fixed.shared), "overlapping": self._overlapping()}

    def take(self, value: Any, of_known_code: bool = False) -> Any:
        """The tree of a value.

        Args:
            value: anything.
            of_known_code: whether it is an attribute of a class of a known library.
        """
        self._n_values += 1 + (len(value) // 16 if isinstance(value, str | bytes) else 0)
        if self._n_values > _MOST_VALUES:
            raise NotRestorableError(f"it holds more than {_MOST_VALUES} values")
        kind = type(value)
        if kind in ATOMS or (isinstance(value, np.generic) and value.dtype.kind != "O"):
            return value
        if id(value) in self._numbers:
            if id(value) in self._open:
                raise NotRestorableError(f"{self._where} holds itself")
            return ["same", self._numbers[id(value)]]
        if kind in CONTAINERS:
            is_table = of_known_code and _n_values_in(value) >= _TABLE
            return self._fixed_part(value, "table") if is_table else self._container(value)
        if kind is np.ndarray:
            return self._array(value)
        if kind is np.random.Generator:
            self._count(value)
            return copy.deepcopy(value)
        if is_no_state(value):
            return ["no state"]
        if is_plain_object(value):
            return self._object(value)
        return self._fixed_part(value)

    def _overlapping(self) -> list[int]:
        """Numbers of the arrays that are windows on the same memory."""
        by_memory: dict[int, list[np.ndarray[Any, Any]]] = {}
        for array in self._arrays:
            by_memory.setdefault(id(_owner(array)), []).append(array)
        found = set()
        for sharing in by_memory.values():
            for one, other in itertools.combinations(sharing, 2):
                if np.may_share_memory(one, other):
                    found |= {self._numbers[id(one)], self._numbers[id(other)]}
        return sorted(found)

    def _count(self, value: Any) -> None:
        self._numbers[id(value)] = len(self._numbers)
        self._kept.append(value)

    def _fixed_part(self, value: Any, kind: str = "fixed") -> Any:
        """A digest, taken at the end: only then is it known what is a part of the environment."""
        tree, where = [kind], self._where

        def take_digest(fixed: FixedParts) -> None:
            try:
                tree.append(digest_of(fixed, kind, value))
            except NotRestorableError as error:
                raise NotRestorableError(f"{where}: {error}") from error

        self._fixed.append(take_digest)
        return tree

    def _array(self, value: np.ndarray[Any, Any]) -> Any:
        if value.dtype.hasobject:
            raise NotRestorableError(f"{self._where} is an array of objects")
        self._count(value)
        self._arrays.append(value)
        return value.copy()

    def _container(self, value: Any) -> Any:
        self._count(value)
        self._open.add(id(value))
        if isinstance(value, dict):
            items = [[self.take(key), self.take(item)] for key, item in value.items()]
        else:
            items = [self.take(item) for item in value]
        self._open.discard(id(value))
        tree: list[Any] = [type(value).__name__, items]
        if isinstance(value, deque):
            tree.append(value.maxlen)
        if isinstance(value, defaultdict):
            tree.append(self._fixed_part(value.default_factory))
        return tree

    def _object(self, value: Any) -> Any:
        self._count(value)
        name = type(value).__qualname__
        self._where = name
        if tells_itself(value):
            if getattr(value, "render_mode", None) not in (None, "human"):
                raise NotRestorableError(f"{name} draws, and its snapshot() need not tell what")
            told = value.snapshot()
            if told is None:
                raise NotRestorableError(f"{name}.snapshot() gives None")
            spaces = {
                attribute: self.take(part)
                for attribute, part in sorted(vars(value).items())
                if isinstance(part, gymnasium.Space)  # for whoever draws from them
            }
            for attribute, part in vars(value).items():
                if isinstance(part, np.random.Generator | np.ndarray | list | dict | deque | set):
                    self._told[id(part)] = f"{name}.{attribute}"
            return ["self-told", class_name(value), told, spaces]
        if inherits_a_snapshot(value):
            raise NotRestorableError(
                f"{name} inherits its snapshot(), which need not tell of what {name} adds; define both "
                "snapshot() and restore() on it"
            )
        code = self._fixed_part(type(value), "class")
        known = is_known_code(type(value))
        attributes = {}
        for attribute, part in sorted(vars(value).items()):
            self._where = f"{name}.{attribute}"
            if isinstance(value, gymnasium.Space) and not changes_in_a_space(part):
                attributes[attribute] = self._fixed_part(part)  # shape, bounds and the like
            elif isinstance(value, gymnasium.Space) and _is_untouched(part):
                attributes[attribute] = ["no state"]  # so that equal trainings have equal checkpoints
            else:
                attributes[attribute] = self.take(part, known)
        return ["object", class_name(value), code, attributes]


def digest_of(fixed: FixedParts, kind: str, value: Any) -> str:
    """The digest of what should not change: ``"class"``, ``"table"`` or anything else ``"fixed"``."""
    if kind == "table":
        return fixed.digest_of_table(value)
    return fixed.digest_of_class(value) if kind == "class" else fixed.digest(value)


def _n_values_in(container: Any) -> int:
    """How many values a container holds, those in containers within it included; counted up to `_TABLE`."""
    waiting, n_values = [container], 0
    while waiting and n_values < _TABLE:
        container = waiting.pop()
        n_values += len(container)
        items = [*container.keys(), *container.values()] if isinstance(container, dict) else container
        waiting += [item for item in items if type(item) in CONTAINERS]
    return n_values


def _is_untouched(value: Any) -> bool:
    """Whether a random generator was seeded by the system, and never drawn from: any other is as good."""
    if type(value) is not np.random.Generator:
        return False
    seeds = getattr(value.bit_generator, "seed_seq", None)
    if not isinstance(seeds, np.random.SeedSequence) or not isinstance(seeds.entropy, int):
        return False
    by_the_system = seeds.entropy >= 2**96  # it gives 128 random bits
    first = np.random.PCG64(np.random.SeedSequence(seeds.entropy, spawn_key=seeds.spawn_key)).state
    return by_the_system and first == value.bit_generator.state


def _owner(array: np.ndarray[Any, Any]) -> Any:
    """What the memory of an array belongs to."""
    owner: Any = array
    while isinstance(owner, np.ndarray) and owner.base is not None:
        owner = owner.base
    return owner
