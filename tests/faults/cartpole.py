"""CartPole with a threshold: the test that most libraries have. Tables see it in boxes."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np

from tests.faults.common import N_ACTIONS
from tests.faults.family import Family
from tests.faults.probes import act

__all__ = ["failed"]

THRESHOLD = 195.0
"""The mean return of CartPole-v0's `reward_threshold`, over `EPISODES`."""

EPISODES = 20
STEPS = 60_000
EDGES = (np.array([]), np.array([]), np.linspace(-0.12, 0.12, 7), np.linspace(-1.5, 1.5, 7))
"""Where one box ends and the next begins: position, velocity, angle, angular velocity."""


class Boxed(gymnasium.Wrapper[Any, Any, Any, Any]):
    """CartPole in boxes, with four actions, every other one of which is the same."""

    def __init__(self) -> None:
        super().__init__(gymnasium.make("CartPole-v1", max_episode_steps=200))
        self.observation_space = gymnasium.spaces.Discrete(int(np.prod([len(e) + 1 for e in EDGES])))
        self.action_space = gymnasium.spaces.Discrete(N_ACTIONS)

    def reset(self, **arguments: Any) -> tuple[int, dict[str, Any]]:
        observation, info = self.env.reset(**arguments)
        return self._box(observation), info

    def step(self, action: Any) -> tuple[int, float, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, info = self.env.step(int(action) % 2)
        return self._box(observation), float(reward), terminated, truncated, info

    def _box(self, observation: np.ndarray) -> int:
        box = 0
        for edges, value in zip(EDGES, observation.tolist(), strict=True):
            box = box * (len(edges) + 1) + int(edges.searchsorted(value))
        return box


def failed(family: Family, fault: str, seed: int) -> dict[str, str]:
    """``{"CartPole": "policy"}`` if a learner's mean return stays below the threshold."""
    np.random.seed(seed)  # noqa: NPY002 - what learners seed themselves from
    env = Boxed()
    env.reset(seed=seed)
    policy = family.learner(env, STEPS, fault)
    total = 0.0
    for _ in range(EPISODES):
        state, over = env.reset()[0], False
        while not over:
            state, reward, terminated, truncated, _ = env.step(act(policy, state))
            total += reward
            over = terminated or truncated
    return {} if total / EPISODES >= THRESHOLD else {"CartPole": "policy"}
