"""Our agents in bsuite's and Minari's terms; with the libraries themselves, see tests/interop."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import gymnasium
import numpy as np
import pytest

import agents
import gym_gridq
from agents.adapters.bsuite import BsuiteAgent
from agents.adapters.minari import learn_from, recordings


def timestep(observation, reward=None, discount=1.0, last=False):
    return SimpleNamespace(
        observation=np.array(observation), reward=reward, discount=discount, last=lambda: last
    )


@pytest.fixture
def bsuite_agent():
    specs = SimpleNamespace(shape=(2, 3)), SimpleNamespace(num_values=3)
    return BsuiteAgent(*specs, "dqn", seed=0, learning_starts=1_000)


def test_the_bsuite_agent_chooses_actions_of_the_spec(bsuite_agent):
    actions = [bsuite_agent.select_action(timestep(np.zeros((2, 3)))) for _ in range(50)]
    assert {type(action) for action in actions} == {int}
    assert set(actions) == {0, 1, 2}


@pytest.mark.parametrize(
    ("discount", "last", "terminated"), [(1.0, False, False), (0.0, True, True), (1.0, True, False)]
)
def test_the_bsuite_agent_takes_a_discount_of_zero_for_the_end(bsuite_agent, discount, last, terminated):
    before, after = np.zeros((2, 3)), np.ones((2, 3))
    bsuite_agent.update(timestep(before), 2, timestep(after, 0.5, discount, last))
    (episode,) = recordings(bsuite_agent.agent)
    assert episode.observations.tolist() == [before.tolist(), after.tolist()]
    assert (episode.actions, episode.rewards) == ([2], [0.5])
    assert (episode.terminations, episode.truncations) == ([terminated], [not terminated])


def test_bsuite_tasks_without_a_few_actions_are_refused():
    with pytest.raises(ValueError, match="use an environment with a DiscreteArray"):
        BsuiteAgent(SimpleNamespace(shape=(3,)), SimpleNamespace(shape=(2,)))


def play(env, n_episodes, agent=None):
    """Random episodes, as Minari gives them back; an agent, if named, looks on."""
    rng = np.random.default_rng(0)
    episodes = []
    for _ in range(n_episodes):
        states, actions, rewards, ends = [env.reset(seed=0)[0]], [], [], []
        while not ends or not any(ends[-1]):
            actions.append(int(rng.integers(4)))
            state, reward, terminated, truncated, _ = env.step(actions[-1])
            if agent:
                agent.learn(states[-1], actions[-1], reward, state, terminated, truncated)
            states.append(state)
            rewards.append(reward)
            ends.append((terminated, truncated))
        terminations, truncations = np.array(ends).T
        episodes.append(
            SimpleNamespace(
                observations=np.array(states),
                actions=np.array(actions),
                rewards=np.array(rewards),
                terminations=terminations,
                truncations=truncations,
            )
        )
    return episodes


def test_an_agent_learns_the_optimum_from_recorded_random_play():
    env = gymnasium.make("GridQ-v0")
    episodes = play(env, 60)
    agent = agents.make("tabular", env, seed=0, learning_rate=0.5)
    assert learn_from(agent, episodes, passes=30) == 30 * sum(len(episode.actions) for episode in episodes)
    result = gym_gridq.grade(env, agent.q_values(np.arange(12)))
    assert (result.regret, result.optimal_states) == (0, 10)
    assert result.max_q_error < 0.01


def test_a_deep_agent_learns_a_path_to_the_goal_from_recorded_random_play():
    env = gymnasium.make("GridQ-v0")
    agent = agents.make("dqn", env, seed=0)
    learn_from(agent, play(env, 60))
    assert gym_gridq.grade(env, agent).greedy_length == 5


@pytest.mark.parametrize("env_id", ["GridQ-v0", "GridQ-OneHot-v0"])
def test_a_replay_gives_the_episodes_back_that_it_saw(env_id):
    env = gymnasium.make(env_id)
    agent = agents.make("dqn", env, seed=0, learning_starts=100_000)
    episodes = play(env, 20, agent)
    assert {bool(episode.truncations[-1]) for episode in episodes} == {True, False}
    found = recordings(agent)
    assert len(found) == len(episodes)
    for ours, theirs in zip(found, episodes, strict=True):
        for name, values in ours._asdict().items():
            expected = getattr(theirs, name)
            np.testing.assert_array_equal(values, expected.astype(values.dtype))
        assert ours.observations.dtype == env.observation_space.dtype


def test_a_full_replay_gives_back_the_latest_steps_in_order():
    env = gymnasium.make("GridQ-v0")
    agent = agents.make("dqn", env, seed=0, learning_starts=100_000, replay_capacity=150)
    episodes = play(env, 20, agent)
    actions = np.concatenate([episode.actions for episode in episodes])[-150:]
    found = recordings(agent)
    np.testing.assert_array_equal(np.concatenate([episode.actions for episode in found]), actions)
    np.testing.assert_array_equal(found[-1].observations, episodes[-1].observations)
    assert len(found[0].observations) == len(found[0].actions) + 1


def test_bad_data_sets_and_replays_are_refused():
    env = gymnasium.make("GridQ-v0")
    agent = agents.make("dqn", env, seed=0)
    with pytest.raises(ValueError, match="the data set holds no step"):
        learn_from(agent, [])
    with pytest.raises(ValueError, match="passes is 0; give an integer from 1 up"):
        learn_from(agent, [], passes=0)
    with pytest.raises(ValueError, match="the replay is empty; train the agent first"):
        recordings(agent)


def test_no_other_library_is_imported():
    code = "import agents.adapters.bsuite, agents.adapters.minari, sys; "
    code += "print({'bsuite', 'minari'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"
