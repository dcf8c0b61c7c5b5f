import subprocess
import sys

import gymnasium
import numpy as np
import pytest

import agents
import gym_gridq
from agents.networks.compat import dezero


def grid(**kwargs):
    return gymnasium.make("GridQ-v0", **kwargs)


def test_an_update_is_the_chapters_own():
    """The same update by separate DeZero operations, written as the book writes it."""
    agent = agents.make("q-learning", grid(), seed=0)
    functions, network = dezero.functions, agents.make("q-learning", grid(), seed=0).network
    optimizer = dezero.optimizers.SGD(0.01).setup(network)
    rows = np.eye(12, dtype=np.float32)
    for state, action, reward, next_state, terminated in [(8, 0, 0.0, 4, False), (2, 3, 1.0, 3, True)] * 3:
        layers = network.layers
        next_value = layers[1](functions.relu(layers[0](rows[[next_state]]))).max(axis=1)
        next_value.unchain()
        target = (1 - terminated) * 0.9 * next_value + reward
        q = layers[1](functions.relu(layers[0](rows[[state]])))[:, action]
        loss = functions.mean_squared_error(target, q)
        network.cleargrads()
        loss.backward()
        optimizer.update()
        ours = agent.learn(state, action, reward, next_state, terminated, False)
        assert ours == pytest.approx(float(loss.data), rel=1e-5)
    np.testing.assert_allclose(agent.network.weights, network.weights, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(("terminated", "truncated"), [(False, False), (False, True), (True, False)])
def test_only_termination_cuts_bootstrapping(terminated, truncated):
    agent = agents.make("q-learning", grid(), seed=0)
    q, next_q = agent.q_values(8)[0, 1], agent.q_values(4)[0].max()
    target = 2.0 + (0.0 if terminated else 0.9 * next_q)
    loss = agent.learn(8, 1, 2.0, 4, terminated, truncated)
    assert loss == pytest.approx((target - q) ** 2, rel=1e-5)


def test_a_batch_takes_one_step_on_its_mean():
    agent = agents.make("q-learning", grid(), seed=0)
    q = agent.q_values(np.array([8, 2]))
    loss = agent.learn(
        np.array([8, 2]),
        np.array([0, 3]),
        np.array([0.0, 1.0]),
        np.array([4, 3]),
        np.array([1, 1], bool),
        np.zeros(2, bool),
    )
    assert loss == pytest.approx((q[0, 0] ** 2 + (1 - q[1, 3]) ** 2) / 2, rel=1e-5)


def test_three_hundred_episodes_find_a_shortest_path():
    env = grid()
    agent = agents.make("q-learning", env, seed=0)
    agents.train(agent, env, episodes=300)
    assert gym_gridq.grade(env, agent).greedy_length == 5


PROGRAM = """
import gymnasium, agents, gym_gridq, hashlib
env = gymnasium.make("GridQ-v0", slip=0.2)
agent = agents.make("q-learning", env, seed=11)
agents.train(agent, env, total_steps=400)
print(hashlib.sha256(agent.network.weights.tobytes()).hexdigest())
"""


def test_same_seed_gives_bit_identical_weights_in_two_processes():
    digests = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONPATH": ".", "PYTHONHASHSEED": hash_seed},
        ).stdout
        for hash_seed in ("0", "12345")
    }
    assert len(digests) == 1
    assert len(digests.pop().strip()) == 64


def test_divergence_is_named_within_one_update():
    agent = agents.make("q-learning", grid(), seed=0)
    agent.network.weights[:] = 1e30
    with (
        np.errstate(over="ignore", invalid="ignore"),
        pytest.raises(agents.DivergenceError, match=r"lower the learning rate \(0.01\)"),
    ):
        agent.learn(8, 0, 0.0, 4, False, False)


@pytest.mark.parametrize("env_id", ["CartPole-v1", "Blackjack-v1", "GridQ-OneHot-v0"])
def test_learns_from_other_observations(env_id):
    env = gymnasium.make(env_id)
    history = agents.train(agents.make("q-learning", env, seed=0), env, total_steps=60)
    assert np.isfinite(history.losses).all()
