"""Plain data as JSON and arrays: numbers, strings, None, arrays, lists, tuples, dicts, random generators."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["pack", "put_generator_state", "unpack"]

INLINE_BYTES = 1024
_PLAIN_DTYPE = re.compile(r"[<>|][biufcSU]\d+")


def pack(value: Any, arrays: dict[str, npt.NDArray[Any]]) -> Any:
    """Plain data as JSON; arrays go into ``arrays`` and are referred to.

    Raises:
        TypeError: for anything that is not plain data.
    """
    if isinstance(value, np.ndarray | np.generic):
        return _packed_array(value, arrays)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, complex):
        return {"!": "complex", "parts": [value.real, value.imag]}
    if isinstance(value, bytes):
        return {"!": "bytes", "hex": value.hex()}
    if isinstance(value, list | tuple):
        items = [pack(item, arrays) for item in value]
        return items if isinstance(value, list) else {"!": "tuple", "items": items}
    if isinstance(value, dict) and all(isinstance(key, str) for key in value) and "!" not in value:
        return {key: pack(item, arrays) for key, item in value.items()}
    if isinstance(value, np.random.Generator) and type(value.bit_generator) is np.random.PCG64:
        return {"!": "generator", "state": value.bit_generator.state}
    raise TypeError(f"{type(value).__name__} cannot be kept in a checkpoint")


def _packed_array(value: npt.NDArray[Any] | np.generic, arrays: dict[str, npt.NDArray[Any]]) -> Any:
    """A small array as its bytes in JSON, since every array in a file costs a member of its own."""
    array = np.asarray(value)
    dtype, kind = array.dtype.str, array.dtype.kind
    if kind not in "biufcSU" or not array.dtype.itemsize:
        raise TypeError(f"an array of {array.dtype} cannot be kept in a checkpoint")
    entry: dict[str, Any] = {"!": "array" if isinstance(value, np.ndarray) else "scalar"}
    if array.nbytes <= INLINE_BYTES:
        return entry | {"dtype": dtype, "shape": list(array.shape), "hex": array.tobytes().hex()}
    entry["name"] = name = str(len(arrays))
    if kind in "biuf" and dtype[0] in "<|" and array.dtype.itemsize <= 8:
        arrays[name] = array.copy()
        return entry
    # longdouble, complex, texts and the byte order of other machines: as bytes, of which an archive knows
    arrays[name] = np.frombuffer(array.tobytes(), np.uint8)
    return entry | {"dtype": dtype, "shape": list(array.shape)}


def _array_of(content: bytes, dtype: Any, shape: Any) -> npt.NDArray[Any]:
    """An array from its bytes."""
    if not isinstance(dtype, str) or not _PLAIN_DTYPE.fullmatch(dtype):
        raise TypeError(f"an array of {dtype!r:.40}")
    array: npt.NDArray[Any] = np.frombuffer(content, np.dtype(dtype)).reshape(shape).copy()
    return array


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
            raise ValueError(f"{state!r:.80} is not the state of a random generator") from error


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
    if kind == "complex":
        return complex(*packed["parts"])
    if kind == "bytes":
        return bytes.fromhex(packed["hex"])
    if "hex" in packed:
        array = _array_of(bytes.fromhex(packed["hex"]), packed["dtype"], packed["shape"])
    elif "dtype" in packed:
        array = _array_of(arrays[packed["name"]].tobytes(), packed["dtype"], packed["shape"])
    else:
        array = arrays[packed["name"]]
    return array[()] if kind == "scalar" else array
