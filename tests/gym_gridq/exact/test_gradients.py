"""policy_gradient: by hand, and against finite differences of the values themselves."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gym_gridq import Dynamics, evaluate_policy, policy_gradient
from tests.worlds import worlds


def softmax(logits: Any) -> Any:
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def start_value(world: Dynamics, logits: Any, discount: float) -> float:
    return float(evaluate_policy(world, softmax(logits), discount)[world.start_states].mean())


def test_two_cells_by_hand() -> None:
    """v = p / (1 - g (1 - p)), so that dv/dp = (1 - g) / (1 - g (1 - p))^2; and dp/dlogit = p (1 - p)."""
    gradient = policy_gradient(Dynamics(["SG"]), np.zeros((2, 4)), discount=0.9)
    slope = 0.1 / (1 - 0.9 * 0.75) ** 2
    expected = [-slope / 16] * 3 + [slope * 3 / 16]
    assert gradient[0] == pytest.approx(expected, abs=1e-15)
    assert gradient[1].tolist() == [0, 0, 0, 0]


@given(worlds(), st.sampled_from([0.0, 0.5, 0.9]), st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_finite_differences(world: Dynamics, discount: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(world.n_states, 4))
    gradient = policy_gradient(world, logits, discount)
    assert np.allclose(gradient.sum(axis=1), 0, rtol=0, atol=1e-12), "a shift of all logits changes nothing"
    assert not gradient[world.absorbing].any()
    for _ in range(4):
        direction = rng.normal(size=logits.shape)
        ahead, behind = (start_value(world, logits + h * direction, discount) for h in (1e-5, -1e-5))
        assert (gradient * direction).sum() == pytest.approx((ahead - behind) / 2e-5, abs=1e-7)


def test_undiscounted() -> None:
    logits = np.random.default_rng(0).normal(size=(12, 4))
    env = gymnasium.make("GridQ-v0", slip=0.2)
    gradient = policy_gradient(env, logits, discount=1)
    step = np.zeros_like(logits)
    step[6, 3] = 1e-6
    world = env.unwrapped.dynamics
    slope = (start_value(world, logits + step, 1) - start_value(world, logits - step, 1)) / 2e-6
    assert gradient[6, 3] == pytest.approx(slope, abs=1e-6)


def test_cells_never_come_to_do_not_count() -> None:
    world = Dynamics(["SG#.."])
    gradient = policy_gradient(world, np.zeros((5, 4)), discount=1)
    assert not gradient[3:].any()
    with pytest.raises(ValueError, match="has no value: the policy never ends"):
        policy_gradient(Dynamics(["SG"]), np.array([[2e3, 0, 0, 0], [0, 0, 0, 0]]), discount=1)


def test_following_the_gradient_leads_to_the_goal() -> None:
    world = Dynamics()
    logits = np.zeros((12, 4))
    for _ in range(300):
        logits += 5 * policy_gradient(world, logits)
    assert start_value(world, logits, 0.9) > 0.64  # of 0.6561


@pytest.mark.parametrize(
    ("logits", "message"),
    [
        (np.zeros((12, 3)), r"the logits are an array of shape \(12, 3\)"),
        (np.zeros((12, 4), dtype=bool), "type bool"),
        (np.full((12, 4), -np.inf), "the logits of state 0 are .*; they must be finite"),
        (np.full((12, 4), np.nan), "they must be finite"),
    ],
)
def test_bad_logits(logits: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        policy_gradient(Dynamics(), logits)
