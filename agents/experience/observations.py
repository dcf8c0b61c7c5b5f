"""ObservationEncoder: what an environment observes -> what an agent takes in, checked on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from agents.errors import DivergenceError

__all__ = [
    "Encode",
    "Features",
    "ObservationEncoder",
    "array_of",
    "index_of",
    "mismatch",
    "numbers_of",
]

Features: TypeAlias = NDArray[Any]
"""Indices, int64 (B,), or rows, float32 (B, F)."""

Encode: TypeAlias = Callable[[Any], tuple[Features, bool]]


class ObservationEncoder:
    """Turns observations of a space, single or batched, into features.

    A `Discrete` observation stays one index per row, so that a network can look its first layer's row up
    instead of multiplying by a one-hot vector. Everything else becomes a float32 row, flattened by
    `gymnasium.spaces.flatten`.

    A batch has one more leading axis than the space says; a batch of `Tuple` or `Dict` observations is a
    tuple or dict of batches, as Gymnasium's vector environments give it.

    Attributes:
        space: the observation space.
        numbers: the observations of a `Discrete` space; none of another. Where one ``int`` of them is given,
            its place among them is its index, and nothing needs to be encoded.
        n_features: number of inputs a network needs: n of a `Discrete` space, else the flattened length.
        is_index: True where features are indices, int64 (B,); else they are rows, float32 (B, n_features).

    Args:
        space: the observation space of a scalar environment (`single_observation_space` of a vector one).

    Raises:
        ValueError: the space, or a part of it, cannot be flattened, or is an image.
    """

    def __init__(self, space: spaces.Space[Any]) -> None:
        self.space = space
        self.is_index = isinstance(space, spaces.Discrete)
        if isinstance(space, spaces.Discrete):
            self._encode = index_of(space)
        elif isinstance(space, spaces.Box):
            self._encode = _row_of(space)
        else:
            self._encode = _flattened(space)
        self.n_features = int(spaces.flatdim(space))
        self.numbers = numbers_of(space)

    @property
    def column(self) -> tuple[tuple[int, ...], Any]:
        """Shape and dtype of one encoded observation, as `State.rows` asks for them."""
        return ((), np.int64) if self.is_index else ((self.n_features,), np.float32)

    def encode(self, observation: Any) -> tuple[Features, bool]:
        """Check `observation` and encode it.

        Args:
            observation: one observation of the space, or a batch of them.

        Returns:
            The features, always with a leading batch axis (of length 1 for a single observation), and
            whether a batch was given.

        Raises:
            ValueError: wrong shape, dtype or value. Bounds of a `Box` are not checked: environments
                overstep theirs by rounding, and nothing here depends on them.
            DivergenceError: not a number, or infinite.
        """
        return self._encode(observation)


def numbers_of(space: spaces.Space[Any]) -> range:
    """What a `Discrete` space is made of; nothing for another one."""
    if not isinstance(space, spaces.Discrete):
        return range(0)
    return range(int(space.start), int(space.start + space.n))


def index_of(space: spaces.Discrete) -> Encode:
    """The encoder to indices from 0 up."""
    start, n = int(space.start), int(space.n)

    def encode(observation: Any) -> tuple[Features, bool]:
        is_one = type(observation) is int or isinstance(observation, np.integer)
        if is_one and start <= observation < start + n:  # the common case, kept short
            return np.array([int(observation) - start]), False  # (1,)
        values = np.asarray(observation)
        if values.dtype.kind not in "iu" or values.ndim > 1:
            raise mismatch(observation, f"an integer or an integer array (B,) for {space}")
        indices = np.atleast_1d(values).astype(np.int64) - start  # (B,)
        # Seen as unsigned, a negative index is a huge one: one reduction checks both ends.
        if indices.size and indices.view(np.uint64).max() >= n:
            raise mismatch(observation, f"values from {start} to {start + n - 1} for {space}")
        return indices, values.ndim == 1

    return encode


def _row_of(space: spaces.Box) -> Encode:
    _refuse_images(space)

    def encode(observation: Any) -> tuple[Features, bool]:
        values, batched = array_of(observation, space, "fiub")
        with np.errstate(over="ignore"):  # what overflows float32 is reported below, as not finite
            rows = values.reshape(len(values) if batched else 1, -1).astype(np.float32)
        if not np.isfinite(rows).all():
            raise mismatch(observation, f"finite numbers for {space}", DivergenceError)
        return rows, batched

    return encode


def _flattened(space: spaces.Space[Any]) -> Encode:
    """The encoder by Gymnasium's `flatten`, which takes one observation at a time and checks nothing."""
    members = _members(space)

    def encode(observation: Any) -> tuple[Features, bool]:
        batched = not members.contains(observation)
        try:
            ones = _unstacked(space, observation) if batched else [observation]
            if batched and not all(map(members.contains, ones)):
                raise ValueError
            rows = np.empty((len(ones), int(spaces.flatdim(space))), np.float32)
            with np.errstate(over="ignore"):
                for row, one in zip(rows, ones, strict=True):
                    row[:] = np.asarray(spaces.flatten(space, one))
        except (TypeError, ValueError, KeyError, IndexError) as error:
            raise mismatch(observation, f"an observation of {space}, or a batch") from error
        if not np.isfinite(rows).all():
            raise mismatch(observation, f"finite numbers for {space}", DivergenceError)
        return rows, batched

    return encode


class _AnyNumbers(spaces.Box):
    """A `Box` that asks for its shape alone: bounds, and what is not finite, are not its business."""

    def contains(self, x: Any) -> bool:
        values = np.asarray(x)
        return values.dtype.kind in "fiub" and values.shape == self.shape


def _members(space: spaces.Space[Any]) -> spaces.Space[Any]:
    """A space with the observations that an agent takes: those of ``space``, and any numbers in a `Box`."""
    if isinstance(space, spaces.Box):
        _refuse_images(space)
        return _AnyNumbers(-np.inf, np.inf, space.shape, np.float64)
    if isinstance(space, spaces.Tuple):
        return spaces.Tuple([_members(part) for part in space.spaces])
    if isinstance(space, spaces.Dict):
        return spaces.Dict({key: _members(part) for key, part in space.spaces.items()})
    if isinstance(space, spaces.Discrete | spaces.MultiDiscrete | spaces.MultiBinary):
        return space
    raise ValueError(
        f"an observation space of {space} cannot be flattened; "
        "expected Discrete, Box, MultiDiscrete, MultiBinary, Tuple or Dict"
    )


def _unstacked(space: spaces.Space[Any], batch: Any) -> list[Any]:
    """The observations of a batch, one by one."""
    if isinstance(space, spaces.Tuple):
        parts = [_unstacked(part, values) for part, values in zip(space.spaces, batch, strict=True)]
        return list(zip(*parts, strict=True))
    if isinstance(space, spaces.Dict):
        columns = {key: _unstacked(part, batch[key]) for key, part in space.spaces.items()}
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return list(batch)


def _refuse_images(space: spaces.Box) -> None:
    if space.dtype == np.uint8 and len(space.shape) >= 2:
        raise ValueError(
            f"{space} is an image, and these agents have no convolutional network; "
            "flatten it yourself (gymnasium.wrappers.FlattenObservation) if that is what you want"
        )


def array_of(observation: Any, space: spaces.Space[Any], kinds: str) -> tuple[NDArray[Any], bool]:
    """`observation` as an array of one of the dtype `kinds`, and whether it has a leading batch axis."""
    shape = space.shape
    assert shape is not None  # true of every space that is an array
    try:
        values = np.asarray(observation)
    except ValueError as error:  # a ragged list
        raise mismatch(observation, f"an array of shape {shape}") from error
    if values.dtype.kind not in kinds:
        raise mismatch(observation, f"numbers for {space}")
    if values.shape != shape and values.shape[1:] != shape:
        raise mismatch(observation, f"shape {shape}, or {('B', *shape)} for a batch")
    return values, values.ndim > len(shape)


def mismatch(observation: Any, expected: str, kind: type[ValueError] = ValueError) -> ValueError:
    """The error that an observation is not what was expected."""
    given = f"observation {observation!r:.200}"
    if isinstance(observation, np.ndarray):
        given += f" (shape {observation.shape}, dtype {observation.dtype})"
    return kind(f"{given} does not fit: expected {expected}")
