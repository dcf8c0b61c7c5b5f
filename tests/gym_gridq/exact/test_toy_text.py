"""Tables of other environments, solved: against our own worlds, and against what is known of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import gymnasium
import numpy as np
import pytest

import gym_gridq
from gym_gridq.exact.toy_text import solve_table, table_of

CLIFF = max(name for name in gymnasium.registry if name.startswith("CliffWalking-v"))


@pytest.mark.parametrize("layout", gym_gridq.LAYOUTS)
@pytest.mark.parametrize("discount", [0.9, 1.0])
def test_our_own_tables_have_our_own_optimum(layout: str, discount: float) -> None:
    slip = 0.0 if discount == 1 else 0.2
    env = gym_gridq.GridQEnv(layout, slip=slip, step_reward=-0.04)
    table = table_of(env)
    assert table is not None
    ours = gym_gridq.solve(env, discount)
    v, q, policy = solve_table(table, discount)
    acting = ~env.dynamics.absorbing
    np.testing.assert_allclose(v, ours.v, atol=1e-12)
    np.testing.assert_allclose(q[acting], ours.q[acting], atol=1e-12)
    np.testing.assert_array_equal(policy[acting], ours.policy[acting])


def test_frozen_lake_is_our_frozen_lake() -> None:
    theirs = gym_gridq.solve(gymnasium.make("FrozenLake-v1"), 0.9)
    ours = gym_gridq.solve(gym_gridq.GridQEnv("frozenlake-4x4", slip=2 / 3), 0.9)
    np.testing.assert_allclose(theirs.v, ours.v, atol=1e-12)
    np.testing.assert_allclose(theirs.q[:, [3, 1, 0, 2]], ours.q, atol=1e-12)  # their left, down, right, up


def test_cliff_walking_takes_thirteen_steps() -> None:
    solution = gym_gridq.solve(gymnasium.make(CLIFF), 1.0)
    assert solution.v[36] == -13
    assert solution.v.shape == (48,)


def test_taxi_solves_the_bellman_equation() -> None:
    solution = gym_gridq.solve(gymnasium.make(newest("Taxi")), 0.99)
    np.testing.assert_allclose(solution.v, solution.q.max(axis=1), atol=1e-10)
    assert solution.v.max() < 20.0 + 1e-12
    assert solution.q.shape == (500, 6)


def newest(name: str) -> str:
    """The newest version of an environment that this Gymnasium has."""
    versions = [spec.version for spec in gymnasium.registry.values() if spec.name == name]
    return f"{name}-v{max(version for version in versions if version is not None)}"


def env_of(table: Any) -> Any:
    return SimpleNamespace(unwrapped=SimpleNamespace(P=table))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({0: {0: [(1.0, 0)]}}, "not of the form"),
        ({0: {0: [(0.5, 0, 0.0, False)]}}, "do not sum to 1"),
        ({"a": {0: [(1.0, 0, 0.0, False)]}}, "not of the form"),
        ({state: {0: [(1.0, 0, 0.0, True)]} for state in range(3_001)}, "3001 states"),
    ],
)
def test_tables_that_are_none(table: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        gym_gridq.solve(env_of(table))


def test_what_has_no_bound_without_a_discount() -> None:
    for reward in (1.0, -1.0):
        with pytest.raises(ValueError, match="take a discount below 1"):
            gym_gridq.solve(env_of({0: {0: [(1.0, 0, 1e8 * reward, False)]}}), 1.0)
    with pytest.raises(TypeError, match="is no GridQ environment"):
        gym_gridq.solve(gymnasium.make("CartPole-v1"))
