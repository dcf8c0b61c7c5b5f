"""Checkpoints written before agents declared what they learn with: they load, and go on as they would have.

The files in `format_1` are trainings stopped in the middle of an episode, and their agents 60 steps on, all
written by version 0.1.0 before that change. Numbers that a matrix product had a part in are compared to
rounding, since they differ in the last bits from one machine to the next; all others are compared exactly.
"""

import json
import zipfile
from pathlib import Path

import gymnasium
import numpy as np
import pytest

import agents
import gym_gridq  # noqa: F401 - registers the ids
from agents.algorithms.checkpoint import read_checkpoint
from agents.storage.archive import read_archive
from agents.training.saving import continue_from

FOLDER = Path(__file__).parent / "format_1"
MAP = ["S" + "." * 11, *["." * 12] * 10, "." * 11 + "G"]
WORLDS = {
    "grid": ("GridQ-v0", {}, ["dqn", "q-learning", "random", "tabular"]),
    "cart-pole": ("CartPole-v1", {}, ["dqn", "q-learning", "random"]),
    "144-states": ("GridQ-v0", {"layout": MAP}, ["dqn"]),
}
TRAININGS = [(world, agent) for world, (_, _, names) in WORLDS.items() for agent in names]


def parts(path):
    with path.open("rb") as file:
        description, arrays = read_archive(file)
    return description, {
        key.removeprefix("agent/"): array for key, array in arrays.items() if key.startswith("agent/")
    }


@pytest.mark.parametrize(("world", "name"), TRAININGS)
def test_nothing_is_lost(tmp_path, world, name):
    description, arrays = parts(FOLDER / f"{world}-{name}.npz")
    agent = agents.load(FOLDER / f"{world}-{name}.npz")
    assert agent.name == name
    assert agent.state_description() == description["agent"]["state"]
    assert agent.state_arrays().keys() == arrays.keys()
    for key, array in agent.state_arrays().items():
        np.testing.assert_array_equal(array, arrays[key], err_msg=key)
    agent.save(tmp_path / "again.npz")
    again, arrays_again = parts(tmp_path / "again.npz")
    assert again["agent"]["state"] == description["agent"]["state"]
    assert arrays_again.keys() == arrays.keys()


@pytest.mark.parametrize(("world", "name"), TRAININGS)
def test_the_agent_goes_on_as_it_would_have(world, name):
    env_id, settings, _ = WORLDS[world]
    env = gymnasium.make(env_id, **settings)
    agent = agents.load(FOLDER / f"{world}-{name}.npz")
    observation, _ = env.reset(seed=5)
    for _ in range(60):
        action = agent.act(observation)
        following, reward, terminated, truncated, _ = env.step(action)
        agent.learn(observation, action, float(reward), following, terminated, truncated)
        observation = env.reset()[0] if terminated or truncated else following
    description, arrays = parts(FOLDER / f"{world}-{name}-later.npz")
    assert agent.state_description() == description["agent"]["state"]
    for key, array in agent.state_arrays().items():
        if array.dtype == np.float32:
            np.testing.assert_allclose(array, arrays[key], rtol=1e-3, atol=1e-6, err_msg=key)
        else:
            np.testing.assert_array_equal(array, arrays[key], err_msg=key)


@pytest.mark.parametrize("name", WORLDS["grid"][2])
def test_the_training_goes_on(name):
    checkpoint = read_checkpoint(FOLDER / f"grid-{name}.npz")
    training = agents.Training(checkpoint.agent, gymnasium.make("GridQ-v0"), total_steps=193)
    continue_from(checkpoint, training)
    assert training.steps == (137 if name == "q-learning" else 133)
    training.run()
    assert training.steps == 193


def test_adam_on_more_than_128_states_was_sparse():
    with zipfile.ZipFile(FOLDER / "144-states-dqn.npz") as archive:
        told = json.loads(archive.read("description.json"))
    assert "optimizer" not in told["agent"]["config"]
    assert agents.load(FOLDER / "144-states-dqn.npz").config.optimizer == "sparse-adam"
    assert agents.load(FOLDER / "grid-dqn.npz").config.optimizer == "adam"
    assert agents.load(FOLDER / "cart-pole-dqn.npz").config.optimizer == "adam"
