"""ObservationEncoder: what an environment observes -> what a network takes in, checked on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from agents.errors import DivergenceError

Features: TypeAlias = NDArray[Any]
"""Indices, int64 (B,), or rows, float32 (B, F)."""

_SUPPORTED = "Discrete, Box, MultiDiscrete, MultiBinary, Tuple or Dict"


class ObservationEncoder:
    """Turns observations of a space, single or batched, into features.

    A `Discrete` observation stays one index per row, so that a network can look its first layer's row up
    instead of multiplying by a one-hot vector. Everything else becomes a float32 row, flattened exactly as
    `gymnasium.spaces.flatten` does.

    A batch has one more leading axis than the space says; a batch of `Tuple` or `Dict` observations is a
    tuple or dict of batches, as Gymnasium's vector environments give it.

    Attributes:
        space: the observation space.
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
        self._encode = _discrete_encoder(space) if isinstance(space, spaces.Discrete) else _row_encoder(space)
        self.n_features = int(spaces.flatdim(space))

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


_Encoder: TypeAlias = Callable[[Any], tuple[Features, bool]]


def _discrete_encoder(space: spaces.Discrete) -> _Encoder:
    start, n = int(space.start), int(space.n)

    def encode(observation: Any) -> tuple[Features, bool]:
        is_one = type(observation) is int or isinstance(observation, np.integer)
        if is_one and start <= observation < start + n:  # the common case, kept short
            return np.array([int(observation) - start]), False  # (1,)
        values = np.asarray(observation)
        if values.dtype.kind not in "iu" or values.ndim > 1:
            raise _mismatch(observation, f"an integer or an integer array (B,) for {space}")
        indices = np.atleast_1d(values).astype(np.int64) - start  # (B,)
        # Seen as unsigned, a negative index is a huge one: one reduction checks both ends.
        if indices.size and indices.view(np.uint64).max() >= n:
            raise _mismatch(observation, f"values from {start} to {start + n - 1} for {space}")
        return indices, values.ndim == 1

    return encode


def _row_encoder(space: spaces.Space[Any]) -> _Encoder:
    """The encoder to float32 rows (B, F) for any supported space."""
    if isinstance(space, spaces.Box):
        return _box_encoder(space)
    if isinstance(space, spaces.Discrete):
        return _one_hot_encoder(space, np.array([space.n]), np.array([space.start]))
    if isinstance(space, spaces.MultiDiscrete):
        # Gymnasium 0.29.1 already knows `start` here.
        return _one_hot_encoder(space, space.nvec.ravel(), space.start.ravel())
    if isinstance(space, spaces.MultiBinary):
        return _binary_encoder(space)
    if isinstance(space, spaces.Tuple):
        return _joint_encoder(space, dict(enumerate(space.spaces)))
    if isinstance(space, spaces.Dict):
        return _joint_encoder(space, dict(space.spaces))
    raise ValueError(f"an observation space of {space} cannot be flattened; expected {_SUPPORTED}")


def _box_encoder(space: spaces.Box) -> _Encoder:
    if space.dtype == np.uint8 and len(space.shape) >= 2:
        raise ValueError(
            f"{space} is an image, and these agents have no convolutional network; "
            "flatten it yourself (gymnasium.wrappers.FlattenObservation) if that is what you want"
        )

    def encode(observation: Any) -> tuple[Features, bool]:
        values, batched = _array(observation, space, "fiub")
        with np.errstate(over="ignore"):  # what overflows float32 is reported below, as not finite
            rows = values.reshape(len(values) if batched else 1, -1).astype(np.float32)
        if not np.isfinite(rows).all():
            raise _mismatch(observation, f"finite numbers for {space}", DivergenceError)
        return rows, batched

    return encode


def _binary_encoder(space: spaces.MultiBinary) -> _Encoder:
    def encode(observation: Any) -> tuple[Features, bool]:
        values, batched = _array(observation, space, "iub")
        if not np.isin(values, (0, 1)).all():
            raise _mismatch(observation, f"zeros and ones for {space}")
        return values.reshape(len(values) if batched else 1, -1).astype(np.float32), batched

    return encode


def _one_hot_encoder(space: spaces.Space[Any], sizes: NDArray[Any], starts: NDArray[Any]) -> _Encoder:
    ends = np.cumsum(sizes)
    offsets = ends - sizes - starts

    def encode(observation: Any) -> tuple[Features, bool]:
        values, batched = _array(observation, space, "iu")
        choices = values.reshape(len(values) if batched else 1, -1).astype(np.int64)  # (B, parts)
        if ((choices < starts) | (choices >= starts + sizes)).any():
            raise _mismatch(observation, f"values within {space}")
        rows = np.zeros((len(choices), ends[-1]), np.float32)
        np.put_along_axis(rows, choices + offsets, 1.0, axis=1)
        return rows, batched

    return encode


def _joint_encoder(space: spaces.Space[Any], parts: dict[Any, spaces.Space[Any]]) -> _Encoder:
    encoders = {key: _row_encoder(part) for key, part in parts.items()}
    kind = tuple if isinstance(space, spaces.Tuple) else dict

    def encode(observation: Any) -> tuple[Features, bool]:
        if not isinstance(observation, kind) or len(observation) != len(encoders):
            raise _mismatch(observation, f"a {kind.__name__} of {len(encoders)} parts for {space}")
        if isinstance(observation, dict) and observation.keys() != encoders.keys():
            raise _mismatch(observation, f"the keys {list(encoders)}")
        encoded = [encoder(observation[key]) for key, encoder in encoders.items()]
        if len({(len(rows), batched) for rows, batched in encoded}) > 1:
            raise _mismatch(observation, "one observation, or batches of one length, in every part")
        return np.concatenate([rows for rows, _ in encoded], axis=1), encoded[0][1]

    return encode


def _array(observation: Any, space: spaces.Space[Any], kinds: str) -> tuple[NDArray[Any], bool]:
    """`observation` as an array of one of the dtype `kinds`, and whether it has a leading batch axis."""
    shape = space.shape
    assert shape is not None  # true of every space that is an array
    try:
        values = np.asarray(observation)
    except ValueError as error:  # a ragged list
        raise _mismatch(observation, f"an array of shape {shape}") from error
    if values.dtype.kind not in kinds:
        raise _mismatch(observation, f"numbers for {space}")
    if values.shape != shape and values.shape[1:] != shape:
        raise _mismatch(observation, f"shape {shape}, or {('B', *shape)} for a batch")
    return values, values.ndim > len(shape)


def _mismatch(observation: Any, expected: str, kind: type[ValueError] = ValueError) -> ValueError:
    given = f"observation {observation!r:.200}"
    if isinstance(observation, np.ndarray):
        given += f" (shape {observation.shape}, dtype {observation.dtype})"
    return kind(f"{given} does not fit: expected {expected}")
