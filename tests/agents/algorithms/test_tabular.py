import gymnasium
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import agents
import gym_gridq
from agents.algorithms.table import Table
from agents.storage.state import State


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
    batch.table[4], one_by_one.table[4] = 2.0, 2.0
    transitions = [(8, 0, 0.5, 4, False, False), (5, 0, 1.0, 9, False, False), (8, 0, -1.0, 9, True, False)]
    losses = [one_by_one.learn(*transition) for transition in transitions]
    losses[2] = 1.0  # in the batch both errors of the pair are those before the step
    loss = batch.learn(*(np.array(column) for column in zip(*transitions, strict=True)))
    np.testing.assert_allclose(batch.table, one_by_one.table, rtol=1e-15)
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


@given(
    pairs=st.lists(st.integers(0, 5), min_size=1, max_size=30),
    learning_rate=st.floats(0.01, 1.0),
    step_size=st.sampled_from(["constant", "1/n"]),
    data=st.data(),
)
def test_several_lanes_in_one_pair_count_as_if_one_after_another(pairs, learning_rate, step_size, data):
    """For every order of lanes: the same targets, given one at a time."""
    numbers = st.floats(-10, 10)
    targets = np.array([data.draw(numbers) for _ in pairs])
    together, alone = (Table(2, 3, step_size, learning_rate, State()) for _ in range(2))
    for table in (together, alone):
        table.q[:] = 0.7
    for _ in range(2):
        together.move(np.array(pairs) // 3, np.array(pairs) % 3, targets)
        for pair, target in zip(pairs, targets.tolist(), strict=True):
            alone.move_one(pair // 3, pair % 3, target)
    np.testing.assert_allclose(together.q, alone.q, rtol=1e-9, atol=1e-9)


def test_a_value_with_step_sizes_of_1_n_is_the_mean_of_its_targets():
    agent = agents.make("tabular", gymnasium.make("GridQ-v0"), seed=0, step_size="1/n")
    for reward in (3.0, 5.0, 10.0):
        agent.learn(8, 0, reward, 4, True, False)
    agent.learn(
        np.full(2, 8),
        np.zeros(2, np.int64),
        np.array([2.0, 0.0]),
        np.full(2, 4),
        np.ones(2, bool),
        np.zeros(2, bool),
    )
    assert agent.table[8, 0] == pytest.approx(4.0, rel=1e-15)


def test_double_q_learning_by_hand():
    """Each table chooses the next action, the other one values it; the agent acts by their mean."""
    env = gymnasium.make("GridQ-v0")
    agent = agents.make("tabular", env, seed=0, double_q=True, learning_rate=1.0)
    arrays = agent.state_arrays()
    arrays["a_table"][4], arrays["b_table"][4] = [1.0, 5.0, 0.0, 0.0], [7.0, 3.0, 0.0, 0.0]
    agent.learn(8, 0, 1.0, 4, False, False)
    moved_a = 1.0 + 0.9 * 3.0  # a thinks best what b values 3
    moved_b = 1.0 + 0.9 * 1.0
    assert (arrays["a_table"][8, 0], arrays["b_table"][8, 0]) in [(moved_a, 0.0), (0.0, moved_b)]
    assert agent.table[8, 0] == (arrays["a_table"][8, 0] + arrays["b_table"][8, 0]) / 2


def test_a_schedule_of_epsilon_counts_steps():
    settings = {"epsilon": 1.0, "epsilon_final": 0.0, "epsilon_schedule": "linear", "epsilon_steps": 100}
    for name in ("tabular", "sarsa", "expected-sarsa", "monte-carlo"):
        env = gymnasium.make("GridQ-v0")
        agent = agents.make(name, env, seed=0, **settings)
        agents.train(agent, env, total_steps=25)
        assert agent.epsilon == 0.75
    assert agents.make("tabular", gymnasium.make("GridQ-v0"), epsilon=0.3).epsilon == 0.3
