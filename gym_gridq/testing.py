"""A check for authors of learners: small worlds with a known optimum, each of which one mistake fails.

Call `check_learner` in a test, or run pytest on this module, one test a world::

    GRIDQ_LEARNER=your_package.module:function pytest --pyargs gym_gridq.testing

Without that variable the reference learner below is checked.
"""

from __future__ import annotations

import os
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, SupportsFloat

import gymnasium
import numpy as np
import numpy.typing as npt

from gym_gridq.checks import DISCOUNT, as_float, as_integer
from gym_gridq.exact.grading import Grade, grade
from gym_gridq.learner_worlds import WORLDS, World
from gym_gridq.wrappers import OneHotObservation

__all__ = ["WORLDS", "LearnerReport", "World", "WorldReport", "check_learner", "learn_by_table"]

TrainFunction = Callable[[Any, int], Any]
"""``train_fn(env, total_steps) -> policy``; the policy is anything `gym_gridq.grade` takes."""

TOTAL_STEPS = 20_000


@dataclass(frozen=True)
class WorldReport:
    """How a learner did in one world.

    Attributes:
        world: the world.
        problem: what went wrong, in words; None if the learner passed.
        steps: environment steps it took.
        grade: what its policy is worth, if it returned one.
        error: what it raised, if it did.
    """

    world: World
    problem: str | None
    steps: int
    grade: Grade | None = None
    error: Exception | None = field(default=None, compare=False)

    @property
    def passed(self) -> bool:
        """Whether the learner's policy is optimal here."""
        return self.problem is None

    def __str__(self) -> str:
        verdict = "passed" if self.passed else f"FAILED: {self.problem}"
        return f"{self.world.name:<15} {self.world.tests:<26} {self.steps:>7} steps  {verdict}"


@dataclass(frozen=True)
class LearnerReport:
    """How a learner did, world by world; printed, a table.

    Attributes:
        worlds: one report a world.
    """

    worlds: tuple[WorldReport, ...]

    @property
    def passed(self) -> bool:
        """Whether every world was passed."""
        return all(world.passed for world in self.worlds)

    @property
    def failed(self) -> dict[str, str]:
        """The properties that failed, by the name of the world that shows it."""
        return {report.world.name: report.world.tests for report in self.worlds if not report.passed}

    def __str__(self) -> str:
        return "\n".join(map(str, self.worlds))


def check_learner(
    train_fn: TrainFunction,
    total_steps: int = TOTAL_STEPS,
    discount: SupportsFloat = DISCOUNT,
    one_hot: bool = False,
    worlds: Iterable[World] = WORLDS,
) -> LearnerReport:
    """Lets a learner loose on small worlds and reports which property of learning it gets wrong.

    Use it in a test as ``report = check_learner(train_fn); assert report.passed, report``.

    Args:
        train_fn: called once a world as ``train_fn(env, total_steps)``; trains on that one environment and
            returns a policy, anything that `gym_gridq.grade` takes.
        total_steps: environment steps for each world. A learner that rounds up to whole rollouts may go
            over; at twice as many steps (or resets) it is stopped.
        discount: the discount that the learner uses, between 0 and 1, both excluded.
        one_hot: whether the observations are one-hot vectors instead of state numbers.
        worlds: the worlds to try.

    Returns:
        A report; nothing that the learner does, raises or returns makes this function raise.

    Raises:
        TypeError: if ``train_fn`` cannot be called.
        ValueError: if ``total_steps`` is no positive integer, or for a discount out of range.
    """
    if not callable(train_fn):
        raise TypeError(f"train_fn is {train_fn!r}; give a function (env, total_steps) -> policy")
    budget = as_integer(total_steps)
    if budget is None or budget < 1:
        raise ValueError(f"total_steps is {total_steps!r}; give a positive integer")
    gamma = as_float(discount)
    if not 0.0 < gamma < 1.0:
        raise ValueError(f"discount is {discount!r}; give a number between 0 and 1, both excluded")
    return LearnerReport(tuple(_check(world, train_fn, budget, gamma, one_hot) for world in worlds))


def learn_by_table(
    env: gymnasium.Env[Any, Any],
    total_steps: int,
    discount: float = DISCOUNT,
    learning_rate: float = 0.1,
    seed: int = 0,
) -> npt.NDArray[np.float64]:
    """The reference learner: tabular Q-learning (Sutton & Barto, section 6.5) with falling exploration.

    Args:
        env: an environment with `Discrete` observations and actions.
        total_steps: environment steps.
        discount: in [0, 1].
        learning_rate: step size, in (0, 1].
        seed: seeds exploration.

    Returns:
        The learned Q-values, ``(S, A)``.
    """
    assert isinstance(env.observation_space, gymnasium.spaces.Discrete)
    assert isinstance(env.action_space, gymnasium.spaces.Discrete)
    random = np.random.default_rng(seed)
    n_actions = int(env.action_space.n)
    q = np.zeros((int(env.observation_space.n), n_actions))
    state, _ = env.reset()
    for step in range(total_steps):
        epsilon = 1 - 0.95 * step / total_steps
        explores = random.random() < epsilon
        action = int(random.integers(n_actions)) if explores else int(q[state].argmax())
        next_state, reward, terminated, truncated, _ = env.step(action)
        # Only a terminal state is worth nothing for certain; an episode cut short would have gone on.
        target = float(reward) + (0.0 if terminated else discount * q[next_state].max())
        q[state, action] += learning_rate * (target - q[state, action])
        state = env.reset()[0] if terminated or truncated else next_state
    return q


class _Stopped(BaseException):
    """Ends a learner that goes on past its budget; no ``except Exception`` of its own holds it up."""


class _Budget(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Counts steps, stops a learner that takes too many, and lets none go on in an episode that is over."""

    def __init__(self, env: gymnasium.Env[Any, Any], limit: int) -> None:
        super().__init__(env)
        self.steps = 0
        self.resets = 0
        self._limit = limit
        self._running = False

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, Any]:
        if self.resets > self._limit:
            raise _Stopped
        if self.resets == 0 and seed is None:
            seed = 0  # a learner that does not seed meets the same luck every time
        self.resets += 1
        self._running = True
        return self.env.reset(seed=seed, options=options)

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        if not self._running:
            raise gymnasium.error.ResetNeeded("the episode is over or never began; call reset() first")
        if self.steps == self._limit:
            raise _Stopped
        self.steps += 1
        observation, reward, terminated, truncated, info = self.env.step(action)
        self._running = not (terminated or truncated)
        return observation, reward, terminated, truncated, info


def _check(
    world: World, train_fn: TrainFunction, total_steps: int, discount: float, one_hot: bool
) -> WorldReport:
    env = world.make(discount)
    env = counted = _Budget(OneHotObservation(env) if one_hot else env, limit=2 * total_steps)
    try:
        policy = train_fn(env, total_steps)
    except _Stopped:
        problem = f"was given {total_steps} steps and did not return after {2 * total_steps} steps or resets"
        return WorldReport(world, problem, counted.steps)
    except Exception as error:
        return WorldReport(world, f"raised {error!r}", counted.steps, error=error)
    if policy is None:
        return WorldReport(world, "returned None; return a policy", counted.steps)
    try:
        result = grade(env, policy, discount)
    except (TypeError, ValueError, RuntimeError) as error:
        return WorldReport(world, f"returned no usable policy: {error}", counted.steps, error=error)
    if result.regret <= world.tolerance * result.optimal_value:
        return WorldReport(world, None, counted.steps, result)
    worth = f"its policy is worth {result.value:.4f}, the optimum {result.optimal_value:.4f}"
    return WorldReport(world, f"{worth}; look at {world.tests}", counted.steps, result)


def pytest_generate_tests(metafunc: Any) -> None:
    """Makes one test a world when pytest runs this module."""
    metafunc.parametrize("world", WORLDS, ids=str)


def test_learner(world: World) -> None:
    """Checks the learner named by ``GRIDQ_LEARNER`` (``module:function``), else the reference learner."""
    train_fn = pkgutil.resolve_name(os.environ.get("GRIDQ_LEARNER", "gym_gridq.testing:learn_by_table"))
    report = check_learner(train_fn, worlds=[world])
    assert report.passed, report
