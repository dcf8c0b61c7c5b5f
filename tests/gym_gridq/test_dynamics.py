from __future__ import annotations

import copy
import pickle
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given

from gym_gridq import Action, Dynamics
from tests.worlds import worlds

OFFSETS = {Action.UP: (-1, 0), Action.DOWN: (1, 0), Action.LEFT: (0, -1), Action.RIGHT: (0, 1)}
SIDES = {
    Action.UP: (Action.LEFT, Action.RIGHT),
    Action.DOWN: (Action.LEFT, Action.RIGHT),
    Action.LEFT: (Action.UP, Action.DOWN),
    Action.RIGHT: (Action.UP, Action.DOWN),
}


def naive_outcomes(world: Dynamics, state: int, action: Action) -> dict[tuple[int, float, bool], float]:
    """p(s', r, terminated | s, a), straight from the rules as they are written in words."""
    layout = world.layout
    row, column = divmod(state, layout.n_columns)
    if layout.rows[row][column] in "GH#":
        return {(state, 0.0, True): 1.0}
    chances: dict[tuple[int, float, bool], float] = defaultdict(float)
    turns = [(action, 1 - world.slip)] + [(side, world.slip / 2) for side in SIDES[action]]
    for move, probability in turns:
        if probability == 0:
            continue
        r, c = row + OFFSETS[move][0], column + OFFSETS[move][1]
        if not (0 <= r < layout.n_rows and 0 <= c < layout.n_columns) or layout.rows[r][c] == "#":
            r, c = row, column
        letter = layout.rows[r][c]
        reward = layout.rewards[letter] + world.step_reward
        chances[layout.n_columns * r + c, reward, letter in "GH"] += probability
    return chances


@given(worlds())
def test_the_tables_say_what_the_rules_say(world: Dynamics) -> None:
    for state in range(world.n_states):
        for action in Action:
            chances: dict[tuple[int, float, bool], float] = defaultdict(float)
            for probability, *outcome in world.P[state][action]:
                chances[tuple(outcome)] += probability  # type: ignore[index]
            expected = naive_outcomes(world, state, action)
            assert chances.keys() == expected.keys()
            assert all(abs(chances[k] - expected[k]) < 1e-15 for k in expected)


@given(worlds())
def test_the_arrays_and_the_dictionary_agree(world: Dynamics) -> None:
    assert np.allclose(world.move_probability.sum(axis=1), 1, atol=1e-15)
    assert world.turn_cumulative[-1] == 1
    v = np.random.default_rng(0).random(world.n_states)
    backup = (world.reward + 0.9 * ~world.terminated * v[world.next_state]) @ world.move_probability.T
    for state, choices in world.P.items():
        for action, outcomes in choices.items():
            value = sum(p * (r + 0.9 * (not terminated) * v[s]) for p, s, r, terminated in outcomes)
            assert value == pytest.approx(backup[state, action], abs=1e-14)


def test_outcomes_that_share_a_cell_stay_separate() -> None:
    assert Dynamics(slip=0.5).outcomes(8, Action.LEFT) == [
        (0.5, 8, 0.0, False),
        (0.25, 8, 0.0, False),
        (0.25, 4, 0.0, False),
    ]


def test_without_a_slip_there_is_one_way_for_a_move_to_turn_out() -> None:
    for slip, ways in ((0.0, 1), (1e-9, 3), (1.0, 3)):
        world = Dynamics(slip=slip)
        assert world.turned_move.shape == (4, ways)
        assert world.turn_probability.shape == world.turn_cumulative.shape == (ways,)


def test_the_book_s_rewards() -> None:
    world = Dynamics()
    assert world.P[2][3] == [(1.0, 3, 1.0, True)]
    assert world.P[6][3] == [(1.0, 7, -1.0, False)]
    assert world.P[7][3] == [(1.0, 7, -1.0, False)], "bumping into the edge in the pit costs again"
    assert world.P[7][0] == [(1.0, 3, 1.0, True)]
    assert world.P[3][1] == [(1.0, 3, 0.0, True)], "the goal absorbs"
    assert Dynamics(slip=0.5).outcomes(3, 1) == [(1.0, 3, 0.0, True)], "also where moves slip"


def test_starts() -> None:
    assert Dynamics().start_states.tolist() == [8]
    assert Dynamics(random_start=True).start_states.tolist() == [0, 1, 2, 4, 6, 7, 8, 9, 10, 11]
    assert Dynamics(["S.G", "..S"]).start_states.tolist() == [0, 5]


def test_dynamics_cannot_be_changed_and_travel_well() -> None:
    world = Dynamics(slip=0.2)
    for name in ("next_state", "reward", "terminated", "move_probability", "turn_cumulative", "start_states"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(world, name)[0] = 0
    twin = pickle.loads(pickle.dumps(world))
    assert np.array_equal(twin.next_state, world.next_state)
    assert not twin.reward.flags.writeable
    assert copy.deepcopy(world) is world


@pytest.mark.parametrize("slip", [-0.1, 1.1, float("nan"), "0.2", None, True])
def test_bad_slip(slip: object) -> None:
    with pytest.raises(ValueError, match="slip is .*; it is a probability"):
        Dynamics(slip=slip)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "step_reward", [float("inf"), float("nan"), -1.1e100, 10**400, True, "2.5", "x", None]
)
def test_bad_step_reward(step_reward: object) -> None:
    with pytest.raises(ValueError, match="step_reward is .*; give a finite number"):
        Dynamics(step_reward=step_reward)  # type: ignore[arg-type]


def test_what_it_calls_itself() -> None:
    assert repr(Dynamics("aima", 0.2, -0.04, True)) == (
        "Dynamics('aima', slip=0.2, step_reward=-0.04, random_start=True)"
    )
    assert repr(Dynamics(["SG"])) == "Dynamics(('SG',), slip=0.0, step_reward=0.0, random_start=False)"


def test_bad_start_rule() -> None:
    with pytest.raises(ValueError, match="random_start is 1; give True or False"):
        Dynamics(random_start=1)  # type: ignore[arg-type]
