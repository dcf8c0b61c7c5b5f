"""StateEncoder: observations of a finite space -> states numbered from 0 up, for agents with a table."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from gymnasium import spaces

from agents.experience.observations import (
    Encode,
    Features,
    ObservationEncoder,
    array_of,
    index_of,
    mismatch,
    numbers_of,
)

__all__ = ["StateEncoder"]


class StateEncoder(ObservationEncoder):
    """Numbers the observations of a finite space from 0 up, so that a table has a row for each.

    The parts of a `Tuple` or `MultiDiscrete` are the digits of a number, the first one the most significant.

    Args:
        space: a `Discrete` space, or a `Tuple` or `MultiDiscrete` of such.

    Raises:
        ValueError: for any other space.
    """

    def __init__(self, space: spaces.Space[Any]) -> None:
        digits = _digits(space)
        if not digits:
            raise ValueError(
                f"the observation space is {space}; a table needs a Discrete one, or a Tuple or "
                "MultiDiscrete of such; agents with a network take others"
            )
        self.space, self.is_index = space, True
        self.n_features = math.prod(int(digit.n) for digit in digits)
        self.numbers = numbers_of(space)
        self._encode = index_of(space) if isinstance(space, spaces.Discrete) else _number_of(space, digits)


def _number_of(space: spaces.Space[Any], digits: list[spaces.Discrete]) -> Encode:
    encoders = [(index_of(digit), int(digit.n)) for digit in digits]

    def encode(observation: Any) -> tuple[Features, bool]:
        number, shapes = np.zeros(1, np.int64), set()
        for (encode_digit, n), value in zip(encoders, _digit_values(space, observation), strict=True):
            digit, batched = encode_digit(value)
            shapes.add((len(digit), batched))
            if len(shapes) > 1:
                raise mismatch(observation, "one observation, or batches of one length, in every part")
            number = number * n + digit
        return number, batched

    return encode


def _digits(space: spaces.Space[Any]) -> list[spaces.Discrete] | None:
    """The `Discrete` spaces that a space is made of, in order; None if it is made of others too."""
    if isinstance(space, spaces.Discrete):
        return [space]
    if isinstance(space, spaces.MultiDiscrete):
        # Gymnasium 0.29.1 already knows `start` here.
        bounds = zip(space.nvec.ravel(), space.start.ravel(), strict=True)
        return [spaces.Discrete(int(n), start=int(start)) for n, start in bounds]
    if not isinstance(space, spaces.Tuple):
        return None
    parts = [_digits(part) for part in space.spaces]
    return None if None in parts else [digit for part in parts for digit in part or ()]


def _digit_values(space: spaces.Space[Any], observation: Any) -> list[Any]:
    """The value, or the batch of values, of each of a space's digits."""
    if isinstance(space, spaces.Tuple):
        if not isinstance(observation, tuple) or len(observation) != len(space.spaces):
            raise mismatch(observation, f"a tuple of {len(space.spaces)} parts for {space}")
        parts = zip(space.spaces, observation, strict=True)
        return [value for part, values in parts for value in _digit_values(part, values)]
    if isinstance(space, spaces.MultiDiscrete):
        digits, batched = array_of(observation, space, "iu")
        return list(digits.reshape(len(digits), -1).T if batched else digits.ravel())
    return [observation]
