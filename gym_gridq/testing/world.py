"""A small world that puts one property of learning to the test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np

from gym_gridq.checks import DISCOUNT
from gym_gridq.env import GridQEnv
from gym_gridq.layout import Layout

__all__ = ["World"]


@dataclass(frozen=True)
class World:
    """One small world and what a learner must do right to find its optimum.

    Attributes:
        name: what the report calls it.
        tests: the property that it puts to the test.
        rows: the map.
        mistakes: the likeliest reasons to fail here, the likeliest first.
        rewards: discount -> the rewards by letter, so that the optimum is equally clear at any discount.
        max_episode_steps: the time limit.
        slip: see `GridQEnv`.
        random_start: see `GridQEnv`.
        aliased_end: whether the observation of a terminal state is that of the start.
        tolerance: the regret that passes, as a part of the optimal value's size.
        value_tolerance: the error of a learned value that passes, as a part of the largest optimal one's
            size.
        effort: how many times the steps of the others it takes to be learned.
    """

    name: str
    tests: str
    rows: tuple[str, ...]
    mistakes: tuple[str, ...]
    rewards: Callable[[float], dict[str, float]] = lambda discount: {}
    max_episode_steps: int = 100
    slip: float = 0.0
    random_start: bool = False
    aliased_end: bool = False
    tolerance: float = 1e-6
    value_tolerance: float = 0.05
    effort: int = 1

    def make(self, discount: float = DISCOUNT, turns: int = 0) -> gymnasium.Env[Any, Any]:
        """The world as an environment with `Discrete` observations.

        Args:
            discount: the learner's, which the rewards follow.
            turns: quarter turns of the map, against the clock; so no action is the right one everywhere.
        """
        env: gymnasium.Env[Any, Any] = GridQEnv(
            self.layout(discount, turns), self.slip, random_start=self.random_start
        )
        if self.aliased_end:
            env = _EndsLookLikeTheStart(env)
        return gymnasium.wrappers.TimeLimit(env, self.max_episode_steps)

    def layout(self, discount: float = DISCOUNT, turns: int = 0) -> Layout:
        """The map, see `make`."""
        turned = np.rot90([list(row) for row in self.rows], turns)
        return Layout.from_rows(map("".join, turned.tolist()), self.rewards(discount), self.name)

    def __str__(self) -> str:
        return self.name


class _EndsLookLikeTheStart(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Shows the start's observation in terminal states."""

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, info = self.env.step(action)
        if terminated:
            observation = int(self.unwrapped.dynamics.start_states[0])  # type: ignore[attr-defined]
        return observation, reward, terminated, truncated, info
