"""returns and visitation: against every single episode, against each other, against 200,000 samples."""

from __future__ import annotations

import math
from typing import Any

import gymnasium
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gym_gridq
from gym_gridq import Dynamics, Layout, evaluate_policy, random_layout, returns, solve, visitation
from gym_gridq.exact import distribution
from tests.gym_gridq.exact.episodes import episodes, random_policy
from tests.worlds import layouts, worlds

UNIFORM = np.full((12, 4), 0.25)
BUMPING = np.zeros(12, dtype=int)


@given(worlds(), st.integers(1, 4), st.sampled_from([0.0, 0.5, 0.9, 1.0]), st.integers(0, 2**32 - 1))
@settings(max_examples=60)
def test_every_episode_is_counted(world: Dynamics, horizon: int, discount: float, seed: int) -> None:
    policy = random_policy(world, seed)
    result = returns(world, policy, horizon, discount)
    visits = visitation(world, policy, discount, horizon)

    seen = list(episodes(world, policy, horizon))
    chances = np.array([episode.probability for episode in seen])
    sums = np.array([episode.discounted(discount) for episode in seen])
    lengths = np.array([len(episode.rewards) for episode in seen])
    mean, mean_length = chances @ sums, chances @ lengths
    assert result.mean == pytest.approx(mean, abs=1e-12)
    assert result.std**2 == pytest.approx(chances @ (sums - mean) ** 2, abs=1e-12)
    assert result.mean_length == pytest.approx(mean_length, abs=1e-12)
    assert result.std_length**2 == pytest.approx(chances @ (lengths - mean_length) ** 2, abs=1e-12)
    assert result.ended == pytest.approx(sum(e.probability for e in seen if e.ended), abs=1e-12)

    assert result.values is not None
    assert (np.diff(result.values) > 1e-9).all(), "equal returns are one"
    place = np.abs(result.values - sums[:, np.newaxis]).argmin(axis=1)
    assert np.allclose(result.values[place], sums, rtol=0, atol=1e-12)
    assert np.allclose(np.bincount(place, chances), result.probabilities, rtol=0, atol=1e-12)

    counted = np.zeros(world.n_states)
    for episode in seen:
        np.add.at(
            counted, list(episode.states), episode.probability * discount ** np.arange(len(episode.states))
        )
    assert np.allclose(visits, counted, rtol=0, atol=1e-12)


small_worlds = st.builds(
    Dynamics, layouts(3, 3), slip=st.sampled_from([0.0, 0.2]), step_reward=st.sampled_from([0.0, -0.04])
)


@given(small_worlds, st.sampled_from([0.5, 0.9, 1.0]), st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_a_far_limit_is_none(world: Dynamics, discount: float, seed: int) -> None:
    """Linear systems and long recursions come to the same."""
    policy = 0.5 * random_policy(world, seed) + 0.125
    try:
        endless = returns(world, policy, None, discount)
    except ValueError:
        assert discount == 1
        return
    visits = visitation(world, policy, discount)
    earned = (policy @ world.move_probability * world.reward).sum(axis=1)
    assert endless.mean == pytest.approx(visits @ earned, rel=1e-11, abs=1e-12)
    far = returns(world, policy, 300, discount)
    if far.ended == pytest.approx(endless.ended, abs=1e-15):  # a long way may take longer still
        assert far.mean == pytest.approx(endless.mean, rel=1e-11, abs=1e-11)
        assert far.std**2 == pytest.approx(endless.std**2, rel=1e-11, abs=1e-11)
        assert np.allclose(visits, visitation(world, policy, discount, 300), rtol=1e-11, atol=1e-11)
        if endless.ended == pytest.approx(1, abs=1e-15):
            assert far.mean_length == pytest.approx(endless.mean_length, rel=1e-11)
            assert far.std_length**2 == pytest.approx(endless.std_length**2, rel=1e-11, abs=1e-11)


def test_the_uniform_policy_s_episodes() -> None:
    result = returns(Dynamics(), UNIFORM)
    assert result.mean == pytest.approx(-47 / 55, abs=1e-13)
    assert result.mean_length == pytest.approx(44.8, abs=1e-11)
    assert result.ended == pytest.approx(1, abs=1e-14)
    assert visitation(Dynamics(), UNIFORM, 1).sum() == pytest.approx(44.8, abs=1e-11)
    assert result.values is None, "the pit takes without end"


def test_the_best_policy_s_episodes() -> None:
    env = gymnasium.make("GridQ-v0")
    result = returns(env, solve(env).policy)
    assert result[:5] == (1, 0, 5, 0, 1)
    assert result.values is not None
    assert result.probabilities is not None
    assert (result.values.tolist(), result.probabilities.tolist()) == ([1], [1])
    assert returns(env, solve(env).policy, discount=0.9).mean == pytest.approx(0.6561, abs=1e-15)
    assert visitation(env, solve(env).policy, 1).sum() == pytest.approx(5, abs=1e-14)


def test_the_environment_s_own_limit_counts() -> None:
    hundred = gymnasium.make("GridQ-v0")
    for env, limit in (
        (hundred, 100),
        (gymnasium.make("GridQ-OneHot-v0"), 100),
        (gymnasium.make("GridQ-v0", max_episode_steps=7), 7),
        (gymnasium.wrappers.TimeLimit(hundred, 5), 5),
        (gymnasium.wrappers.TimeLimit(gym_gridq.OneHotObservation(gym_gridq.GridQEnv()), 3), 3),
    ):
        assert returns(env, BUMPING).mean_length == limit
        assert returns(env, BUMPING, horizon=2).mean_length == 2
    assert returns(gym_gridq.GridQEnv(), BUMPING, discount=0.9).mean_length == math.inf


@pytest.mark.lanes
def test_lanes_have_a_limit_too() -> None:
    for lanes, limit in (
        (gymnasium.make_vec("GridQ-v0", num_envs=2), 100),
        (gymnasium.make_vec("GridQ-OneHot-v0", num_envs=2, max_episode_steps=9), 9),
        (gym_gridq.GridQVectorEnv(max_episode_steps=4), 4),
        (gym_gridq.GridQVectorEnv(max_episode_steps=None), math.inf),
    ):
        assert returns(lanes, BUMPING, discount=0.9).mean_length == limit


def test_ending_on_the_last_step_is_ending() -> None:
    best = solve(Dynamics()).policy
    assert returns(Dynamics(), best, horizon=5).ended == 1
    assert returns(Dynamics(), best, horizon=4)[:5] == (0, 0, 4, 0, 0)


def test_walking_in_circles() -> None:
    result = returns(Dynamics(), BUMPING, discount=0.9)
    assert (result.mean, result.std, result.mean_length, result.std_length, result.ended) == (
        (0, 0, math.inf, math.inf, 0)
    )
    assert result.values is not None
    assert result.values.tolist() == [0]
    with pytest.raises(ValueError, match=r"state 4, cell \(1, 0\), has no value: the policy never ends"):
        returns(Dynamics(), np.where(np.arange(12) == 4, 2, BUMPING))
    with pytest.raises(ValueError, match="the policy never ends"):
        visitation(Dynamics(), BUMPING, 1)
    # One who comes to a crossing and may lose himself there for ever:
    world = Dynamics(["#.#", "GSG", "#.#"])
    halves = np.tile([0.5, 0, 0, 0.5], (9, 1))
    assert returns(world, halves, discount=0.5).ended == pytest.approx(0.5, abs=1e-15)


def test_equal_returns_are_one_however_they_were_summed() -> None:
    """26 steps at -0.04 cost what one step into the pit does, though not in floating-point numbers."""
    world = Dynamics(["SP.G"], step_reward=-0.04)
    policy = np.full((4, 4), 0.25)
    result = returns(world, policy, horizon=60)
    assert result.values is not None
    hundredths = result.values * 100
    assert np.abs(hundredths - hundredths.round()).max() < 1e-12
    assert len(np.unique(hundredths.round())) == len(hundredths)
    assert -1.04 in result.values.tolist()


def test_rewards_that_are_no_simple_fractions() -> None:
    layout = Layout.from_rows(["SP.G"], rewards={"P": -math.pi, "G": math.e})
    policy = np.full((4, 4), 0.25)
    result = returns(layout_world := Dynamics(layout, step_reward=1e-13), policy, horizon=6)
    assert result.values is not None
    assert result.probabilities is not None
    assert float(result.values @ result.probabilities) == pytest.approx(result.mean, abs=1e-12)
    seen = {
        (round(sum(r < -1 for r in e.rewards)), e.ended, len(e.rewards))
        for e in episodes(layout_world, policy, 6)
    }
    assert len(result.values) == len(seen)


def test_huge_rewards() -> None:
    world = Dynamics(Layout.from_rows(["SP.G"], rewards={"P": -1e100, "G": 1e99}), step_reward=0.5)
    result = returns(world, np.full((4, 4), 0.25), horizon=8)
    assert result.values is not None
    assert result.probabilities is not None
    assert float(result.values @ result.probabilities) == pytest.approx(result.mean, rel=1e-12)


def test_more_returns_than_are_listed() -> None:
    assert returns(Dynamics(slip=0.2), UNIFORM, 100, discount=0.9).values is None
    far = returns(Dynamics(["SP.G"], step_reward=0.01), np.full((4, 4), 0.25), 100_000)
    assert far.values is None, "and it does not take long to find out"


def test_the_number_of_returns_that_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = np.full((4, 4), 0.25)
    world = Dynamics(["SP.G"])
    listed = returns(world, policy, 30).values
    assert listed is not None
    monkeypatch.setattr(distribution, "MOST_RETURNS", len(listed))
    assert returns(world, policy, 30).values is not None
    monkeypatch.setattr(distribution, "MOST_RETURNS", len(listed) - 1)
    result = returns(world, policy, 30)
    assert result.values is None
    assert result.probabilities is None


def test_without_a_limit_returns_are_listed_where_nothing_is_earned_in_circles() -> None:
    lake = Dynamics("frozenlake-4x4", slip=2 / 3)
    result = returns(lake, np.full((16, 4), 0.25))
    assert result.values is not None
    assert result.probabilities is not None
    assert result.values.tolist() == [0, 1]
    assert result.probabilities[1] == pytest.approx(result.mean, abs=1e-14)
    assert result.probabilities.sum() == pytest.approx(1, abs=1e-14)
    # Down a slope, each cell of which pays once on the way:
    slope = Dynamics(["SPPG"], slip=0.0)
    right = np.array([3, 3, 3, 3])
    assert returns(slope, right).values.tolist() == [-1]  # type: ignore[union-attr]
    assert returns(slope, right, discount=0.5).values.tolist() == [-1.25]  # type: ignore[union-attr]
    assert returns(slope, np.full((4, 4), 0.25), discount=0).values.tolist() == [-1, 0]  # type: ignore[union-attr]
    assert returns(slope, np.full((4, 4), 0.25), discount=0.5).values is None


@given(worlds(), st.integers(0, 2**32 - 1))
@settings(max_examples=60)
def test_listed_returns_have_the_moments(world: Dynamics, seed: int) -> None:
    policy = random_policy(world, seed)
    for horizon, discount in ((40, 1.0), (None, 0.5), (None, 1.0)):
        try:
            result = returns(world, policy, horizon, discount)
        except ValueError:
            assert (horizon, discount) == (None, 1.0)
            continue
        if result.values is not None:
            assert result.probabilities is not None
            assert result.probabilities.sum() == pytest.approx(1, abs=1e-12)
            mean = result.values @ result.probabilities
            assert mean == pytest.approx(result.mean, abs=1e-11)
            assert (result.values - mean) ** 2 @ result.probabilities == pytest.approx(
                result.std**2, abs=1e-10
            )


@pytest.mark.lanes
@pytest.mark.parametrize(
    "kwargs",
    [
        {"slip": 0.1},
        {"layout": "aima", "slip": 0.2, "step_reward": -0.04, "random_start": True},
        {"layout": "frozenlake-4x4", "slip": 2 / 3},
    ],
)
def test_two_hundred_thousand_episodes_agree(kwargs: dict[str, Any]) -> None:
    n = 200_000
    lanes = gymnasium.make_vec("GridQ-v0", num_envs=n, **kwargs)
    n_states = lanes.unwrapped.dynamics.n_states  # type: ignore[attr-defined]
    rng = np.random.default_rng(5)
    policy = rng.dirichlet(np.ones(4), n_states)
    exact = returns(lanes, policy)

    cumulative = policy.cumsum(axis=1)[:, :3]
    sums, lengths = np.zeros(n), np.zeros(n, dtype=int)
    going, ended = np.ones(n, dtype=bool), np.zeros(n, dtype=bool)
    states, _ = lanes.reset(seed=7)
    while going.any():
        actions = (rng.random((n, 1)) > cumulative[states]).sum(axis=1)
        states, rewards, terminated, truncated, _ = lanes.step(actions)
        sums += rewards * going
        lengths += going
        ended |= going & terminated
        going &= ~(terminated | truncated)

    error = n**-0.5
    assert abs(sums.mean() - exact.mean) < 4 * exact.std * error
    assert abs(lengths.mean() - exact.mean_length) < 4 * exact.std_length * error
    assert abs(ended.mean() - exact.ended) < 4 * 0.5 * error
    assert sums.std() == pytest.approx(exact.std, rel=0.02)
    assert exact.values is not None
    assert exact.probabilities is not None
    place = np.abs(exact.values - sums[:1000, np.newaxis]).argmin(axis=1)
    assert np.allclose(exact.values[place], sums[:1000], rtol=0, atol=1e-9)
    for value, probability in zip(exact.values, exact.probabilities, strict=True):
        assert abs((np.abs(sums - value) < 1e-9).mean() - probability) < 5 * 0.5 * error


def test_several_starts_spread_returns() -> None:
    world = Dynamics(["S.GH.S"])
    result = returns(world, np.array([3, 3, 3, 0, 2, 2]))
    assert result[:5] == (0, 1, 2, 0, 1)
    assert visitation(world, np.array([3, 3, 3, 0, 2, 2]), 1).tolist() == [0.5, 0.5, 0, 0, 0.5, 0.5]


def test_visits_at_the_times_of_a_horizon() -> None:
    right = np.full(12, 3)
    assert visitation(Dynamics(), right, 1, horizon=3)[8:].tolist() == [1, 1, 1, 0]
    assert visitation(Dynamics(), right, 0.5, horizon=5)[8:].tolist() == [1, 0.5, 0.25, 0.125 + 0.0625]
    assert visitation(Dynamics(), right, 0.5)[8:] == pytest.approx([1, 0.5, 0.25, 0.25])


def test_large_maps() -> None:
    world = Dynamics(random_layout(40, 40, 0.2, seed=1), slip=0.1)
    policy = solve(world, 0.99).policy
    exact = returns(world, policy, discount=0.99)
    assert exact.mean == pytest.approx(evaluate_policy(world, policy, 0.99)[world.start_states[0]], abs=1e-12)
    assert returns(world, policy, 1_000).mean_length == pytest.approx(exact.mean_length, rel=1e-9)
    visits = visitation(world, policy, 1)
    assert visits.sum() == pytest.approx(exact.mean_length, rel=1e-12)


@pytest.mark.parametrize("horizon", [0, -1, 2.5, "ten", True])
def test_bad_horizons(horizon: Any) -> None:
    for ask in (returns, visitation):
        with pytest.raises(ValueError, match="horizon is .*; give an integer from 1 up, or None"):
            ask(Dynamics(), UNIFORM, horizon=horizon)


def test_bad_policies_and_discounts() -> None:
    for ask in (returns, visitation):
        with pytest.raises(ValueError, match="row in state 0"):
            ask(Dynamics(), np.full((12, 4), 0.3))
        with pytest.raises(ValueError, match="discount is 2"):
            ask(Dynamics(), UNIFORM, discount=2)
        with pytest.raises(TypeError, match="is no GridQ environment"):
            ask(gymnasium.make("FrozenLake-v1"), UNIFORM)


def test_answers_are_read_only() -> None:
    result = returns(gymnasium.make("GridQ-v0"), UNIFORM)
    for array in (result.values, result.probabilities, visitation(Dynamics(), UNIFORM)):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1  # type: ignore[index]
