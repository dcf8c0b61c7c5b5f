from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from gym_gridq import VectorOneHotObservation
from tests.gym_gridq.test_vector_env import assert_same


@pytest.mark.parametrize("mode", AutoresetMode)
def test_equal_to_as_many_wrapped_scalar_environments(mode: AutoresetMode) -> None:
    ours = gymnasium.make_vec("GridQ-OneHot-v0", num_envs=3, max_episode_steps=7, autoreset_mode=mode)
    theirs: Any = SyncVectorEnv(
        [lambda: gymnasium.make("GridQ-OneHot-v0", max_episode_steps=7)] * 3, autoreset_mode=mode
    )
    assert ours.single_observation_space == theirs.single_observation_space
    assert ours.observation_space == theirs.observation_space
    rng = np.random.default_rng(0)
    assert_same(ours.reset(seed=0), theirs.reset(seed=0))
    ends = 0
    for _ in range(60):
        actions = rng.integers(0, 4, 3)
        result = ours.step(actions)
        assert_same(result, theirs.step(actions))
        assert result[0] in ours.observation_space
        ended = result[2] | result[3]
        ends += int(ended.sum())
        if mode is AutoresetMode.DISABLED and ended.any():
            options = {"reset_mask": ended}
            assert_same(ours.reset(options=options), theirs.reset(options=dict(options)))
    assert ends > 10


def test_other_vector_environments_and_other_spaces() -> None:
    lakes = VectorOneHotObservation(gymnasium.make_vec("FrozenLake-v1", num_envs=2))
    assert lakes.reset(seed=0)[0].tolist() == [[1.0] + [0.0] * 15] * 2
    with pytest.raises(ValueError, match=r"the observation space of a lane is Box.*Discrete ones only"):
        VectorOneHotObservation(gymnasium.make_vec("CartPole-v1", num_envs=2))
