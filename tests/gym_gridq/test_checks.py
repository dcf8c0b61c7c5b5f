"""Numbers as users give them, and the tie rule."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from gym_gridq.checks import as_float, as_integer
from gym_gridq.greedy import greedy_actions


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        *((3, 3), (np.int8(3), 3), (np.array(3), 3), (np.uint64(2**63), 2**63)),
        *((True, None), (np.True_, None), (3.0, None), ("3", None), (None, None), (np.array([3]), None)),
    ],
)
def test_integers(value: Any, meant: int | None) -> None:
    found = as_integer(value)
    assert found == meant
    assert type(found) is type(meant)


@pytest.mark.parametrize("value", [0.5, Fraction(1, 2), np.float32(0.5), np.array(0.5)])
def test_numbers(value: Any) -> None:
    assert as_float(value) == 0.5
    assert type(as_float(value)) is float


@pytest.mark.parametrize("value", [True, np.False_, "0.5", b"0.5", None, [0.5], 10**400])
def test_what_is_no_number(value: Any) -> None:
    assert math.isnan(as_float(value))


@pytest.mark.parametrize(
    ("q", "greedy"),
    [
        ([1.0, 2.0, 2.0, -3.0], [False, True, True, False]),
        # within 1e-9 of the best, relative to the largest number, or to 1 where all are smaller
        ([1.0, 1 - 0.9e-9, 1 - 1.1e-9, 0.0], [True, True, False, False]),
        ([0.1, 0.1 - 0.9e-9, 0.1 - 1.1e-9, 0.0], [True, True, False, False]),
        ([1e6, 1e6 - 0.9e-3, 1e6 - 1.1e-3, 0.0], [True, True, False, False]),
        ([0.0, -0.9e-3, -1.1e-3, -1e6], [True, True, False, False]),
    ],
)
def test_ties(q: list[float], greedy: list[bool]) -> None:
    assert greedy_actions(np.array([q, [1e9, 0.0, 0.0, 1.0]])).tolist() == [
        greedy,
        [True, False, False, False],
    ]
