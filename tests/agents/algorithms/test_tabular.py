import gymnasium
import numpy as np
import pytest

import agents
import gym_gridq


def test_an_update_by_hand():
    agent = agents.make("tabular", gymnasium.make("GridQ-v0"), seed=0, learning_rate=0.5)
    agent.table[4] = [0.0, 2.0, 1.0, -1.0]
    loss = agent.learn(8, 0, 1.0, 4, False, False)
    assert agent.table[8, 0] == 0.5 * (1.0 + 0.9 * 2.0)
    assert loss == (1.0 + 0.9 * 2.0) ** 2


def test_only_termination_cuts_bootstrapping():
    env = gymnasium.make("GridQ-v0")
    for terminated, truncated, target in [(False, True, 1 + 0.9 * 2), (True, False, 1.0), (True, True, 1.0)]:
        agent = agents.make("tabular", env, seed=0, learning_rate=1.0)
        agent.table[4, 1] = 2.0
        agent.learn(8, 0, 1.0, 4, terminated, truncated)
        assert agent.table[8, 0] == target


def test_lanes_learn_from_the_table_before_the_step():
    env = gymnasium.make("GridQ-v0")
    batch, one_by_one = (agents.make("tabular", env, seed=0) for _ in range(2))
    transitions = [(8, 0, 0.5, 4, False, False), (4, 0, 1.0, 8, False, False), (8, 0, -1.0, 9, True, False)]
    losses = [one_by_one.learn(*transition) for transition in transitions]
    loss = batch.learn(*(np.array(column) for column in zip(*transitions, strict=True)))
    assert (batch.table == one_by_one.table).all()
    assert loss == pytest.approx(np.mean(losses), rel=1e-12)


def test_reaches_the_exact_optimum():
    env = gymnasium.make("GridQ-v0", random_start=True)
    agent = agents.make("tabular", env, seed=0, epsilon=1.0)
    agents.train(agent, env, total_steps=20_000)
    grade = gym_gridq.grade(env, agent.q_values(np.arange(12)))
    assert grade.max_q_error < 1e-6
    assert grade.optimal_states == 10


def test_blackjack_is_a_table_too(tmp_path):
    """Its three numbers are one state. A hand of 20 stands against a 6, one of 11 does not."""
    env = gymnasium.make("Blackjack-v1", sab=True)
    agent = agents.make("tabular", env, seed=0, discount=1.0, learning_rate=0.02, epsilon=1.0)
    assert agent.table.shape == (32 * 11 * 2, 2)
    agents.train(agent, env, total_steps=20_000, seed=0)
    stick, hit = 0, 1
    assert agent.act((20, 6, 0), explore=False) == stick
    assert agent.act((11, 6, 0), explore=False) == hit
    assert agent.table[(20 * 11 + 6) * 2].argmax() == stick
    states = (np.array([20, 11]), np.array([6, 6]), np.array([0, 0]))
    assert agent.act(states, explore=False).tolist() == [stick, hit]
    agent.save(tmp_path / "agent.npz")
    np.testing.assert_array_equal(
        agents.load(tmp_path / "agent.npz").q_values(states), agent.q_values(states)
    )


def test_divergence_is_named():
    agent = agents.make("tabular", gymnasium.make("GridQ-v0"), seed=0)
    agent.table[4] = 1e200
    with pytest.raises(agents.DivergenceError, match="the table has diverged"):
        agent.learn(8, 0, 0.0, 4, False, False)


def test_the_random_agent_is_uniform_and_learns_nothing():
    env = gymnasium.make("GridQ-v0")
    agent = agents.make("random", env, seed=0)
    frequencies = np.bincount([agent.act(8) for _ in range(8000)], minlength=4) / 8000
    assert frequencies == pytest.approx([0.25] * 4, abs=0.02)
    assert agent.learn(8, 0, 0.0, 4, False, False) is None
    assert not agent.q_values(np.arange(12)).any()
