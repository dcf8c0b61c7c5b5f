"""What is kept of unfinished episodes: in lanes that come and go, and in files that lie."""

import gymnasium
import numpy as np
import pytest

import agents
import gym_gridq  # noqa: F401 - registers the ids
from agents.algorithms.episodes import EpisodeLog
from agents.experience.states import StateEncoder
from agents.experience.transitions import TransitionBatch
from agents.storage.state import State


def row(states, next_states, number):
    n = len(states)
    flags = np.zeros(n, bool), np.zeros(n, bool)
    actions, rewards = np.full(n, number % 4), np.arange(n) + 10.0 * number
    return TransitionBatch(np.array(states), actions, rewards, np.array(next_states), *flags)


def test_lanes_that_come_later_find_room_and_move_nothing():
    log = EpisodeLog(StateEncoder(gymnasium.spaces.Discrete(12)), 4, np.float64, State())
    steps = [([0], [1], [0]), ([1, 5], [2, 6], [0, 3]), ([2, 6, 7], [3, 7, 8], [0, 3, 1])]
    for number, (states, next_states, lanes) in enumerate(steps):
        batch = row(states, next_states, number)
        log.begin(batch.features, np.array(lanes))
        log.add(batch, np.array(lanes))
    assert log.clock.lengths.tolist() == [3, 1, 0, 2]
    assert log.episode(0).features.tolist() == [0, 1, 2]
    assert log.episode(0).rewards.tolist() == [0.0, 10.0, 20.0]
    assert log.episode(3).features.tolist() == [5, 6]
    assert log.episode(3).rewards.tolist() == [11.0, 21.0]
    assert log.episode(1).rewards.tolist() == [22.0]


def trained(name, **settings):
    env = gymnasium.make("GridQ-v0", slip=0.3)
    agent = agents.make(name, env, seed=0, **settings)
    agents.train(agent, env, total_steps=57)
    return agent


def changed(agent, name, change):
    """The agent of a file in which one array was changed."""
    saved = agent.saved()
    return agent.restored(saved._replace(arrays={**saved.arrays, name: change(saved.arrays[name].copy())}))


@pytest.mark.parametrize("name", ["sarsa", "monte-carlo", "reinforce"])
@pytest.mark.parametrize(
    ("array", "change", "words"),
    [
        ("episode_features", lambda a: a + 12, "features beyond the 12"),
        ("episode_actions", lambda a: a - 5, "actions beyond the 4"),
        ("episode_length", lambda a: a - 10**6, "lengths"),
    ],
)
def test_a_log_that_lies_is_refused(name, array, change, words):
    with pytest.raises(ValueError, match=words):
        changed(trained(name), array, change)


@pytest.mark.parametrize(
    ("array", "change", "words"),
    [
        ("step_features", lambda a: a + 12, "features beyond the 12"),
        ("step_next_features", lambda a: a - 12, "next_features beyond the 12"),
        ("step_lane", lambda a: a + 10**12, "not on the way"),
        ("step_call", lambda a: a[::-1].copy(), "not on the way"),
    ],
)
def test_steps_of_an_actor_critic_that_lie_are_refused(array, change, words):
    agent = trained("actor-critic", n_steps=50)
    assert len(agent.state_arrays()["step_lane"]) == 7
    with pytest.raises(ValueError, match=words):
        changed(agent, array, change)


def test_episodes_of_more_steps_than_are_held_are_refused():
    with pytest.raises(ValueError, match="no log of episodes"):
        changed(trained("monte-carlo"), "episode_length", lambda a: a + 10**6)
    changed(
        trained("sarsa"), "episode_length", lambda a: a + 10**6
    )  # of which only the latest steps are held
