"""Episodes in a notebook: the very HTML that it shows."""

from __future__ import annotations

import base64
import io

import gymnasium
import numpy as np
import pytest
from PIL import Image

import agents
import gym_gridq  # noqa: F401 - registers GridQ-v0
from agents.pictures.notebook import animate


def test_an_episode_becomes_an_inline_animation():
    env = gymnasium.make("GridQ-v0", render_mode="rgb_array", cell_size=30)
    agent = agents.make("tabular", env, seed=0)
    agents.train(agent, gymnasium.make("GridQ-v0"), total_steps=3000)
    env.unwrapped.show(q_values=agent.q_values(np.arange(12)))
    html = animate(agent, env, fps=5)._repr_html_()
    before, data = html.removesuffix('">').split(",")
    assert before == '<img src="data:image/gif;base64'
    with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
        assert picture.n_frames == 6
        assert picture.info["duration"] == 200


def test_an_endless_episode_is_broken_off():
    env = gymnasium.make("GridQ-v0", render_mode="rgb_array", cell_size=8, max_episode_steps=10_000)
    agent = agents.make("tabular", env, seed=0)  # knows nothing yet, and runs into a wall
    assert len(animate(agent, env, max_steps=7).frames) == 8


def test_an_environment_that_draws_no_frames_is_refused():
    env = gymnasium.make("GridQ-v0", render_mode="ansi")
    with pytest.raises(ValueError, match="render_mode is 'ansi'"):
        animate(agents.make("random", env, seed=0), env)


@pytest.mark.parametrize("arguments", [{"id": "GridQ-OneHot-v0"}, {"id": "GridQ-v0", "layout": "four-rooms"}])
def test_an_agent_of_another_world_is_refused(arguments):
    agent = agents.make("tabular", gymnasium.make("GridQ-v0"), seed=0)
    env = gymnasium.make(**arguments, render_mode="rgb_array")
    with pytest.raises(ValueError, match=r"made for the observation space Discrete\(12\), but .* has"):
        animate(agent, env)


def test_any_thing_that_acts_can_be_shown():
    class Upwards:
        def act(self, observation, explore=True):
            return 0

    env = gymnasium.make("GridQ-v0", render_mode="rgb_array", cell_size=8)
    assert len(animate(Upwards(), env, max_steps=3).frames) == 4
