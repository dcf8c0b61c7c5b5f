from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gym_gridq import Dynamics, random_layout, solve

sizes = st.integers(1, 12)


@given(sizes, sizes, st.floats(0, 0.99), st.integers(0, 2**64))
def test_always_solvable_of_the_size_and_density_asked_for(
    n_rows: int, n_columns: int, density: float, seed: int
) -> None:
    n_walls = round(density * (n_rows * n_columns))
    if n_rows * n_columns - n_walls < 2:
        with pytest.raises(ValueError, match="no room for a start and a goal"):
            random_layout(n_rows, n_columns, density, seed)
        return
    layout = random_layout(n_rows, n_columns, density, seed)
    assert (layout.n_rows, layout.n_columns) == (n_rows, n_columns)
    text = "".join(layout.rows)
    assert text.count("#") == n_walls
    assert text.count("S") == text.count("G") == 1
    assert solve(Dynamics(layout)).v[layout.start_states[0]] > 0
    assert random_layout(n_rows, n_columns, density, seed) == layout


def test_the_start_lies_in_the_largest_region() -> None:
    layout = random_layout(40, 40, 0.4, seed=0)
    reach = solve(Dynamics(layout)).v > 0
    closed_off = len(layout.free_states) - int(reach[layout.free_states].sum())
    assert 0 < closed_off < len(layout.free_states) / 2


def test_seeds_draw_different_maps() -> None:
    assert len({random_layout(8, 8, seed=seed) for seed in range(20)}) == 20
    assert random_layout(8, 8) != random_layout(8, 8)


def test_a_thousand_by_a_thousand() -> None:
    layout = random_layout(1000, 1000, 0.3, seed=np.int64(0))
    assert layout.n_states == 10**6
    assert int(layout.wall.sum()) == 300_000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 5), "n_rows is 0; give an integer from 1 up"),
        ((5, -1), "n_columns is -1"),
        ((5.0, 5), r"n_rows is 5\.0"),
        ((5, True), "n_columns is True"),
        ((1, 1), "a 1x1 map .* has no room"),
        ((5, 5, 1.0), r"wall_density is 1\.0; give a number from 0 to below 1"),
        ((5, 5, -0.1), "wall_density is -0.1"),
        ((5, 5, float("nan")), "wall_density is nan"),
        ((5, 5, "0.2"), "wall_density is '0.2'"),
        ((5, 5, 0.2, -1), "seed is -1; give an integer from 0 up, or None"),
        ((5, 5, 0.2, 1.5), r"seed is 1\.5"),
    ],
)
def test_bad_arguments(arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        random_layout(*arguments)
