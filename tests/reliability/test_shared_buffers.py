"""What was observed before a step stays what it was, whichever array the next one is written into."""

from functools import partial

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

import agents
from agents.experience.rollout import ScalarRollout, VectorRollout

BOX = spaces.Box(-100, 100, (2,), np.float32)
SPACES = {
    "array": (BOX, lambda array: array),
    "tuple": (spaces.Tuple([BOX, spaces.Discrete(9)]), lambda array: (array, 3)),
    "dict": (
        spaces.Dict({"a": BOX, "b": spaces.Tuple([BOX])}),
        lambda array: {"a": array, "b": (array[:],)},
    ),
}


class Clock(gymnasium.Env):
    """Shows the time, in the same array at every step or in a new one; an episode lasts seven steps."""

    def __init__(self, shares=True, kind="array"):
        self.observation_space, self._shown = SPACES[kind]
        self.action_space = spaces.Discrete(2)
        self._array, self._shares = np.zeros(2, np.float32), shares

    def _observation(self):
        if not self._shares:
            self._array = self._array.copy()
        self._array[:] = self._time, -self._time
        return self._shown(self._array)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self._time = 0
        return self._observation(), {}

    def step(self, action):
        self._time += 1
        return self._observation(), float(self._time), self._time == 7, False, {}


def flat(value):
    if isinstance(value, dict):
        value = tuple(value.values())
    return [part for item in value for part in flat(item)] if isinstance(value, tuple) else [np.array(value)]


def seen(rollout, action, n_steps=40):
    """Everything that a learner is shown, taken at the time it is shown."""
    rollout.reset(0)
    steps = []
    for _ in range(n_steps):
        shown = flat(rollout.observation)
        steps.append((shown, flat(tuple(rollout.step(action)[:6]))))
    return steps


def assert_equal(some, others):
    for (shown, parts), (other_shown, other_parts) in zip(some, others, strict=True):
        for one, other in zip(shown + parts, other_shown + other_parts, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("kind", SPACES)
def test_one_environment(kind):
    rollouts = [ScalarRollout(Clock(shares, kind)) for shares in (True, False)]
    assert_equal(*(seen(rollout, 0) for rollout in rollouts))


@pytest.mark.lanes
@pytest.mark.parametrize("kind", SPACES)
@pytest.mark.parametrize("mode", ["NextStep", "SameStep", "Disabled"])
@pytest.mark.parametrize("lanes", ["SyncVectorEnv", "AsyncVectorEnv"])
def test_lanes_that_share_their_array(lanes, mode, kind):
    make = getattr(gymnasium.vector, lanes)
    several = []
    for copies in (False, True):
        envs = make([partial(Clock, False, kind)] * 2, copy=copies, autoreset_mode=mode)
        several.append(seen(VectorRollout(envs), np.zeros(2, np.int64)))
        envs.close()
    assert_equal(*several)


@pytest.mark.lanes
@pytest.mark.parametrize("mode", ["NextStep", "Disabled"])
def test_lanes_whose_environments_share_theirs(mode):
    several = []
    for shares in (True, False):
        envs = gymnasium.vector.SyncVectorEnv([partial(Clock, shares)] * 2, copy=False, autoreset_mode=mode)
        several.append(seen(VectorRollout(envs), np.zeros(2, np.int64)))
    assert_equal(*several)


@pytest.mark.lanes
def test_an_end_that_gymnasium_itself_has_lost_is_told():
    """`SyncVectorEnv` resets within the step, and the last observation is in the array that it then fills."""
    envs = gymnasium.vector.SyncVectorEnv([Clock] * 2, autoreset_mode="SameStep")
    with pytest.raises(ValueError, match="writes every observation into one array"):
        seen(VectorRollout(envs), np.zeros(2, np.int64))


def test_what_is_learned_is_the_same():
    learned = []
    for shares in (True, False):
        env = Clock(shares)
        agent = agents.make("dqn", env, seed=0, hidden_sizes=(8,), learning_starts=20)
        agents.train(agent, env, total_steps=200)
        learned.append(agent.state_arrays())
    for name, array in learned[0].items():
        np.testing.assert_array_equal(array, learned[1][name])
    features = learned[0]["replay_features"]
    assert not (features == learned[0]["replay_next_features"]).all(axis=1).any()
