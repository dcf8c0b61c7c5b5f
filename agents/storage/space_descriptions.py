"""Gymnasium spaces as JSON and arrays and back: a checkpoint needs no pickle to say what it was made for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from agents.storage.plain_data import pack, unpack

__all__ = ["describe_space", "space_from"]


Arrays = dict[str, npt.NDArray[Any]]

MAX_DEPTH = 32
"""Spaces within one another; whoever asks them anything calls itself for each level."""


def describe_space(space: spaces.Space[Any], arrays: Arrays) -> dict[str, Any]:
    """A description that JSON can hold; `space_from` gives an equal space back.

    Args:
        space: the space.
        arrays: where bounds go, however many there are; the description refers to them.

    Raises:
        ValueError: for a kind of space that agents do not handle.
    """
    if isinstance(space, spaces.Discrete):
        return {"kind": "Discrete", "n": int(space.n), "start": int(space.start)}
    if isinstance(space, spaces.Box):
        low, high = pack(space.low, arrays), pack(space.high, arrays)
        return {"kind": "Box", "low": low, "high": high, "dtype": space.dtype.str}
    if isinstance(space, spaces.MultiDiscrete):
        return {
            "kind": "MultiDiscrete",
            "nvec": pack(space.nvec, arrays),
            "start": pack(space.start, arrays),
            "dtype": np.dtype(space.dtype).str,
        }
    if isinstance(space, spaces.MultiBinary):
        return {"kind": "MultiBinary", "shape": list(space.shape)}
    if isinstance(space, spaces.Tuple):
        return {"kind": "Tuple", "spaces": [describe_space(part, arrays) for part in space.spaces]}
    if isinstance(space, spaces.Dict):
        parts = {key: describe_space(part, arrays) for key, part in space.spaces.items()}
        return {"kind": "Dict", "spaces": parts}
    raise ValueError(f"a space of kind {type(space).__name__} cannot be described in a file")


def space_from(description: Mapping[str, Any], arrays: Arrays) -> spaces.Space[Any]:
    """The space of a description.

    Args:
        description: what `describe_space` gave; or with bounds as lists, as it once did.
        arrays: the arrays that it refers to.

    Raises:
        ValueError: for a description of no space.
    """
    try:
        return _space_from(description, arrays, MAX_DEPTH)
    except (KeyError, TypeError, AttributeError, AssertionError, OverflowError, ValueError) as error:
        raise ValueError(f"{str(description)[:80]!r} describes no space") from error


def _space_from(description: Mapping[str, Any], arrays: Arrays, levels: int) -> spaces.Space[Any]:
    kind = description["kind"]
    if levels == 0:
        raise ValueError(f"more than {MAX_DEPTH} spaces within one another")
    if kind == "Discrete":
        return spaces.Discrete(description["n"], start=description["start"])
    if kind == "MultiBinary":
        return spaces.MultiBinary([int(length) for length in description["shape"]])
    if kind == "Tuple":
        return spaces.Tuple([_space_from(part, arrays, levels - 1) for part in description["spaces"]])
    if kind == "Dict":
        parts = description["spaces"].items()
        return spaces.Dict({str(key): _space_from(part, arrays, levels - 1) for key, part in parts})
    if kind not in ("Box", "MultiDiscrete"):
        raise ValueError(f"unknown kind {kind!r}")
    dtype = _plain_dtype(description["dtype"])

    def bounds(name: str) -> npt.NDArray[Any]:
        return np.array(unpack(description[name], arrays), dtype)

    if kind == "Box":
        return spaces.Box(bounds("low"), bounds("high"), dtype=dtype)
    return spaces.MultiDiscrete(bounds("nvec"), dtype, start=bounds("start"))


def _plain_dtype(name: Any) -> Any:
    """The scalar type of a number or boolean dtype."""
    dtype = np.dtype(name)
    if dtype.kind not in "biuf":
        raise ValueError(f"dtype {name!r} holds no numbers")
    return dtype.type
