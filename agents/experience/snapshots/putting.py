"""Putting an environment's state back: only what differs is changed, and only when all of it fits."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
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
from agents.experience.snapshots.taking import digest_of
from agents.storage.plain_data import put_generator_state

__all__ = ["Putting"]


class Putting:
    """Finds what must change for an environment to be as it was, and changes it only when all fits.

    Whatever is as it should be stays the very object that it is, since others may hold it too.

    Attributes:
        known: whether every class of it is of a known library.
        result: what the tree stands for.

    Args:
        saved: what `Taking.all_of` gave.
        present: what stands in its place now; objects and code are taken from there.

    Raises:
        NotRestorableError: if it does not fit.
    """

    def __init__(self, saved: dict[str, Any], present: Any) -> None:
        self.known = True
        self._made: list[Any] = []
        self._there: dict[int, int] = {}  # number of each part that stays the object it is, by its identity
        self._fixed: list[Callable[[FixedParts], None]] = []
        self._changes: list[Callable[[], Any]] = []
        self.result = self._put(saved["tree"], present)
        fixed = FixedParts(self._there)
        for compare in self._fixed:
            compare(fixed)
        if sorted(fixed.shared) != saved["shared"]:
            raise NotRestorableError("a function of it holds a part of it that has changed")
        if not set(saved["overlapping"]) <= set(self._there.values()):
            raise NotRestorableError("two of its arrays share their memory")

    def apply(self) -> None:
        """Makes the changes."""
        for change in self._changes:
            change()

    def _put(self, tree: Any, present: Any) -> Any:
        is_object = type(tree) is list and tree[0] in ("object", "self-told", "same", "no state", "fixed")
        if is_plain_object(present) and not is_no_state(present) and not is_object:
            raise NotRestorableError(f"the saved state has a value where there is a {class_name(present)}")
        if type(tree) in ATOMS or isinstance(tree, np.generic):
            return tree
        if isinstance(tree, np.ndarray):
            return self._array(tree, present)
        if isinstance(tree, np.random.Generator):
            return self._generator(tree, present)
        kind, *rest = tree
        if kind == "same":
            return self._made[rest[0]]
        if kind == "no state":
            return present
        if kind in ("fixed", "table"):
            self._compare(kind, present, rest[0])
            return present
        if kind == "object":
            return self._object(present, *rest)
        if kind == "self-told":
            return self._self_told(present, *rest)
        return self._container(present, *tree)

    def _stays(self, present: Any) -> Any:
        """Counts a part that stays the object it is."""
        self._there[id(present)] = len(self._made)
        self._made.append(present)
        return present

    def _compare(self, kind: str, present: Any, digest: Any) -> None:
        def compare(fixed: FixedParts) -> None:
            if digest_of(fixed, kind, present) != digest:
                raise NotRestorableError(
                    f"{getattr(present, '__qualname__', 'a constant')} is not what it was"
                )

        self._fixed.append(compare)

    def _array(self, saved: Any, present: Any) -> Any:
        is_equal = (
            type(present) is np.ndarray
            and (present.dtype.str, present.shape) == (saved.dtype.str, saved.shape)
            and present.tobytes() == saved.tobytes()
        )
        if is_equal and id(present) not in self._there:
            return self._stays(present)
        self._made.append(saved)
        return saved

    def _generator(self, saved: Any, present: Any) -> Any:
        is_one = type(present) is np.random.Generator and type(present.bit_generator) is np.random.PCG64
        if not is_one or id(present) in self._there:
            self._made.append(saved)
            return saved
        self._changes.append(lambda: put_generator_state(present, saved.bit_generator.state))
        return self._stays(present)

    def _container(self, present: Any, kind: str, trees: list[Any], extra: Any = None) -> Any:
        number = len(self._made)
        self._made.append(None)
        items: list[Any]
        if kind in ("dict", "defaultdict", "OrderedDict", "Counter"):
            by_key = present if isinstance(present, dict) else {}
            items = []
            for key_tree, item_tree in trees:
                key = self._put(key_tree, None)
                items.append((key, self._put(item_tree, by_key.get(key))))
            there = list(by_key.items())
        else:
            there = list(present) if type(present) in CONTAINERS else []
            filled = there + [None] * (len(trees) - len(there))
            items = [self._put(tree, item) for tree, item in zip(trees, filled, strict=False)]
        made = _built(kind, items, extra)
        if kind == "defaultdict":
            made.default_factory = self._put(extra, getattr(present, "default_factory", None))
        is_there = type(made) is type(present) and getattr(present, "maxlen", None) == getattr(
            made, "maxlen", None
        )
        if is_there and id(present) not in self._there and _all_the_same(items, there):
            made = present
            self._there[id(present)] = number
        self._made[number] = made
        return made

    def _self_told(self, present: Any, name: str, told: Any, spaces: dict[str, Any]) -> Any:
        if not tells_itself(present) or class_name(present) != name or id(present) in self._there:
            raise NotRestorableError(f"the saved state is that of a {name}, not of {class_name(present)}")
        self._stays(present)
        self.known = self.known and is_known_code(type(present))
        # first: it refuses what does not fit it, and then nothing has changed yet
        self._changes.insert(0, lambda: present.restore(told))
        for attribute, tree in spaces.items():
            self._put(tree, vars(present)[attribute])
        return present

    def _object(self, present: Any, name: str, code: list[Any], attributes: dict[str, Any]) -> Any:
        cls = type(present)
        fits = (
            is_plain_object(present) and not inherits_a_snapshot(present) and id(present) not in self._there
        )
        if not fits or class_name(present) != name:
            raise NotRestorableError(f"the saved state is that of a {name}, not of {class_name(present)}")
        self._stays(present)
        self._compare("class", cls, code[1])
        self.known = self.known and is_known_code(cls)
        own = vars(present)
        values = {}
        for attribute, tree in attributes.items():
            inherited = getattr(cls, attribute, None)
            is_code = callable(inherited) or isinstance(inherited, property)
            if attribute not in own and is_code:
                raise NotRestorableError(f"a {name} has no attribute {attribute} to put back")
            is_constant = isinstance(present, gymnasium.Space) and not changes_in_a_space(own.get(attribute))
            if is_constant and (type(tree) is not list or tree[0] != "fixed"):
                raise NotRestorableError(f"the saved state changes {attribute} of a {name}")
            values[attribute] = self._put(tree, own.get(attribute))
        gone = sorted(own.keys() - attributes.keys())
        if gone:  # what a reset makes, every reset makes
            raise NotRestorableError(f"the saved state has no {gone[0]} of a {name}")
        self._changes.append(lambda: own.update(values))
        return present


def _built(kind: str, items: list[Any], extra: Any) -> Any:
    """A container of a kind, with items in it."""
    if kind == "deque":
        return deque(items, extra)
    if kind == "Counter":
        return Counter(dict(items))
    if kind in ("set", "frozenset"):
        in_order = dict.fromkeys(items)
        made: Any = set(items) if kind == "set" else frozenset(items)
        if list(made) != list(in_order):
            raise NotRestorableError("a set would come back in another order")
        return made
    kinds = {"list": list, "tuple": tuple, "dict": dict, "OrderedDict": OrderedDict}
    return defaultdict(None, items) if kind == "defaultdict" else kinds[kind](items)


def _all_the_same(items: list[Any], there: list[Any]) -> bool:
    """Whether all items are the very things that are there, or equal plain values."""
    return len(items) == len(there) and all(map(_the_same, items, there))


def _the_same(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if type(one) is tuple and type(other) is tuple:  # a pair of key and value
        return _all_the_same(list(one), list(other))
    is_plain = type(one) in ATOMS or isinstance(one, np.generic)
    return is_plain and type(one) is type(other) and repr(one) == repr(other)
