import gymnasium
import numpy as np
import pytest
from gymnasium import wrappers

import gym_gridq
from agents.experience.snapshots import NotRestorableError, restore, snapshot
from agents.storage.plain_data import pack, unpack

# Their numbers differ from one Gymnasium to another.
CLIFF, TAXI = (
    max(env_id for env_id in gymnasium.registry if env_id.startswith(f"{name}-v"))
    for name in ("CliffWalking", "Taxi")
)
SCALAR = [
    *("GridQ-v0", "GridQ-OneHot-v0", "FrozenLake-v1", CLIFF, TAXI, "Blackjack-v1"),
    *("CartPole-v1", "MountainCar-v0", "Acrobot-v1"),
]


def through_json(taken):
    """The snapshot as it comes out of a file."""
    import json

    arrays = {}
    packed = pack(taken, arrays)
    return unpack(json.loads(json.dumps(packed)), {name: array.copy() for name, array in arrays.items()})


def script(env, seed, n_steps):
    """Everything seen in so many steps of random actions, from where the environment is."""
    rng = np.random.default_rng(seed)
    seen = []
    for _ in range(n_steps):
        if isinstance(env, gymnasium.vector.VectorEnv):
            step = env.step(rng.integers(env.single_action_space.n, size=env.num_envs))
            over = step[2] | step[3]
            if over.any() and env.metadata["autoreset_mode"].value == "Disabled":
                seen.append(env.reset(options={"reset_mask": over})[0])
        else:
            step = env.step(int(rng.integers(env.action_space.n)))
            if step[2] or step[3]:
                seen.append(env.reset()[0])
        seen.append(step[:4])
    return seen


def equal(first, second):
    if isinstance(first, list | tuple):
        return len(first) == len(second) and all(map(equal, first, second))
    return np.array_equal(first, second) and np.asarray(first).dtype == np.asarray(second).dtype


@pytest.mark.parametrize("env_id", SCALAR)
def test_another_environment_goes_on_exactly(env_id):
    kwargs = {"slip": 0.3, "random_start": True} if env_id.startswith("GridQ") else {}
    one, other = (
        gymnasium.make(env_id, max_episode_steps=20, **kwargs),
        gymnasium.make(env_id, max_episode_steps=20, **kwargs),
    )
    one.reset(seed=3)
    other.reset(seed=99)
    for steps in (0, 1, 7, 30):
        script(one, steps, steps)
        taken = through_json(snapshot(one))
        expected = script(one, 5, 60)
        restore(other, taken)
        assert equal(script(other, 5, 60), expected)


@pytest.mark.lanes
@pytest.mark.parametrize("mode", ["NextStep", "SameStep", "Disabled"])
@pytest.mark.parametrize("kind", ["sync", "gridq", "gridq-one-hot", "cartpole"])
def test_another_vector_environment_goes_on_exactly(kind, mode):
    def make():
        if kind == "sync":
            lanes = [lambda: gymnasium.make("GridQ-v0", slip=0.3, max_episode_steps=15)] * 3
            return gymnasium.vector.SyncVectorEnv(lanes, autoreset_mode=mode)
        if kind == "cartpole":
            lanes = [lambda: gymnasium.make("CartPole-v1")] * 3
            return gymnasium.vector.SyncVectorEnv(lanes, autoreset_mode=mode)
        name = "GridQ-OneHot-v0" if kind == "gridq-one-hot" else "GridQ-v0"
        return gymnasium.make_vec(
            name, 3, slip=0.3, random_start=True, max_episode_steps=15, autoreset_mode=mode
        )

    one, other = make(), make()
    one.reset(seed=3)
    other.reset(seed=99)
    for steps in (0, 4, 40):
        script(one, steps, steps)
        taken = through_json(snapshot(one))
        expected = script(one, 5, 60)
        restore(other, taken)
        assert equal(script(other, 5, 60), expected)


def test_what_stands_in_the_way_of_a_snapshot_is_said():
    class Unknown(gymnasium.Env):
        observation_space = action_space = gymnasium.spaces.Discrete(2)

        def __init__(self):
            self.ahead = iter([1, 2, 3])

    for env in (Unknown(), wrappers.TimeLimit(Unknown(), 5)):
        with pytest.raises(NotRestorableError, match="Unknown.ahead: it holds a list_iterator"):
            snapshot(env)


def test_statistics_of_a_wrapper_are_kept():
    one, other = (wrappers.NormalizeObservation(gymnasium.make("CartPole-v1")) for _ in range(2))
    one.reset(seed=0)
    script(one, 0, 30)
    taken = snapshot(one)
    other.reset(seed=1)
    restore(other, taken)
    assert equal(script(one, 1, 30), script(other, 1, 30))


def changed(taken, change, where=None):
    """A snapshot with attributes changed, wherever they, or one of the name ``where``, are in the tree."""
    import json

    saved = json.loads(bytes(taken["text"]))
    found = []

    def walk(tree):
        if isinstance(tree, dict) and {where or next(iter(change))} <= tree.keys():
            tree.update(change)
            found.append(tree)
        for part in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
            walk(part)

    walk(saved)
    assert found
    return taken | {"text": np.frombuffer(json.dumps(saved).encode(), np.uint8)}


def test_what_a_wrapper_finds_out_late_is_no_state():
    one, other = gymnasium.make("CartPole-v1"), gymnasium.make("CartPole-v1")
    one.reset(seed=0)
    other.reset(seed=1)
    taken = snapshot(one)
    assert other.spec is not None  # remembered by every wrapper from now on
    assert other.observation_space is not None
    restore(other, taken)
    assert equal(script(one, 0, 20), script(other, 0, 20))


def test_a_wrapper_is_given_values_that_a_step_can_be_made_from():
    env = gymnasium.make("GridQ-v0")
    env.reset(seed=0)
    with pytest.raises(NotRestorableError, match="no step can be made"):
        restore(env, changed(snapshot(env), {"_elapsed_steps": "many"}))


def test_a_snapshot_of_something_else_is_refused():
    env = gymnasium.make("GridQ-v0")
    env.reset(seed=0)
    cliff = gymnasium.make(CLIFF)
    cliff.reset(seed=0)
    before = snapshot(env)
    huge = {"text": 2**40, "arrays": {}}
    for wrong in (snapshot(cliff), {}, None, huge, {"text": np.zeros(3, np.uint8), "arrays": {}}):
        with pytest.raises(NotRestorableError, match="does not fit|saved state is that of"):
            restore(env, wrong)
    assert bytes(snapshot(env)["text"]) == bytes(before["text"])


@pytest.mark.parametrize("name", ["step", "reset", "unwrapped", "render"])
def test_no_method_is_replaced(name):
    """A saved state comes from a file, which may say anything."""
    env = gymnasium.make(CLIFF)
    env.reset(seed=0)
    with pytest.raises(NotRestorableError, match=f"has no attribute {name} to put back"):
        restore(env, changed(snapshot(env), {name: 5}, where="lastaction"))


@pytest.mark.parametrize(
    ("env_id", "name", "value"),
    [
        ("CartPole-v1", "state", None),
        ("CartPole-v1", "state", "upright"),
        ("CartPole-v1", "state", np.zeros(3)),
        ("FrozenLake-v1", "s", 16),
        ("FrozenLake-v1", "s", None),
        (TAXI, "s", -1),
        ("Blackjack-v1", "player", None),
    ],
)
@pytest.mark.parametrize("lanes", [False, pytest.param(True, marks=pytest.mark.lanes)])
def test_a_state_that_no_step_can_be_made_from_is_refused(env_id, name, value, lanes):
    """Gymnasium's environments take any state, and would fail on it with an error that names no file."""

    def reset():
        make = [lambda: gymnasium.make(env_id)] * 2
        env = gymnasium.vector.SyncVectorEnv(make) if lanes else make[0]()
        env.reset(seed=0)
        return env

    env = reset()
    good = snapshot(env)
    with pytest.raises(NotRestorableError, match="no step can be made|that of|does not fit"):
        restore(env, changed(good, {name: pack(value, {})}))
    restore(env, good)
    assert equal(script(env, 5, 30), script(reset(), 5, 30))


@pytest.mark.lanes
def test_the_vector_environment_refuses_snapshots_that_its_lanes_cannot_have():
    env = gym_gridq.GridQVectorEnv(3)
    with pytest.raises(gymnasium.error.ResetNeeded):
        env.snapshot()
    env.reset(seed=0)
    good = env.snapshot()
    before = env.step(np.array([0, 1, 2]))[0].tolist()
    ones = np.ones(3, np.int64)
    for change in (
        {"row": np.zeros(2, np.int64)},
        {"row": np.full(3, 400)},
        {"row": ones},
        {"row": [0, 0, 0]},
        {"row": None},
        {"steps_left": -ones},
        {"ended": np.array([3])},
        {"entry": np.array([1])},
        {"entry": np.array([52, 0, 0])},
        {"np_random": {"bit_generator": "PCG64"}},
        {"more": 1},
    ):
        with pytest.raises(ValueError, match="snapshot"):
            env.restore(good | change)
    env.restore(good)
    assert env.step(np.array([0, 1, 2]))[0].tolist() == before


def test_plain_data_comes_back_as_it_was():
    value = {
        "a": [1, 2.5, "x", None, True, (3, (4,))],
        "b": {"c": np.float32(0.1), "d": np.arange(3), "e": np.array(2.0)},
    }
    back = through_json(value)
    assert back["a"] == value["a"]
    assert type(back["b"]["c"]) is np.float32
    assert back["b"]["c"] == np.float32(0.1)
    assert back["b"]["d"].tolist() == [0, 1, 2]
    assert back["b"]["e"].shape == ()
    generator = np.random.default_rng(5)
    again = through_json(generator)
    assert generator.random() == again.random()


def test_what_is_not_plain_data_is_refused():
    for value in (object(), {1: 2}, {"!": 1}, np.random.Generator(np.random.MT19937(0)), {1, 2}):
        with pytest.raises(TypeError, match="cannot be kept in a checkpoint"):
            pack(value, {})
    out_of_range = {**np.random.PCG64(0).state, "state": {"state": -1, "inc": 1}}
    generators = ({"!": "generator", "state": state} for state in (5, {}, out_of_range))
    for packed in ({"!": "array", "name": "9"}, {"!": "tuple"}, {"!": []}, *generators):
        with pytest.raises(ValueError, match="the saved state is damaged"):
            unpack(packed, {})
