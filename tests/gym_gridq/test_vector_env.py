"""The vector environment against the scalar one, through Gymnasium's own SyncVectorEnv."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt
import pytest
from gymnasium.error import ClosedEnvironmentError, InvalidAction, ResetNeeded
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers import TimeLimit
from hypothesis import given, settings
from hypothesis import strategies as st

from gym_gridq import Dynamics, GridQEnv, GridQVectorEnv, Layout
from gym_gridq.arguments import NO_LIMIT
from tests.worlds import layouts, worlds

MODES = list(AutoresetMode)


def as_sync(
    world: Dynamics, num_envs: int, limit: int | None, mode: AutoresetMode
) -> SyncVectorEnv[Any, Any]:
    """As many scalar environments in Gymnasium's own loop."""

    def scalar() -> gymnasium.Env[Any, Any]:
        env = GridQEnv(world.layout, world.slip, world.step_reward, world.random_start)
        return env if limit is None else TimeLimit(env, limit)

    return SyncVectorEnv([scalar] * num_envs, autoreset_mode=mode)


def as_vector(world: Dynamics, num_envs: int, limit: int | None, mode: AutoresetMode) -> GridQVectorEnv:
    return GridQVectorEnv(
        num_envs,
        world.layout,
        world.slip,
        world.step_reward,
        world.random_start,
        max_episode_steps=limit,
        autoreset_mode=mode,
    )


def assert_same(ours: Any, theirs: Any) -> None:
    """Equal in structure, in types, and in every value."""
    assert type(ours) is type(theirs)
    if isinstance(ours, dict):
        assert ours.keys() == theirs.keys()
        for key in ours:
            assert_same(ours[key], theirs[key])
    elif isinstance(ours, tuple) or (isinstance(ours, np.ndarray) and ours.dtype == object):
        for our, their in zip(ours, theirs, strict=True):
            assert_same(our, their)
    elif isinstance(ours, np.ndarray):
        assert ours.dtype == theirs.dtype
        assert ours.tolist() == theirs.tolist()
    else:
        assert ours == theirs


def walk_side_by_side(
    ours: GridQVectorEnv, theirs: SyncVectorEnv[Any, Any], rng: np.random.Generator, steps: int
) -> None:
    """Steps and resets both alike, resets of some lanes, and to chosen states, included."""
    free = ours.dynamics.layout.free_states
    seed = int(rng.integers(2**31))
    assert_same(ours.reset(seed=seed), theirs.reset(seed=seed))
    ended = np.zeros(ours.num_envs, dtype=bool)
    for _ in range(steps):
        must_reset = ours.autoreset_mode is AutoresetMode.DISABLED and ended.any()
        if must_reset or rng.random() < 0.1:
            mask = ended | (rng.random(ours.num_envs) < 0.3)
            options: dict[str, Any] = {"reset_mask": mask} if mask.any() else {}
            if rng.random() < 0.3:
                options["state"] = int(rng.choice(free))
            assert_same(ours.reset(options=options), theirs.reset(options=dict(options)))
            ended = np.zeros(ours.num_envs, dtype=bool)
        actions = rng.integers(0, 4, ours.num_envs)
        result = ours.step(actions)
        assert_same(result, theirs.step(actions))
        ended = result[2] | result[3]


limits = st.one_of(st.none(), st.integers(1, 12))
seeds = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("mode", MODES)
@given(layouts(12, 12), st.sampled_from([0.0, -0.04]), st.integers(1, 6), limits, seeds)
@settings(max_examples=60)
def test_lane_for_lane_equal_to_the_scalar_environment(
    mode: AutoresetMode, layout: Layout, step_reward: float, num_envs: int, limit: int | None, seed: int
) -> None:
    start = layout.start_states[0]
    text = "".join("." if cell == "S" and i != start else cell for i, cell in enumerate(layout.cells))
    width = layout.n_columns
    one_start = Layout.from_rows(text[i : i + width] for i in range(0, len(text), width))
    arguments = (Dynamics(one_start, step_reward=step_reward), num_envs, limit, mode)
    walk_side_by_side(as_vector(*arguments), as_sync(*arguments), np.random.default_rng(seed), steps=40)


@pytest.mark.parametrize("mode", MODES)
@given(worlds(), limits, seeds)
@settings(max_examples=60)
def test_one_lane_equal_to_the_scalar_environment_draw_for_draw(
    mode: AutoresetMode, world: Dynamics, limit: int | None, seed: int
) -> None:
    arguments = (world, 1, limit, mode)
    walk_side_by_side(as_vector(*arguments), as_sync(*arguments), np.random.default_rng(seed), steps=60)


@pytest.mark.parametrize("mode", MODES)
@given(worlds(), st.integers(2, 5), limits, seeds)
@settings(max_examples=40)
def test_whatever_is_drawn_lies_in_the_table(
    mode: AutoresetMode, world: Dynamics, num_envs: int, limit: int | None, seed: int
) -> None:
    env = as_vector(world, num_envs, limit, mode)
    rng = np.random.default_rng(seed)
    states, _ = env.reset(seed=seed)
    starts = set(world.start_states.tolist())
    assert set(states.tolist()) <= starts
    age = np.zeros(num_envs, dtype=int)
    ended = np.zeros(num_envs, dtype=bool)
    for _ in range(40):
        actions = rng.integers(0, 4, num_envs)
        following, rewards, terminations, truncations, infos = env.step(actions)
        final_states, probabilities = following, infos["prob"]
        if "final_obs" in infos:
            final_states = np.where(infos["_final_obs"], infos["final_obs"], following)
            probabilities = np.where(infos["_final_obs"], infos["final_info"]["prob"], probabilities)
        begun = ended if mode is AutoresetMode.NEXT_STEP else np.zeros(num_envs, dtype=bool)
        age = np.where(begun, 0, age + 1)
        for lane in range(num_envs):
            drawn = (probabilities[lane], final_states[lane], rewards[lane], terminations[lane])
            if begun[lane]:
                assert drawn == (1.0, following[lane], 0.0, False)
            else:
                assert drawn in world.P[int(states[lane])][int(actions[lane])]
        assert truncations.tolist() == [limit is not None and steps == limit for steps in age]
        ended = terminations | truncations
        if mode is AutoresetMode.SAME_STEP:
            assert ("final_obs" in infos) == ended.any()
            begun = ended
            age[ended] = 0
        elif mode is AutoresetMode.DISABLED and ended.any():
            following, _ = env.reset(options={"reset_mask": ended})
            begun = ended
            age[ended] = 0
        assert set(following[begun].tolist()) <= starts
        states = following


@pytest.mark.parametrize("scalar", [False, True])
def test_frequencies_agree_with_the_table(scalar: bool) -> None:
    world = Dynamics(["..#G", "S.S.", ".H.S"], slip=0.3)
    num_envs = 1 if scalar else 200
    env: Any = as_vector(world, num_envs, 50, AutoresetMode.SAME_STEP)
    if scalar:
        env = as_sync(world, 1, 50, AutoresetMode.SAME_STEP)
    rng = np.random.default_rng(0)
    states, _ = env.reset(seed=0)
    moves: Counter[tuple[int, int, int]] = Counter()
    starts: Counter[int] = Counter()
    for _ in range((12_000 if scalar else 80_000) // num_envs):
        actions = rng.integers(0, 4, num_envs)
        following, _, _, _, infos = env.step(actions)
        ended = infos.get("_final_obs", np.zeros(num_envs, dtype=bool))
        final_states = np.where(ended, infos["final_obs"], following) if ended.any() else following
        moves.update(zip(states.tolist(), actions.tolist(), final_states.tolist(), strict=True))
        starts.update(following[ended].tolist())
        states = following

    def agrees(count: int, total: int, probability: float) -> bool:
        return abs(count - total * probability) <= 5 * (total * probability * (1 - probability)) ** 0.5

    for state, choices in world.P.items():
        for action, outcomes in choices.items():
            total = sum(count for move, count in moves.items() if move[:2] == (state, action))
            assert total > 50 or world.absorbing[state]
            expected: Counter[int] = Counter()
            for probability, final_state, _, _ in outcomes:
                expected[final_state] += probability  # type: ignore[assignment]
            for final_state in range(world.n_states):
                assert agrees(moves[state, action, final_state], total, min(1, expected[final_state]))
    assert set(starts) == set(world.start_states.tolist())
    assert all(agrees(count, starts.total(), 1 / 3) for count in starts.values())


@pytest.mark.parametrize("env_id", ["GridQ-v0", "GridQ-OneHot-v0"])
def test_make_vec(env_id: str) -> None:
    envs = gymnasium.make_vec(env_id, num_envs=3, layout="aima", slip=0.2, autoreset_mode="SameStep")
    assert isinstance(envs.unwrapped, GridQVectorEnv)
    assert envs.num_envs == 3
    assert envs.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    assert envs.action_space == gymnasium.spaces.MultiDiscrete([4, 4, 4])
    scalar = gymnasium.make(env_id)
    assert envs.single_observation_space == scalar.observation_space
    assert envs.single_action_space == scalar.action_space
    observations, _ = envs.reset(seed=0)
    assert observations in envs.observation_space
    assert envs.spec is not None
    again = gymnasium.make_vec(gymnasium.envs.registration.EnvSpec.from_json(envs.spec.to_json()))
    assert again.num_envs == 3
    assert again.reset(seed=0)[0].tolist() == observations.tolist()
    assert again.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    for _ in range(30):
        actions = envs.action_space.sample()
        assert_same(envs.step(actions), again.step(actions))


def test_the_registered_time_limit_holds() -> None:
    envs = gymnasium.make_vec("GridQ-v0", num_envs=2)
    envs.reset()
    truncations = [envs.step(np.array([0, 1]))[3].tolist() for _ in range(101)]
    assert truncations.index([True, True]) == 99
    shorter = gymnasium.make_vec("GridQ-v0", num_envs=2, max_episode_steps=1)
    shorter.reset()
    assert [shorter.step(np.array([0, 1]))[3].tolist()[0] for _ in range(4)] == [True, False, True, False]
    for none in (None, -1):
        endless = gymnasium.make_vec("GridQ-v0", num_envs=1, max_episode_steps=none)
        endless.reset()
        assert not any(endless.step(np.array([0]))[3][0] for _ in range(250))


def test_one_generator_for_all_lanes_seeded_by_an_integer_or_by_a_list() -> None:
    def episode(seed: Any) -> list[Any]:
        envs = GridQVectorEnv(4, "aima", slip=0.5, random_start=True)
        envs.reset(seed=seed)
        return [envs.step(np.full(4, move % 4))[0].tolist() for move in range(60)]

    assert episode(7) == episode(7)
    assert episode([1, 2, 3, 4]) == episode((1, 2, 3, 4)) == episode(np.array([1, 2, 3, 4]))
    different = [episode(seed) for seed in (7, 8, [1, 2, 3, 4], [1, 2, 3, 5], [2, 1, 3, 4])]
    assert all(a != b for i, a in enumerate(different) for b in different[:i])
    lanes = np.array(episode(7)).T
    assert len({tuple(lane) for lane in lanes.tolist()}) == 4, "lanes are independent of each other"
    envs = GridQVectorEnv(1, slip=0.5)
    walks = []
    for seed in (5, [5]):
        envs.reset(seed=seed)
        walks.append([envs.step(np.array([move % 4]))[0].tolist() for move in range(30)])
    assert walks[0] == walks[1], "one lane's list of one seed is that seed"


def test_reset_without_a_seed_goes_on_drawing() -> None:
    envs = GridQVectorEnv(50, random_start=True)
    first, _ = envs.reset(seed=3)
    second, _ = envs.reset()
    assert first.tolist() != second.tolist()
    assert envs.reset(seed=3)[0].tolist() == first.tolist()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("slip", [0.0, 0.4])
def test_returned_arrays_stay_as_they_were(mode: AutoresetMode, slip: float) -> None:
    def arrays(result: Any) -> list[npt.NDArray[Any]]:
        if isinstance(result, np.ndarray):
            return [result]
        return [a for part in (result.values() if isinstance(result, dict) else result) for a in arrays(part)]

    envs = GridQVectorEnv(8, slip=slip, random_start=True, max_episode_steps=6, autoreset_mode=mode)
    kept = [(a, a.copy()) for a in arrays(envs.reset(seed=0))]
    for _ in range(60):
        result = envs.step(envs.action_space.sample())
        kept += [(a, a.copy()) for a in arrays(result)]
        ended = result[2] | result[3]
        if mode is AutoresetMode.DISABLED and ended.any():
            kept += [(a, a.copy()) for a in arrays(envs.reset(options={"reset_mask": ended}))]
    assert all(array.tolist() == copy.tolist() for array, copy in kept)


@pytest.mark.parametrize("mode", MODES)
def test_what_the_caller_does_with_arrays_moves_no_lane(mode: AutoresetMode) -> None:
    def walk(vandal: bool) -> list[Any]:
        envs = GridQVectorEnv(6, slip=0.3, max_episode_steps=9, autoreset_mode=mode)
        rng = np.random.default_rng(0)
        seen: list[Any] = []
        result: tuple[Any, ...] = envs.reset(seed=0)
        for _ in range(50):
            seen.append(result[0].tolist())
            if vandal:
                for array in result[:-1]:
                    array[:] = 1
            actions = rng.integers(0, 4, 6)
            result = envs.step(actions)
            seen.append([part.tolist() for part in result[:-1]])
            ended = result[2] | result[3]
            if vandal:
                actions[:] = 99
            if mode is AutoresetMode.DISABLED and ended.any():
                mask = ended.copy()
                result = envs.reset(options={"reset_mask": mask})
                seen.append([result[0].tolist(), result[1]["prob"].tolist()])
                if vandal:
                    mask[:] = False
        return seen

    assert walk(vandal=True) == walk(vandal=False)


def test_disabled_refuses_to_step_a_lane_that_has_ended() -> None:
    envs = GridQVectorEnv(2, ["SG."], autoreset_mode="Disabled")
    envs.reset()
    _, _, terminations, _, _ = envs.step(np.array([3, 0]))
    assert terminations.tolist() == [True, False]
    with pytest.raises(ResetNeeded, match=r"the episode of lane 0 has ended; .*reset_mask"):
        envs.step(np.array([0, 0]))
    envs.reset(options={"reset_mask": np.array([False, True])})
    with pytest.raises(ResetNeeded, match="lane 0"):
        envs.step(np.array([0, 0]))
    observations, infos = envs.reset(options={"reset_mask": np.array([True, False])})
    assert observations.tolist() == [0, 0]
    assert infos["prob"].tolist() == [1.0, 0.0]
    assert infos["_prob"].tolist() == [True, False]
    assert envs.step(np.array([3, 3]))[2].tolist() == [True, True]


def test_the_caller_s_options_stay_as_they_were() -> None:
    envs = GridQVectorEnv(2)
    envs.reset()
    options = {"reset_mask": np.array([True, False]), "state": 0}
    assert envs.reset(options=options)[0].tolist() == [0, 8]
    assert list(options) == ["reset_mask", "state"]
    assert envs.reset(options={"state": 1})[0].tolist() == [1, 1]
    assert envs.reset(options={})[0].tolist() == [8, 8]


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", ">i8", ">i4"])
def test_any_integer_type_will_do(dtype: str) -> None:
    envs = GridQVectorEnv(4)
    envs.reset(options={"state": 6})
    assert envs.step(np.arange(4, dtype=dtype))[0].tolist() == [2, 10, 6, 7]
    backwards = np.arange(8, dtype=dtype)[3::-1]
    envs.reset(options={"state": 6})
    assert envs.step(backwards)[0].tolist() == [7, 6, 10, 2]


BAD_ACTIONS = [
    (np.zeros(3, dtype=int), r"actions have shape \(3,\); expected \(4,\)"),
    (np.zeros(5, dtype=int), r"actions have shape \(5,\); expected \(4,\)"),
    (np.zeros((4, 1), dtype=int), r"actions have shape \(4, 1\)"),
    (np.array(0), r"actions have shape \(\)"),
    (np.zeros(4), "an array of float64; expected a NumPy array of 4 integers"),
    (np.zeros(4, dtype=bool), "an array of bool; expected"),
    (np.zeros(4, dtype=object), "an array of object; expected"),
    (np.array(["0"] * 4), "an array of <U1; expected"),
    (np.array([0, 1, 4, 0]), r"the action of lane 2 is 4; expected an integer from 0 to 3"),
    (np.array([0, 1, 0, -1]), r"the action of lane 3 is -1"),
    (np.array([2**63, 0, 0, 0], dtype="u8"), r"the action of lane 0 is 9223372036854775808"),
    (np.array([255, 0, 0, 0], dtype="u1"), "lane 0 is 255"),
    ([0, 1, 2, 3], r"\[0, 1, 2, 3\]; expected a NumPy array"),
    ((0, 1, 2, 3), "expected a NumPy array"),
    (0, "actions are 0; expected a NumPy array"),
    (None, "actions are None"),
]
BAD_RESETS: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"options": {"reset_mask": np.zeros(4, dtype=bool)}}, ValueError, "false everywhere"),
    ({"options": {"reset_mask": np.ones(3, dtype=bool)}}, ValueError, r"shape \(3,\); expected \(4,\)"),
    ({"options": {"reset_mask": np.ones((4, 1), dtype=bool)}}, ValueError, r"shape \(4, 1\)"),
    ({"options": {"reset_mask": np.ones(4)}}, TypeError, "an array of float64; expected .* 4 bools"),
    ({"options": {"reset_mask": [True] * 4}}, TypeError, r"\[True, True, True, True\]; expected a NumPy"),
    ({"options": {"reset_mask": None}}, TypeError, "the reset_mask is None"),
    ({"options": {"reset_mask": np.ones(4, dtype=bool), "state": 3}}, ValueError, "3 is terminal"),
    ({"options": {"reset_mask": np.ones(4, dtype=bool), "stat": 0}}, ValueError, "unknown .* 'stat'"),
    ({"options": {"state": 5}}, ValueError, "5 is a wall"),
    ({"options": {"state": 12}}, ValueError, "states go from 0 to 11"),
    ({"options": {"state": np.zeros(4)}}, ValueError, "give an integer"),
    ({"options": [8]}, ValueError, r"options is \[8\]; give None or a dictionary"),
    ({"seed": [1, 2, 3]}, ValueError, r"seed is \[1, 2, 3\]; expected .* 4 integers"),
    ({"seed": [1, 2, 3, -4]}, ValueError, "the seed of lane 3 is -4"),
    ({"seed": [1, 2.0, 3, 4]}, ValueError, "the seed of lane 1 is 2.0"),
    ({"seed": [1, 2, None, 4]}, ValueError, "the seed of lane 2 is None"),
    ({"seed": "1234"}, ValueError, "seed is '1234'"),
    ({"seed": 1.0}, ValueError, "seed is 1.0"),
    ({"seed": -1}, gymnasium.error.Error, "greater or equal to zero"),
]


def assert_nothing_moves(misuse: Callable[[GridQVectorEnv], Any], mode: AutoresetMode) -> None:
    """After the misuse the lanes go on, draw for draw, like those of a twin that was left alone."""
    envs, twin = (GridQVectorEnv(4, slip=0.5, random_start=True, autoreset_mode=mode) for _ in range(2))
    ended = np.zeros(4, dtype=bool)
    assert_same(envs.reset(seed=1), twin.reset(seed=1))
    for step in range(40):
        misuse(envs)
        if mode is AutoresetMode.DISABLED and ended.any():
            assert_same(*(e.reset(options={"reset_mask": ended}) for e in (envs, twin)))
            misuse(envs)
        actions = (np.arange(4) + step) % 4
        ours, theirs = envs.step(actions), twin.step(actions)
        assert_same(ours, theirs)
        ended = ours[2] | ours[3]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("actions", "message"), BAD_ACTIONS)
def test_bad_actions(actions: Any, message: str, mode: AutoresetMode) -> None:
    def misuse(envs: GridQVectorEnv) -> None:
        over = mode is AutoresetMode.DISABLED and len(envs._ended)
        with pytest.raises(ResetNeeded if over else InvalidAction, match="has ended" if over else message):
            envs.step(actions)

    assert_nothing_moves(misuse, mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("arguments", "error", "message"), BAD_RESETS)
def test_bad_resets(
    arguments: dict[str, Any], error: type[Exception], message: str, mode: AutoresetMode
) -> None:
    def misuse(envs: GridQVectorEnv) -> None:
        with pytest.raises(error, match=message):
            envs.reset(**arguments)

    assert_nothing_moves(misuse, mode)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_envs": 0}, "num_envs is 0; give an integer from 1 up"),
        ({"num_envs": -2}, "num_envs is -2"),
        ({"num_envs": 2.0}, r"num_envs is 2\.0"),
        ({"num_envs": True}, "num_envs is True"),
        ({"num_envs": "2"}, "num_envs is '2'"),
        ({"num_envs": None}, "num_envs is None"),
        ({"max_episode_steps": 0}, "max_episode_steps is 0; give an integer from 1 up, or None"),
        ({"max_episode_steps": 1.5}, r"max_episode_steps is 1\.5"),
        ({"autoreset_mode": "next"}, "autoreset_mode is 'next'; give .* 'NextStep', 'SameStep', 'Disabled'"),
        ({"autoreset_mode": None}, "autoreset_mode is None"),
        ({"render_mode": "rgb"}, "render_mode is 'rgb'; give None or one of human, rgb_array, ansi"),
        ({"cell_size": 3}, "cell_size is 3; give the side of a cell in pixels"),
        ({"layout": "boook"}, "unknown layout 'boook'"),
        ({"slip": 2}, "slip is 2"),
        ({"step_reward": float("inf")}, "step_reward is inf"),
        ({"random_start": 1}, "random_start is 1"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        GridQVectorEnv(**{"num_envs": 2, **arguments})


def test_step_before_reset() -> None:
    envs = GridQVectorEnv(2)
    with pytest.raises(ResetNeeded, match="call reset"):
        envs.step(np.array([0, 0]))
    with pytest.raises(ResetNeeded, match="without a reset_mask first"):
        envs.reset(options={"reset_mask": np.array([True, True])})
    assert envs.reset()[0].tolist() == [8, 8]


def test_after_close() -> None:
    envs = gymnasium.make_vec("GridQ-v0", num_envs=2)
    envs.reset()
    envs.close()
    envs.close()
    with pytest.raises(ClosedEnvironmentError, match="make a new one"):
        envs.step(np.array([0, 0]))
    with pytest.raises(ClosedEnvironmentError, match="make a new one"):
        envs.reset()


def test_huge_limits_and_many_lanes() -> None:
    envs = GridQVectorEnv(np.int64(100_000), max_episode_steps=10**30)
    envs.reset()
    assert not envs.step(np.zeros(100_000, dtype=np.int64))[3].any()


def test_an_older_gymnasium_is_told_apart() -> None:
    """All else works there; asking for the vector environment says which version it takes."""
    program = """
import gymnasium, gymnasium.vector
del gymnasium.vector.AutoresetMode
gymnasium.__version__ = "1.0.0"
import gym_gridq
assert gymnasium.make("GridQ-v0").reset()[0] == 8
for ask in (lambda: gym_gridq.GridQVectorEnv, lambda: gym_gridq.VectorOneHotObservation,
            lambda: gymnasium.make_vec("GridQ-v0", num_envs=2)):
    try:
        ask()
    except gymnasium.error.DependencyNotInstalled as error:
        print(error)
"""
    printed = subprocess.check_output([sys.executable, "-c", program], text=True).splitlines()
    assert len(printed) == 3
    assert all("needs gymnasium >= 1.1" in line and "this is 1.0.0" in line for line in printed)


def test_unknown_names_of_the_package() -> None:
    import gym_gridq

    with pytest.raises(AttributeError, match="has no attribute 'GridQ'"):
        _ = gym_gridq.GridQ  # type: ignore[attr-defined]


def test_a_seed_may_be_a_numpy_integer() -> None:
    env = GridQVectorEnv(3, random_start=True)
    assert env.reset(seed=np.int64(5))[0].tolist() == env.reset(seed=5)[0].tolist()


@pytest.mark.parametrize("name", ["row", "steps_left", "ended", "entry"])
def test_numbers_of_a_snapshot_begin_with_0(name: str) -> None:
    envs = GridQVectorEnv(3)
    envs.reset(seed=0)
    taken = envs.snapshot()
    lowest = np.zeros(1 if name == "ended" else 3, np.int64)
    envs.restore({**taken, name: lowest})
    np.testing.assert_array_equal(envs.snapshot()[name], lowest)
    with pytest.raises(ValueError, match=f"the snapshot's {name} is"):
        envs.restore({**taken, name: lowest - 1})
    np.testing.assert_array_equal(envs.snapshot()[name], lowest)


def test_numbers_of_a_snapshot_end_where_those_of_the_lanes_do() -> None:
    envs = GridQVectorEnv(3)
    envs.reset(seed=0)
    taken, n_entries, n_actions = envs.snapshot(), envs.dynamics.next_state.size, envs.dynamics.n_actions
    for name, last, step in (
        ("row", n_entries, n_actions),
        ("steps_left", NO_LIMIT, 1),
        ("ended", 2, 1),
        ("entry", n_entries + n_actions - 1, 1),
    ):
        envs.restore({**taken, name: np.full(3, last)})
        for bad in (np.full(3, last + step), np.full((3, 1), 0), np.zeros(3), [0, 0, 0], np.array(0)):
            with pytest.raises(ValueError, match=f"the snapshot's {name} is"):
                envs.restore({**taken, name: bad})
    with pytest.raises(ValueError, match="the snapshot's row is"):
        envs.restore({**taken, "row": np.full(3, 1)})
    envs.restore({**taken, "entry": np.full(3, 1), "steps_left": np.full(3, 1)})
