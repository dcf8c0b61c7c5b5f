"""The three solvers against each other, and solutions of worlds too large for a dense matrix."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gym_gridq import Dynamics, Layout, bellman, evaluate_policy, random_layout, solve
from tests.worlds import worlds


def dense(
    next_state: npt.NDArray[np.int64], coefficient: npt.NDArray[np.float64], constant: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    matrix = np.eye(len(constant))
    np.subtract.at(matrix, (np.arange(len(constant))[:, np.newaxis], next_state), coefficient)
    return np.linalg.solve(matrix, constant)


@pytest.mark.parametrize("solver", ["follow", "eliminate", "iterate"])
@given(worlds(), st.sampled_from([0.5, 0.99]), st.integers(0, 2**32 - 1))
@settings(max_examples=60)
def test_each_solver_equals_a_dense_solution(
    solver: str, world: Dynamics, discount: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.full(4, 0.5), world.n_states)  # (S, 4)
    if solver == "follow":
        weights = np.eye(4)[rng.integers(0, 4, world.n_states)]
    weights[world.absorbing] = 0.0
    coefficient = discount * weights * ~world.terminated
    constant = (weights * world.reward).sum(axis=1)
    expected = dense(world.next_state, coefficient, constant)
    arguments = (world.next_state, coefficient, constant)
    if solver == "follow":
        v = bellman._follow(*arguments)
    elif solver == "eliminate":
        v = bellman._eliminate(*arguments, world.layout.n_columns)
    else:
        v = bellman._iterate(*arguments, world.layout.n_columns, np.zeros(world.n_states), rough=False)
    assert np.allclose(v, expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("shape", [(5, 200), (200, 5), (1, 700), (700, 1), (30, 33), (20, 66)])
def test_elimination_takes_any_shape(shape: tuple[int, int]) -> None:
    n_rows, n_columns = shape
    rows = ["." * n_columns] * n_rows
    rows[0] = "S" + rows[0][1:]
    rows[-1] = rows[-1][:-1] + "G"
    world = Dynamics(rows, slip=0.3)
    weights = np.full((world.n_states, 4), 0.25) * ~world.absorbing[:, np.newaxis]
    coefficient = 0.999 * weights * ~world.terminated
    constant = (weights * world.reward).sum(axis=1)
    v = bellman.solve_equations(world.next_state, coefficient, constant, n_columns)
    assert np.allclose(v, dense(world.next_state, coefficient, constant), rtol=0, atol=1e-12)


def breadth_first(layout: Layout) -> int:
    """Length of the shortest way from start to goal, from the text of the map alone."""
    goal = "".join(layout.rows).index("G")
    frontier, seen, length = {int(layout.start_states[0])}, set(), 0
    while goal not in frontier:
        seen |= frontier
        length += 1
        nearby = set()
        for state in frontier:
            row, column = layout.position(state)
            for r, c in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
                if 0 <= r < layout.n_rows and 0 <= c < layout.n_columns and layout.rows[r][c] != "#":
                    nearby.add(layout.state(r, c))
        frontier = nearby - seen
    return length


def greedy_length(world: Dynamics, policy: npt.NDArray[np.float64]) -> int:
    state, length = int(world.start_states[0]), 0
    while not world.absorbing[state]:
        state = int(world.next_state[state, policy[state].argmax()])
        length += 1
        assert length <= world.n_states, "the greedy policy walks in circles"
    return length


@pytest.mark.parametrize(("size", "slip"), [(100, 0.0), (60, 0.2), (300, 0.0)])
def test_large_worlds(size: int, slip: float) -> None:
    layout = random_layout(size, size, 0.3, seed=size)
    world = Dynamics(layout, slip=slip)
    v, q, policy = solve(world, 0.999)
    assert np.isfinite(q).all()
    assert np.abs(np.where(world.absorbing, 0.0, q.max(axis=1)) - v).max() < 1e-12
    if slip == 0:
        assert greedy_length(world, policy) == breadth_first(layout)
        assert v[world.start_states[0]] == pytest.approx(0.999 ** (breadth_first(layout) - 1), abs=1e-12)
    assert (v[~world.absorbing] == 0).any(), "some cells are closed off"


def test_the_iteration_finds_the_same_optimum(monkeypatch: pytest.MonkeyPatch) -> None:
    world = Dynamics(random_layout(40, 40, 0.25, seed=1), slip=0.2, step_reward=-0.01)
    exact = solve(world, 0.99)
    monkeypatch.setattr(bellman, "_MOST_ENTRIES", 0)
    monkeypatch.setattr("gym_gridq.dynamic_programming.EXACT_STATES", 0)
    v, q, policy = solve(world, 0.99)
    assert np.allclose(v, exact.v, rtol=0, atol=1e-9)
    assert np.abs(np.where(world.absorbing, 0.0, q.max(axis=1)) - v).max() < 1e-9
    assert np.array_equal(policy, exact.policy)


def test_a_rough_solution_comes_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    world = Dynamics(random_layout(30, 30, 0.2, seed=1), slip=0.2)
    weights = world.move_probability[np.zeros(900, dtype=int)] * ~world.absorbing[:, np.newaxis]
    coefficient, constant = 0.9 * weights * ~world.terminated, (weights * world.reward).sum(axis=1)
    monkeypatch.setattr(bellman, "_MOST_DIRECTIONS", 4)
    rough, fine = (
        bellman._iterate(world.next_state, coefficient, constant, 30, np.full(900, 0.5), rough)
        for rough in (True, False)
    )
    expected = dense(world.next_state, coefficient, constant)
    assert np.abs(fine - expected).max() < 1e-11 < np.abs(rough - expected).max() < 0.1


def test_giving_up_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    world = Dynamics(random_layout(30, 30, 0.2, seed=1), slip=0.2)
    monkeypatch.setattr(bellman, "_MOST_ENTRIES", 0)
    monkeypatch.setattr(bellman, "_MOST_DIRECTIONS", 2)
    monkeypatch.setattr(bellman, "_MOST_ROUNDS", 2)
    with pytest.raises(ArithmeticError, match="the values of 900 states did not settle; the residual is"):
        evaluate_policy(world, np.full((900, 4), 0.25), 0.999)


def test_random_walks_on_ten_thousand_cells() -> None:
    world = Dynamics(random_layout(100, 100, 0.2, seed=3))
    v = evaluate_policy(world, np.full((10_000, 4), 0.25), 0.999)
    q = world.reward + 0.999 * ~world.terminated * v[world.next_state]
    assert np.abs(np.where(world.absorbing, 0.0, q.mean(axis=1)) - v).max() < 1e-13
