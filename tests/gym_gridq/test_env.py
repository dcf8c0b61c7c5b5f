from __future__ import annotations

import copy
import json
import pickle
import pkgutil
import subprocess
import sys
import warnings
from collections import Counter
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.error import InvalidAction, ResetNeeded
from gymnasium.utils.env_checker import check_env
from hypothesis import given
from hypothesis import strategies as st

import gym_gridq
from gym_gridq import Dynamics, GridQEnv, Layout, random_layout
from tests.worlds import worlds


def walk(env: Any, actions: list[int]) -> list[Any]:
    return [env.step(action) for action in actions]


def test_the_shortest_episode() -> None:
    env = gymnasium.make("GridQ-v0")
    assert env.reset(seed=0) == (8, {"prob": 1.0})
    steps = walk(env, [0, 0, 3, 3, 3])
    assert [step[0] for step in steps] == [4, 0, 1, 2, 3]
    assert [step[1] for step in steps] == [0.0, 0.0, 0.0, 0.0, 1.0]
    assert [step[2] for step in steps] == [False, False, False, False, True]
    assert all(step[3] is False and step[4] == {"prob": 1.0} for step in steps)


def test_walls_edges_and_the_pit() -> None:
    env = gymnasium.make("GridQ-v0")
    env.reset()
    assert [s[0] for s in walk(env, [1, 2, 3, 0])] == [8, 8, 9, 9]
    assert walk(env, [3, 3]) == [
        (10, 0.0, False, False, {"prob": 1.0}),
        (11, 0.0, False, False, {"prob": 1.0}),
    ]
    assert [s[:3] for s in walk(env, [0, 3, 3])] == [(7, -1.0, False)] * 3


def test_the_goal_absorbs() -> None:
    env = GridQEnv()
    env.reset(options={"state": 2})
    assert env.step(3)[:3] == (3, 1.0, True)
    assert walk(env, [0, 1, 2, 3]) == [(3, 0.0, True, False, {"prob": 1.0})] * 4


def test_python_types_come_out() -> None:
    for kwargs in ({}, {"slip": 0.5, "random_start": True, "step_reward": 1}):
        env = gymnasium.make("GridQ-v0", **kwargs)
        state, _ = env.reset(seed=1)
        for _ in range(50):
            observation, reward, terminated, truncated, info = env.step(np.int64(3))
            types = [type(x) for x in (state, observation, reward, terminated, truncated, info["prob"])]
            assert types == [int, int, float, bool, bool, float]


def test_the_time_limit_truncates() -> None:
    env = gymnasium.make("GridQ-v0")
    env.reset()
    steps = walk(env, [2] * 100)
    assert [s[3] for s in steps] == [False] * 99 + [True]
    assert not steps[-1][2]


@given(worlds(), st.integers(0, 2**32 - 1), st.lists(st.integers(0, 3), min_size=1, max_size=40))
def test_every_step_is_in_the_table(world: Dynamics, seed: int, actions: list[int]) -> None:
    env = GridQEnv(world.layout, world.slip, world.step_reward, world.random_start)
    state, _ = env.reset(seed=seed)
    assert state in world.start_states
    for action in actions:
        observation, reward, terminated, truncated, info = env.step(action)
        assert (info["prob"], observation, reward, terminated) in world.P[state][action]
        assert not truncated
        assert observation == env.state
        assert env.position == divmod(observation, world.layout.n_columns)
        state = observation


@given(worlds(), st.integers(0, 2**32 - 1))
def test_draws_come_one_a_step_through_a_cumulative_table(world: Dynamics, seed: int) -> None:
    """The contract by which the vector environment can be equal, draw for draw."""
    env = GridQEnv(world.layout, world.slip, world.step_reward, world.random_start)
    generator, _ = gymnasium.utils.seeding.np_random(seed)
    state, _ = env.reset(seed=seed)
    if len(world.start_states) > 1:
        assert state == world.start_states[int(generator.random() * len(world.start_states))]
    for action in [0, 3, 1, 2] * 5:
        turn = int((generator.random() >= world.turn_cumulative).sum()) if world.slip > 0 else 0
        state = int(world.next_state[state, world.turned_move[action, turn]])
        assert env.step(action)[0] == state
    assert env.np_random.bit_generator.state == generator.bit_generator.state, "and nothing else draws"


def test_slips_and_starts_have_their_frequencies() -> None:
    env = GridQEnv(slip=0.3, random_start=True)
    env.reset(seed=7)
    starts = Counter(env.reset()[0] for _ in range(5000))
    assert set(starts) == {0, 1, 2, 4, 6, 7, 8, 9, 10, 11}
    assert all(abs(count - 500) < 5 * 500**0.5 for count in starts.values())
    moves: Counter[int] = Counter()
    for _ in range(5000):
        env.reset(options={"state": 4})
        moves[env.step(0)[0]] += 1
    assert abs(moves[0] - 3500) < 5 * (5000 * 0.3 * 0.7) ** 0.5
    assert moves.keys() == {0, 4}


def test_one_seed_one_episode() -> None:
    def episode(env: gymnasium.Env[Any, Any]) -> list[Any]:
        return [env.reset(seed=3), *walk(env, [0, 3] * 30)]

    kwargs: dict[str, Any] = {"slip": 0.5, "random_start": True}
    first, second = gymnasium.make("GridQ-v0", **kwargs), gymnasium.make("GridQ-v0", **kwargs)
    assert episode(first) == episode(second) == episode(first)


def test_reset_without_a_seed_goes_on_with_the_generator() -> None:
    env = GridQEnv(random_start=True)
    env.reset(seed=0)
    assert len({env.reset()[0] for _ in range(200)}) == 10


@pytest.mark.parametrize(
    ("state", "expected"), [(7, 7), (np.int64(7), 7), (np.array(7), 7), (0, 0), (11, 11)]
)
def test_start_option(state: Any, expected: int) -> None:
    env = gymnasium.make("GridQ-v0")
    observation, info = env.reset(options={"state": state})
    assert (observation, type(observation), info) == (expected, int, {"prob": 1.0})
    assert env.reset(options={})[0] == 8


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"state": 5}, "state 5 is a wall"),
        ({"state": 3}, "state 3 is terminal"),
        ({"state": 12}, "start state is 12; states go from 0 to 11"),
        ({"state": -1}, "start state is -1"),
        ({"state": 1.0}, "start state is 1.0; give an integer from 0 to 11"),
        ({"state": None}, "start state is None"),
        ({"state": True}, "start state is True"),
        ({"sate": 1}, "unknown reset option 'sate'; the only one is 'state'"),
        ([8], r"options is \[8\]"),
    ],
)
def test_bad_reset_options_change_nothing(options: Any, message: str) -> None:
    env = GridQEnv(random_start=True)
    env.reset(seed=4)
    before = env.snapshot()
    with pytest.raises(ValueError, match=message):
        env.reset(seed=5, options=options)
    assert env.snapshot() == before


@pytest.mark.parametrize(
    "action",
    [-1, 4, 1.5, 1.0, "up", None, True, np.True_, np.array([0, 1]), np.array([1]), float("nan"), [0]],
)
def test_bad_actions_move_nothing(action: Any) -> None:
    env = gymnasium.make("GridQ-v0")
    env.reset()
    with pytest.raises(InvalidAction, match="expected an integer from 0 to 3") as caught:
        env.step(action)
    assert repr(action) in str(caught.value)
    assert env.unwrapped.state == 8
    assert env.step(0)[0] == 4


@pytest.mark.parametrize("kind", [int, np.int8, np.uint64, np.array, gym_gridq.Action])
def test_actions_come_as_any_integer(kind: Any) -> None:
    env = gymnasium.make("GridQ-v0")
    env.reset()
    assert [env.step(kind(action))[0] for action in (0, 1, 3, 2)] == [4, 8, 9, 8]


def test_step_and_render_before_reset() -> None:
    env = gymnasium.make("GridQ-v0", render_mode="rgb_array")
    with pytest.raises(ResetNeeded, match="call reset"):
        env.step(0)
    with pytest.raises(ResetNeeded, match="call reset"):
        env.render()


def test_rendering_without_a_render_mode_says_how_to_get_one() -> None:
    env = GridQEnv()
    env.reset()
    with pytest.warns(UserWarning, match="render_mode='human'"):
        assert env.render() is None


def test_unknown_arguments() -> None:
    with pytest.raises(ValueError, match="render_mode is 'png'; give None or one of human, rgb_array, ansi"):
        GridQEnv(render_mode="png")
    with pytest.raises(ValueError, match="unknown layout 'boook'"):
        gymnasium.make("GridQ-v0", layout="boook")


def test_gymnasium_s_checker_has_nothing_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")  # it tries every render mode, windows included
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(gymnasium.make("GridQ-v0").unwrapped)
    with pytest.warns(UserWarning, match="wrapped") as caught:
        check_env(gymnasium.make("GridQ-OneHot-v0"))
    # Gymnasium 0.29 also warns of what its own checker does to wrappers
    assert len([warning for warning in caught if "deprecated" not in str(warning.message)]) == 1


def test_spaces_follow_the_map() -> None:
    env = gymnasium.make("GridQ-v0", layout=["S..", "#.G"])
    assert env.observation_space == gymnasium.spaces.Discrete(6)
    assert env.action_space == gymnasium.spaces.Discrete(4)


def test_the_spec() -> None:
    spec = gymnasium.spec("GridQ-v0")
    assert (spec.max_episode_steps, spec.reward_threshold) == (100, 1.0)
    assert pickle.loads(pickle.dumps(spec)) == spec
    assert gymnasium.envs.registration.EnvSpec.from_json(spec.to_json()) == spec
    env = gymnasium.make("GridQ-v0", slip=0.25)
    assert json.loads(env.spec.to_json())["kwargs"]["slip"] == 0.25  # type: ignore[union-attr]
    assert gymnasium.make(env.spec).unwrapped.dynamics.slip == 0.25  # type: ignore[arg-type]


@pytest.mark.parametrize("env_id", ["GridQ-v0", "GridQ-OneHot-v0"])
@pytest.mark.parametrize(
    "layout", ["aima", ["S.G"], Layout.from_rows(["SHG"], {"H": 0}, "mine"), random_layout(5, 6, seed=0)]
)
def test_a_spec_with_a_map_comes_back_from_json_and_pickle(env_id: str, layout: Any) -> None:
    env = gymnasium.make(env_id, layout=layout)
    assert env.spec is not None
    for spec in (type(env.spec).from_json(env.spec.to_json()), pickle.loads(pickle.dumps(env.spec))):
        assert gymnasium.make(spec).unwrapped.layout == env.unwrapped.layout  # type: ignore[attr-defined]


def test_the_id_is_found_without_an_import() -> None:
    program = "import gymnasium; print(gymnasium.make('gym_gridq:GridQ-v0').reset(seed=0)[0])"
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "8"


def test_everything_listed_can_be_imported() -> None:
    program = "from gym_gridq import *; from agents import *; print(GridQEnv().action_space.n)"
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "4"


@pytest.mark.parametrize("name", ["gym_gridq.GridQVectorEnv", "gym_gridq.VectorOneHotObservation"])
def test_the_vector_environment_says_what_it_needs(name: str) -> None:
    if hasattr(gymnasium.vector, "AutoresetMode"):
        assert issubclass(pkgutil.resolve_name(name), gymnasium.vector.VectorEnv)
        return
    with pytest.raises(gymnasium.error.DependencyNotInstalled, match="needs gymnasium >= 1.1"):
        pkgutil.resolve_name(name)


@pytest.mark.parametrize("env_id", ["GridQ-v0", "GridQ-OneHot-v0"])
def test_make_vec_says_what_it_needs(env_id: str) -> None:
    if hasattr(gymnasium.vector, "AutoresetMode"):
        assert gymnasium.make_vec(env_id, num_envs=3).num_envs == 3
        return
    # Gymnasium 0.29 takes the vector environment only when asked to, and has a process for each lane else.
    mode = {"vectorization_mode": "custom"} if gymnasium.__version__.startswith("0.") else {}
    with pytest.raises(gymnasium.error.DependencyNotInstalled, match="needs gymnasium >= 1.1"):
        gymnasium.make_vec(env_id, num_envs=3, **mode)


def test_copies_go_their_own_way() -> None:
    env = GridQEnv(slip=0.5, random_start=True)
    env.reset(seed=11)
    walk(env, [0, 3])
    twins = [copy.deepcopy(env), pickle.loads(pickle.dumps(env))]
    expected = walk(env, [1, 0, 3, 2] * 5)
    for twin in twins:
        assert walk(twin, [1, 0, 3, 2] * 5) == expected


def test_a_window_stays_with_the_environment_that_opened_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    env = GridQEnv(render_mode="human")
    env.reset()
    assert env.view is not None
    assert env.view.controls.pace == env.metadata["render_fps"]
    for twin in (copy.deepcopy(env), pickle.loads(pickle.dumps(env))):
        assert twin.view is None
    env.close()
    assert env.view is None


def test_snapshot_and_restore() -> None:
    env = GridQEnv(slip=0.5, random_start=True)
    with pytest.raises(gymnasium.error.ResetNeeded, match="nothing to keep before the first reset"):
        env.snapshot()
    env.reset(seed=11)
    walk(env, [0, 3])
    snapshot = json.loads(json.dumps(env.snapshot()))
    expected = [*walk(env, [1, 0, 3, 2] * 5), env.reset()]
    other = GridQEnv(slip=0.5, random_start=True)
    other.restore(snapshot)
    assert [*walk(other, [1, 0, 3, 2] * 5), other.reset()] == expected


class Always(np.random.Generator):
    """A generator that draws one number."""

    def __init__(self, number: float) -> None:
        super().__init__(np.random.PCG64(0))
        self.number = number

    def random(self) -> float:  # type: ignore[override]
        return self.number


@pytest.mark.parametrize(
    ("draw", "state"),
    [(0.0, 5), (np.nextafter(0.5, 0), 5), (0.5, 0), (np.nextafter(0.75, 0), 0), (0.75, 8), (1 - 2**-53, 8)],
)
def test_a_draw_on_a_threshold_belongs_to_what_comes_after_it(draw: float, state: int) -> None:
    """To the right with 0.5, else to its left hand (up), else to its right; as in the vector environment."""
    env = GridQEnv(["S..G"] * 3, slip=0.5)
    env.reset(options={"state": 4})
    env.np_random = Always(draw)
    assert env.step(3)[0] == state


def test_what_is_drawn_after_a_restore_is_the_cell_alone() -> None:
    """The trail and the heading are of the way that was taken; nobody took it here."""
    env, fresh = GridQEnv(render_mode="rgb_array"), GridQEnv(render_mode="rgb_array")
    env.reset(options={"state": 9})
    snapshot = env.snapshot()
    fresh.reset(options={"state": 9})
    walk(env, [3, 0, 3])
    env.restore(snapshot)
    assert np.array_equal(env.render(), fresh.render())
    walk(env, [3])
    walk(fresh, [3])
    assert np.array_equal(env.render(), fresh.render())


def test_a_frame_shows_the_heading_and_the_last_way_of_this_episode_alone() -> None:
    env, fresh = GridQEnv(render_mode="rgb_array"), GridQEnv(render_mode="rgb_array")
    for one in (env, fresh):
        one.reset(options={"state": 9})
    last = [2, 0, 0, 1, 1, 3, 3, 3, 0, 2, 0, 2, 2, 2, 1, 1]
    walk(env, [3, 3, 0, 2, 0, 2, 2, 1, 1, 3])  # once around the wall, back to where it began
    walk(env, last)
    walk(fresh, last)
    assert np.array_equal(env.render(), fresh.render())
    walk(env, [1])
    walk(fresh, [2])  # both bump into an edge
    assert not np.array_equal(env.render(), fresh.render())
    for one in (env, fresh):
        one.reset(options={"state": 0})
    assert np.array_equal(env.render(), fresh.render())


def test_what_is_shown_is_drawn_until_it_is_cleared() -> None:
    env = GridQEnv(render_mode="rgb_array")
    env.reset()
    q_star = gym_gridq.solve(env).q
    frames = {"nothing": env.render()}
    for name, shown in {
        "q": {"q_values": q_star},
        "v": {"values": q_star.max(axis=1)},
        "policy": {"policy": np.tile([0, 0, 0, 1], (12, 1))},
        "status": {"status": {"episode": 3}},
    }.items():
        env.show(**shown)
        frames[name] = env.render()
    assert len({frame.tobytes() for frame in frames.values()}) == 5
    env.show()
    assert np.array_equal(env.render(), frames["nothing"])


def test_the_keys_that_steer() -> None:
    import pygame

    keys = GridQEnv().get_keys_to_action()
    arrows = [pygame.K_UP, pygame.K_DOWN, pygame.K_LEFT, pygame.K_RIGHT]
    assert [keys[(key,)] for key in arrows] == [0, 1, 2, 3]
    assert [keys[(ord(key),)] for key in "wsad"] == [0, 1, 2, 3]
    assert len(keys) == 8


def test_copies_of_what_has_drawn_draw_on() -> None:
    env = GridQEnv(render_mode="rgb_array", cell_size=20)
    env.reset()
    before = env.render()
    assert 4 * 20 <= before.shape[1] < 5 * 20 + 20, "four cells and two margins"
    for twin in (copy.deepcopy(env), pickle.loads(pickle.dumps(env))):
        assert np.array_equal(twin.render(), before)
        for _ in range(2):
            twin.close()
    env.close()
    assert np.array_equal(env.render(), before), "a closed one opens again"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"state": 12}, "state is 12"),
        ({"state": -1}, "state is -1"),
        ({"state": 5}, "state is 5"),
        ({"state": None}, "state is None; expected a cell"),
        ({"np_random": {}}, "generator"),
        ({"np_random": {**np.random.PCG64(0).state, "state": {"state": -1, "inc": 1}}}, "generator"),
        ({"x": 1}, "not a snapshot"),
    ],
)
def test_bad_snapshots_change_nothing(change: dict[str, Any], message: str) -> None:
    env = GridQEnv(random_start=True)
    env.reset(seed=1)
    before = env.snapshot()
    with pytest.raises(ValueError, match=message):
        env.restore({**before, **change})
    assert env.snapshot() == before


@pytest.mark.parametrize("state", [0, 11])
def test_the_first_and_the_last_cell_can_be_gone_back_to(state: int) -> None:
    env = GridQEnv(random_start=True)
    env.reset(seed=1)
    env.restore({**env.snapshot(), "state": state})
    assert env.state == state


def test_the_docstring_has_gymnasium_s_headings() -> None:
    text = GridQEnv.__doc__ or ""
    headings = [line.strip()[3:] for line in text.splitlines() if line.strip().startswith("## ")]
    assert headings == [
        "Description", "Action Space", "Observation Space", "Starting State", "Rewards", "Episode End",
        "Information", "Arguments", "References", "Version History",
    ]  # fmt: skip


def test_a_million_cells_are_made_and_walked_in_cheaply() -> None:
    rows = ["S" + "." * 999, *["." * 1000] * 998, "." * 999 + "G"]
    env = gymnasium.make("GridQ-v0", layout=rows)
    env.reset()
    assert [env.step(action)[0] for action in (3, 1, 1, 2)] == [1, 1001, 2001, 2000]
    assert len(env.unwrapped._table) == 5, "only the cells visited are looked up"
