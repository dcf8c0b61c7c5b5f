"""check_learner: lets a learner loose on small worlds and says what it gets wrong."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, SupportsFloat

import gymnasium
import numpy as np

from gym_gridq.checks import DISCOUNT, as_float, as_integer
from gym_gridq.testing.judging import judge
from gym_gridq.testing.report import LearnerReport, RunReport, WorldReport
from gym_gridq.testing.watching import Record, Stopped, Watched
from gym_gridq.testing.world import World
from gym_gridq.testing.worlds import WORLDS
from gym_gridq.wrappers import OneHotObservation

if TYPE_CHECKING:
    from gymnasium.vector import AutoresetMode

__all__ = ["TOTAL_STEPS", "TrainFunction", "check_learner"]

TrainFunction = Callable[[Any, int], Any]
"""``train_fn(env, total_steps) -> policy``; the policy is anything `gym_gridq.grade` takes, or `Learned`."""

TOTAL_STEPS = 20_000


def check_learner(
    train_fn: TrainFunction,
    total_steps: int = TOTAL_STEPS,
    discount: SupportsFloat = DISCOUNT,
    one_hot: bool = False,
    worlds: Iterable[World] = WORLDS,
    *,
    num_envs: int | None = None,
    autoreset_mode: AutoresetMode | str | None = None,
    vectorization_mode: str = "vector_entry_point",
    seeds: Iterable[int] = (0, 1, 2),
) -> LearnerReport:
    """Lets a learner loose on small worlds and reports which property of learning it gets wrong.

    Use it in a test as ``report = check_learner(train_fn); assert report.passed, report``; for a first look
    with ``worlds=QUICK, seeds=(0,)``.

    Args:
        train_fn: called once a world and seed as ``train_fn(env, total_steps)``; trains on that one
            environment and returns a policy, anything that `gym_gridq.grade` takes, or `Learned`. Q-values
            and values that it returns are judged too.
        total_steps: environment steps for each world, those of all lanes together; worlds with an ``effort``
            give more. A learner that rounds up to whole rollouts may go over; at twice as many steps (or
            resets) it is stopped.
        discount: the discount that the learner uses, between 0 and 1, both excluded.
        one_hot: whether the observations are one-hot vectors instead of state numbers.
        worlds: the worlds to try.
        num_envs: hand over a vector environment of so many lanes; None for a scalar one. Needs Gymnasium 1.1.
        autoreset_mode: how its lanes begin their next episode; ``"NextStep"`` where nothing is said.
        vectorization_mode: ``"vector_entry_point"`` for our own vector environment, ``"sync"`` for
            Gymnasium's `SyncVectorEnv`, as `gymnasium.make_vec` calls them.
        seeds: every world is learned once with each: it seeds the first reset, if the learner does not, and
            `random` and `np.random`, which are put back afterwards. With every seed the map is turned by
            another quarter.

    Returns:
        A report; nothing that the learner does, raises or returns makes this function raise.

    Raises:
        TypeError: if ``train_fn`` cannot be called.
        ValueError: if ``total_steps``, ``num_envs`` or a seed is no such integer, for a discount out of
            range, an unknown mode, no seed at all, no world at all, or one that is no `World`.
    """
    if not callable(train_fn):
        raise TypeError(f"train_fn is {train_fn!r}; give a function (env, total_steps) -> policy")
    budget = as_integer(total_steps)
    if budget is None or budget < 1:
        raise ValueError(f"total_steps is {total_steps!r}; give a positive integer")
    gamma = as_float(discount)
    if not 0.0 < gamma < 1.0:
        raise ValueError(f"discount is {discount!r}; give a number between 0 and 1, both excluded")
    make = _maker(num_envs, autoreset_mode, vectorization_mode)
    checked_seeds = _checked_seeds(seeds)
    checked_worlds = _checked_worlds(worlds)
    return LearnerReport(
        tuple(
            WorldReport(
                world,
                gamma,
                tuple(
                    _run(world, train_fn, budget * world.effort, gamma, one_hot, seed, make)
                    for seed in checked_seeds
                ),
            )
            for world in checked_worlds
        )
    )


Maker = Callable[[World, float, int, Record, int, bool], Any]
"""``(world, discount, turns, record, seed, one_hot)`` -> what the learner is handed."""


def _maker(num_envs: Any, autoreset_mode: Any, vectorization_mode: Any) -> Maker:
    """What makes the environments that were asked for.

    Raises:
        ValueError: see `check_learner`.
    """
    if vectorization_mode not in ("vector_entry_point", "sync"):
        raise ValueError(f"vectorization_mode is {vectorization_mode!r}; give 'vector_entry_point' or 'sync'")
    if num_envs is None:
        if autoreset_mode is not None:
            raise ValueError("autoreset_mode says how lanes begin their next episode; give num_envs too")
        return _make_scalar
    n_lanes = as_integer(num_envs)
    if n_lanes is None or n_lanes < 1:
        raise ValueError(f"num_envs is {num_envs!r}; give a positive integer, or None")
    # Brought in when asked for: on Gymnasium < 1.1 all else works without lanes.
    from gymnasium.vector import AutoresetMode

    from gym_gridq.testing.lanes import WatchedLanes, make_lanes
    from gym_gridq.vector_wrappers import VectorOneHotObservation

    try:
        mode = AutoresetMode.NEXT_STEP if autoreset_mode is None else AutoresetMode(autoreset_mode)
    except ValueError:
        values = ", ".join(repr(mode.value) for mode in AutoresetMode)
        raise ValueError(
            f"autoreset_mode is {autoreset_mode!r}; give an AutoresetMode or one of {values}"
        ) from None

    def make(world: World, discount: float, turns: int, record: Record, seed: int, one_hot: bool) -> Any:
        envs = make_lanes(world, discount, turns, n_lanes, mode, vectorization_mode == "sync")
        watched = WatchedLanes(envs, record, seed)
        return VectorOneHotObservation(watched) if one_hot else watched

    return make


def _make_scalar(
    world: World, discount: float, turns: int, record: Record, seed: int, one_hot: bool
) -> gymnasium.Env[Any, Any]:
    env = Watched(world.make(discount, turns), record, seed)
    return OneHotObservation(env) if one_hot else env


def _checked_seeds(seeds: Any) -> tuple[int, ...]:
    try:
        numbers = [as_integer(seed) for seed in seeds]
    except TypeError:
        numbers = []
    checked = tuple(number for number in numbers if number is not None and 0 <= number < 2**32)
    if not numbers or len(checked) < len(numbers):
        raise ValueError(
            f"seeds is {seeds!r}; give one or more integers from 0 to 2**32 - 1, such as (0, 1, 2)"
        )
    return checked


def _checked_worlds(worlds: Any) -> tuple[World, ...]:
    """At least one: a learner that is tried in no world would pass."""
    checked = tuple(worlds) if isinstance(worlds, Iterable) else ()
    if not checked or not all(isinstance(world, World) for world in checked):
        raise ValueError(
            f"worlds is {worlds!r:.80}; give one or more of gym_gridq.testing.WORLDS, such as "
            "[world for world in WORLDS if world.name == 'book']"
        )
    return checked


@contextmanager
def _global_seed(seed: int) -> Iterator[None]:
    """Seeds the random numbers that careless learners draw from, and puts their state back."""
    before, numpy_before = random.getstate(), np.random.get_state()  # noqa: NPY002 - the learner's
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(before)
        np.random.set_state(numpy_before)  # noqa: NPY002


def _run(
    world: World,
    train_fn: TrainFunction,
    total_steps: int,
    discount: float,
    one_hot: bool,
    seed: int,
    make: Maker,
) -> RunReport:
    turns = seed % 4
    judged = world.make(discount, turns)
    dynamics = judged.unwrapped.dynamics  # type: ignore[attr-defined]
    record = Record(dynamics, total_steps)
    started = time.process_time()

    def report(problem: str | None, **details: Any) -> RunReport:
        return RunReport(seed, dynamics, problem, record.steps, time.process_time() - started, **details)

    with _global_seed(seed):
        try:
            answer = train_fn(make(world, discount, turns, record, seed, one_hot), total_steps)
        except Stopped:
            limit = f"{2 * total_steps} steps or resets"
            return report(f"was given {total_steps} steps and did not return after {limit}")
        except Exception as error:
            return report(f"raised {error!r}", error=error)
        if answer is None:
            return report("returned None; return a policy")
        try:
            verdict = judge(world, judged, record, answer, discount, one_hot)
        except (TypeError, ValueError, RuntimeError) as error:
            return report(f"returned no usable policy: {error}", error=error)
    return report(
        verdict.problem, grade=verdict.grade, actions=verdict.actions, value_error=verdict.value_error
    )
