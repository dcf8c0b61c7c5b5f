"""check_learner, proved: a right learner passes, and each wrong one fails in the world meant to catch it.

``python -m tests.gym_gridq.test_testing`` prints which wrong learner fails where.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import gymnasium
import numpy as np
import pytest

import gym_gridq
from gym_gridq.checks import DISCOUNT
from gym_gridq.testing import WORLDS, LearnerReport, check_learner, learn_by_table

BY_NAME = {world.name: world for world in WORLDS}


@dataclass(frozen=True)
class Learner:
    """Tabular Q-learning with a place for every mistake; as it stands, without one."""

    discount: float = DISCOUNT
    learning_rate: float = 0.1
    explores: bool = True
    learns_from_last_step: bool = True
    stops_at_termination: bool = True
    stops_at_truncation: bool = False
    looks_into_next_episode: bool = False
    resets: bool = True

    def __call__(self, env: Any, total_steps: int) -> np.ndarray:
        random = np.random.default_rng(0)
        q = np.zeros((env.observation_space.n, 4))
        state, _ = env.reset()
        for step in range(total_steps):
            explores = self.explores and random.random() < 1 - 0.95 * step / total_steps
            # Ties are broken at random, so that even the learner that never explores gets about.
            preference = 0.0 if explores else q[state]
            action = int((preference + 1e-9 * random.random(4)).argmax())
            next_state, reward, terminated, truncated, _ = env.step(action)
            over = terminated or truncated
            first_state = env.reset()[0] if over and self.resets else next_state
            bootstraps = not (terminated and self.stops_at_termination)
            bootstraps &= not (truncated and self.stops_at_truncation)
            seen_next = first_state if self.looks_into_next_episode and truncated else next_state
            target = reward + self.discount * bootstraps * q[seen_next].max()
            if self.learns_from_last_step or not terminated:
                q[state, action] += self.learning_rate * (target - q[state, action])
            state = first_state
        return q


def plans_without_chance(env: Any, total_steps: int) -> np.ndarray:
    """Takes the likeliest outcome of a move for the only one."""
    dynamics = env.unwrapped.dynamics
    calm = gym_gridq.Dynamics(dynamics.layout, random_start=dynamics.random_start)
    return gym_gridq.solve(calm, DISCOUNT).q


WRONG_LEARNERS: dict[str, tuple[Callable[[Any, int], Any], str]] = {
    "throws the last step away": (Learner(learns_from_last_step=False), "one-step"),
    "bootstraps from terminal states": (Learner(stops_at_termination=False), "two-doors"),
    "does not discount": (Learner(discount=1.0), "corridor"),
    "discounts too little": (Learner(discount=0.99), "corridor"),
    "discounts too much": (Learner(discount=0.7), "corridor"),
    "never explores": (Learner(explores=False), "past-the-pit"),
    "keeps only the last outcome": (Learner(learning_rate=1.0), "slippery-bridge"),
    "plans without chance": (plans_without_chance, "slippery-ledge"),
    "takes the time limit for an end": (Learner(stops_at_truncation=True), "time-limit"),
    "bootstraps from the next episode": (Learner(looks_into_next_episode=True), "time-limit"),
}
"""Each wrong learner with the world meant to catch it."""

FAIL_IN_OTHERS_TOO = {"throws the last step away", "never explores", "keeps only the last outcome"}
"""The first two find no prize to learn from; the third may also fall on the ledge, with bad luck."""

STEPS = 8_000
"""Enough for a right learner in every world; keeps the tests short."""


def test_the_reference_learner_passes_every_world():
    report = check_learner(learn_by_table)
    assert report.passed, report
    assert report.failed == {}
    assert [world.steps for world in report.worlds] == [20_000] * len(WORLDS)


def test_the_learner_of_this_test_is_right_before_it_is_broken():
    report = check_learner(Learner(), STEPS)
    assert report.passed, report


@pytest.mark.parametrize("seed", [1, 2])
def test_a_right_learner_passes_with_any_luck(seed):
    report = check_learner(partial(learn_by_table, seed=seed), STEPS)
    assert report.passed, report


@pytest.mark.parametrize("discount", [0.8, 0.95])
def test_the_worlds_follow_the_learners_discount(discount):
    report = check_learner(partial(learn_by_table, discount=discount), STEPS, discount)
    assert report.passed, report


@pytest.mark.parametrize("mistake", WRONG_LEARNERS)
def test_each_mistake_is_named_by_its_world_and_by_no_other(mistake):
    learner, meant_to_catch_it = WRONG_LEARNERS[mistake]
    report = check_learner(learner, STEPS)
    assert not report.passed
    assert report.failed[meant_to_catch_it] == BY_NAME[meant_to_catch_it].tests, report
    if mistake not in FAIL_IN_OTHERS_TOO:
        assert list(report.failed) == [meant_to_catch_it], report


def test_the_report_is_a_table_with_the_property_that_failed():
    worlds = [BY_NAME["book"], BY_NAME["time-limit"]]
    report = check_learner(Learner(stops_at_truncation=True), STEPS, worlds=worlds)
    passed, failed = str(report).splitlines()
    assert passed.startswith("book")
    assert passed.endswith("passed")
    assert failed.startswith("time-limit")
    assert "truncation" in failed
    assert "FAILED: its policy is worth" in failed


@pytest.mark.parametrize("world", WORLDS, ids=str)
@pytest.mark.parametrize("discount", [0.5, 0.9, 0.99])
def test_the_optimum_of_each_world_is_clear_at_any_discount(world, discount):
    env = world.make(discount)
    optimum = gym_gridq.solve(env, discount)
    starts = env.unwrapped.dynamics.start_states
    for q in optimum.q[starts]:
        second, best = np.unique(q.round(12))[-2:]  # ties are no choice
        assert best - second > 0.001
    assert gym_gridq.grade(env, optimum.q, discount).regret == pytest.approx(0, abs=1e-12)


def test_one_hot_observations_reach_learner_and_policy():
    seen = []

    def train(env, total_steps):
        assert env.observation_space == gymnasium.spaces.Box(0, 1, (12,), np.float32)
        states = learn_by_table(_StatesAgain(env), total_steps)

        def policy(observation):
            seen.append(observation.shape)
            return states[observation.argmax()].argmax()

        return policy

    report = check_learner(train, STEPS, one_hot=True, worlds=[BY_NAME["book"]])
    assert report.passed, report
    assert set(seen) == {(12,)}


class _StatesAgain(gymnasium.ObservationWrapper):
    def __init__(self, env):
        super().__init__(env)
        self.observation_space = gymnasium.spaces.Discrete(12)

    def observation(self, observation):
        return int(observation.argmax())


def steps_for_ever(env, total_steps):
    while True:
        with contextlib.suppress(Exception):  # as careless training loops do
            env.reset()
            while True:
                env.step(0)


def resets_for_ever(env, total_steps):
    while True:
        env.reset()


@pytest.mark.parametrize("train_fn", [steps_for_ever, resets_for_ever])
def test_a_learner_that_never_returns_is_stopped_by_its_step_budget(train_fn):
    report = check_learner(train_fn, total_steps=50)
    assert set(report.failed) == set(BY_NAME)
    for world in report.worlds:
        assert world.problem == "was given 50 steps and did not return after 100 steps or resets"
        assert world.steps <= 100


def test_a_learner_may_round_up_to_whole_rollouts():
    def train(env, total_steps):
        learn_by_table(env, total_steps + 48)
        return gym_gridq.solve(env).q

    report = check_learner(train, total_steps=50)
    assert report.passed, report
    assert {world.steps for world in report.worlds} == {98}


def test_a_learner_that_returns_no_policy_is_told_so():
    report = check_learner(lambda env, total_steps: None, worlds=[BY_NAME["book"]])
    assert report.worlds[0].problem == "returned None; return a policy"


@pytest.mark.parametrize(
    ("policy", "complaint"),
    [
        ("up", "the policy is 'up'; give an object with predict"),
        (np.zeros((3, 3)), "the policy is an array of shape (3, 3)"),
        (lambda observation: 4, "the policy's action in state 0 is 4"),
        (lambda observation: 1 / 0, "the policy raised ZeroDivisionError"),
        (np.full((12, 4), np.nan), "the Q-values of state 0 are [nan nan nan nan]"),
    ],
)
def test_an_unusable_policy_is_reported_with_the_reason(policy, complaint):
    report = check_learner(lambda env, total_steps: policy, worlds=[BY_NAME["book"]])
    assert report.worlds[0].problem.startswith(f"returned no usable policy: {complaint}")


def test_what_the_learner_raises_is_reported_and_kept():
    error = KeyError("final_observation")

    def train(env, total_steps):
        raise error

    report = check_learner(train, worlds=[BY_NAME["book"]])
    assert report.worlds[0].problem == "raised KeyError('final_observation')"
    assert report.worlds[0].error is error


def test_stepping_on_after_the_end_of_an_episode_is_an_error():
    report = check_learner(Learner(resets=False), worlds=[BY_NAME["one-step"]])
    assert "raised ResetNeeded(" in report.worlds[0].problem


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"train_fn": "dqn"}, TypeError, "train_fn is 'dqn'; give a function"),
        ({"total_steps": 0}, ValueError, "total_steps is 0; give a positive integer"),
        ({"total_steps": 1.5}, ValueError, r"total_steps is 1\.5; give a positive integer"),
        ({"discount": 1.0}, ValueError, r"discount is 1\.0; give a number between 0 and 1"),
        ({"discount": "high"}, ValueError, "discount is 'high'; give a number between 0 and 1"),
    ],
)
def test_wrong_arguments_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        check_learner(**{"train_fn": learn_by_table, **arguments})


@pytest.mark.parametrize("learner", [None, "tests.gym_gridq.test_testing:takes_the_time_limit_for_an_end"])
def test_pytest_runs_the_module_itself_one_test_a_world(learner, tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}  # noqa: PTH109
    if learner:
        environment["GRIDQ_LEARNER"] = learner
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA", "--pyargs", "gym_gridq.testing"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = run.stdout.splitlines()
    for world in BY_NAME:
        verdict = "FAILED" if learner and world == "time-limit" else "PASSED"
        assert any(line.startswith(verdict) and f"test_learner[{world}]" in line for line in lines), (
            run.stdout
        )
    assert run.returncode == (1 if learner else 0)


takes_the_time_limit_for_an_end = Learner(stops_at_truncation=True)


def main() -> None:
    """Prints, learner by learner, the worlds that it fails in."""
    learners = {"right": Learner(), **{mistake: learner for mistake, (learner, _) in WRONG_LEARNERS.items()}}
    print(f"{'learner':<34}fails in (property)")
    for name, learner in learners.items():
        report: LearnerReport = check_learner(learner, STEPS)
        print(f"{name:<34}" + (", ".join(f"{k} ({v})" for k, v in report.failed.items()) or "none"))


if __name__ == "__main__":
    main()
