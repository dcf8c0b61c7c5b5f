"""A policy is the same thing everywhere, whichever library it comes from."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import Any

import gymnasium
import numpy as np
import pytest

from gym_gridq import Dynamics, GridQEnv, evaluate_policy, grade, returns, solve, visitation

RNG = np.random.default_rng(3)
POLICY = RNG.dirichlet(np.ones(4), 12)  # (S, A)
ACTIONS = POLICY.argmax(axis=1)
DECIDED = np.eye(4)[ACTIONS]


def state_of(observation: Any) -> int:
    return int(observation.argmax()) if isinstance(observation, np.ndarray) else observation


class Chances:
    """An object that gives its probabilities, as agents do: a batch of one for a single observation."""

    def action_probabilities(self, observation: Any) -> Any:
        return POLICY[[state_of(observation)]]


class ChancesOfOne:
    def action_probabilities(self, observation: Any) -> Any:
        return POLICY[state_of(observation)].tolist()


class Decider:
    def predict(self, observation: Any, deterministic: bool = False) -> tuple[Any, None]:
        assert deterministic
        return np.array(ACTIONS[state_of(observation)]), None


class Agent(Chances, Decider):
    """Both: how it acts while it explores, and what it has decided on."""


class Tensor:
    """What of a PyTorch tensor is asked for."""

    def __init__(self, array: Any) -> None:
        self.array = np.asarray(array, np.float32)

    def detach(self) -> Tensor:
        return self

    def cpu(self) -> Tensor:
        return self

    def numpy(self) -> Any:
        return self.array


class Actor:
    """The part of Stable-Baselines3's ActorCriticPolicy that knows a distribution."""

    def set_training_mode(self, mode: bool) -> None:
        assert not mode

    def obs_to_tensor(self, observation: Any) -> tuple[int, bool]:
        return state_of(observation), False

    def get_distribution(self, state: int) -> Any:
        class Distribution:
            class distribution:  # noqa: N801
                probs = Tensor(POLICY[[state]])

        return Distribution


class ActorCritic(Decider):
    """A model of Stable-Baselines3: its predict decides, its policy knows the distribution."""

    policy = Actor()


STOCHASTIC = [POLICY, POLICY.tolist(), Chances(), ChancesOfOne(), Agent(), ActorCritic(), ActorCritic.policy]
DETERMINISTIC: list[Any] = [
    DECIDED,
    ACTIONS,
    ACTIONS.tolist(),
    Decider(),
    lambda observation: ACTIONS[state_of(observation)],
]


@pytest.mark.parametrize("env_id", ["GridQ-v0", "GridQ-OneHot-v0"])
@pytest.mark.parametrize(
    ("policy", "expected"), [*((p, POLICY) for p in STOCHASTIC), *((p, DECIDED) for p in DETERMINISTIC)]
)
def test_policies_of_every_kind(policy: Any, expected: Any, env_id: str) -> None:
    env = gymnasium.make(env_id, slip=0.1)
    close = {"rtol": 0, "atol": 1e-6}  # single precision in the stand-in for PyTorch
    assert np.allclose(evaluate_policy(env, policy), evaluate_policy(env, expected), **close)
    assert np.allclose(visitation(env, policy), visitation(env, expected), **close)
    assert returns(env, policy).mean == pytest.approx(returns(env, expected).mean, abs=1e-5)
    graded = grade(env, probabilities=policy)
    assert graded.value == pytest.approx(float(evaluate_policy(env, expected)[8]), abs=1e-6)
    assert graded.max_q_error is None


@pytest.mark.parametrize("policy", [Agent(), ActorCritic(), *DETERMINISTIC[1:]])
def test_grade_asks_for_the_decision(policy: Any) -> None:
    assert grade(GridQEnv(), policy) == grade(GridQEnv(), ACTIONS)


def test_grade_takes_probabilities_of_one_who_only_has_those() -> None:
    assert grade(GridQEnv(), Chances()) == grade(GridQEnv(), probabilities=POLICY)


def test_the_grade_of_a_stochastic_policy() -> None:
    optimum = solve(Dynamics())
    best = grade(Dynamics(), probabilities=optimum.policy)
    assert (best.regret, best.optimal_states, best.greedy_length) == (pytest.approx(0, abs=1e-15), 10, 5)
    wavering = optimum.policy.copy()
    wavering[8] = [0.9, 0.1, 0, 0]
    result = grade(Dynamics(), probabilities=wavering)
    # v = 0.9 * (0.9 * v(4) + 0.1 * v) in the start, where v(4) = 0.729
    assert result.value == pytest.approx(0.81 * 0.729 / 0.91, abs=1e-15)
    assert (result.optimal_states, result.n_states, result.greedy_length) == (9, 10, 5)
    assert result.optimal_value == pytest.approx(0.6561, abs=1e-15)


def test_probabilities_taken_for_q_values_are_warned_of() -> None:
    with pytest.warns(UserWarning, match=r"call grade\(env, probabilities=array\)") as caught:
        result = grade(GridQEnv(), POLICY)
    assert caught[0].filename == __file__
    assert result.max_q_error is not None
    grade(GridQEnv(), POLICY - 0.01)  # not these


def test_grade_takes_one_policy() -> None:
    for arguments in ({}, {"policy": ACTIONS, "probabilities": POLICY}):
        with pytest.raises(TypeError, match="either as policy or as probabilities="):
            grade(GridQEnv(), **arguments)


@pytest.mark.parametrize(
    "ask", [evaluate_policy, visitation, returns, grade], ids=lambda function: function.__name__
)
def test_one_who_answers_differently_is_named_stochastic(ask: Callable[..., Any]) -> None:
    turn = cycle([*[0] * 4, 3, *[0] * 5, *[0] * 4, 2, *[0] * 5])  # the fifth of ten cells is state 6
    with pytest.raises(
        ValueError, match="is stochastic: asked twice in state 6, it chose action 3 and then action 2"
    ):
        ask(GridQEnv(), lambda state: next(turn) if state != 5 else 0)

    class Drifting:
        chance = 0.0

        def action_probabilities(self, state: int) -> list[float]:
            self.chance += 0.01
            return [self.chance, 1 - self.chance, 0, 0]

    with pytest.raises(
        ValueError, match=r"it chose with probabilities \[0.01, 0.99, 0.0, 0.0\] and then with"
    ):
        ask(GridQEnv(), Drifting())


class Answering:
    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def action_probabilities(self, state: int) -> Any:
        return self.answer


@pytest.mark.parametrize(
    ("policy", "error", "message"),
    [
        (Answering([0.5, 0.5]), ValueError, r"probabilities in state 0 are \[0.5, 0.5\]; give 4 numbers"),
        (Answering(None), ValueError, "probabilities in state 0 are None"),
        (Answering([0.5, 0.5, 0.5, 0]), ValueError, "row in state 0 .* sum to 1"),
        (Answering([1.5, -0.5, 0, 0]), ValueError, "none negative"),
        (Answering([np.nan] * 4), ValueError, "row in state 0"),
        (lambda state: 7, ValueError, "action in state 0 is 7; expected an integer from 0 to 3"),
        (lambda state: 1 / 0, RuntimeError, r"raised ZeroDivisionError\('division by zero'\) in state 0"),
        (
            np.zeros(11, dtype=int),
            ValueError,
            "the policy has 11 actions; give one for each of the 12 states",
        ),
        ("up", ValueError, "shape"),
    ],
)
def test_bad_policies(policy: Any, error: type[Exception], message: str) -> None:
    for ask in (evaluate_policy, visitation, returns):
        with pytest.raises(error, match=message):
            ask(GridQEnv(), policy)
    with pytest.raises(error, match=message):
        grade(GridQEnv(), probabilities=policy)


def test_single_precision_is_enough() -> None:
    narrow = POLICY.astype(np.float32)
    assert evaluate_policy(Dynamics(), narrow) == pytest.approx(evaluate_policy(Dynamics(), POLICY), abs=1e-6)
    assert returns(Dynamics(), narrow, 50).probabilities.sum() == pytest.approx(1, abs=1e-13)  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="sum to 1"):
        evaluate_policy(Dynamics(), narrow.astype(np.float64) * (1 + 1e-6))
