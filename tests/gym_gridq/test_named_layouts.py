"""The named layouts against their sources."""

from __future__ import annotations

from collections import Counter
from typing import Any

import gymnasium
import pytest

from gym_gridq import LAYOUTS, Action, Dynamics, grade, solve

THEIR_ACTIONS = (Action.LEFT, Action.DOWN, Action.RIGHT, Action.UP)


def distribution(outcomes: Any) -> Counter[tuple[int, float, bool]]:
    total: Counter[tuple[int, float, bool]] = Counter()
    for probability, state, reward, terminated in outcomes:
        total[int(state), float(reward), bool(terminated)] += probability
    return total


@pytest.mark.parametrize("size", ["4x4", "8x8"])
@pytest.mark.parametrize("slippery", [True, False])
def test_frozen_lake_is_gymnasium_s(size: str, slippery: bool) -> None:
    theirs: Any = gymnasium.make("FrozenLake-v1", map_name=size, is_slippery=slippery).unwrapped
    ours = Dynamics(f"frozenlake-{size}", slip=2 / 3 if slippery else 0.0)
    assert len(theirs.P) == ours.n_states
    for state, choices in theirs.P.items():
        for action, outcomes in choices.items():
            expected = distribution(outcomes)
            found = distribution(ours.P[state][THEIR_ACTIONS[action]])
            assert found.keys() == expected.keys()
            assert all(abs(found[outcome] - expected[outcome]) < 1e-15 for outcome in expected)
    letters = {"S": b"S", ".": b"F", "H": b"H", "G": b"G"}
    assert [letters[cell] for cell in ours.layout.cells] == theirs.desc.ravel().tolist()


def test_frozen_lake_s_published_chance() -> None:
    """The best policy reaches the goal of the 4x4 lake in 82.35 % of all episodes (14/17)."""
    v = solve(Dynamics("frozenlake-4x4", slip=2 / 3), discount=1).v
    assert v[0] == pytest.approx(14 / 17, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "n_free", "shortest"),
    [
        ("book", 10, 5),
        ("aima", 9, 5),
        ("frozenlake-4x4", 11, 6),
        ("frozenlake-8x8", 53, 14),
        ("dyna-maze", 46, 14),  # "the optimal path takes 14 steps"
        ("four-rooms", 103, 14),  # 104 cells, the goal among them
    ],
)
def test_sizes_and_shortest_ways(name: str, n_free: int, shortest: int) -> None:
    layout = LAYOUTS[name]
    assert layout.name == name
    assert len(layout.free_states) == n_free
    assert len(layout.start_states) == 1
    world = Dynamics(layout)
    assert grade(world, discount=0.99, probabilities=solve(world, 0.99).policy).greedy_length == shortest


def test_every_named_layout_is_listed_here() -> None:
    assert set(LAYOUTS) == {
        "book", "aima", "frozenlake-4x4", "frozenlake-8x8", "dyna-maze", "four-rooms",
    }  # fmt: skip
