"""solve_horizon: against all that can be done, one way after the other, and against what has no limit."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gym_gridq import Dynamics, returns, solve, solve_horizon
from tests.worlds import worlds


def best(world: Dynamics, state: int, steps: int, discount: float) -> float:
    """The most that can be earned, by trying everything."""
    if steps == 0 or world.absorbing[state]:
        return 0.0
    return max(
        sum(
            p * (reward + (0.0 if over else discount * best(world, next_state, steps - 1, discount)))
            for p, next_state, reward, over in outcomes
        )
        for outcomes in world.P[state].values()
    )


@given(worlds(), st.sampled_from([0.0, 0.9, 1.0]))
@settings(max_examples=20)
def test_nothing_earns_more(world: Dynamics, discount: float) -> None:
    solution = solve_horizon(world, 3, discount)
    assert (solution.v.shape, solution.q.shape) == ((4, world.n_states), (3, world.n_states, 4))
    state = int(world.start_states[0])
    for time in range(4):
        assert solution.v[time, state] == pytest.approx(best(world, state, 3 - time, discount), abs=1e-12)
    assert not solution.v[:, world.absorbing].any()
    assert not solution.q[:, world.absorbing].any()
    assert not solution.policy[:, world.absorbing].any()
    assert np.allclose(solution.policy.sum(axis=2)[:, ~world.absorbing], 1)
    assert np.array_equal(solution.q.max(axis=2), solution.v[:-1])


@given(worlds(), st.integers(1, 12), st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_no_policy_averages_more(world: Dynamics, horizon: int, seed: int) -> None:
    policy = np.random.default_rng(seed).dirichlet(np.ones(4), world.n_states)
    highest = solve_horizon(world, horizon).v[0][world.start_states].mean()
    assert returns(world, policy, horizon).mean <= highest + 1e-12


def test_the_book_s_grid() -> None:
    solution = solve_horizon(gymnasium.make("GridQ-v0"), None)
    assert solution.v.shape == (101, 12)
    assert solution.v[:, 8].tolist() == [1.0] * 96 + [0.0] * 5  # the goal is five steps away
    assert solution.policy[95, 8].tolist() == [0.5, 0, 0, 0.5]
    assert solution.policy[96, 8].tolist() == [0.25] * 4


def test_a_far_limit_is_none() -> None:
    world = Dynamics("aima", slip=0.2, step_reward=-0.04)
    far = solve_horizon(world, 400, discount=0.9)
    optimum = solve(world, 0.9)
    assert np.allclose(far.v[0], optimum.v, rtol=0, atol=1e-13)
    assert np.allclose(far.q[0], optimum.q, rtol=0, atol=1e-13)
    assert np.array_equal(far.policy[0], optimum.policy)


@pytest.mark.parametrize(
    ("env_id", "limit", "threshold", "highest"),
    [("FrozenLake-v1", 100, 0.70, 0.744190), ("FrozenLake8x8-v1", 200, 0.85, 0.913220)],
)
def test_frozen_lake_s_thresholds_can_be_reached(
    env_id: str, limit: int, threshold: float, highest: float
) -> None:
    """The best that can be averaged, for Gymnasium's own tables and for ours."""
    lake = gymnasium.make(env_id)
    assert lake.spec is not None
    assert (lake.spec.max_episode_steps, lake.spec.reward_threshold) == (limit, threshold)
    tables = lake.unwrapped.P  # type: ignore[attr-defined]
    v = np.zeros(len(tables))
    for _ in range(limit):
        v = np.array(
            [
                max(sum(p * (r + (not over) * v[s]) for p, s, r, over in o) for o in choices.values())
                for choices in tables.values()
            ]
        )
    name = "frozenlake-4x4" if limit == 100 else "frozenlake-8x8"
    ours = Dynamics(name, slip=2 / 3)
    assert np.allclose(solve_horizon(ours, limit).v[0], v, rtol=0, atol=1e-12)
    assert v[0] == pytest.approx(highest, abs=1e-6)
    assert v[0] > threshold


@pytest.mark.parametrize("horizon", [0, -3, 1.5, "all", True])
def test_bad_horizons(horizon: Any) -> None:
    with pytest.raises(ValueError, match="horizon is .*; give an integer from 1 up"):
        solve_horizon(Dynamics(), horizon)


def test_no_horizon_at_all() -> None:
    with pytest.raises(ValueError, match=r"has no limit of its own; .* use gym_gridq.solve"):
        solve_horizon(Dynamics(), None)


def test_answers_are_read_only() -> None:
    for array in solve_horizon(Dynamics(), 2):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
