"""Small worlds with a known optimum, each of which one mistake of a learner fails (`gym_gridq.testing`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gymnasium

from gym_gridq.checks import DISCOUNT
from gym_gridq.env import GridQEnv
from gym_gridq.layout import Layout

__all__ = ["WORLDS", "World"]


@dataclass(frozen=True)
class World:
    """One small world and what a learner must do right to find its optimum.

    Attributes:
        name: what the report calls it.
        tests: the property that it puts to the test.
        rows: the map.
        rewards: discount -> the rewards by letter, so that the optimum is equally clear at any discount.
        max_episode_steps: the time limit.
        slip: see `GridQEnv`.
        random_start: see `GridQEnv`.
        aliased_end: whether the observation of a terminal state is that of the start.
        tolerance: the regret that passes, as a part of the optimal value.
    """

    name: str
    tests: str
    rows: tuple[str, ...]
    rewards: Callable[[float], dict[str, float]] = lambda discount: {}
    max_episode_steps: int = 100
    slip: float = 0.0
    random_start: bool = False
    aliased_end: bool = False
    tolerance: float = 1e-6

    def make(self, discount: float = DISCOUNT) -> gymnasium.Env[Any, Any]:
        """The world as an environment with `Discrete` observations."""
        layout = Layout.from_rows(self.rows, self.rewards(discount), self.name)
        env: gymnasium.Env[Any, Any] = GridQEnv(layout, self.slip, random_start=self.random_start)
        if self.aliased_end:
            env = _EndsLookLikeTheStart(env)
        return gymnasium.wrappers.TimeLimit(env, self.max_episode_steps)

    def __str__(self) -> str:
        return self.name


WORLDS = (
    # Either neighbour ends the episode, so nothing but the last reward is there to learn from.
    World("one-step", "learning from the last step", ("HSG",)),
    # A terminal state is worth nothing, whatever its observation looks like. Who bootstraps from it takes the
    # near prize over and over, since near / (1 - d) > d / (1 - d^2), though near < d.
    World(
        "two-doors",
        "termination",
        ("HS.G",),
        lambda discount: {"H": 0.2 * discount + 0.8 * discount / (1 + discount)},
        aliased_end=True,
    ),
    # The two left cells are nearer to the smaller prize than it is worth less, the others are not.
    World(
        "corridor",
        "discounting",
        ("HSSSSSSG",),
        lambda discount: {"H": discount**3},
    ),
    # A prize next to the start, and a larger one behind a loss.
    World(
        "past-the-pit",
        "exploration",
        ("HSP.G",),
        lambda discount: {"H": 0.1 * discount**2, "P": -0.2 * discount**2},
    ),
    # A walk between holes that mostly goes well. Who keeps the last outcome instead of the mean turns back,
    # or jumps, after the first fall.
    World(
        "slippery-bridge",
        "stochastic dynamics: means",
        ("HHHHH", "S...G", "HHHHH"),
        slip=0.2,
        random_start=True,
        tolerance=0.05,
    ),
    # The short way runs along holes. Who counts on the likeliest outcome alone takes it.
    World(
        "slippery-ledge",
        "stochastic dynamics: risks",
        ("....", "S..G", "HHHH"),
        slip=0.3,
        random_start=True,
        tolerance=0.05,
    ),
    # Nothing ever ends but the time: standing on S pays for ever, standing on P pays less. Who takes the
    # time limit for an end sees half of every prize, and stays where some is.
    World(
        "time-limit",
        "truncation",
        ("P..S#G",),
        lambda discount: {"S": 1.0, "P": 0.4 * discount**2},
        max_episode_steps=2,
        random_start=True,
    ),
    World("book", "all of it together", ("...G", ".#.P", "S...")),
)
"""The worlds, the simplest first."""


class _EndsLookLikeTheStart(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Shows the start's observation in terminal states."""

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, info = self.env.step(action)
        if terminated:
            observation = int(self.unwrapped.dynamics.start_states[0])  # type: ignore[attr-defined]
        return observation, reward, terminated, truncated, info
