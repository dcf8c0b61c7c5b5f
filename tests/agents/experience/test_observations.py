"""ObservationEncoder against Gymnasium's own flatten, and what it refuses."""

import itertools

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector.utils import batch_space, concatenate, create_empty_array

from agents.errors import DivergenceError
from agents.experience.observations import ObservationEncoder
from agents.experience.states import StateEncoder

BOX = spaces.Box(-1.0, 1.0, (2, 3), np.float32)
NESTED = spaces.Dict(
    {
        "where": spaces.Tuple((spaces.Discrete(3, start=-1), spaces.MultiBinary((2, 2)))),
        "what": spaces.MultiDiscrete([2, 3]),
        "how": spaces.Box(-5.0, 5.0, (), np.float64),
    }
)
ROW_SPACES = [
    BOX,
    spaces.Box(0, 255, (8,), np.uint8),
    spaces.MultiBinary(4),
    spaces.MultiDiscrete([3, 2, 4]),
    spaces.MultiDiscrete([[3, 2], [2, 2]], start=[[1, 0], [-4, 2]]),
    spaces.Tuple((spaces.Discrete(4), spaces.Box(0.0, 1.0, (2,), np.float32))),
    NESTED,
]


def stacked(space, observations):
    """The batch a vector environment over `space` gives."""
    empty = create_empty_array(space, len(observations))
    return concatenate(space, observations, empty)


@pytest.mark.parametrize("space", ROW_SPACES, ids=str)
def test_rows_are_what_gymnasium_flattens_to(space):
    space.seed(0)
    observations = [space.sample() for _ in range(5)]
    expected = np.stack([spaces.flatten(space, observation) for observation in observations])
    encoder = ObservationEncoder(space)
    batch = stacked(space, observations)
    assert batch in batch_space(space, 5)

    rows, batched = encoder.encode(batch)
    assert (encoder.is_index, encoder.n_features, batched) == (False, spaces.flatdim(space), True)
    assert (rows.dtype, rows.shape) == (np.float32, (5, encoder.n_features))
    np.testing.assert_array_equal(rows, expected.astype(np.float32))

    for row, observation in zip(expected, observations, strict=True):
        features, batched = encoder.encode(observation)
        assert not batched
        np.testing.assert_array_equal(features, row[None].astype(np.float32))


@pytest.mark.parametrize("start", [0, 5, -3])
def test_a_discrete_observation_is_one_index(start):
    encoder = ObservationEncoder(spaces.Discrete(4, start=start))
    assert (encoder.is_index, encoder.n_features) == (True, 4)
    for one in (start + 2, np.int64(start + 2), np.array(start + 2), np.int8(start + 2)):
        features, batched = encoder.encode(one)
        assert (features.tolist(), features.dtype, batched) == ([2], np.int64, False)
    for many in (
        np.arange(start, start + 4),
        np.arange(start, start + 4, dtype=np.int16),
        [start, start + 3],
    ):
        features, batched = encoder.encode(many)
        assert (features.tolist(), features.dtype, batched) == (
            (np.asarray(many) - start).tolist(),
            np.int64,
            True,
        )


@pytest.mark.parametrize(
    "bad",
    [
        -1,
        12,
        2**62,
        True,
        1.0,
        "3",
        None,
        np.array([0, 12]),
        np.array([-1, 0]),
        np.zeros((2, 1), int),
        np.zeros(2),
    ],
    ids=repr,
)
def test_a_bad_discrete_observation_is_named(bad):
    with pytest.raises(ValueError, match=r"(?s)observation .* does not fit: expected .*Discrete\(12\)"):
        ObservationEncoder(spaces.Discrete(12)).encode(bad)


@pytest.mark.parametrize(
    ("space", "bad"),
    [
        (BOX, np.zeros((2, 2), np.float32)),
        (BOX, np.zeros((1, 1, 2, 3), np.float32)),
        (BOX, np.full((2, 3), np.nan, np.float32)),
        (BOX, np.full((4, 2, 3), -np.inf)),
        (BOX, np.full((2, 3), 1e300)),  # infinite as float32
        (BOX, np.full((2, 3), "a")),
        (BOX, np.zeros((2, 3), complex)),
        (BOX, [[1.0, 2.0], [3.0]]),
        (BOX, None),
        (spaces.MultiBinary(2), np.array([0, 2])),
        (spaces.MultiDiscrete([2, 3]), np.array([1, 3])),
        (spaces.MultiDiscrete([2, 3]), np.array([-1, 0])),
        (spaces.MultiDiscrete([2, 3]), np.array([0.0, 0.0])),
        (NESTED["where"], (0,)),
        (NESTED["where"], (5, np.zeros((2, 2), np.int8))),
        (NESTED["where"], (np.array([0, 1]), np.zeros((3, 2, 2), np.int8))),
        (NESTED["where"], (0, np.zeros((1, 2, 2), np.int8))),
        (NESTED, {"where": 1, "what": 2, "why": 3}),
    ],
    ids=repr,
)
def test_a_bad_observation_is_named(space, bad):
    with pytest.raises(ValueError, match=r"(?s)observation .* does not fit: expected "):
        ObservationEncoder(space).encode(bad)


def test_what_gymnasium_takes_for_a_member_is_taken():
    rows, batched = ObservationEncoder(spaces.MultiBinary(2)).encode(np.array([0.0, 1.0]))
    assert (rows.tolist(), batched) == ([[0, 1]], False)
    rows, batched = ObservationEncoder(NESTED["where"]).encode([0, np.eye(2, dtype=np.int8)])
    assert (rows.tolist(), batched) == ([[0, 1, 0, 1, 0, 0, 1]], False)


@pytest.mark.parametrize("number", [np.nan, np.inf, 1e300])
def test_a_number_that_is_not_finite_is_a_divergence_wherever_it_stands(number):
    space = spaces.Dict({"a": spaces.Discrete(2), "b": spaces.Box(-1.0, 1.0, (2,), np.float64)})
    with pytest.raises(DivergenceError, match="expected finite numbers"):
        ObservationEncoder(space).encode({"a": 1, "b": np.array([0.0, number])})
    rows, _ = ObservationEncoder(space).encode({"a": 1, "b": np.array([0.0, 1.0000001], np.float32)})
    assert rows.shape == (1, 4)


STATE_SPACES = [
    spaces.Discrete(5, start=-2),
    spaces.MultiDiscrete([3, 2, 4]),
    spaces.MultiDiscrete([[3, 2], [2, 2]], start=[[1, 0], [-4, 2]]),
    spaces.Tuple((spaces.Discrete(32), spaces.Discrete(11, start=1), spaces.Discrete(2))),
    spaces.Tuple((spaces.Tuple((spaces.Discrete(2),)), spaces.MultiDiscrete([2, 3]), spaces.Discrete(2))),
]


def every_member(space):
    """All observations of a finite space, the last part changing fastest."""
    if isinstance(space, spaces.Discrete):
        return [int(space.start) + i for i in range(int(space.n))]
    if isinstance(space, spaces.Tuple):
        return list(itertools.product(*map(every_member, space.spaces)))
    values = itertools.product(
        *(range(s, s + n) for n, s in zip(space.nvec.ravel(), space.start.ravel(), strict=True))
    )
    return [np.array(value).reshape(space.shape) for value in values]


@pytest.mark.parametrize("space", STATE_SPACES, ids=str)
def test_the_observations_of_a_finite_space_are_numbered_in_order(space):
    encoder = StateEncoder(space)
    members = every_member(space)
    assert (encoder.is_index, encoder.n_features, encoder.column) == (True, len(members), ((), np.int64))
    for number, member in enumerate(members):
        features, batched = encoder.encode(member)
        assert (features.tolist(), features.dtype, batched) == ([number], np.int64, False)
    features, batched = encoder.encode(stacked(space, members))
    assert (features.tolist(), batched) == (list(range(len(members))), True)


@pytest.mark.parametrize(
    "space", [BOX, spaces.MultiBinary(2), spaces.Tuple((spaces.Discrete(2), BOX)), NESTED], ids=str
)
def test_a_space_without_numbered_states_is_refused(space):
    with pytest.raises(ValueError, match="a table needs a Discrete one, or a Tuple or MultiDiscrete of such"):
        StateEncoder(space)


@pytest.mark.parametrize(
    "bad", [(32, 1, 0), (0, 0, 0), (0, 1), (0, 1, 0.5), 3, None, (np.zeros(2, int), 1, 0)]
)
def test_a_bad_numbered_observation_is_named(bad):
    with pytest.raises(ValueError, match=r"(?s)observation .* does not fit: expected "):
        StateEncoder(STATE_SPACES[3]).encode(bad)


def test_rounding_beyond_a_box_is_let_pass():
    rows, _ = ObservationEncoder(BOX).encode(np.full((2, 3), 1.0000001))
    assert rows.shape == (1, 6)


@pytest.mark.parametrize(
    ("space", "word"),
    [
        (spaces.Box(0, 255, (8, 8), np.uint8), "image"),
        (spaces.Dict({"camera": spaces.Box(0, 255, (8, 8, 3), np.uint8)}), "image"),
        (spaces.Text(3), "cannot be flattened"),
        (spaces.Tuple((spaces.Sequence(spaces.Discrete(2)),)), "cannot be flattened"),
    ],
    ids=str,
)
def test_a_space_that_no_row_can_hold_is_refused(space, word):
    with pytest.raises(ValueError, match=word):
        ObservationEncoder(space)
