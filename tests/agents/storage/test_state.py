"""State: what a learner declares is kept, restored exactly, and bounds the memory that a file can ask for."""

import gc
import tracemalloc
import weakref

import gymnasium
import numpy as np
import pytest

import agents
import gym_gridq  # noqa: F401 - registers the ids
from agents.algorithms.checkpoint import read_checkpoint
from agents.algorithms.values import ValueAgent
from agents.config import RandomConfig
from agents.storage.state import State
from agents.training.saving import continue_from, save_training


class Part:
    """A learner of every kind of state."""

    def __init__(self, state, n=3):
        self.table = state.array("table", (n, 2), np.float64)
        self.drawn = state.array("drawn", (n,), np.float32, lambda: np.arange(n, dtype=np.float32))
        self.episode = state.rows({"states": ((), np.int64), "rewards": ((2,), np.float32)}, most=5, fill=4)
        self.lanes = state.within("lane_").rows({"now": ((), np.int64)}, fill=-1)
        state.counters(self, "steps", calls="_calls")


def kept(state):
    return {name: array.copy() for name, array in state.kept_arrays().items()}, state.kept_counters()


def test_a_new_part_begins_with_nothing():
    state = State()
    part = Part(state)
    arrays, counters = kept(state)
    assert {name: (array.shape, array.dtype.str) for name, array in arrays.items()} == {
        "table": ((3, 2), "<f8"),
        "drawn": ((3,), "<f4"),
        "states": ((0,), "<i8"),
        "rewards": ((0, 2), "<f4"),
        "lane_now": ((0,), "<i8"),
    }
    assert part.drawn.tolist() == [0, 1, 2]
    assert counters == {"steps": 0, "calls": 0}


def changed():
    """A part that has lived, and its state."""
    state = State()
    part = Part(state)
    part.table[1] = 7
    part.drawn += 1
    part.episode.lengthen(2)
    part.episode.columns["states"][1] = 9
    part.lanes.lengthen(3)
    part.steps, part._calls = 12, 3
    return part, state


def test_what_is_kept_comes_back_and_goes_its_own_way():
    part, state = changed()
    arrays, counters = kept(state)
    assert arrays["states"].tolist() == [4, 9]
    again = State(arrays, counters)
    twin = Part(again)
    again.complete()
    twin_arrays, twin_counters = kept(again)
    assert twin_counters == counters == {"steps": 12, "calls": 3}
    for name, array in arrays.items():
        np.testing.assert_array_equal(twin_arrays[name], array)
    twin.table[:] = 0
    twin.episode.columns["states"][:] = 0
    assert arrays["table"][1].tolist() == [7, 7]
    assert part.episode.held()["states"].tolist() == arrays["states"].tolist() == [4, 9]


def test_rows_grow_keep_what_they_hold_and_end_at_their_limit():
    part, _ = changed()
    for length in (3, 5):
        part.episode.lengthen(length)
    part.episode.lengthen(1)
    held = part.episode.held()
    assert part.episode.length == 5
    assert held["states"].tolist() == [4, 9, 4, 4, 4]
    assert held["rewards"].tolist() == [[4, 4]] * 5
    assert len(part.episode.columns["states"]) == 5


@pytest.mark.parametrize(
    ("arrays", "counters", "words"),
    [
        (
            {"table": np.zeros((3, 3))},
            {},
            r"'table' is float64 \(3, 3\), but this agent holds float64 \(3, 2\)",
        ),
        ({"table": np.zeros((3, 2), np.float32)}, {}, "'table' is float32"),
        ({"table": None}, {}, "array 'table' is missing"),
        ({"rewards": np.zeros((2, 3), np.float32)}, {}, r"holds float32 \(any length, 2\)"),
        ({"rewards": np.zeros((1, 2), np.float32)}, {}, "arrays of one length, at most 5, have the lengths"),
        (
            {"states": np.zeros(6, np.int64), "rewards": np.zeros((6, 2), np.float32)},
            {},
            "arrays of one length, at most 5, have the lengths",
        ),
        ({"lane_now": np.zeros((2, 2), np.int64)}, {}, r"'lane_now' is int64 \(2, 2\)"),
        ({}, {"steps": -1}, "counter 'steps' is -1; it should be an integer from 0 up"),
        ({}, {"steps": True}, "counter 'steps' is True"),
        ({}, {"calls": None}, "counter 'calls' is None"),
        ({"extra": np.zeros(2)}, {"more": 1}, "it holds 'extra', 'more', which this agent cannot use"),
    ],
)
def test_what_was_not_declared_so_is_refused(arrays, counters, words):
    _part, state = changed()
    good_arrays, good_counters = kept(state)
    arrays = {name: array for name, array in (good_arrays | arrays).items() if array is not None}
    again = State(arrays, good_counters | counters)
    with pytest.raises(ValueError, match=words):
        _ = Part(again), again.complete()


def test_nothing_is_allocated_before_it_is_known_to_be_there():
    _part, state = changed()
    arrays, counters = kept(state)
    tracemalloc.start()
    with pytest.raises(ValueError, match="'table' is float64"):
        Part(State(arrays, counters), n=10**9)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**20


def test_a_learner_is_gone_as_soon_as_nobody_holds_it():
    gc.disable()
    try:
        env = gymnasium.make("FrozenLake-v1")
        for name in agents.AGENTS:
            gone = weakref.ref(agents.make(name, env, seed=0))
            assert gone() is None, name
    finally:
        gc.enable()


class Tracing(ValueAgent):
    """An agent with state in every lane: what it saw last, and a trace that fades."""

    name = "tracing"
    config_class = RandomConfig

    def _planned_epsilon(self):
        return 1.0

    def _build(self):
        self.lanes = self.state.rows(
            {"last": self.encoder.column, "trace": ((self.encoder.n_features,), np.float64)}, fill=-1
        )
        self.state.counters(self, "steps")

    def _learn(self, batch, lanes):
        lanes = np.arange(len(batch.features)) if lanes is None else lanes
        self.lanes.lengthen(int(lanes.max()) + 1)
        last, trace = self.lanes.columns["last"], self.lanes.columns["trace"]
        trace[lanes] *= np.where(last[lanes] < 0, 0.0, 0.9)[:, None]
        trace[lanes, batch.features] += 1
        last[lanes] = np.where(batch.terminated | batch.truncated, -1, batch.next_features)
        self.steps += len(lanes)

    def _q_of(self, features):
        return np.zeros((len(features), self.n_actions), np.float32)


@pytest.mark.parametrize("num_envs", [1, pytest.param(5, marks=pytest.mark.lanes)])
def test_an_agent_with_state_in_every_lane_goes_on_exactly_in_the_middle_of_an_episode(
    tmp_path, monkeypatch, num_envs
):
    """It says what it holds and nothing else, and is saved, loaded, pickled and resumed by that."""
    monkeypatch.setitem(agents.AGENTS, "tracing", f"{__name__}:Tracing")

    def env():
        if num_envs == 1:
            return gymnasium.make("GridQ-v0", slip=0.5)
        return gymnasium.make_vec("GridQ-v0", num_envs, slip=0.5)

    training = agents.Training(agents.make("tracing", env(), seed=0), env(), total_steps=203)
    training.run()
    save_training(tmp_path / "c.npz", training)
    checkpoint = read_checkpoint(tmp_path / "c.npz")
    resumed = agents.Training(checkpoint.agent, env(), total_steps=400)
    assert continue_from(checkpoint, resumed) is None
    whole = agents.Training(agents.make("tracing", env(), seed=0), env(), total_steps=400)
    for either in (resumed, whole):
        either.run()
    ours, theirs = resumed.agent.state_arrays(), whole.agent.state_arrays()
    assert ours.keys() == {"last", "trace"}
    assert (ours["last"] >= 0).any()
    for name in ours:
        np.testing.assert_array_equal(ours[name], theirs[name])
    assert resumed.agent.state_description() == whole.agent.state_description()
