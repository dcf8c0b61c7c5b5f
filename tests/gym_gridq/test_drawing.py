"""What a picture of an episode shows, before anything is drawn."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest

import gym_gridq  # noqa: F401 - registers GridQ-v0
from gym_gridq import Action
from gym_gridq.drawing import Track, has_screen


def test_a_track_counts_what_the_environment_pays() -> None:
    env = gymnasium.make("GridQ-OneHot-v0", render_mode="rgb_array", slip=0.3, step_reward=-0.125)
    track, generator = env.unwrapped.track, np.random.default_rng(0)  # type: ignore[attr-defined]
    for episode in (1, 2, 3):
        observation, _ = env.reset(seed=episode)
        assert track.status() == {"episode": episode, "step": 0, "return": 0.0, "reward": None}
        assert track.heading is None
        cells, rewards, over = [int(observation.argmax())], [], False
        while not over:
            action = int(generator.integers(4))
            observation, reward, terminated, truncated, _ = env.step(action)
            cells.append(int(observation.argmax()))
            rewards.append(float(reward))
            over = terminated or truncated
            status = {"step": len(rewards), "return": sum(rewards), "reward": rewards[-1]}
            assert track.status() == {"episode": episode, **status}
            assert track.heading == Action(action)
            assert list(track.trail) == cells[-13:]
            assert track.state == cells[-1]


def test_a_track_begins_wherever_it_is_told_to() -> None:
    track = Track([8, 4, 0], Action.UP)
    assert (track.state, track.heading, track.steps) == (0, Action.UP, 0)
    track.move(None, 1)
    assert (list(track.trail), track.heading, track.steps) == ([8, 4, 0, 1], None, 1)
    track.begin(9)
    assert (list(track.trail), track.heading, track.steps) == ([9], None, 0)


@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"])
def test_a_screen_may_be_there_where_one_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for other in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert not has_screen()
    monkeypatch.setenv(name, "")
    assert not has_screen()
    monkeypatch.setenv(name, "x")
    assert has_screen()
    monkeypatch.delenv(name)
    monkeypatch.setattr("sys.platform", "darwin")
    assert has_screen()
