"""Wrappers and environments as users write them, each with state in another place.

`EXACT` go on exactly after a resume, `SAID` begin a new episode and say so.
"""

from __future__ import annotations

import itertools
import random
import threading
from collections import Counter, defaultdict, deque
from functools import lru_cache, partial
from typing import Any, ClassVar

import gymnasium
import numpy as np

import gym_gridq


def grid(**kwargs):
    return gymnasium.make("GridQ-v0", slip=0.3, max_episode_steps=20, **kwargs)


class CountBonus(gymnasium.Wrapper):
    """A dict that grows."""

    kind: Any = dict

    def __init__(self, env):
        super().__init__(env)
        self.counts = self.kind()

    def step(self, action):
        observation, reward, *rest = self.env.step(action)
        self.counts[observation] = self.counts.get(observation, 0) + 1
        return observation, reward + 1 / self.counts[observation] ** 0.5, *rest


class CounterBonus(CountBonus):
    kind = Counter


class DefaultDictBonus(gymnasium.Wrapper):
    """Lists in a defaultdict."""

    def __init__(self, env):
        super().__init__(env)
        self.seen = defaultdict(list)

    def step(self, action):
        observation, reward, *rest = self.env.step(action)
        self.seen[observation, action].append(reward)
        return observation, reward + len(self.seen[observation, action]), *rest


class VisitedSet(gymnasium.Wrapper):
    def __init__(self, env):
        super().__init__(env)
        self.visited = set()

    def step(self, action):
        observation, reward, *rest = self.env.step(action)
        bonus = float(observation not in self.visited)
        self.visited.add(observation)
        return observation, reward + bonus, *rest


class NoisyReward(gymnasium.Wrapper):
    """Draws from the action space, whose generator nobody thinks of."""

    def __init__(self, env):
        super().__init__(env)
        self.action_space.seed(5)

    def step(self, action):
        observation, reward, *rest = self.env.step(action)
        return observation, reward + int(self.action_space.sample()), *rest


class OwnGenerator(gymnasium.Wrapper):
    def __init__(self, env):
        super().__init__(env)
        self.rng = np.random.default_rng(3)

    def step(self, action):
        observation, reward, *rest = self.env.step(action)
        return observation, reward + self.rng.normal(), *rest


class SharedGenerator(gymnasium.Wrapper):
    """Holds the generator of what it wraps."""

    def reset(self, **kwargs):
        result = self.env.reset(**kwargs)
        self.rng = self.unwrapped.np_random
        return result

    def step(self, action):
        observation, reward, *rest = self.env.step(action)
        return observation, reward + self.rng.random(), *rest


class Total(gymnasium.Wrapper):
    """Every attribute changes its type while it goes: int to float, None to a value, one made in step."""

    def __init__(self, env):
        super().__init__(env)
        self.total, self.last = 0, None

    def step(self, action):
        observation, reward, *rest = self.env.step(action)
        self.total += reward
        self.mean = np.float32(self.total) / 2
        previous, self.last = self.last, np.int16(observation)
        self.made_late = (self.last, complex(reward, 1), b"x", "text", np.longdouble(reward))
        return observation, float(self.total + self.mean + (previous or 0)), *rest


class ClassDefault(gymnasium.Wrapper):
    """An attribute of the class becomes one of the object."""

    n_steps = 0

    def step(self, action):
        observation, reward, *rest = self.env.step(action)
        self.n_steps += 1
        return observation, reward + self.n_steps, *rest


class RunningMean:
    def __init__(self):
        self.n, self.mean = 0, 0.0

    def __call__(self, reward):
        self.n += 1
        self.mean += (reward - self.mean) / self.n
        return self.mean


class WithHelper(gymnasium.Wrapper):
    """An object of the user's, which knows its owner."""

    def __init__(self, env):
        super().__init__(env)
        self.helper = RunningMean()
        self.helper.owner = self
        self.change = self.changed

    def changed(self, reward):
        return self.helper.owner.helper(reward)

    def step(self, action):
        observation, reward, *rest = self.env.step(action)
        return observation, self.change(reward), *rest


class LastFrames(gymnasium.Wrapper):
    """The same array stands in several places of a deque."""

    def __init__(self, env):
        super().__init__(env)
        self.frames = deque(maxlen=3)

    def reset(self, **kwargs):
        observation, info = self.env.reset(**kwargs)
        frame = np.array([observation])
        self.frames.extend([frame] * 3)
        return observation, info

    def step(self, action):
        observation, _, *rest = self.env.step(action)
        self.frames[0][0] += 1  # seen in all three at first
        self.frames.append(np.array([observation]))
        return observation, float(sum(frame[0] for frame in self.frames)), *rest


class TellsItself(gymnasium.Wrapper):
    """What it holds cannot be looked into, but it says what it is."""

    def __init__(self, env):
        super().__init__(env)
        self.count = itertools.count()
        self.n = 0

    def step(self, action):
        observation, reward, *rest = self.env.step(action)
        self.n = next(self.count) + 1
        return observation, reward + self.n, *rest

    def snapshot(self):
        return {"n": self.n, "env": self.unwrapped.snapshot(), "limit": self.env._elapsed_steps}

    def restore(self, data):
        self.n, self.count = data["n"], itertools.count(data["n"])
        self.unwrapped.restore(data["env"])
        self.env._elapsed_steps = data["limit"]


class Walk(gymnasium.Env):
    """A whole environment in plain Python, which returns the same array at every step."""

    action_space = gymnasium.spaces.Discrete(2)
    dtype: Any = np.float32

    def __init__(self):
        self.observation_space = gymnasium.spaces.Box(-1e6, 1e6, (2,), np.float64)
        self.place = np.zeros(2, self.dtype)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place[:] = 0
        self.length = 0
        return self.place, {}

    def step(self, action):
        self.place += self.np_random.normal(size=2) + action
        self.length += 1
        return self.place, float(self.place.sum()), bool(self.place[0] > 5), self.length >= 12, {}


class BigEndianWalk(Walk):
    dtype = ">f4"


class LongWalk(Walk):
    dtype = np.longdouble


class ViewWalk(Walk):
    """What it returns is a window on what it holds."""

    def step(self, action):
        observation, *rest = super().step(action)
        return observation[:], *rest


class TextWalk(Walk):
    """Texts and complex numbers in arrays."""

    def step(self, action):
        self.names = np.array(["left", "right"])
        self.waves = np.array([1j, 2.0]) * self.length
        observation, reward, *rest = super().step(action)
        return observation, reward + abs(self.waves).sum() + len(self.names[action]), *rest


class ObjectWalk(Walk):
    """An array of anything."""

    def step(self, action):
        self.things = np.array([self, None], object)
        return super().step(action)


class BiggerGrid(gym_gridq.GridQEnv):
    """Adds state to a class whose snapshot knows nothing of it."""

    def __init__(self):
        super().__init__(slip=0.3)
        self.fuel = 10

    def reset(self, **kwargs):
        self.fuel = 10
        return super().reset(**kwargs)

    def step(self, action):
        observation, reward, terminated, _, info = super().step(action)
        self.fuel -= 1
        return observation, reward + self.fuel, terminated, self.fuel == 0, info


class ClassCounter(gymnasium.Wrapper):
    """Counts on the class, for all of its kind."""

    n_steps: ClassVar[dict[str, int]] = {"all": 0}

    def step(self, action):
        observation, reward, *rest = self.env.step(action)
        self.n_steps["all"] += 1
        return observation, reward + self.n_steps["all"], *rest


class GlobalNumPy(gymnasium.Wrapper):
    def step(self, action):
        observation, reward, *rest = self.env.step(action)
        return observation, reward + np.random.rand(), *rest  # noqa: NPY002 - that is the point


class GlobalRandom(gymnasium.Wrapper):
    def step(self, action):
        observation, reward, *rest = self.env.step(action)
        return observation, reward + random.random(), *rest


class LateImport(gymnasium.Wrapper):
    def step(self, action):
        import random as chance

        observation, reward, *rest = self.env.step(action)
        return observation, reward + chance.random(), *rest


class Cycle(gymnasium.Wrapper):
    """An iterator that cannot be asked where it is."""

    def __init__(self, env):
        super().__init__(env)
        self.prices = itertools.cycle([1.0, 2.0, 3.0])

    def step(self, action):
        observation, reward, *rest = self.env.step(action)
        return observation, reward + next(self.prices), *rest


class Slots:
    __slots__ = ("n",)


class WithSlots(gymnasium.Wrapper):
    def __init__(self, env):
        super().__init__(env)
        self.slots = Slots()
        self.slots.n = 0

    def step(self, action):
        observation, reward, *rest = self.env.step(action)
        self.slots.n += 1
        return observation, reward + self.slots.n, *rest


class MyDict(dict):
    n = 0


class WithMyDict(CountBonus):
    kind = MyDict


class WithLock(gymnasium.Wrapper):
    def __init__(self, env):
        super().__init__(env)
        self.lock = threading.Lock()


class Remembering(gymnasium.Wrapper):
    """A cache that knows how often it was asked."""

    def step(self, action):
        observation, reward, *rest = self.env.step(action)
        remembered(len(str(reward)))
        return observation, reward + remembered.cache_info().hits, *rest


class LegacyGenerator(gymnasium.Wrapper):
    def __init__(self, env):
        super().__init__(env)
        self.rng = np.random.RandomState(0)

    def step(self, action):
        observation, reward, *rest = self.env.step(action)
        return observation, reward + self.rng.rand(), *rest


class StringSet(gymnasium.Wrapper):
    """The order of its set decides, and differs from process to process."""

    def __init__(self, env):
        super().__init__(env)
        self.names = {f"name {number}" for number in range(50)}

    def step(self, action):
        observation, reward, *rest = self.env.step(action)
        return observation, reward + float(next(iter(self.names))[5:]), *rest


@lru_cache(maxsize=100)
def remembered(number):
    return number


EARLIER_REWARDS: list[float] = []


def mean_so_far(reward):
    EARLIER_REWARDS.append(reward)
    return sum(EARLIER_REWARDS) / len(EARLIER_REWARDS)


def added_to(rewards, reward):
    rewards.append(reward)
    return sum(rewards)


def with_function_attribute(reward):
    with_function_attribute.calls += 1
    return reward + with_function_attribute.calls


with_function_attribute.calls = 0


def in_a_closure():
    calls = 0

    def changed(reward):
        nonlocal calls
        calls += 1
        return reward + calls

    return changed


def holding_an_array(env):
    totals = np.zeros(1)
    env.totals = totals

    def changed(reward):
        totals[0] += reward
        return float(totals[0])

    return changed


def rewards_of(change):
    return lambda: gymnasium.wrappers.TransformReward(grid(), change())


def sharing():
    env = grid()
    return gymnasium.wrappers.TransformReward(env, holding_an_array(env))


def random_lake():
    return gymnasium.make("FrozenLake-v1", map_name=None)


EXACT = {
    "window on its own buffer": ViewWalk,
    "dict": lambda: CountBonus(grid()),
    "Counter": lambda: CounterBonus(grid()),
    "defaultdict of lists": lambda: DefaultDictBonus(grid()),
    "set of cells": lambda: VisitedSet(grid()),
    "draws from the action space": lambda: NoisyReward(grid()),
    "a generator of its own": lambda: OwnGenerator(grid()),
    "a shared generator": lambda: SharedGenerator(gymnasium.make("FrozenLake-v1")),
    "types that change": lambda: Total(grid()),
    "attribute of the class made its own": lambda: ClassDefault(grid()),
    "stateful object as a function": rewards_of(RunningMean),
    "helper object and bound method": lambda: WithHelper(grid()),
    "deque of shared arrays": lambda: LastFrames(grid()),
    "tells itself": lambda: TellsItself(grid()),
    "constant function": rewards_of(lambda: lambda reward: 2 * reward),
    "buffer of its own": Walk,
    "big-endian observations": BigEndianWalk,
    "longdouble observations": LongWalk,
    "texts and complex arrays": TextWalk,
}
SAID = {
    "adds state to GridQEnv": BiggerGrid,
    "generator of one that tells itself": lambda: SharedGenerator(grid()),
    "array of objects": ObjectWalk,
    "counter on the class": lambda: ClassCounter(grid()),
    "NumPy's global generator": lambda: GlobalNumPy(grid()),
    "the global generator": lambda: GlobalRandom(grid()),
    "late import": lambda: LateImport(grid()),
    "iterator": lambda: Cycle(grid()),
    "slots": lambda: WithSlots(grid()),
    "kind of dict": lambda: WithMyDict(grid()),
    "lock": lambda: WithLock(grid()),
    "cache": lambda: Remembering(grid()),
    "RandomState": lambda: LegacyGenerator(grid()),
    "set of texts": lambda: StringSet(grid()),
    "global list": rewards_of(lambda: mean_so_far),
    "partial with a list": rewards_of(lambda: partial(added_to, [])),
    "attribute of a function": rewards_of(lambda: with_function_attribute),
    "closure": rewards_of(in_a_closure),
    "array shared with a closure": sharing,
    "map drawn anew": random_lake,
}
