"""The callbacks that judge while an agent trains."""

import sys

import gymnasium
import numpy as np
import pytest

import agents
import gym_gridq
from agents.training.callbacks import PeriodicEvaluation, StopAtExactValues, TensorBoard
from agents.training.loop import Training


def grid():
    return gymnasium.make("GridQ-v0")


def tabular(env, **settings):
    return agents.make("tabular", env, seed=0, **settings)


def test_evaluations_come_when_they_are_due_and_change_nothing():
    tables = []
    for callbacks in ([], [PeriodicEvaluation(grid(), every_steps=150, episodes=2)]):
        env = grid()
        agent = tabular(env)
        agents.train(agent, env, total_steps=500, callbacks=callbacks)
        tables.append(agent.table)
    assert [steps for steps, _ in callbacks[0].evaluations] == [150, 300, 450]
    assert all(len(found.returns) == 2 for _, found in callbacks[0].evaluations)
    np.testing.assert_array_equal(*tables)


def test_a_target_return_ends_the_training():
    env = grid()
    judge = PeriodicEvaluation(grid(), every_steps=50, episodes=1, target_return=1.0)
    training = Training(tabular(env), env, total_steps=50_000, callbacks=[judge])
    training.run()
    assert training.steps == judge.evaluations[-1][0] < 50_000
    assert [found.mean_return >= 1 for _, found in judge.evaluations] == [False] * (
        len(judge.evaluations) - 1
    ) + [True]
    assert training.stop_reason == "mean return 1 reached 1"


def test_exact_values_end_the_training():
    env = grid()
    solution = gym_gridq.solve(env)
    live = np.flatnonzero(solution.policy.any(axis=1))
    judge = StopAtExactValues(solution.q, live, tolerance=1e-3, every_steps=100)
    agent = tabular(env, epsilon=1.0)
    training = Training(agent, env, total_steps=50_000, callbacks=[judge])
    training.run()
    assert training.steps < 50_000
    assert training.steps % 100 == 0
    assert judge.max_error == np.abs(agent.table[live].astype(np.float32) - solution.q[live]).max() <= 1e-3
    assert training.stop_reason.startswith("max abs(Q - q*) is")


def test_a_training_taken_up_again_is_judged_when_it_would_have_been():
    first = PeriodicEvaluation(grid(), every_steps=100, episodes=1)
    env = grid()
    training = Training(tabular(env), env, total_steps=250, callbacks=[first])
    training.run()
    again = PeriodicEvaluation(grid(), every_steps=100, episodes=1)
    resumed = Training(training.agent, env, total_steps=420, callbacks=[again])
    resumed.load_state(training.state())
    resumed.run()
    assert [steps for steps, _ in again.evaluations] == [100, 200, 300, 400]  # those before it, too
    for (_, before), (_, kept) in zip(first.evaluations, again.evaluations, strict=False):
        assert before[:3] == kept[:3]
        assert before.returns.tolist() == kept.returns.tolist()
        assert before.lengths.tolist() == kept.lengths.tolist()


def test_two_callbacks_of_one_class_keep_a_state_each():
    def callbacks():
        return [PeriodicEvaluation(grid(), every_steps=every, episodes=1) for every in (100, 400)]

    env, before, after = grid(), callbacks(), callbacks()
    training = Training(tabular(env), env, total_steps=250, callbacks=before)
    training.run()
    resumed = Training(training.agent, env, total_steps=900, callbacks=after)
    resumed.load_state(training.state())
    resumed.run()
    assert [steps for steps, _ in after[0].evaluations] == [100, 200, 300, 400, 500, 600, 700, 800, 900]
    assert [steps for steps, _ in after[1].evaluations] == [400, 800]


def test_callbacks_of_an_earlier_release_go_on():
    """It kept one state for each class, and no evaluations."""
    env, judge = grid(), PeriodicEvaluation(grid(), every_steps=100, episodes=1)
    training = Training(tabular(env), env, total_steps=250)
    training.run()
    resumed = Training(training.agent, env, total_steps=420, callbacks=[judge])
    resumed.load_state(training.state() | {"callbacks": {"PeriodicEvaluation": 300}})
    resumed.run()
    assert [steps for steps, _ in judge.evaluations] == [300, 400]


@pytest.mark.parametrize("saved", [[], [["PeriodicEvaluation", {"next": 1}]], [["PeriodicEvaluation", "x"]]])
def test_what_was_not_saved_of_a_callback_is_said(saved):
    env = grid()
    training = Training(tabular(env), env, 10, callbacks=[PeriodicEvaluation(grid(), every_steps=100)])
    with pytest.raises(ValueError, match="no state of a callback PeriodicEvaluation|is damaged"):
        training.load_state(training.state() | {"callbacks": saved})


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: PeriodicEvaluation(grid(), every_steps=0), "every_steps is 0"),
        (lambda: PeriodicEvaluation(grid(), every_steps=2.5), "every_steps is 2.5"),
        (lambda: PeriodicEvaluation(grid(), 10, episodes=0), "episodes is 0"),
        (lambda: PeriodicEvaluation(grid(), 10, seed=True), "seed is True"),
        (lambda: PeriodicEvaluation(grid(), 10, target_return=np.nan), "target_return is nan"),
        (lambda: StopAtExactValues(np.zeros(12)), r"shape \(12,\)"),
        (lambda: StopAtExactValues(np.full((12, 4), np.nan)), "q is not finite where it counts"),
        (lambda: StopAtExactValues(np.zeros((12, 4)), [12]), r"states is \[12\]; q knows those from 0 to 11"),
        (lambda: StopAtExactValues(np.zeros((12, 4)), [-1]), r"states is \[-1\]"),
        (lambda: StopAtExactValues(np.zeros((12, 4)), [0.5]), r"states is \[0.5\]"),
        (lambda: StopAtExactValues(np.zeros((12, 4)), []), r"states is \[\]"),
        (lambda: StopAtExactValues(np.zeros((12, 4)), tolerance=0.0), "tolerance is 0.0"),
    ],
)
def test_callbacks_that_make_no_sense_are_refused(make, word):
    with pytest.raises(ValueError, match=word):
        make()


def test_values_of_other_actions_are_refused_before_the_first_step():
    """One column would be compared with all four."""
    env = grid()
    training = Training(tabular(env), env, 50, callbacks=[StopAtExactValues(np.zeros((12, 1)))])
    with pytest.raises(ValueError, match="q has 1 actions, but the agent 4"):
        training.run()
    assert training.steps == 0


def test_values_may_be_unknown_where_they_do_not_count():
    q = np.full((12, 4), np.nan)
    q[8] = 0.0
    env = grid()
    training = Training(tabular(env), env, 500, callbacks=[StopAtExactValues(q, [8], every_steps=1)])
    training.run()
    assert (training.steps, training.stop_reason) == (1, "max abs(Q - q*) is 0")


class FakeWriter:
    """Stands in for TensorBoard, which the tests do not need to have."""

    def __init__(self, directory):
        self.directory, self.points, self.flushed = directory, [], False

    def add_scalar(self, name, value, step):
        self.points.append((name, value, step))

    def flush(self):
        self.flushed = True


def test_tensorboard_gets_a_point_of_each_curve_for_every_episode(monkeypatch, tmp_path):
    module = type(sys)("tensorboard.summary")
    module.Writer = FakeWriter
    monkeypatch.setitem(sys.modules, "tensorboard.summary", module)
    env = grid()
    callback = TensorBoard(tmp_path)
    history = agents.train(tabular(env), env, episodes=3, callbacks=[callback])
    writer = callback._writer
    assert (writer.directory, writer.flushed) == (str(tmp_path), True)
    assert [point for point in writer.points if point[0] == "episode/return"] == [
        ("episode/return", episode.episode_return, episode.steps) for episode in history.episodes
    ]
    assert len(writer.points) == 4 * 3


def test_without_tensorboard_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "tensorboard.summary", None)
    with pytest.raises(ModuleNotFoundError, match=r"gym-gridq\[tensorboard\]"):
        TensorBoard(tmp_path)
