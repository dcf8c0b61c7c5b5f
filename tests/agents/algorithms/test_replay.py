"""ReplayBuffer: the ring, and n-step returns worked out by hand."""

import tracemalloc

import numpy as np
import pytest
from gymnasium import spaces
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.algorithms.replay import ReplayBuffer
from agents.experience.observations import ObservationEncoder
from agents.experience.transitions import TransitionBatch
from agents.storage.state import State

STATES = spaces.Discrete(10_000)
PLANE = spaces.Box(-np.inf, np.inf, (2,), np.float32)


def buffer(capacity, n_steps=1, discount=0.5, space=STATES, state=None):
    rng = np.random.default_rng(0)
    return ReplayBuffer(capacity, ObservationEncoder(space), n_steps, discount, rng, state)


def kept(replay, state):
    """What a file holds of a ring."""
    arrays = {name: array.copy() for name, array in state.kept_arrays().items()}
    return arrays, {"position": replay.position}


def transitions(states, rewards, next_states, terminated=None, truncated=None):
    n = len(states)
    return TransitionBatch(
        np.array(states),
        np.arange(n),
        np.array(rewards, np.float32),
        np.array(next_states),
        np.zeros(n, bool) if terminated is None else np.array(terminated),
        np.zeros(n, bool) if truncated is None else np.array(truncated),
    )


def feed(replay, steps, lanes=None):
    """Adds single transitions (state, reward, next state, how it ended) of one lane."""
    for state, reward, next_state, end in steps:
        batch = transitions([state], [reward], [next_state], [end == "terminated"], [end == "truncated"])
        replay.add(batch, lanes)


def by_state(replay, batch_size=500):
    """What a large sample says of each state: (reward, next state, discount); it must say one thing only."""
    batch = replay.sample(batch_size)
    rows = zip(batch.features, batch.rewards, batch.next_features, batch.discounts, strict=True)
    found = {}
    for state, *rest in rows:
        found.setdefault(int(state), set()).add(tuple(float(value) for value in rest))
    assert all(len(values) == 1 for values in found.values())
    return {state: values.pop() for state, values in found.items()}


def test_the_ring_keeps_the_latest():
    replay = buffer(3)
    feed(replay, [(s, s, s + 1, "") for s in range(5)])
    assert (replay.size, replay.position) == (3, 2)
    assert by_state(replay) == {2: (2, 3, 0.5), 3: (3, 4, 0.5), 4: (4, 5, 0.5)}


def test_a_batch_may_wrap_around_the_end():
    replay = buffer(5)
    replay.add(transitions([0, 1, 2], [0, 1, 2], [1, 2, 3]))
    replay.add(transitions([3, 4, 5, 6], [3, 4, 5, 6], [4, 5, 6, 7]))
    assert (replay.size, replay.position) == (5, 2)
    assert set(by_state(replay)) == {2, 3, 4, 5, 6}


def test_rows_come_back_as_they_went_in():
    replay = buffer(10, space=PLANE)
    rows = np.arange(8, dtype=np.float32).reshape(4, 2)
    flags = np.zeros(4, bool)
    replay.add(TransitionBatch(rows, np.arange(4), np.arange(4, dtype=np.float32), rows + 10, flags, flags))
    batch = replay.sample(50)
    assert (batch.features.shape, batch.features.dtype) == ((50, 2), np.float32)
    np.testing.assert_array_equal(batch.features, rows[batch.actions])
    np.testing.assert_array_equal(batch.next_features, rows[batch.actions] + 10)
    assert batch.rewards.dtype == batch.discounts.dtype == np.float32


def test_only_termination_cuts_bootstrapping():
    replay = buffer(4)
    feed(replay, [(0, 1, 1, ""), (1, 1, 2, "truncated"), (2, 1, 3, "terminated")])
    assert {state: discount for state, (_, _, discount) in by_state(replay).items()} == {0: 0.5, 1: 0.5, 2: 0}


def test_three_step_returns_by_hand():
    """Two episodes in one lane: 0 1 2 3 ends the task; 4 5 is cut by a limit; 6 is still going on."""
    replay = buffer(20, n_steps=3)
    feed(replay, [(0, 1, 1, ""), (1, 2, 2, ""), (2, 4, 3, ""), (3, 8, 9, "terminated")])
    feed(replay, [(4, 16, 5, ""), (5, 32, 6, "truncated")])
    feed(replay, [(6, 64, 7, "")])
    assert by_state(replay) == {
        0: (1 + 2 / 2 + 4 / 4, 3, 1 / 8),  # three rewards, then bootstrap from 3
        1: (2 + 4 / 2 + 8 / 4, 9, 0),  # reaches the end of the task
        2: (4 + 8 / 2, 9, 0),
        3: (8, 9, 0),
        4: (16 + 32 / 2, 6, 1 / 4),  # the limit stops it after two; it bootstraps from there
        5: (32, 6, 1 / 2),
        6: (64, 7, 1 / 2),  # nothing has followed yet
    }


def test_an_episode_given_up_unfinished_is_not_continued_by_the_next():
    """As when a training ends in the middle of an episode, and another begins with a reset."""
    replay = buffer(20, n_steps=3)
    feed(replay, [(0, 1, 1, ""), (1, 2, 2, "")])
    feed(replay, [(5, 4, 6, ""), (6, 8, 7, "")])
    assert by_state(replay) == {
        0: (1 + 2 / 2, 2, 1 / 4),
        1: (2, 2, 1 / 2),
        5: (4 + 8 / 2, 7, 1 / 4),
        6: (8, 7, 1 / 2),
    }


@pytest.mark.parametrize("lanes", [[0], [0, 0], [-1, 0], [[0, 1]]])
def test_lanes_that_number_nothing_are_refused(lanes):
    replay = buffer(20, n_steps=2)
    with pytest.raises(ValueError, match="2 different numbers from 0 up"):
        replay.add(transitions([6, 7], [1, 1], [8, 9]), np.array(lanes))
    assert replay.size == 0  # nothing is written before all is checked


def test_a_ring_put_back_keeps_to_itself():
    state = State()
    replay = buffer(20, n_steps=2, state=state)
    feed(replay, [(0, 1, 1, "")])
    arrays, counters = kept(replay, state)
    feed(buffer(20, n_steps=2, state=State(arrays, counters)), [(1, 1, 2, "")])
    assert arrays["latest"].tolist() == [0]


def test_an_episode_that_begins_where_the_last_one_ended_is_another():
    replay = buffer(20, n_steps=3)
    feed(replay, [(0, 1, 1, ""), (1, 2, 2, "terminated"), (2, 4, 3, "truncated"), (3, 8, 4, "")])
    assert by_state(replay) == {
        0: (1 + 2 / 2, 2, 0),
        1: (2, 2, 0),
        2: (4, 3, 1 / 2),
        3: (8, 4, 1 / 2),
    }


def test_a_lane_that_joins_late_continues_no_other():
    """It begins where another lane stands."""
    replay = buffer(20, n_steps=2)
    feed(replay, [(0, 1, 1, ""), (1, 2, 2, "")], np.array([0]))
    feed(replay, [(2, 4, 3, "")], np.array([1]))
    assert by_state(replay) == {0: (1 + 2 / 2, 2, 1 / 4), 1: (2, 2, 1 / 2), 2: (4, 3, 1 / 2)}


def test_vectors_follow_one_another_if_all_their_numbers_agree():
    replay = buffer(20, n_steps=2, space=PLANE)
    features = np.array([[0, 1], [2, 3], [4, 3]], np.float32)
    next_features = np.array([[2, 3], [2, 3], [5, 5]], np.float32)  # the third does not begin where it led
    flags = np.zeros(1, bool)
    for i in range(3):
        rewards = np.array([1 << i], np.float32)
        replay.add(
            TransitionBatch(features[[i]], np.array([i]), rewards, next_features[[i]], flags, flags),
            np.array([0]),
        )
    batch = replay.sample(200)
    assert set(zip(batch.features[:, 0].tolist(), batch.rewards.tolist(), strict=True)) == {
        (0, 1 + 2 / 2),
        (2, 2),
        (4, 4),
    }


def test_single_steps_need_no_links():
    state = State()
    replay = buffer(20, n_steps=1, state=state)
    feed(replay, [(0, 1, 1, ""), (1, 2, 2, "")])
    arrays, _ = kept(replay, state)
    assert arrays["successor"].tolist() == [-1, -1]
    assert arrays["latest"].tolist() == [-1]


def test_no_transitions_at_all_change_nothing():
    replay = buffer(20, n_steps=2)
    feed(replay, [(0, 1, 1, "")])
    replay.add(transitions([], [], []), np.array([], np.int64))
    assert (replay.size, replay.position) == (1, 1)


def test_a_transition_that_is_overwritten_is_followed_by_nothing():
    """A ring of as many slots as lanes: the slot of what came before is that of what comes now."""
    replay = buffer(2, n_steps=3)
    for state in range(3):  # every lane runs in a circle of one state
        replay.add(transitions([7, 8], [1 + state, 1], [7, 8]))
    assert by_state(replay) == {7: (3, 7, 1 / 2), 8: (1, 8, 1 / 2)}


def test_returns_run_on_across_the_end_of_the_ring():
    replay = buffer(3, n_steps=2)
    feed(replay, [(0, 1, 1, ""), (1, 2, 2, ""), (2, 4, 3, ""), (3, 8, 4, "")])
    assert by_state(replay) == {1: (2 + 4 / 2, 3, 1 / 4), 2: (4 + 8 / 2, 4, 1 / 4), 3: (8, 4, 1 / 2)}


def test_n_step_returns_keep_lanes_apart():
    """Lane 1 ends in the first step and sits out the second (a mere reset); lane 0 goes on."""
    replay = buffer(20, n_steps=2)
    replay.add(transitions([0, 10], [1, 1], [1, 11], terminated=[False, True]))
    replay.add(transitions([1], [2], [2]), lanes=np.array([0]))
    replay.add(transitions([2, 20], [4, 8], [3, 21]))
    assert by_state(replay) == {
        0: (1 + 2 / 2, 2, 1 / 4),
        10: (1, 11, 0),
        1: (2 + 4 / 2, 3, 1 / 4),
        2: (4, 3, 1 / 2),
        20: (8, 21, 1 / 2),
    }


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 4),
    st.integers(1, 4),
    st.integers(4, 30),
    st.lists(
        st.lists(
            st.sampled_from(["", "", "terminated", "truncated", "given up", "away"]), min_size=4, max_size=4
        ),
        max_size=20,
    ),
    st.integers(0, 9),
)
def test_n_step_returns_equal_those_of_whole_episodes(n_lanes, n_steps, capacity, script, seed):
    """Any number of lanes, ends and absences, and a ring that overwrites itself."""
    rng = np.random.default_rng(seed)
    kept_in = State()
    replay = buffer(capacity, n_steps=n_steps, state=kept_in)
    episodes = [[[]] for _ in range(n_lanes)]  # per lane, lists of (state, reward, next state, end)
    now = [1000 * lane for lane in range(n_lanes)]  # every state is visited once
    order = []
    for row in script:
        lanes = [lane for lane in range(n_lanes) if row[lane] != "away"]
        if not lanes:
            continue
        states = [now[lane] for lane in lanes]
        rewards = rng.integers(-4, 5, len(lanes)).astype(np.float32)
        ends = [row[lane] for lane in lanes]
        terminated, truncated = ([end == how for end in ends] for how in ("terminated", "truncated"))
        next_states = [state + 1 for state in states]
        replay.add(transitions(states, rewards, next_states, terminated, truncated), np.array(lanes))
        order += states
        for lane, state, reward, end in zip(lanes, states, rewards, ends, strict=True):
            episodes[lane][-1].append((state, float(reward), state + 1, end))
            now[lane] = state + 1
            if end:
                episodes[lane].append([])
                now[lane] += 10
    if not order:
        return
    held = set(order[-capacity:])
    for state, (reward, next_state, discount) in by_state(replay).items():
        assert state in held
        episode = next(e for lane in episodes for e in lane if any(state == step[0] for step in e))
        start = [step[0] for step in episode].index(state)
        span = episode[start : start + n_steps]
        last = span[-1]
        assert reward == sum(0.5**k * step[1] for k, step in enumerate(span))
        assert next_state == last[2]
        assert discount == (0 if last[3] == "terminated" else 0.5 ** len(span))
    again = buffer(capacity, n_steps=n_steps, state=State(*kept(replay, kept_in)))
    assert by_state(again) == by_state(replay)


def test_sampling_is_uniform_and_from_the_generator_given():
    first, second = buffer(100), buffer(100)
    for replay in (first, second):
        replay.add(transitions(np.arange(50), np.zeros(50), np.arange(50)))
    sample = first.sample(20_000).features
    np.testing.assert_array_equal(sample, second.sample(20_000).features)
    counts = np.bincount(sample, minlength=50)
    assert len(counts) == 50
    assert counts.min() > 300
    assert counts.max() < 500


def test_more_lanes_than_room_is_refused():
    with pytest.raises(ValueError, match="replay_capacity is 3, too small for 4"):
        buffer(3).add(transitions([0] * 4, [0] * 4, [0] * 4))


@pytest.mark.parametrize("n_fed", [0, 2, 4, 7])
def test_a_ring_put_back_goes_on_alike(n_fed):
    state = State()
    first = buffer(4, n_steps=2, state=state)
    feed(first, [(s, s, s + 1, "") for s in range(n_fed)])
    second = buffer(4, n_steps=2, state=State(*kept(first, state)))
    for replay in (first, second):
        replay._rng = np.random.default_rng(1)
        feed(replay, [(50, 1, 51, "terminated")])
    for ours, theirs in zip(first.sample(30), second.sample(30), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_lanes_without_a_latest_transition_are_put_back():
    """One never had any, one has ended its episode, one was overwritten."""
    state = State()
    replay = buffer(4, n_steps=2, state=state)
    feed(replay, [(0, 1, 1, "")], np.array([2]))
    assert state.kept_arrays()["latest"].tolist() == [-1, -1, 0]
    feed(replay, [(10 + s, 1, 11 + s, "") for s in range(3)] + [(13, 1, 14, "terminated")], np.array([0]))
    assert state.kept_arrays()["latest"].tolist() == [-1, -1, -1]
    again = buffer(4, n_steps=2, state=State(*kept(replay, state)))
    assert by_state(again) == by_state(replay)


@pytest.mark.parametrize(
    ("change", "position"),
    [
        ({}, 1),
        ({}, -1),
        ({}, True),
        ({"actions": np.zeros(9, np.int64)}, 3),
        ({"rewards": np.zeros(3)}, 3),
        ({"successor": np.array([1, 3, -1])}, 3),
        ({"latest": np.array([-2])}, 3),
        ({"latest": np.zeros((1, 1), np.int64)}, 3),
    ],
)
def test_a_ring_that_contradicts_itself_is_refused(change, position):
    state = State()
    replay = buffer(5, n_steps=2, state=state)
    feed(replay, [(s, s, s + 1, "") for s in range(3)])
    arrays, _ = kept(replay, state)
    with pytest.raises(ValueError, match=r"replay|array|counter"):
        buffer(5, n_steps=2, state=State(arrays | change, {"position": position}))


def test_memory_grows_with_what_is_held_and_ends_at_the_capacity():
    tracemalloc.start()
    replay = buffer(100_000_000)
    feed(replay, [(s, s, s + 1, "") for s in range(1000)])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**20
    small = buffer(7)
    feed(small, [(s, s, s + 1, "") for s in range(30)])
    assert {len(column) for column in small._transitions.columns.values()} == {7}
