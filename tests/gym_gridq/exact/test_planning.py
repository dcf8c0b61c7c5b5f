from __future__ import annotations

import gymnasium
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import gym_gridq
from gym_gridq import Dynamics, evaluate_policy, solve
from tests.worlds import worlds

UNIFORM = np.full((12, 4), 0.25)


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


def test_actions_are_a_policy_too() -> None:
    actions = solve(Dynamics()).policy.argmax(axis=1)
    assert np.allclose(evaluate_policy(Dynamics(), actions), solve(Dynamics()).v, atol=1e-14)
    assert evaluate_policy(Dynamics(), np.zeros(12, dtype=int), discount=0.9)[8] == 0


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


def test_undiscounted_policies_that_never_end() -> None:
    with pytest.raises(ValueError, match=r"state 0, cell \(0, 0\), has no value: the policy never ends"):
        evaluate_policy(Dynamics(), np.zeros(12, dtype=int), discount=1)


@pytest.mark.parametrize("discount", [-0.1, 1.1, float("nan"), "0.9", None])
def test_bad_discount(discount: object) -> None:
    with pytest.raises(ValueError, match="discount is .*; give a number from 0 to 1"):
        solve(Dynamics(), discount)  # type: ignore[arg-type]


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


def test_environments_of_others() -> None:
    with pytest.raises(TypeError, match="is no GridQ environment"):
        solve(gymnasium.make("FrozenLake-v1"))
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
