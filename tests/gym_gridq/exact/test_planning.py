"""Solutions against the textbooks, against exact fractions, and on maps of every size."""

from __future__ import annotations

from fractions import Fraction

import gymnasium
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import gym_gridq
from gym_gridq import Dynamics, Layout, evaluate_policy, random_layout, solve
from gym_gridq.exact import equations
from tests.worlds import layouts, worlds


def printed(grid: str) -> npt.NDArray[np.float64]:
    return np.array([float(word) if word != "#" else 0.0 for word in grid.replace("/", " ").split()])


def test_the_book_s_optimum() -> None:
    v, q, policy = solve(gymnasium.make("GridQ-v0"))
    assert np.allclose(v, printed(".81 .9 1 0 / .729 # .9 1 / .6561 .729 .81 .729"), rtol=0, atol=1e-14)
    assert q[6, 3] == pytest.approx(-0.1, abs=1e-14)
    assert q[11, 0] == pytest.approx(-0.1, abs=1e-14)
    assert policy[8].tolist() == [0.5, 0, 0, 0.5], "up and right are tied at the start"
    assert policy[7].tolist() == [1, 0, 0, 0]
    assert policy[3].tolist() == policy[5].tolist() == [0, 0, 0, 0]
    assert q[3].tolist() == q[5].tolist() == [0, 0, 0, 0]


def test_aima_s_published_utilities() -> None:
    v = solve(Dynamics("aima", slip=0.2, step_reward=-0.04), discount=1).v
    expected = printed(".811558 .867808 .917808 0 / .761558 # .660274 0 / .705308 .655308 .611416 .387925")
    assert np.abs(v - expected).max() < 5e-7


def test_the_book_undiscounted() -> None:
    v, _, policy = solve(Dynamics(), discount=1)
    assert v.tolist() == [1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1]
    assert evaluate_policy(Dynamics(), policy, discount=1) == pytest.approx(v)


def test_discount_zero_sees_one_step() -> None:
    v, q, _ = solve(Dynamics(), discount=0)
    assert v[[2, 7, 6]].tolist() == [1, 1, 0]
    assert q[6, 3] == -1


@given(worlds(), st.sampled_from([0.0, 0.5, 0.9, 0.99]))
def test_bellman_optimality(world: Dynamics, discount: float) -> None:
    """v* and q* solve the optimality equation, by the dictionary and not by the tables they came from."""
    v, q, policy = solve(world, discount)
    for state, choices in world.P.items():
        if world.absorbing[state]:
            assert v[state] == 0
            assert not q[state].any()
            assert not policy[state].any()
            continue
        backups = [
            sum(p * (r + discount * (not terminated) * v[s]) for p, s, r, terminated in outcomes)
            for outcomes in choices.values()
        ]
        assert np.allclose(q[state], backups, rtol=0, atol=1e-12)
        assert v[state] == pytest.approx(max(backups), abs=1e-12)
        best = [value >= max(backups) - 1e-9 * max(1, np.abs(backups).max()) for value in backups]
        assert np.array_equal(policy[state] > 0, best)
        assert policy[state].sum() == pytest.approx(1)
    assert np.allclose(evaluate_policy(world, policy, discount), v, rtol=0, atol=1e-8)


@given(worlds(), st.integers(0, 2**32 - 1))
def test_no_policy_beats_the_optimum(world: Dynamics, seed: int) -> None:
    policy = np.random.default_rng(seed).dirichlet(np.ones(4), world.n_states)
    assert (evaluate_policy(world, policy, 0.9) <= solve(world, 0.9).v + 1e-11).all()


@given(worlds())
def test_undiscounted_optima_are_limits(world: Dynamics) -> None:
    """Where the plain sum has a value, it is where the discounted values go."""
    try:
        v = solve(world, discount=1).v
    except ValueError:
        assume(False)
    # what a discount of 1 - 1e-9 takes away grows with the length of an episode, which slips make long
    assert np.abs(solve(world, discount=1 - 1e-9).v - v).max() < 1e-5 * (1 + np.abs(v).max()) ** 2


def test_idling_for_ever_is_worth_nothing() -> None:
    v, q, policy = solve(Dynamics(["SHG"]), discount=1)
    assert v.tolist() == [0, 0, 0]
    assert q[0].tolist() == [0, 0, 0, -1]
    assert policy[0].tolist() == [1 / 3, 1 / 3, 1 / 3, 0]


def test_closed_off_cells_are_worth_nothing() -> None:
    for discount in (0.9, 1):
        v = solve(Dynamics(["S#.G", ".##."]), discount).v
        assert v[[0, 4]].tolist() == [0, 0]
        assert np.isfinite(v).all()


@pytest.mark.parametrize(
    ("world", "message"),
    [
        (Dynamics(step_reward=0.1), "a policy earns without end"),
        (Dynamics(["S#.G", ".##."], step_reward=-0.1), r"state 0, cell \(0, 0\), .*no policy ever ends"),
    ],
)
def test_undiscounted_returns_without_a_value(world: Dynamics, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        solve(world, discount=1)


@pytest.mark.parametrize("discount", [-0.1, 1.1, float("nan"), "0.9", None])
def test_bad_discount(discount: object) -> None:
    with pytest.raises(ValueError, match="discount is .*; give a number from 0 to 1"):
        solve(Dynamics(), discount)  # type: ignore[arg-type]


def test_environments_of_others() -> None:
    with pytest.raises(TypeError, match="is no GridQ environment"):
        solve(gymnasium.make("CartPole-v1"))
    with pytest.raises(TypeError, match="3 is no GridQ environment"):
        solve(3)


def test_solutions_are_read_only() -> None:
    for array in solve(Dynamics()):
        assert not array.flags.writeable


@pytest.mark.parametrize("slip", [0.0, 0.5])
def test_the_largest_rewards_have_finite_values(slip: float) -> None:
    worst = gym_gridq.solve(gym_gridq.Dynamics(slip=slip, step_reward=-1e100), discount=0.9)
    assert np.isfinite(worst.q).all()
    assert worst.v.min() < -1e100


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


@st.composite
def rich_worlds(draw: st.DrawFn, max_cells: int = 36) -> Dynamics:
    """Worlds whose letters earn anything, and where every move costs enough for no loop to pay."""
    layout = draw(layouts(max_rows=4, max_columns=max_cells // 4))
    rewards = {letter: draw(st.sampled_from([0.0, 1.0, -1.0, 0.3, -50.0, 7.0])) for letter in "GH"}
    costs = {letter: draw(st.sampled_from([-0.04, -1.0, -0.1])) for letter in "S.P"}
    slip = draw(st.sampled_from([0.0, 0.1, 0.2, 2 / 3]))
    return Dynamics(Layout.from_rows(layout.rows, {**rewards, **costs}), slip=slip)


def exact_values(world: Dynamics, actions: npt.NDArray[np.int64], discount: Fraction) -> dict[int, Fraction]:
    """The values of a policy in fractions, by elimination; nothing of NumPy's or SciPy's."""
    states = np.flatnonzero(~world.absorbing).tolist()
    rows: dict[int, dict[int, Fraction]] = {}
    constants: dict[int, Fraction] = {}
    for state in states:
        row, constant = {state: Fraction(1)}, Fraction(0)
        for p, following, reward, terminated in world.P[state][int(actions[state])]:
            constant += Fraction(p) * Fraction(reward)
            if not terminated:
                row[following] = row.get(following, Fraction(0)) - discount * Fraction(p)
        rows[state], constants[state] = row, constant
    for n, state in enumerate(states):
        for other in states[n + 1 :]:
            if factor := rows[other].pop(state, Fraction(0)) / rows[state][state]:
                constants[other] -= factor * constants[state]
                for column, entry in rows[state].items():
                    if column != state:
                        rows[other][column] = rows[other].get(column, Fraction(0)) - factor * entry
    v: dict[int, Fraction] = {}
    for state in reversed(states):
        known = sum(entry * v[column] for column, entry in rows[state].items() if column != state)
        v[state] = (constants[state] - known) / rows[state][state]
    return v


@pytest.mark.parametrize("dense_states", [500, 0], ids=["dense", "sparse"])
@pytest.mark.parametrize("discount", [0.5, 0.9, 0.99, 0.999, 1.0])
@given(rich_worlds(max_cells=16))
@settings(max_examples=25)
def test_exact_to_the_last_digits(dense_states: int, discount: float, world: Dynamics) -> None:
    """The policy found is worth what is said, and no action is worth more, in exact fractions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(equations, "DENSE_STATES", dense_states)
        try:
            solution = solve(world, discount)
        except ValueError:
            assume(False)  # discount 1, and no way out of some cell
    exact = exact_values(world, solution.q.argmax(axis=1), Fraction(discount))
    for state, value in exact.items():
        slack = Fraction(1, 10**12) * max(1, abs(value))
        assert abs(Fraction(solution.v[state]) - value) <= slack
        for action, outcomes in world.P[state].items():
            worth = sum(
                Fraction(p) * (Fraction(reward) + (0 if over else Fraction(discount) * exact[following]))
                for p, following, reward, over in outcomes
            )
            assert worth <= value + slack
            assert abs(Fraction(solution.q[state, action]) - worth) <= 2 * slack


@given(rich_worlds(), st.sampled_from([0.0, 0.5, 0.9, 0.99, 0.999]))
def test_small_and_large_maps_are_solved_alike(world: Dynamics, discount: float) -> None:
    dense = solve(world, discount)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(equations, "DENSE_STATES", 0)
        sparse = solve(world, discount)
    scale = np.maximum(1, np.abs(dense.v))
    assert (np.abs(sparse.v - dense.v) <= 2e-12 * scale).all()
    assert np.array_equal(sparse.policy, dense.policy)


@pytest.mark.parametrize("discount", [0.5, 0.9, 0.99, 0.999, 1.0])
@pytest.mark.parametrize(
    ("wall_density", "step_reward"), [(0.2, 0.0), (0.0, 0.0), (0.0, -0.04)], ids=["maze", "hall", "toll"]
)
def test_the_residual_of_ten_thousand_cells(wall_density: float, step_reward: float, discount: float) -> None:
    layout = random_layout(100, 100, wall_density, seed=0)
    world = Dynamics(layout, slip=0.2, step_reward=step_reward)
    v, q, _ = solve(world, discount)
    move_values = world.reward + discount * ~world.terminated * v[world.next_state]
    assert np.array_equal(q, move_values @ world.move_probability.T)
    residual = np.abs(np.where(world.absorbing, 0.0, q.max(axis=1)) - v)
    assert (residual <= 1e-12 * np.maximum(1, np.abs(v))).all()


def test_undiscounted_ways_are_found_in_a_few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not one more cell of the way a round, though everybody could idle."""
    rounds = []
    solve_once = equations.Equations.solve

    def counted(*arguments: object) -> npt.NDArray[np.float64]:
        rounds.append(arguments)
        return solve_once(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(equations.Equations, "solve", counted)
    corridor = Dynamics(["S" + "." * 300 + "G"], slip=0.2)
    assert np.allclose(solve(corridor, 1).v[:-1], 1, rtol=0, atol=1e-12)
    assert len(rounds) <= 3
