"""What all agents share: making them, choosing actions, and the answers to bad input."""

import copy
import subprocess
import sys

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

import agents
import gym_gridq  # noqa: F401 - registers the ids
from agents.algorithms.tabular import TabularQAgent
from agents.config import TabularConfig


@pytest.fixture
def grid():
    return gymnasium.make("GridQ-v0")


@pytest.fixture(params=sorted(agents.AGENTS))
def name(request):
    return request.param


def test_acting_on_one_and_on_many(grid, name):
    agent = agents.make(name, grid, seed=0)
    assert type(agent.act(8)) is int
    actions = agent.act(np.arange(12))
    assert actions.shape == (12,)
    assert actions.dtype == np.int64
    assert set(agent.act(np.zeros(200, np.int64)).tolist()) <= {0, 1, 2, 3}


def test_predict_has_the_shapes_of_stable_baselines(grid, name):
    agent = agents.make(name, grid, seed=0)
    action, state = agent.predict(
        np.array([8]), state="kept", episode_start=np.array([True]), deterministic=True
    )
    assert action.shape == (1,)
    assert state == "kept"
    action, _ = agent.predict(8, deterministic=True)
    assert action.shape == ()
    assert grid.action_space.contains(action[()])


def test_q_values_are_float32_rows_or_there_are_none(grid, name):
    if name in ("reinforce", "actor-critic"):
        assert not hasattr(agents.make(name, grid, seed=0), "q_values")
        with pytest.raises(AttributeError, match=f"'{name}' has no action values.*action_probabilities"):
            agents.make(name, grid, seed=0).q_values(3)
        return
    q = agents.make(name, grid, seed=0).q_values(np.arange(12))
    assert q.shape == (12, 4)
    assert q.dtype == np.float32
    assert agents.make(name, grid, seed=0).q_values(3).shape == (1, 4)


def tabular_with(table, **config):
    table = np.array(table, float)
    agent = TabularQAgent(
        spaces.Discrete(len(table)), spaces.Discrete(table.shape[1]), TabularConfig(**config), 0
    )
    agent.table[:] = table
    return agent


@pytest.mark.parametrize("lanes", [1, 5])
def test_exploring_draws_every_action_epsilon_often(lanes):
    agent = tabular_with([[0.0, 1.0, 0.0, 0.0]], epsilon=0.4)
    actions = np.concatenate([agent.act(np.zeros(lanes, np.int64)) for _ in range(20_000 // lanes)])
    frequencies = np.bincount(actions, minlength=4) / len(actions)
    assert frequencies == pytest.approx([0.1, 0.7, 0.1, 0.1], abs=0.012)  # more than 4 sigma


@pytest.mark.parametrize("lanes", [1, 5])
def test_ties_are_broken_uniformly_while_exploring_and_by_order_otherwise(lanes):
    agent = tabular_with([[2.0, 1.0, 2.0, 2.0]], epsilon=0.0)
    actions = np.concatenate([agent.act(np.zeros(lanes, np.int64)) for _ in range(15_000 // lanes)])
    assert np.bincount(actions, minlength=4) / len(actions) == pytest.approx(
        [1 / 3, 0, 1 / 3, 1 / 3], abs=0.017
    )
    assert set(agent.act(np.zeros(50, np.int64), explore=False).tolist()) == {0}


def test_one_lane_draws_as_a_single_observation_does(grid):
    one, batch = agents.make("q-learning", grid, seed=3), agents.make("q-learning", grid, seed=3)
    for state in [8, 4, 0, 1, 2] * 20:
        assert one.act(state) == batch.act(np.array([state]))[0]


def test_greedy_acting_draws_nothing(grid, name):
    agent = agents.make(name, grid, seed=0)
    before = agent.state_description()
    agent.act(np.arange(12), explore=False)
    agent.predict(3, deterministic=True)
    assert agent.state_description() == before


def test_actions_are_those_of_the_space_even_if_it_starts_elsewhere():
    agent = TabularQAgent(spaces.Discrete(2), spaces.Discrete(3, start=5), TabularConfig(), 0)
    assert {agent.act(0) for _ in range(100)} == {5, 6, 7}
    agent.learn(0, 6, 1.0, 1, True, False)
    assert agent.table[0].tolist() == [0.0, 0.8, 0.0]
    with pytest.raises(ValueError, match="action is 0; actions of this environment lie in Discrete"):
        agent.learn(0, 0, 1.0, 1, True, False)


def test_importing_the_package_is_cheap():
    heavy = {"dezero", "matplotlib", "pygame", "tqdm", "PIL"}
    code = f"import agents, sys; print(*sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_seeds_fix_everything_and_none_draws_a_fresh_one(grid):
    one, same, other = (agents.make("q-learning", grid, seed=seed) for seed in (1, 1, 2))
    assert (one.network.weights == same.network.weights).all()
    assert not (one.network.weights == other.network.weights).all()
    fresh, fresh_too = agents.make("q-learning", grid), agents.make("q-learning", grid)
    assert not (fresh.network.weights == fresh_too.network.weights).all()


def test_global_random_state_is_never_touched(grid, name):
    np.random.seed(7)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    agents.train(agents.make(name, grid, seed=0), grid, total_steps=50)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


# -- bad input ---------------------------------------------------------------------------------------------


def test_unknown_agent_or_hyperparameter(grid):
    with pytest.raises(ValueError, match=r"unknown agent 'tabula'; did you mean 'tabular'\?"):
        agents.make("tabula", grid)
    with pytest.raises(ValueError, match="unknown agent None"):
        agents.make(None, grid)
    with pytest.raises(ValueError, match=r"unknown hyperparameter 'epsilom'; did you mean 'epsilon'\?"):
        agents.make("q-learning", grid, epsilom=0.1)
    with pytest.raises(ValueError, match="learning_rate is -1; give a number, more than 0"):
        agents.make("q-learning", grid, learning_rate=-1)


@pytest.mark.parametrize("seed", [-1, 1.5, "a", True])
def test_bad_seed(grid, seed):
    with pytest.raises(ValueError, match="give an integer from 0 up, or leave it out"):
        agents.make("random", grid, seed=seed)


def test_continuous_actions_are_refused():
    with pytest.raises(ValueError, match=r"the action space is Box.*use an environment with a Discrete"):
        agents.make("q-learning", gymnasium.make("MountainCarContinuous-v0"))


def test_a_table_needs_discrete_observations():
    with pytest.raises(ValueError, match=r"the observation space is Box.*a table needs a Discrete one"):
        agents.make("tabular", gymnasium.make("CartPole-v1"))


@pytest.mark.parametrize(
    "observation", [12, -1, 1.0, "start", None, float("nan"), [[1]], np.zeros(12, np.float32)]
)
def test_an_observation_of_another_space(grid, name, observation):
    agent = agents.make(name, grid, seed=0)
    for use in (agent.act, agent.predict, agent.action_probabilities):
        with pytest.raises(ValueError, match="observation"):
            use(observation)
    with pytest.raises(ValueError, match="observation"):
        agent.learn(observation, 0, 0.0, 1, False, False)


@pytest.mark.parametrize("observation", [3, np.zeros(11, np.float32), np.full(12, np.nan, np.float32), "abc"])
def test_an_observation_that_is_no_vector(observation):
    agent = agents.make("q-learning", gymnasium.make("GridQ-OneHot-v0"), seed=0)
    with pytest.raises(ValueError, match="observation"):
        agent.act(observation)


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_an_observation_that_left_the_numbers_is_a_divergence(number):
    agent = agents.make("q-learning", gymnasium.make("CartPole-v1"), seed=0)
    good, bad = np.zeros(4, np.float32), np.array([0, 0, number, 0], np.float32)
    for use in (
        lambda: agent.act(bad),
        lambda: agent.learn(bad, 0, 0.0, good, False, False),
        lambda: agent.learn(good, 0, 0.0, bad, False, False),
    ):
        with pytest.raises(agents.DivergenceError, match="expected finite numbers"):
            use()


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("states", [8, np.array([8]), np.array([8, 3, 8])])
def test_nobody_acts_on_values_that_have_diverged(grid, value, states):
    """One bad value is enough, wherever it stands: a maximum of it may well look sound."""
    for action in range(4):
        agent = agents.make("tabular", grid, seed=0, epsilon=0.0)
        agent.table[8, action] = value
        for act, how in ((agent.act, {}), (agent.act, {"explore": False}), (agent.predict, {})):
            with pytest.raises(agents.DivergenceError, match="the action values are"):
                act(states, **how)
    with pytest.raises(agents.DivergenceError):
        agents.evaluate(agent, grid)


@pytest.mark.parametrize("learner", sorted(agents.AGENTS))
def test_an_empty_batch_teaches_nothing(grid, learner):
    none = np.zeros(0, np.int64)
    with pytest.raises(ValueError, match="the batch of transitions is empty") as refused:
        agents.make(learner, grid, seed=0).learn(none, none, none, none, none == 0, none == 0)
    assert refused.type is ValueError


@pytest.mark.parametrize("learner", sorted(agents.AGENTS))
@pytest.mark.parametrize("flag", ["no", 1, 0.0, None, np.array([1])])
def test_flags_are_true_or_false(grid, learner, flag):
    agent = agents.make(learner, grid, seed=0)
    with pytest.raises(ValueError, match="terminated is .*give True or False"):
        agent.learn(0, 0, 0.0, 1, flag, False)
    with pytest.raises(ValueError, match="truncated is .*give True or False"):
        agent.learn(0, 0, 0.0, 1, False, flag)
    for fine in (False, np.bool_(False), [False], np.array([False])):
        agent.learn(0, 0, 0.0, 1, fine, fine)


def test_an_agent_s_state_is_its_own(grid):
    agent = agents.make("tabular", grid, seed=0)
    twin = copy.copy(agent)
    agent.learn(2, 3, 1.0, 3, True, False)
    assert not twin.table.any()


@pytest.mark.parametrize("learner", sorted(agents.AGENTS))
@pytest.mark.parametrize("reward", [float("nan"), float("inf"), -np.inf])
def test_a_reward_that_is_no_number_stops_learning(grid, learner, reward):
    with pytest.raises(agents.DivergenceError, match="the reward is"):
        agents.make(learner, grid, seed=0).learn(8, 0, reward, 4, False, False)


@pytest.mark.parametrize("learner", sorted(agents.AGENTS))
def test_batches_of_unequal_length(grid, learner):
    two, three, no = np.zeros(2, np.int64), np.zeros(3, np.int64), np.zeros(2, bool)
    agent = agents.make(learner, grid, seed=0)
    right = {"actions": two, "rewards": np.zeros(2), "next": two, "terminated": no, "truncated": no}
    for wrong in [
        {"actions": three},
        {"rewards": np.zeros(3)},
        {"rewards": 0.0},
        {"rewards": np.zeros((2, 1))},
        {"next": three},
        {"terminated": np.zeros(3, bool)},
    ]:
        with pytest.raises(ValueError, match="needs equal lengths, but these are features"):
            agent.learn(two, *(right | wrong).values())


@pytest.mark.parametrize("action", [4, -1, 1.0, "up", None, np.array([0.5])])
def test_learning_from_an_action_of_another_space(grid, action):
    with pytest.raises(ValueError, match="action is"):
        agents.make("q-learning", grid, seed=0).learn(8, action, 0.0, 4, False, False)


def test_values_that_are_no_numbers_are_named_when_acting(grid):
    agent = agents.make("tabular", grid, seed=0, epsilon=0.0)
    agent.table[8] = np.nan
    with pytest.raises(agents.DivergenceError, match="the action values are"):
        agent.act(8)
