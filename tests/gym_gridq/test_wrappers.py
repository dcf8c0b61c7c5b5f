from __future__ import annotations

import gymnasium
import numpy as np
import pytest

from gym_gridq import OneHotObservation


def test_one_hot_is_the_state_as_a_vector() -> None:
    plain, one_hot = gymnasium.make("GridQ-v0", slip=0.3), gymnasium.make("GridQ-OneHot-v0", slip=0.3)
    assert one_hot.observation_space == gymnasium.spaces.Box(0, 1, (12,), np.float32)
    states, vectors = [plain.reset(seed=5)[0]], [one_hot.reset(seed=5)[0]]
    for action in [0, 3, 1, 2] * 10:
        states.append(plain.step(action)[0])
        vectors.append(one_hot.step(action)[0])
    assert np.array_equal(vectors, np.eye(12, dtype=np.float32)[states])
    assert all(vector.dtype == np.float32 and vector in one_hot.observation_space for vector in vectors)


def test_a_vector_is_the_caller_s_own() -> None:
    env = gymnasium.make("GridQ-OneHot-v0")
    vector, _ = env.reset()
    vector[:] = 7
    assert env.reset()[0].sum() == 1


def test_other_environments_and_other_spaces() -> None:
    taxi = OneHotObservation(gymnasium.make("FrozenLake-v1"))
    assert taxi.reset(seed=0)[0].tolist() == [1.0] + [0.0] * 15
    with pytest.raises(ValueError, match=r"the observation space is Box.*Discrete ones only"):
        OneHotObservation(gymnasium.make("CartPole-v1"))


def test_the_wrapper_is_part_of_the_spec() -> None:
    env = OneHotObservation(gymnasium.make("GridQ-v0"))
    assert env.spec is not None
    again = gymnasium.make(env.spec)
    assert again.reset()[0].tolist() == env.reset()[0].tolist()


@pytest.mark.parametrize(("render_mode", "kind"), [("rgb_array_list", np.ndarray), ("ansi_list", str)])
@pytest.mark.parametrize("env_id", ["GridQ-v0", "GridQ-OneHot-v0"])
def test_pictures_are_collected(env_id: str, render_mode: str, kind: type) -> None:
    env = gymnasium.make(env_id, render_mode=render_mode)
    env.reset(seed=0)
    for action in (0, 3):
        env.step(action)
    pictures = env.render()
    assert isinstance(pictures, list)
    assert env.render_mode == render_mode
    assert [type(picture) for picture in pictures] == [kind] * 3
    assert env.render() == []
