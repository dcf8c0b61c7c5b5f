from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gym_gridq import LAYOUTS, Dynamics, GridQEnv, OneHotObservation, evaluate_policy, grade, solve
from tests.worlds import worlds


def optimal_action(state: int) -> int:
    return int(solve(Dynamics()).policy[state].argmax())


class Predictor:
    """What Stable-Baselines3 hands out: 0-d arrays, and a state beside them."""

    def __init__(self, observation_space: gymnasium.Space[Any] | None = None) -> None:
        if observation_space is not None:
            self.observation_space = observation_space

    def predict(self, observation: Any, deterministic: bool = False) -> tuple[Any, None]:
        assert deterministic
        one_hot = isinstance(observation, np.ndarray)
        assert not one_hot or (observation.dtype == np.float32 and observation.sum() == 1)
        return np.array(optimal_action(int(observation.argmax()) if one_hot else observation)), None


def test_the_optimal_policy_has_no_regret() -> None:
    result = grade(GridQEnv(), solve(Dynamics()).q)
    assert result.value == result.optimal_value == pytest.approx(0.6561, abs=1e-14)
    assert (result.regret, result.max_q_error) == (0, 0)
    assert (result.optimal_states, result.n_states, result.greedy_length) == (10, 10, 5)


@pytest.mark.parametrize(
    "policy",
    [
        optimal_action,
        [optimal_action(s) if s not in (3, 5) else 9 for s in range(12)],
        np.array([optimal_action(s) if s not in (3, 5) else 0 for s in range(12)]),
        Predictor(),
        Predictor(gymnasium.spaces.Discrete(12)),
        Predictor(gymnasium.spaces.Box(0, 1, (12,), np.float32)),
        lambda state: np.int64(optimal_action(state)),
    ],
)
@pytest.mark.parametrize("env_id", ["GridQ-v0", "GridQ-OneHot-v0"])
def test_policies_of_every_kind(policy: Any, env_id: str) -> None:
    if env_id == "GridQ-OneHot-v0" and callable(policy):
        plain = policy

        def policy(vector: Any) -> Any:
            return plain(int(vector.argmax()))

    result = grade(gymnasium.make(env_id), policy)
    assert (result.regret, result.optimal_states, result.greedy_length) == (0, 10, 5)
    assert result.max_q_error is None


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_is_graded(name: str) -> None:
    env = GridQEnv(name, slip=0.1)
    result = grade(env, solve(env).q)
    assert (result.regret, result.max_q_error, result.optimal_states) == (0, 0, result.n_states)
    assert result.value > 0


@pytest.mark.lanes
@pytest.mark.parametrize("env_id", ["GridQ-v0", "GridQ-OneHot-v0"])
def test_many_lanes_are_graded_as_the_one_world_they_are(env_id: str) -> None:
    lanes, alone = gymnasium.make_vec(env_id, num_envs=2), gymnasium.make(env_id)
    for policy in (Predictor(), solve(lanes).q):
        assert grade(lanes, policy) == grade(alone, policy)
        assert grade(lanes, policy).regret == 0


def test_a_detour_is_worth_exactly_what_it_loses() -> None:
    actions = np.array([optimal_action(s) for s in range(12)])
    actions[8] = 1  # bump at the start for ever
    result = grade(GridQEnv(), actions)
    assert (result.value, result.regret, result.optimal_states, result.greedy_length) == (
        0,
        0.6561000000000001,
        9,
        None,
    )
    assert grade(GridQEnv(random_start=True), actions).value == pytest.approx(
        (np.sum(solve(Dynamics()).v) - 0.6561) / 10
    )


def test_the_error_of_q_values() -> None:
    q = solve(Dynamics()).q.copy()
    q[7, 2] -= 0.25
    q[3] = q[5] = 99  # nobody acts there
    assert grade(GridQEnv(), q).max_q_error == pytest.approx(0.25)


@given(worlds(), st.integers(0, 2**32 - 1))
def test_the_value_is_that_of_policy_evaluation(world: Dynamics, seed: int) -> None:
    actions = np.random.default_rng(seed).integers(0, 4, world.n_states)
    result = grade(world, actions)
    assert result.value == pytest.approx(
        evaluate_policy(world, actions)[world.start_states].mean(), abs=1e-12
    )
    assert result.regret >= -1e-12
    assert 0 <= result.optimal_states <= result.n_states


def test_cells_never_come_to_may_be_without_end() -> None:
    actions = np.array([optimal_action(s) for s in range(12)])
    actions[11] = 1
    assert grade(GridQEnv(), actions, discount=1).value == 1
    actions[4] = 2
    with pytest.raises(ValueError, match=r"state 4, cell \(1, 0\), has no value: the policy never ends"):
        grade(GridQEnv(), actions, discount=1)


def test_several_starts_are_averaged() -> None:
    world = Dynamics(["S.G.S", "....."])
    assert grade(world, solve(world).q).value == pytest.approx(0.9)


def failing(state: int) -> int:
    raise KeyError("boom")


@pytest.mark.parametrize(
    ("policy", "error", "message"),
    [
        (lambda state: 4, ValueError, "the policy's action in state 0 is 4; expected an integer from 0 to 3"),
        (lambda state: 1.0, ValueError, "in state 0 is 1.0"),
        (lambda state: np.array([1]), ValueError, r"is array\(\[1\]\)"),
        (lambda state: True, ValueError, "is True"),
        (failing, RuntimeError, r"the policy raised KeyError\('boom'\) in state 0"),
        (np.full(11, 1), ValueError, "the policy has 11 actions; give one for each of the 12 states"),
        (np.full(12, -1), ValueError, "in state 0 is .*-1"),
        (np.full((12, 4), np.nan), ValueError, "the Q-values of state 0 are .*; they must be finite"),
        (np.zeros((4, 12)), ValueError, r"shape \(4, 12\)"),
        (np.zeros((12, 4), dtype=bool), ValueError, "type bool"),
        ("up", TypeError, "the policy is 'up'; give an object with predict"),
    ],
)
def test_bad_policies(policy: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        grade(GridQEnv(), policy)


def test_environments_of_others() -> None:
    with pytest.raises(TypeError, match="is no GridQ environment"):
        grade(gymnasium.make("FrozenLake-v1"), lambda state: 0)


def test_wrappers_are_seen_through() -> None:
    env = gymnasium.wrappers.RecordEpisodeStatistics(OneHotObservation(gymnasium.make("GridQ-v0", slip=0.1)))
    q = solve(env).q
    assert grade(env, lambda vector: int(q[vector.argmax()].argmax())).regret == pytest.approx(0, abs=1e-15)
