"""Gymnasium spaces as JSON and back, so that a checkpoint needs no pickle to say what it was trained on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium import spaces

__all__ = ["describe_space", "space_from"]


def describe_space(space: spaces.Space[Any]) -> dict[str, Any]:
    """A description that JSON can hold; `space_from` gives an equal space back.

    Raises:
        ValueError: for a kind of space that agents do not handle.
    """
    if isinstance(space, spaces.Discrete):
        return {"kind": "Discrete", "n": int(space.n), "start": int(space.start)}
    if isinstance(space, spaces.Box):
        return {
            "kind": "Box",
            "low": space.low.tolist(),
            "high": space.high.tolist(),
            "dtype": space.dtype.str,
        }
    if isinstance(space, spaces.MultiDiscrete):
        return {
            "kind": "MultiDiscrete",
            "nvec": space.nvec.tolist(),
            "start": space.start.tolist(),
            "dtype": np.dtype(space.dtype).str,
        }
    if isinstance(space, spaces.MultiBinary):
        return {"kind": "MultiBinary", "shape": list(space.shape)}
    if isinstance(space, spaces.Tuple):
        return {"kind": "Tuple", "spaces": [describe_space(part) for part in space.spaces]}
    if isinstance(space, spaces.Dict):
        return {"kind": "Dict", "spaces": {key: describe_space(part) for key, part in space.spaces.items()}}
    raise ValueError(f"a space of kind {type(space).__name__} cannot be described in a file")


def space_from(description: Mapping[str, Any]) -> spaces.Space[Any]:
    """The space of a description.

    Raises:
        ValueError: for a description of no space.
    """
    try:
        return _space_from(description)
    except (KeyError, TypeError, AttributeError, AssertionError, OverflowError, ValueError) as error:
        raise ValueError(f"{str(description)[:80]!r} describes no space") from error


def _space_from(description: Mapping[str, Any]) -> spaces.Space[Any]:
    kind = description["kind"]
    if kind == "Discrete":
        return spaces.Discrete(description["n"], start=description["start"])
    if kind == "Box":
        dtype = _plain_dtype(description["dtype"])
        return spaces.Box(
            np.array(description["low"], dtype), np.array(description["high"], dtype), dtype=dtype
        )
    if kind == "MultiDiscrete":
        dtype = _plain_dtype(description["dtype"])
        start = np.array(description["start"], dtype)
        return spaces.MultiDiscrete(np.array(description["nvec"], dtype), dtype, start=start)
    if kind == "MultiBinary":
        return spaces.MultiBinary([int(length) for length in description["shape"]])
    if kind == "Tuple":
        return spaces.Tuple([_space_from(part) for part in description["spaces"]])
    if kind == "Dict":
        return spaces.Dict({str(key): _space_from(part) for key, part in description["spaces"].items()})
    raise ValueError(f"unknown kind {kind!r}")


def _plain_dtype(name: Any) -> Any:
    """The scalar type of a number or boolean dtype."""
    dtype = np.dtype(name)
    if dtype.kind not in "biuf":
        raise ValueError(f"dtype {name!r} holds no numbers")
    return dtype.type
