"""Proof by number: what the agents learn of the grid, against its exact solution."""

import gymnasium
import numpy as np
import pytest

import agents
import gym_gridq
from agents.settings import tuned_settings
from agents.training.callbacks import StopAtExactValues
from agents.training.loop import Training
from gym_gridq.exact.toy_text import table_of

SOLUTION = gym_gridq.solve(gym_gridq.GridQEnv())
LIVE = np.flatnonzero(SOLUTION.policy.any(axis=1))


@pytest.mark.lanes
@pytest.mark.parametrize("agent_name", ["dqn", "tabular"])
@pytest.mark.parametrize("mode", ["NextStep", "SameStep", "Disabled"])
def test_tuned_settings_learn_the_exact_values(agent_name, mode):
    tuned = tuned_settings("GridQ-v0", agent_name)
    envs = gymnasium.make_vec("GridQ-v0", num_envs=tuned["num_envs"], autoreset_mode=mode)
    agent = agents.make(agent_name, envs, seed=0, **tuned["hyperparameters"])
    judge = StopAtExactValues(SOLUTION.q, LIVE, tolerance=0.01, every_steps=320)
    training = Training(agent, envs, tuned["total_steps"], callbacks=[judge])
    training.run()
    assert judge.max_error <= 0.01


@pytest.mark.lanes
@pytest.mark.parametrize("agent_name", ["reinforce", "actor-critic"])
@pytest.mark.parametrize("seed", range(3))
def test_tuned_settings_learn_a_policy_that_is_optimal(agent_name, seed):
    tuned = tuned_settings("GridQ-v0", agent_name)
    num_envs = tuned["num_envs"]
    env = gymnasium.make("GridQ-v0") if num_envs == 1 else gymnasium.make_vec("GridQ-v0", num_envs)
    agent = agents.make(agent_name, env, seed=seed, **tuned["hyperparameters"])
    agents.train(agent, env, total_steps=tuned["total_steps"])
    assert gym_gridq.grade(gym_gridq.GridQEnv(), agent.act(np.arange(12), explore=False)).regret < 1e-9


@pytest.mark.parametrize("agent_name", ["sarsa", "expected-sarsa"])
def test_tuned_settings_cross_the_frozen_lake_almost_as_well_as_can_be(agent_name):
    """Both value a policy that explores; the best with epsilon 0.1, made greedy, is worth 98% of v*."""
    tuned = tuned_settings("FrozenLake-v1", agent_name)
    env = gymnasium.make("FrozenLake-v1")
    agent = agents.make(agent_name, env, seed=0, **tuned["hyperparameters"])
    agents.train(agent, env, total_steps=tuned["total_steps"])
    table, states = table_of(env), np.arange(16)
    actions = agent.act(states, explore=False)
    onward = np.eye(16) - 0.99 * table.transition[states, actions]
    v = np.linalg.solve(onward, table.reward[states, actions])
    assert v[0] > 0.95 * gym_gridq.solve(env, 0.99).v[0]


@pytest.mark.lanes
@pytest.mark.parametrize("seed", range(5))
def test_what_is_learned_stays_learned(seed):
    """Four times as many steps leave no more than the rounding of float32."""
    tuned = tuned_settings("GridQ-v0", "dqn")
    envs = gymnasium.make_vec("GridQ-v0", num_envs=tuned["num_envs"])
    agent = agents.make("dqn", envs, seed=seed, **tuned["hyperparameters"])
    agents.train(agent, envs, total_steps=20_000)
    assert np.abs(agent.q_values(LIVE) - SOLUTION.q[LIVE]).max() < 2e-6


@pytest.mark.parametrize("settings", [{}, {"n_steps": 3}, {"loss": "huber", "max_grad_norm": 1.0}])
def test_defaults_find_the_shortest_path_from_the_fixed_start(settings):
    env = gymnasium.make("GridQ-v0")
    agent = agents.make("dqn", env, seed=0, **settings)
    agents.train(agent, env, total_steps=1_000)
    assert gym_gridq.grade(env, agent.q_values(np.arange(12))).greedy_length == 5


def test_rows_learn_what_indices_learn():
    """The one-hot environment and the plain one are the same to the network, up to rounding."""
    values = []
    for env_id in ("GridQ-v0", "GridQ-OneHot-v0"):
        env = gymnasium.make(env_id)
        agent = agents.make("dqn", env, seed=3, learning_starts=60)
        agents.train(agent, env, total_steps=100)
        observations = np.arange(12) if env_id == "GridQ-v0" else np.eye(12, dtype=np.float32)
        values.append(agent.q_values(observations))
    np.testing.assert_allclose(*values, atol=1e-4)
