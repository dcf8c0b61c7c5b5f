"""Snapshots: an environment's state taken out and put back, so that training continues where it stopped.

An environment whose class defines ``snapshot()``, which returns plain data, and ``restore(data)``, tells its
state itself. Of any other, the state is whatever stands in the attributes of the objects that it is made of,
wrappers, lanes and spaces included: numbers, texts, arrays, random generators, and lists, dicts and the like
of them, however they share one another. No attribute is known here by name. What stands outside of the
attributes must not change, see `agents.experience.fixed_parts`: it is compared when a snapshot is put back.

So there are three answers: a snapshot that goes on exactly, a reason why none can be taken, and a reason why
one cannot be put back. There is no fourth in which something is lost unsaid.
"""

from __future__ import annotations

import copy
import itertools
import json
import warnings
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np

from agents.experience.fixed_parts import (
    CONTAINERS,
    FixedParts,
    NotRestorableError,
    is_known_code,
    is_no_state,
    is_plain_object,
)
from agents.storage.plain_data import pack, put_generator_state, unpack

__all__ = ["NotRestorableError", "restore", "snapshot"]

_ATOMS = (bool, int, float, complex, str, bytes, type(None))
_TABLE = 200
"""Values in a container of a known library's from which it counts as a table, which is compared, not kept."""
_MOST_VALUES = 200_000
"""Values that a snapshot may hold; beyond, taking it would be felt."""
_DAMAGE = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)


def snapshot(env: Any, observation: Any = None) -> dict[str, Any]:
    """Everything that decides what an environment does next, as plain data.

    Args:
        env: an environment or vector environment that was reset.
        observation: what it returned last; it may share memory with the environment's own arrays.

    Raises:
        NotRestorableError: if it cannot be told; the message says what stands in the way.
    """
    try:
        arrays: dict[str, Any] = {}
        text = json.dumps(pack(_Taking().all_of((env, observation)), arrays)).encode()
    except NotRestorableError:
        raise
    except _DAMAGE as error:
        raise NotRestorableError(f"its state is no plain data: {error}") from error
    return {"text": np.frombuffer(text, np.uint8), "arrays": arrays}


def restore(env: Any, taken: dict[str, Any]) -> Any:
    """Puts a snapshot back into an environment made in the same way, and reset.

    Returns:
        The observation to act on.

    Raises:
        NotRestorableError: if it does not fit. Then the environment needs a reset.
    """
    try:
        packed = json.loads(bytes(taken["text"]))
        putting = _Putting(unpack(packed, taken["arrays"]), (env, None))
        if putting.known and not packed["shared"]:  # a copy's functions would change what they were made for
            _try_a_step(env, unpack(packed, taken["arrays"]))
        putting.apply()
        _, observation = putting.result
    except NotRestorableError:
        raise
    except _DAMAGE as error:
        raise NotRestorableError(f"the saved state does not fit ({error})") from error
    return observation


def _try_a_step(env: Any, saved: Any) -> None:
    """Refuses a state that Gymnasium's environments themselves take unseen, and fail on later."""
    try:
        twin = copy.deepcopy(env)
    except TypeError:  # something in it cannot be copied
        return
    putting = _Putting(saved, (twin, None))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            putting.apply()
            twin.step(twin.action_space.sample())
            twin.reset()
        except Exception as error:
            raise NotRestorableError(f"no step can be made from the saved state ({error})") from error


def _tells_itself(value: Any) -> bool:
    """Whether an object's own class, not one it derives from, says what its state is."""
    own = vars(type(value))
    return "snapshot" in own and "restore" in own


def _inherits_a_snapshot(value: Any) -> bool:
    return hasattr(type(value), "snapshot") and hasattr(type(value), "restore")


def _class_name(value: Any) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"


class _Taking:
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
        if kind in _ATOMS or (isinstance(value, np.generic) and value.dtype.kind != "O"):
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
                tree.append(_digest(fixed, kind, value))
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
        if _tells_itself(value):
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
            return ["self-told", _class_name(value), told, spaces]
        if _inherits_a_snapshot(value):
            raise NotRestorableError(
                f"{name} inherits its snapshot(), which need not tell of what {name} adds; define both "
                "snapshot() and restore() on it"
            )
        code = self._fixed_part(type(value), "class")
        known = is_known_code(type(value))
        attributes = {}
        for attribute, part in sorted(vars(value).items()):
            self._where = f"{name}.{attribute}"
            if isinstance(value, gymnasium.Space) and isinstance(part, np.ndarray):
                attributes[attribute] = self._fixed_part(part)  # bounds; only its generator ever changes
            elif isinstance(value, gymnasium.Space) and _is_untouched(part):
                attributes[attribute] = ["no state"]  # so that equal trainings have equal checkpoints
            else:
                attributes[attribute] = self.take(part, known)
        return ["object", _class_name(value), code, attributes]


class _Putting:
    """Finds what must change for an environment to be as it was, and changes it only when all fits.

    Whatever is as it should be stays the very object that it is, since others may hold it too.

    Attributes:
        known: whether every class of it is of a known library.
        result: what the tree stands for.

    Args:
        saved: what `_Taking.all_of` gave.
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
        if type(tree) in _ATOMS or isinstance(tree, np.generic):
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
            if _digest(fixed, kind, present) != digest:
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
        if not _tells_itself(present) or _class_name(present) != name or id(present) in self._there:
            raise NotRestorableError(f"the saved state is that of a {name}, not of {_class_name(present)}")
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
            is_plain_object(present) and not _inherits_a_snapshot(present) and id(present) not in self._there
        )
        if not fits or _class_name(present) != name:
            raise NotRestorableError(f"the saved state is that of a {name}, not of {_class_name(present)}")
        self._stays(present)
        self._compare("class", cls, code[1])
        self.known = self.known and is_known_code(cls)
        own = vars(present)
        values = {}
        for attribute, tree in attributes.items():
            inherited = getattr(cls, attribute, None)
            is_code = callable(inherited) or isinstance(inherited, property)
            if attribute not in own and is_code:
                raise NotRestorableError(f"{attribute} is no attribute that a {name} can have")
            values[attribute] = self._put(tree, own.get(attribute))
        gone = [attribute for attribute in own if attribute not in attributes]

        def change() -> None:
            for attribute in gone:
                del own[attribute]
            own.update(values)

        self._changes.append(change)
        return present


def _digest(fixed: FixedParts, kind: str, value: Any) -> str:
    if kind == "table":
        return fixed.digest_of_table(value)
    return fixed.digest_of_class(value) if kind == "class" else fixed.digest(value)


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
    is_plain = type(one) in _ATOMS or isinstance(one, np.generic)
    return is_plain and type(one) is type(other) and repr(one) == repr(other)


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
