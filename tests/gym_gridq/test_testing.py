"""check_learner, proved: right learners pass, and wrong ones fail in the worlds meant to catch them.

The whole table of faults by world is made by ``python -m tests.faults``.
"""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
from functools import partial

import gymnasium
import numpy as np
import pytest

import gym_gridq
from gym_gridq.testing import QUICK, WORLDS, Learned, check_learner, learn_by_table
from tests.faults.corpus import FAMILIES
from tests.faults.tables.online import online

BY_NAME = {world.name: world for world in WORLDS}

ONLINE = {
    "terminal states are bootstrapped from": "two-doors",
    "no discount": "corridor",
    "discount 0.93": "corridor",
    "discount 0.7": "corridor",
    "never explores": "past-the-pit",
    "return so far instead of the reward": "toll",
    "negative rewards dropped": "toll",
    "rewards clipped to [-1, 1]": "large-prizes",
    "rewards shifted by +0.1": "cost-of-living",
    "a penalty of 0.1 each step": "cost-of-living",
    "terminal reward doubled": "annuity",
    "the time limit is taken for an end": "time-limit",
    "bootstraps from the next episode": "time-limit",
    "reward lost at truncation": "time-limit",
    "mean instead of maximum": "cliff",
    "step size 1": "slippery-bridge",
    "errors clipped from below at 0": "slippery-ledge",
    "observations kept as uint8": "far-apart",
    "bootstraps with the same action": "book",
}
"""Mistakes of an online learner, each with the world meant to catch it."""

STEPS = 8_000
"""Enough for a right learner in every world; keeps the tests short."""


def test_the_reference_learner_passes_every_world():
    report = check_learner(learn_by_table)
    assert report.passed, report
    assert report.failed == {}
    assert [world.steps for world in report.worlds] == [60_000 * world.effort for world in WORLDS]


def test_the_default_costs_at_most_six_times_the_steps_of_the_first_edition():
    assert 3 * sum(world.effort for world in WORLDS) <= 6 * 8


@pytest.mark.parametrize("seed", [3, 4])
def test_a_right_learner_passes_with_any_luck(seed):
    report = check_learner(partial(learn_by_table, seed=seed), STEPS, seeds=(seed,))
    assert report.passed, report


@pytest.mark.parametrize("discount", [0.8, 0.95])
def test_the_worlds_follow_the_learners_discount(discount):
    report = check_learner(partial(learn_by_table, discount=discount), discount=discount, seeds=(0,))
    assert report.passed, report


@pytest.mark.parametrize("mistake", ONLINE)
def test_each_mistake_is_caught_by_the_world_meant_for_it(mistake):
    report = check_learner(partial(online, fault=mistake), STEPS, worlds=[BY_NAME[ONLINE[mistake]]])
    assert not report.passed, report


@pytest.mark.parametrize(
    ("fault", "world"),
    [
        ("the replay keeps the oldest 200 only", "long-hall"),
        ("the time limit is taken for an end", "time-limit"),
        ("the target table is never updated", "corridor"),
    ],
)
def test_faults_of_replay_and_target_are_caught(fault, world):
    report = FAMILIES["Q-learning, a table, replay and target"].check(fault, worlds=[BY_NAME[world]])
    assert not report.passed, report


def test_the_time_limit_taken_for_an_end_is_caught_with_every_seed_under_replay():
    family = FAMILIES["Q-learning, a table, replay and target"]
    report = family.check(
        "the time limit is taken for an end",
        worlds=[BY_NAME["time-limit"]],
        total_steps=2_000,
        seeds=range(20),
    )
    assert all(run.problem is not None for run in report.worlds[0].runs)


@pytest.mark.parametrize("action", range(4))
def test_one_action_for_everything_fails_everywhere(action):
    report = check_learner(
        lambda env, total_steps: np.full(env.observation_space.n, action), 1, seeds=(0, 1, 2)
    )
    assert set(report.failed) == set(BY_NAME), report


def test_the_table_that_was_never_trained_fails_everywhere():
    report = check_learner(lambda env, total_steps: np.zeros((env.observation_space.n, 4)), 1)
    assert set(report.failed) == set(BY_NAME), report


def solved(env, total_steps):
    """The optimum; takes a few steps, so that something was tried."""
    env.reset()
    for _ in range(total_steps):
        *_, terminated, truncated, _ = env.step(env.action_space.sample())
        if terminated or truncated:
            env.reset()
    return gym_gridq.solve(env).q.copy()


def test_right_q_values_pass_everywhere():
    report = check_learner(solved, 500, seeds=(0,))
    assert report.passed, report
    assert all(run.value_error < 1e-12 for world in report.worlds for run in world.runs)


def test_q_values_of_twice_the_size_are_named_though_the_policy_is_optimal():
    report = check_learner(lambda env, n: 2 * solved(env, n), 500, worlds=[BY_NAME["book"]])
    assert report.worlds[0].problem.startswith("its policy is optimal, but the Q-value of state")
    assert report.worlds[0].grade.regret == pytest.approx(0)


@pytest.mark.parametrize("as_function", [False, True])
def test_values_and_q_values_may_be_arrays_or_functions(as_function):
    def train(env, total_steps, wrong=0.0):
        q = solved(env, total_steps)
        v = q.max(axis=1) + wrong
        policy = q.argmax(axis=1)
        if as_function:
            return Learned(policy.__getitem__, q.__getitem__, v.__getitem__, lambda s: np.eye(4)[policy[s]])
        return Learned(policy, q, v, np.eye(4)[policy])

    assert check_learner(train, 500, worlds=[BY_NAME["book"]]).passed
    report = check_learner(partial(train, wrong=0.5), 500, worlds=[BY_NAME["book"]])
    assert "but the value of state" in report.worlds[0].problem


def test_probabilities_that_do_not_sum_to_1_are_refused():
    def train(env, total_steps):
        q = solved(env, total_steps)
        return Learned(q.argmax(axis=1), probabilities=np.full_like(q, 0.5))

    report = check_learner(train, 500, worlds=[BY_NAME["book"]])
    assert "they must sum to 1" in report.worlds[0].problem


def test_a_policy_that_draws_its_answers_is_told_so():
    draws = np.random.default_rng(0)

    def train(env, total_steps):
        right = solved(env, total_steps).argmax(axis=1)
        return lambda state: right[state] if draws.random() < 0.7 else draws.integers(4)

    report = check_learner(train, 500, worlds=[BY_NAME["book"]])
    assert not report.passed


def test_ties_may_be_broken_at_random():
    draws = np.random.default_rng(0)

    def train(env, total_steps):
        policy = gym_gridq.solve(env).policy
        return lambda state: draws.choice(4, p=policy[state])

    report = check_learner(train, 10, seeds=(0,))
    assert report.passed, report


def test_the_global_random_numbers_are_seeded_and_put_back():
    drawn = []

    def train(env, total_steps):
        drawn.append((random.random(), np.random.random()))  # noqa: NPY002
        return solved(env, total_steps)

    random.seed(7)
    np.random.seed(7)  # noqa: NPY002
    expected = random.Random(7).random(), np.random.RandomState(7).random()
    check_learner(train, 10, worlds=[BY_NAME["book"]], seeds=(0, 1, 0))
    assert (random.random(), np.random.random()) == expected  # noqa: NPY002
    assert drawn[0] == drawn[2] != drawn[1]


def test_the_seed_is_that_of_the_first_reset_unless_the_learner_gives_one():
    starts = []

    def train(env, total_steps, seed=None):
        starts.append([env.reset(seed=seed)[0], *(env.reset()[0] for _ in range(10))])
        return solved(env, total_steps)

    worlds = [BY_NAME["annuity"]]
    check_learner(train, 10, worlds=worlds, seeds=(0, 4, 0))
    assert starts[0] == starts[2] != starts[1]
    check_learner(partial(train, seed=0), 10, worlds=worlds, seeds=(4,))
    assert starts[3] == starts[0]


def test_the_report_says_what_failed_and_shows_it_on_the_map():
    worlds = [BY_NAME["book"], BY_NAME["time-limit"]]
    report = check_learner(partial(online, fault="the time limit is taken for an end"), STEPS, worlds=worlds)
    passed, failed, total, *_ = str(report).splitlines()
    assert passed.startswith("book")
    assert passed.endswith("passed")
    assert failed.startswith("time-limit")
    assert "truncation" in failed
    assert "FAILED with seed 0, 1, 2: its policy is worth" in failed
    assert total.startswith("1 of 2 worlds passed, ")
    lines = str(report).splitlines()
    assert "    the world    its policy   a right one" in lines
    world, policy, right = lines[lines.index("    the world    its policy   a right one") + 1].split()
    assert (world, policy[1], right[:3]) == ("P..S#G", "<", ">>>")
    assert "1. the time limit is taken for an end" in str(report)
    assert "docs/interop/check_learner.md" in str(report)


def test_the_report_draws_what_failed():
    worlds = [BY_NAME["book"], BY_NAME["time-limit"]]
    report = check_learner(partial(online, fault="the time limit is taken for an end"), STEPS, worlds=worlds)
    picture = report.plot()
    assert picture.ndim == 3
    assert picture.dtype == np.uint8
    half = picture.shape[1] // 2
    assert (picture[:, :half] != picture[:, half : 2 * half]).any()
    assert check_learner(solved, 10, worlds=worlds).plot() is None


def test_the_quick_worlds_are_some_of_them():
    assert set(QUICK) < set(WORLDS)
    report = check_learner(learn_by_table, worlds=QUICK, seeds=(0,))
    assert report.passed, report


@pytest.mark.parametrize("world", WORLDS, ids=str)
@pytest.mark.parametrize("discount", [0.5, 0.9, 0.99])
def test_the_optimum_of_each_world_is_clear_at_any_discount(world, discount):
    env = world.make(discount)
    optimum = gym_gridq.solve(env, discount)
    starts = env.unwrapped.dynamics.start_states
    for q in optimum.q[starts]:
        values = np.unique(q.round(12))  # ties are no choice
        assert len(values) == 1 or values[-1] - values[-2] > 1e-5
    assert gym_gridq.grade(env, optimum.q, discount).regret == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_a_turned_world_is_worth_the_same(world):
    worth = [
        gym_gridq.grade(env, gym_gridq.solve(env).q).value for env in map(partial(world.make, 0.9), range(4))
    ]
    assert worth == pytest.approx([worth[0]] * 4)


lanes = pytest.mark.lanes


@lanes
@pytest.mark.parametrize("family", [name for name in FAMILIES if "lanes" in name])
def test_a_right_learner_in_lanes_passes(family):
    report = FAMILIES[family].check(worlds=QUICK, seeds=(0,))
    assert report.passed, report


@lanes
@pytest.mark.parametrize(
    ("mode", "fault"),
    [
        ("NextStep", "the step that begins an episode is learned from"),
        ("NextStep", "rewards of the neighbouring lane"),
        ("NextStep", "one lane's end ends them all"),
        ("SameStep", "the final observation is not used"),
        ("Disabled", "successors of the neighbouring lane"),
    ],
)
def test_faults_of_lanes_are_caught(mode, fault):
    report = FAMILIES[f"Q-learning in lanes, {mode}"].check(fault, worlds=QUICK, seeds=(0,))
    assert not report.passed, report


@lanes
@pytest.mark.parametrize("sync", [False, True])
def test_one_hot_vectors_reach_learners_in_lanes(sync):
    def train(envs, total_steps):
        observations, _ = envs.reset()
        assert observations.shape == (3, 12)
        assert observations.dtype == np.float32
        return lambda vector: gym_gridq.solve(BY_NAME["book"].make()).q[vector.argmax()].argmax()

    mode = "sync" if sync else "vector_entry_point"
    report = check_learner(
        train, 30, one_hot=True, worlds=[BY_NAME["book"]], num_envs=3, vectorization_mode=mode, seeds=(0,)
    )
    assert report.passed, report


@lanes
def test_the_steps_of_all_lanes_count_together():
    def train(envs, total_steps):
        envs.reset()
        while True:
            envs.step(np.zeros(4, dtype=int))

    report = check_learner(train, 100, worlds=[BY_NAME["book"]], num_envs=4, seeds=(0,))
    assert report.worlds[0].steps == 200


def test_one_hot_observations_reach_learner_and_policy():
    seen = []

    def train(env, total_steps):
        assert env.observation_space == gymnasium.spaces.Box(0, 1, (12,), np.float32)
        states = learn_by_table(_StatesAgain(env), total_steps)

        def policy(observation):
            seen.append(observation.shape)
            return states[observation.argmax()].argmax()

        return policy

    report = check_learner(train, STEPS, one_hot=True, worlds=[BY_NAME["book"]], seeds=(0,))
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
        given = 50 * world.world.effort
        assert (
            world.problem == f"was given {given} steps and did not return after {2 * given} steps or resets"
        )
        assert world.steps <= 3 * 2 * given


def test_a_learner_may_round_up_to_whole_rollouts():
    def train(env, total_steps):
        learn_by_table(env, total_steps + 48)
        return gym_gridq.solve(env).q.argmax(axis=1)

    report = check_learner(train, total_steps=50, seeds=(0,))
    assert report.passed, report
    assert {world.steps for world in report.worlds} == {98, 148}


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


def never_resets(env, total_steps):
    env.reset()
    for _ in range(total_steps):
        env.step(env.action_space.sample())


def test_stepping_on_after_the_end_of_an_episode_is_an_error():
    report = check_learner(never_resets, worlds=[BY_NAME["book"]])
    assert "raised ResetNeeded(" in report.worlds[0].problem


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"train_fn": "dqn"}, TypeError, "train_fn is 'dqn'; give a function"),
        ({"total_steps": 0}, ValueError, "total_steps is 0; give a positive integer"),
        ({"total_steps": 1.5}, ValueError, r"total_steps is 1\.5; give a positive integer"),
        ({"discount": 1.0}, ValueError, r"discount is 1\.0; give a number between 0 and 1"),
        ({"discount": "high"}, ValueError, "discount is 'high'; give a number between 0 and 1"),
        ({"seeds": ()}, ValueError, r"seeds is \(\); give one or more integers from 0"),
        ({"seeds": 3}, ValueError, "seeds is 3; give one or more integers from 0"),
        ({"seeds": (-1,)}, ValueError, "give one or more integers from 0"),
        ({"worlds": ()}, ValueError, r"worlds is \(\); give one or more of gym_gridq\.testing\.WORLDS"),
        ({"worlds": ("book",)}, ValueError, r"worlds is \('book',\); give one or more"),
        ({"worlds": "book"}, ValueError, "worlds is 'book'; give one or more"),
        ({"worlds": WORLDS[0]}, ValueError, "give one or more"),
        ({"num_envs": 0}, ValueError, "num_envs is 0; give a positive integer, or None"),
        ({"autoreset_mode": "SameStep"}, ValueError, "give num_envs too"),
        ({"vectorization_mode": "async"}, ValueError, "vectorization_mode is 'async'; give"),
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
        if learner and world != "time-limit":
            continue  # some others may notice it too
        verdict = "FAILED" if learner else "PASSED"
        assert any(line.startswith(verdict) and f"test_learner[{world}]" in line for line in lines), (
            run.stdout
        )
    assert run.returncode == (1 if learner else 0)


takes_the_time_limit_for_an_end = partial(online, fault="the time limit is taken for an end")
