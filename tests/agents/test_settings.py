"""The tuned settings: every file is sound, and found by the id people type."""

import dataclasses

import pytest

from agents.algorithms.registry import AGENTS, agent_class
from agents.settings import tuned_ids, tuned_settings

PAIRS = [(env_id, agent) for env_id in tuned_ids() for agent in AGENTS if tuned_settings(env_id, agent)]


@pytest.mark.parametrize(("env_id", "agent"), PAIRS)
def test_settings_are_those_of_the_agent(env_id, agent):
    settings = tuned_settings(env_id, agent)
    assert set(settings) <= {"num_envs", "total_steps", "hyperparameters"}
    assert settings["num_envs"] >= 1
    assert settings["total_steps"] >= 1
    config = agent_class(agent).config_class.from_mapping(settings["hyperparameters"])
    defaults = dataclasses.asdict(type(config)())
    # A file says what differs from the defaults, and nothing else.
    assert [name for name in settings["hyperparameters"] if getattr(config, name) == defaults[name]] == []


def test_the_environments_that_were_tuned():
    assert {
        "Acrobot-v1",
        "CartPole-v1",
        "CliffWalking-v1",
        "FrozenLake-v1",
        "FrozenLake8x8-v1",
        "GridQ-v0",
        "MountainCar-v0",
        "Taxi-v3",
        "Taxi-v4",
    } <= {env_id for env_id, agent in PAIRS if agent == "dqn"}


def test_a_module_in_front_of_the_id_does_not_matter():
    assert tuned_settings("gym_gridq:GridQ-v0", "dqn") == tuned_settings("GridQ-v0", "dqn") != {}


def test_the_one_hot_world_is_learned_as_the_same_world():
    assert tuned_settings("GridQ-OneHot-v0", "dqn") == tuned_settings("GridQ-v0", "dqn")


@pytest.mark.parametrize("env_id", ["Pong-v5", "ALE/Pong-v5", "../GridQ-v0", "", "__init__"])
def test_an_id_that_was_not_tuned_has_none(env_id):
    assert tuned_settings(env_id, "dqn") == {}


def test_an_agent_that_was_not_tuned_has_none():
    assert tuned_settings("GridQ-v0", "random") == {}
