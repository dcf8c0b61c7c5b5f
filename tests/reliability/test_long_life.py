"""Nothing grows, nothing is left behind, and everything survives being copied."""

import copy
import gc
import os
import pickle
import tracemalloc
from pathlib import Path

import gymnasium
import numpy as np
import pytest

import agents
import gym_gridq
from agents.training.history import HISTORY_LENGTH
from agents.training.metrics import MetricsFile
from tests.tried import tried


def open_files():
    return len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0


@pytest.mark.lanes
@pytest.mark.parametrize(("name", "steps"), [("dqn", 100_000), ("random", 1_000_000)])
def test_memory_and_open_files_do_not_grow(tmp_path, scale, name, steps):
    """With ``GRIDQ_RELIABILITY=long``, ten million environment steps."""
    steps *= scale
    env = gym_gridq.GridQVectorEnv(256, random_start=True)
    options = {"gradient_steps": 1, "replay_capacity": 10_000} if name == "dqn" else {}
    agent = agents.make(name, env, seed=0, **options)
    marks = []

    class Measure(agents.Callback):
        def on_step(self, training):
            if training.steps >= (len(marks) + 1) * steps / 5:
                training.history.episodes.clear()  # bounded, but not yet full
                gc.collect()
                marks.append((tracemalloc.get_traced_memory()[0], open_files()))

    tracemalloc.start()
    agents.train(agent, env, steps, callbacks=[MetricsFile(tmp_path / "metrics.csv"), Measure()])
    tracemalloc.stop()
    assert len(marks) >= 4
    memory, files = zip(*marks[1:], strict=True)
    print(f"{name}, {steps:,} steps: {min(memory):,} to {max(memory):,} bytes, {max(files)} open files")
    assert max(memory) - min(memory) < 200_000
    assert len(set(files)) == 1
    tried("environment steps of training with constant memory and open files", steps)


def test_history_is_bounded():
    env = gymnasium.make("GridQ-v0")
    training = agents.Training(agents.make("random", env, seed=0), env, total_steps=1)
    training.history.episodes.extend(range(2 * HISTORY_LENGTH))
    assert len(training.history.episodes) == HISTORY_LENGTH


@pytest.mark.parametrize("render_mode", ["rgb_array", "human", "ansi"])
def test_a_hundred_environments_leave_nothing_behind(monkeypatch, render_mode):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")

    def one(number):
        env = gymnasium.make("GridQ-v0", render_mode=render_mode)
        env.metadata["render_fps"] = 10_000
        env.unwrapped.metadata["render_fps"] = 10_000
        env.reset(seed=number)
        env.step(0)
        env.render()
        env.close()

    for number in range(3):
        one(number)
    gc.collect()
    files = open_files()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(100):
        one(number)
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert open_files() == files
    assert grown < 300_000  # less than one frame


COPIES = [copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))]


@pytest.mark.parametrize("copied", COPIES)
@pytest.mark.parametrize("name", sorted(agents.AGENTS))
def test_agents_survive_copies(copied, name):
    env = gymnasium.make("GridQ-v0", slip=0.2)
    agent = agents.make(name, env, seed=0)
    agents.train(agent, env, 150)
    other = copied(agent)
    for one in (agent, other):
        agents.train(one, env, 150, seed=5)
    arrays, others = agent.state_arrays(), other.state_arrays()
    assert all(np.array_equal(arrays[key], others[key]) for key in arrays)
    assert agent.state_description() == other.state_description()
    assert not any(np.shares_memory(arrays[key], others[key]) for key in arrays)


@pytest.mark.parametrize("copied", COPIES)
@pytest.mark.parametrize("kind", ["scalar", pytest.param("vector", marks=pytest.mark.lanes)])
def test_environments_survive_copies(copied, kind):
    if kind == "scalar":
        env, action = gymnasium.make("GridQ-v0", slip=0.3, random_start=True), 3
    else:
        env, action = gym_gridq.GridQVectorEnv(5, slip=0.3, random_start=True), np.arange(5) % 4
    env.reset(seed=1)
    env.step(action)
    other = copied(env)
    for _ in range(30):
        for mine, theirs in zip(env.step(action)[:4], other.step(action)[:4], strict=True):
            assert np.array_equal(mine, theirs)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("context", ["fork", "spawn", "forkserver"])
def test_async_vector_environments(context):
    if context == "fork" and not hasattr(os, "fork"):
        pytest.skip("needs fork")
    make = [make_grid] * 2
    lanes = gymnasium.vector.AsyncVectorEnv(make, context=context)
    same = gymnasium.vector.SyncVectorEnv(make)
    try:
        assert np.array_equal(lanes.reset(seed=3)[0], same.reset(seed=3)[0])
        for step in range(60):
            actions = np.array([step % 4, 3])
            for theirs, ours in zip(lanes.step(actions)[:4], same.step(actions)[:4], strict=True):
                assert np.array_equal(theirs, ours)
    finally:
        lanes.close()


def make_grid():
    return gymnasium.make("gym_gridq:GridQ-v0", slip=0.3)


@pytest.mark.linux
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_an_agent_learns_on_after_a_fork():
    from tests.reliability.kills import in_a_fork
    from tests.reliability.training_digest import digest

    expected = digest("dqn", 1, 100)

    def work():
        assert digest("dqn", 1, 100) == expected

    assert os.waitpid(in_a_fork(work), 0)[1] == 0
