"""Values of policies: known ones, sampled ones, and on maps too large for a dense matrix."""

from __future__ import annotations

import gymnasium
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gym_gridq
from gym_gridq import Dynamics, evaluate_policy, random_layout, solve
from gym_gridq.exact import equations
from tests.worlds import worlds

UNIFORM = np.full((12, 4), 0.25)


def printed(grid: str) -> npt.NDArray[np.float64]:
    return np.array([float(word) if word != "#" else 0.0 for word in grid.replace("/", " ").split()])


def test_the_uniform_policy() -> None:
    v = evaluate_policy(gymnasium.make("GridQ-OneHot-v0"), UNIFORM)
    expected = printed(
        ".025666 .094554 .205465 0 / -.031814 # -.497952 -.372677 / -.103433 -.221023 -.436845 -.785714"
    )
    assert np.abs(v - expected).max() < 5e-7
    assert evaluate_policy(Dynamics(), UNIFORM, discount=1)[8] == pytest.approx(-47 / 55, abs=1e-13)


def test_the_uniform_policy_s_episodes_take_44_8_steps() -> None:
    lengths = Dynamics(gym_gridq.Layout.from_rows(["...G", ".#.P", "S..."], {"G": 0, "P": 0}), step_reward=1)
    assert evaluate_policy(lengths, UNIFORM, discount=1)[8] == pytest.approx(44.8, abs=1e-12)


def test_actions_are_a_policy_too() -> None:
    actions = solve(Dynamics()).policy.argmax(axis=1)
    assert np.allclose(evaluate_policy(Dynamics(), actions), solve(Dynamics()).v, atol=1e-14)
    assert evaluate_policy(Dynamics(), np.zeros(12, dtype=int), discount=0.9)[8] == 0


def test_monte_carlo_agrees() -> None:
    env = gymnasium.make("GridQ-v0", slip=0.2)
    returns = []
    rng = np.random.default_rng(0)
    env.reset(seed=0)
    for _ in range(4000):
        env.reset()
        total, weight, over = 0.0, 1.0, False
        while not over:
            _, reward, terminated, truncated, _ = env.step(int(rng.integers(4)))
            total += weight * float(reward)
            weight *= 0.9
            over = terminated or truncated
        returns.append(total)
    exact = evaluate_policy(env, UNIFORM)[8]
    assert abs(np.mean(returns) - exact) < 5 * np.std(returns) / len(returns) ** 0.5


def test_undiscounted_policies_that_never_end() -> None:
    with pytest.raises(ValueError, match=r"state 0, cell \(0, 0\), has no value: the policy never ends"):
        evaluate_policy(Dynamics(), np.zeros(12, dtype=int), discount=1)


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (np.full((12, 3), 1 / 3), r"shape \(12, 3\)"),
        (np.full((12, 4), 0.3), "row in state 0 is .* sum to 1"),
        (np.tile([1.5, -0.5, 0, 0], (12, 1)), "none negative"),
        (np.full((12, 4), np.nan), "row in state 0"),
        (np.full(12, 4), "action in state 0 is 4; actions go from 0 to 3"),
        (np.zeros(12), "type float64"),
        ("up", "shape"),
    ],
)
def test_bad_policies(policy: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        evaluate_policy(Dynamics(), policy)  # type: ignore[arg-type]


def test_random_walks_on_ten_thousand_cells() -> None:
    world = Dynamics(random_layout(100, 100, 0.2, seed=3))
    v = evaluate_policy(world, np.full((10_000, 4), 0.25), 0.999)
    q = world.reward + 0.999 * ~world.terminated * v[world.next_state]
    assert np.abs(np.where(world.absorbing, 0.0, q.mean(axis=1)) - v).max() < 1e-13


def system(world: Dynamics, weights: npt.NDArray[np.float64], discount: float) -> npt.NDArray[np.float64]:
    """I - discount * P, written down entry by entry."""
    matrix = np.eye(world.n_states)
    for state in range(world.n_states):
        for move in range(4):
            if not world.terminated[state, move]:
                matrix[state, world.next_state[state, move]] -= discount * weights[state, move]
    return matrix


@pytest.mark.parametrize("dense_states", [500, 0], ids=["dense", "sparse"])
@pytest.mark.parametrize("transposed", [False, True])
@given(worlds(), st.sampled_from([0.5, 0.99]), st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_equations_of_one_policy_after_another(
    dense_states: int, transposed: bool, world: Dynamics, discount: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    solver = equations.Equations(world, discount)
    certain = np.eye(4)[rng.integers(0, 4, world.n_states)]
    for weights in (certain, *rng.dirichlet(np.full(4, 0.5), (3, world.n_states))):
        weights = weights * ~world.absorbing[:, np.newaxis]  # (S, 4)
        right = rng.normal(size=world.n_states)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(equations, "DENSE_STATES", dense_states)
            x = solver.solve(weights, right, transposed)
        matrix = system(world, weights, discount)
        expected = np.linalg.solve(matrix.T if transposed else matrix, right)
        assert np.allclose(x, expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("shape", [(5, 200), (200, 5), (1, 700), (700, 1), (30, 33), (20, 66)])
def test_maps_of_any_shape(shape: tuple[int, int]) -> None:
    n_rows, n_columns = shape
    rows = ["." * n_columns] * n_rows
    rows[0] = "S" + rows[0][1:]
    rows[-1] = rows[-1][:-1] + "G"
    world = Dynamics(rows, slip=0.3)
    weights = np.full((world.n_states, 4), 0.25) * ~world.absorbing[:, np.newaxis]
    v = evaluate_policy(world, np.full((world.n_states, 4), 0.25), 0.999)
    expected = np.linalg.solve(system(world, weights, 0.999), (weights * world.reward).sum(axis=1))
    assert np.allclose(v, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("dense_states", [500, 0], ids=["dense", "sparse"])
def test_episodes_that_end_too_seldom(dense_states: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(equations, "DENSE_STATES", dense_states)
    policy = np.tile([0.0, 0.0, 1.0, 1e-300], (2, 1))  # 1 - 1e-300 is 1
    with pytest.raises(ArithmeticError, match="a policy ends its episodes so seldom"):
        evaluate_policy(Dynamics(["SG"]), policy, discount=1)
