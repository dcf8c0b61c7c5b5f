"""Plain data as JSON and arrays: numbers, strings, None, arrays, lists, tuples, dicts, random generators."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["pack", "put_generator_state", "unpack"]


def pack(value: Any, arrays: dict[str, npt.NDArray[Any]]) -> Any:
    """Plain data as JSON; arrays go into ``arrays`` and are referred to.

    Raises:
        TypeError: for anything that is not plain data.
    """
    if isinstance(value, np.ndarray | np.generic):
        name = str(len(arrays))
        arrays[name] = np.array(value)
        return {"!": "array" if isinstance(value, np.ndarray) else "scalar", "name": name}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        items = [pack(item, arrays) for item in value]
        return items if isinstance(value, list) else {"!": "tuple", "items": items}
    if isinstance(value, dict) and all(isinstance(key, str) for key in value) and "!" not in value:
        return {key: pack(item, arrays) for key, item in value.items()}
    if isinstance(value, np.random.Generator) and type(value.bit_generator) is np.random.PCG64:
        return {"!": "generator", "state": value.bit_generator.state}
    raise TypeError(f"{type(value).__name__} cannot be kept in a checkpoint")


def unpack(packed: Any, arrays: dict[str, npt.NDArray[Any]]) -> Any:
    """What was packed.

    Raises:
        ValueError: if this is not what `pack` gives.
    """
    try:
        return _unpack(packed, arrays)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"the saved state is damaged ({error})") from error


def put_generator_state(generator: np.random.Generator, state: Any) -> None:
    """Puts a generator into the state that its ``bit_generator.state`` once gave.

    Raises:
        ValueError: if it is no such state; the generator is then not to be used.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)  # NumPy 1 only warns of numbers out of range
        try:
            generator.bit_generator.state = state
        except (KeyError, TypeError, ValueError, OverflowError, DeprecationWarning) as error:
            raise ValueError(f"{state!r:.80} is no state of a random generator") from error


def _unpack(packed: Any, arrays: dict[str, npt.NDArray[Any]]) -> Any:
    if isinstance(packed, list):
        return [_unpack(item, arrays) for item in packed]
    if not isinstance(packed, dict):
        return packed
    kind = packed.get("!")
    if kind is None:
        return {key: _unpack(item, arrays) for key, item in packed.items()}
    if kind == "tuple":
        return tuple(_unpack(item, arrays) for item in packed["items"])
    if kind == "generator":
        generator = np.random.default_rng()
        put_generator_state(generator, packed["state"])
        return generator
    array = arrays[packed["name"]]
    return array[()] if kind == "scalar" else array
