"""The fields of a configuration: declared with meaning and range, checked, and read as people type them."""

from __future__ import annotations

import dataclasses
import math
import numbers
import types
import typing
from collections.abc import Iterable
from typing import Any

from agents.arguments import as_integer, read_integer

__all__ = ["checked_setting", "field_types", "parse_setting", "setting", "what_to_give"]


def setting(
    default: Any,
    help: str,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    above: float = -math.inf,
    below: float = math.inf,
    choices: tuple[str, ...] = (),
) -> Any:
    """A field of a configuration: its default, meaning and range in one place.

    Args:
        default: value where nothing else is said.
        help: one line for ``--help``, without the default.
        low: smallest allowed number.
        high: largest allowed number.
        above: bound that numbers must exceed.
        below: bound that numbers must stay under.
        choices: allowed strings.
    """
    bounds = [
        text
        for text, bound in (
            (f"at least {low:g}", low),
            (f"more than {above:g}", above),
            (f"at most {high:g}", high),
            (f"less than {below:g}", below),
        )
        if math.isfinite(bound)
    ]
    expected = "one of " + ", ".join(map(repr, choices)) if choices else " and ".join(bounds)
    metadata = {
        "help": help,
        "expected": expected,
        "allows": lambda value: (
            value in choices if choices else low <= value <= high and above < value < below
        ),
    }
    return dataclasses.field(default=default, metadata=metadata)


def checked_setting(field: dataclasses.Field[Any], kind: Any, value: Any) -> Any:
    """The value of a field of type ``kind``, in that type.

    Raises:
        ValueError: for a value of another type or outside the field's range.
    """
    kind, optional = _without_none(kind)
    if value is None and optional:
        return None
    converted = _converted(kind, value)
    allows, expected = field.metadata["allows"], field.metadata["expected"]
    parts = converted if isinstance(converted, tuple) else (converted,)
    in_range = converted is not None and (kind is bool or all(map(allows, parts)))
    if not in_range:
        noun = {int: "an integer", float: "a number", bool: "True or False", str: "a string"}
        wanted = noun.get(kind, "a sequence of integers")
        if expected:
            wanted = expected if kind is str else f"{wanted}, {expected}"
        raise ValueError(f"{field.name} is {value!r}; give {wanted}{', or None' if optional else ''}")
    return converted


def field_types(config_class: type[Any]) -> dict[str, Any]:
    """The type of every field, with string annotations resolved."""
    return typing.get_type_hints(config_class)


def parse_setting(kind: Any, text: str) -> Any:
    """Reads the value of a field of type ``kind`` as a person types it.

    Lists are written with commas (``64,64``), an empty one as none, truth as true or false, an optional
    value's absence as none.

    Raises:
        ValueError: if the text means no such value.
    """
    kind, optional = _without_none(kind)
    lowered = text.strip().lower()
    if optional and lowered == "none":
        return None
    if kind is bool:
        if lowered not in ("true", "false"):
            raise ValueError(f"{text!r} is neither true nor false")
        return lowered == "true"
    if kind is int:
        return read_integer(text)
    if kind is float:
        return float(text)
    if kind is str:
        return text
    return () if lowered == "none" else tuple(map(read_integer, text.split(",")))


def what_to_give(kind: Any) -> str:
    """The values of a field of type ``kind``, as a person types them."""
    kind, optional = _without_none(kind)
    words = {int: "an integer", float: "a number", bool: "true or false", str: "a word"}
    return words.get(kind, "integers with commas between them, such as 64,64, or none") + (
        ", or none" if optional else ""
    )


def _converted(kind: Any, value: Any) -> Any:
    """The value as ``kind``, or None if it is something else."""
    if kind is bool or kind is str:
        return value if isinstance(value, kind) else None
    if kind is int:
        return as_integer(value)
    if kind is float:
        if not isinstance(value, numbers.Real) or isinstance(value, bool):
            return None
        try:
            number = float(value)
        except OverflowError:  # an integer beyond every float
            return None
        return number if math.isfinite(number) else None
    if isinstance(value, str) or not isinstance(value, Iterable):
        return None
    parts = tuple(_converted(int, part) for part in value)
    return None if None in parts else parts


def _without_none(kind: Any) -> tuple[Any, bool]:
    """A field's type apart from None, and whether None is allowed."""
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        kinds = [part for part in typing.get_args(kind) if part is not type(None)]
        return kinds[0], True
    return kind, False
