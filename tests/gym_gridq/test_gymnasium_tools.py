"""Gymnasium's own tools around our environments and agents: what they count, film and stack is true."""

from __future__ import annotations

from functools import partial

import gymnasium
import imageio_ffmpeg
import numpy as np
import pytest
from gymnasium import wrappers

import agents
import gym_gridq


@pytest.fixture(scope="module")
def agent():
    """Acts optimally on the book's grid."""
    env = gymnasium.make("GridQ-v0")
    learner = agents.make("tabular", env, seed=0, learning_rate=0.5)
    agents.train(learner, env, total_steps=4_000)
    assert gym_gridq.grade(env, learner).regret == 0
    return learner


def play(env, agent):
    """One greedy episode; returns its last info."""
    observation, info = env.reset(seed=0)
    over = False
    while not over:
        action, _ = agent.predict(observation, deterministic=True)
        observation, _, terminated, truncated, info = env.step(action)
        over = terminated or truncated
    return info


def test_episode_statistics_of_a_greedy_episode(agent):
    info = play(wrappers.RecordEpisodeStatistics(gymnasium.make("GridQ-v0")), agent)
    assert (float(np.squeeze(info["episode"]["r"])), int(np.squeeze(info["episode"]["l"]))) == (1.0, 5)


@pytest.mark.parametrize("native", [False, pytest.param(True, marks=pytest.mark.lanes)])
def test_episode_statistics_of_a_vector(agent, native):
    if native:
        envs = gymnasium.make_vec("GridQ-v0", 3)
    else:
        envs = gymnasium.vector.SyncVectorEnv([partial(gymnasium.make, "GridQ-v0")] * 3)
    envs = getattr(wrappers, "vector", wrappers).RecordEpisodeStatistics(envs)
    observations, _ = envs.reset(seed=0)
    for _ in range(5):
        actions, _ = agent.predict(observations, deterministic=True)
        observations, rewards, terminated, _, infos = envs.step(actions)
    assert terminated.all()
    assert rewards.tolist() == [1, 1, 1]
    assert np.ravel(infos["episode"]["r"]).tolist() == [1, 1, 1]
    assert np.ravel(infos["episode"]["l"]).tolist() == [5, 5, 5]


def test_a_film_of_a_greedy_episode(agent, tmp_path):
    env = gymnasium.make("GridQ-v0", render_mode="rgb_array")
    filmed = wrappers.RecordVideo(env, str(tmp_path / "films"), episode_trigger=lambda episode: True)
    play(filmed, agent)
    filmed.close()
    (film,) = (tmp_path / "films").glob("*.mp4")
    width, height = next(imageio_ffmpeg.read_frames(str(film)))["size"]
    env.reset(seed=0)
    assert (height, width, 3) == env.render().shape


def test_scaled_rewards_scale_the_values():
    env = gymnasium.make("GridQ-v0")
    scaled = wrappers.TransformReward(env, lambda reward: 8 * reward)  # a power of two keeps every rounding
    learners = [agents.make("tabular", env, seed=0, learning_rate=0.5) for _ in range(2)]
    for learner, world in zip(learners, (env, scaled), strict=True):
        agents.train(learner, world, total_steps=2_000, seed=0)
    values, scaled_values = (learner.q_values(np.arange(12)) for learner in learners)
    assert values.max() > 0
    np.testing.assert_array_equal(scaled_values, 8 * values)


def test_stacked_observations_are_learned_from():
    stack = (
        wrappers.FrameStackObservation if hasattr(wrappers, "FrameStackObservation") else wrappers.FrameStack
    )
    env = stack(gymnasium.make("GridQ-OneHot-v0"), 2)
    learner = agents.make("dqn", env, seed=0)
    agents.train(learner, env, total_steps=1_500)
    result = agents.evaluate(learner, env, episodes=3, seed=0)
    assert (result.mean_return, result.mean_length) == (1, 5)


def test_the_registry_lists_the_world():
    assert "GridQ-v0" in gymnasium.pprint_registry(disable_print=True)


@pytest.mark.parametrize("env_id", ["GridQ-v0", "GridQ-OneHot-v0"])
@pytest.mark.parametrize("mode", ["rgb_array", "ansi"])
def test_frames_are_collected_by_the_list_modes_of_either_id(env_id, mode):
    env = gymnasium.make(env_id, render_mode=f"{mode}_list")
    env.reset(seed=0)
    env.step(0)
    frames = env.render()
    single = gymnasium.make(env_id, render_mode=mode)
    single.reset(seed=0)
    single.step(0)
    assert len(frames) == 2
    assert np.array_equal(frames[-1], single.render())
