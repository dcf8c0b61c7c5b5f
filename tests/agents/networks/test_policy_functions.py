"""The loss of policy gradients against DeZero's plain composition, and by numbers."""

import numpy as np
import pytest

from agents.networks.compat import dezero
from agents.networks.losses import policy_loss, softmax

RNG = np.random.default_rng(0)
PREFERENCES = RNG.normal(size=(7, 4)).astype(np.float32)
ACTIONS = RNG.integers(4, size=7)
WEIGHTS = RNG.normal(size=7).astype(np.float32)


@pytest.mark.parametrize("entropy_bonus", [0.0, 0.3])
def test_one_node_computes_what_many_do(entropy_bonus):
    functions = dezero.functions
    ours, theirs = (dezero.Variable(PREFERENCES.copy()) for _ in range(2))
    loss = policy_loss(ours, ACTIONS, WEIGHTS, entropy_bonus, normalizer=3)
    p = functions.softmax(theirs)
    log_p = functions.log(p)
    gained = functions.sum(log_p[np.arange(7), ACTIONS] * WEIGHTS)
    plain = -(gained - entropy_bonus * functions.sum(p * log_p)) / 3
    assert float(loss.data) == pytest.approx(float(plain.data), rel=1e-5)
    loss.backward()
    plain.backward()
    np.testing.assert_allclose(ours.grad.data, theirs.grad.data, atol=1e-6)


def test_the_normalizer_is_the_number_of_steps_by_default():
    variables = [dezero.Variable(PREFERENCES.copy()) for _ in range(2)]
    losses = [
        policy_loss(variables[0], ACTIONS, WEIGHTS),
        policy_loss(variables[1], ACTIONS, WEIGHTS, 0.0, 7),
    ]
    assert float(losses[0].data) == float(losses[1].data)


def test_preferences_of_any_size_are_probabilities():
    extreme = np.array([[1e30, -1e30, 0.0], [-1e4, -1e4, -1e4 - 700]], np.float32)
    p = softmax(extreme)
    assert p.dtype == np.float64
    np.testing.assert_allclose(p.sum(axis=1), 1.0)
    assert p[0].tolist() == [1.0, 0.0, 0.0]


def test_there_are_first_derivatives_only():
    preferences = dezero.Variable(PREFERENCES.copy())
    with pytest.raises(NotImplementedError, match="first derivatives only"):
        policy_loss(preferences, ACTIONS, WEIGHTS).backward(create_graph=True)
