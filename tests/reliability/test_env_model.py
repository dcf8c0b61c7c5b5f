"""Thousands of random programs against the environment and an independent, deliberately naive model of it."""

import copy
import pickle

import gymnasium
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import gym_gridq
from tests.tried import tried

MOVES = {0: (-1, 0), 1: (1, 0), 2: (0, -1), 3: (0, 1)}
ASIDE = {0: (2, 3), 1: (2, 3), 2: (0, 1), 3: (0, 1)}
WORTH = {"S": 0.0, ".": 0.0, "G": 1.0, "P": -1.0, "H": -1.0}


@st.composite
def maps(draw):
    n_rows, n_columns = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    n_cells = max(2, n_rows * n_columns)
    letters = draw(st.lists(st.sampled_from("....##PHSG"), min_size=n_cells, max_size=n_cells))
    start, goal = draw(st.permutations(range(n_cells)))[:2]
    letters[start], letters[goal] = "S", "G"
    width = n_columns if n_rows * n_columns > 1 else 2
    return ["".join(letters[i : i + width]) for i in range(0, n_cells, width)]


class Model:
    """The rules, told once more in the plainest way: a dictionary of positions, no tables, no numbers."""

    def __init__(self, rows, slip, step_reward):
        self.letters = {(r, c): letter for r, row in enumerate(rows) for c, letter in enumerate(row)}
        self.width, self.slip, self.step_reward = len(rows[0]), slip, step_reward

    def position(self, state):
        return divmod(state, self.width)

    def enter(self, position, move):
        row, column = position[0] + MOVES[move][0], position[1] + MOVES[move][1]
        inside = self.letters.get((row, column), "#") != "#"
        return (row, column) if inside else position

    def possible(self, position, action):
        """Everything that may happen: (position, reward, terminated) -> probability."""
        if self.letters[position] in "GH":
            return {(position, 0.0, True): 1.0}
        found = {}
        chances = [(action, 1 - self.slip), *((turn, self.slip / 2) for turn in ASIDE[action])]
        for move, probability in chances:
            if probability > 0:
                there = self.enter(position, move)
                letter = self.letters[there]
                outcome = (there, WORTH[letter] + self.step_reward, letter in "GH")
                found.setdefault(outcome, []).append(probability)
        return found

    def starts(self, random_start):
        wanted = "S.P" if random_start else "S"
        return {position for position, letter in self.letters.items() if letter in wanted}


class Programs(RuleBasedStateMachine):
    @initialize(
        rows=maps(),
        slip=st.sampled_from([0.0, 0.0, 0.2, 2 / 3, 1.0]),
        step_reward=st.sampled_from([0.0, -0.04, 2.0]),
        random_start=st.booleans(),
        limit=st.sampled_from([1, 3, 20]),
        render_mode=st.sampled_from([None, None, "ansi"]),
    )
    def make(self, rows, slip, step_reward, random_start, limit, render_mode):
        self.env = gymnasium.make(
            "GridQ-v0", layout=rows, slip=slip, step_reward=step_reward, random_start=random_start,
            max_episode_steps=limit, render_mode=render_mode,
        )  # fmt: skip
        self.model = Model(rows, slip, step_reward)
        tried("random programs in the environment: it did what the naive model did")
        self.random_start, self.limit, self.render_mode = random_start, limit, render_mode
        self.position = None
        self.steps = 0

    @rule(seed=st.one_of(st.none(), st.integers(0, 2**32)))
    def reset(self, seed):
        state, info = self.env.reset(seed=seed)
        self.position, self.steps = self.model.position(state), 0
        assert type(state) is int
        assert info == {"prob": 1.0}
        assert self.position in self.model.starts(self.random_start)

    @rule(seed=st.integers(0, 2**32))
    def reset_twice_with_one_seed(self, seed):
        assert self.env.reset(seed=seed) == self.env.reset(seed=seed)
        self.position, self.steps = self.model.position(self.env.unwrapped.state), 0

    @rule(data=st.data())
    def reset_to_a_state(self, data):
        state = data.draw(st.integers(-2, len(self.model.letters) + 1))
        letter = self.model.letters.get(self.model.position(state), "#") if state >= 0 else "#"
        before = self.env.unwrapped.state
        if letter in "S.P":
            assert self.env.reset(options={"state": state})[0] == state
            self.position, self.steps = self.model.position(state), 0
        else:
            with pytest.raises(ValueError, match="start state"):
                self.env.unwrapped.reset(options={"state": state})
            assert self.env.unwrapped.state == before

    @precondition(lambda self: self.position is not None)
    @rule(action=st.integers(0, 3), kind=st.sampled_from([int, np.int64, np.uint8, np.array]))
    def step(self, action, kind):
        state, reward, terminated, truncated, info = self.env.step(kind(action))
        self.steps += 1
        outcome = (self.model.position(state), reward, terminated)
        possible = self.model.possible(self.position, action)
        assert outcome in possible
        chances = possible[outcome] if isinstance(possible[outcome], list) else [possible[outcome]]
        assert any(info["prob"] == pytest.approx(chance, abs=1e-15) for chance in chances)
        assert (type(state), type(reward), type(terminated), type(truncated)) == (int, float, bool, bool)
        assert truncated == (self.steps >= self.limit)
        self.position = outcome[0]

    @rule(action=st.sampled_from([-1, 4, 1.5, "up", None, True, np.array([0, 1]), float("nan")]))
    def wrong_action(self, action):
        before = self.env.unwrapped.state, self.env.unwrapped.np_random.bit_generator.state
        expected = gymnasium.error.InvalidAction if self.position is not None else gymnasium.error.ResetNeeded
        with pytest.raises(expected):
            self.env.unwrapped.step(action)
        assert (self.env.unwrapped.state, self.env.unwrapped.np_random.bit_generator.state) == before

    @precondition(lambda self: self.position is None)
    @rule()
    def step_before_reset(self):
        with pytest.raises(gymnasium.error.ResetNeeded):
            self.env.unwrapped.step(0)

    @precondition(lambda self: self.position is not None and self.render_mode == "ansi")
    @rule()
    def render(self):
        assert isinstance(self.env.render(), str)

    @precondition(lambda self: self.position is not None)
    @rule()
    def go_back_to_a_snapshot(self):
        grid = self.env.unwrapped
        taken = grid.snapshot()
        first = [grid.step(action)[:3] for action in (0, 3, 1, 2)]
        grid.restore(taken)
        assert [grid.step(action)[:3] for action in (0, 3, 1, 2)] == first
        grid.restore(taken)

    @rule(copied=st.sampled_from([copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))]))
    def go_on_in_a_copy(self, copied):
        other = copied(self.env)
        assert other.unwrapped.state == self.env.unwrapped.state
        self.env = other

    @rule()
    def close(self):
        self.env.close()
        self.env.close()

    @invariant()
    def stands_where_the_model_stands(self):
        if hasattr(self, "env") and self.position is not None:
            assert self.env.unwrapped.position == self.position


def test_random_programs(scale):
    run_state_machine_as_test(
        Programs,
        settings=settings(max_examples=1000 * scale, stateful_step_count=20, deadline=None, database=None),
    )


@settings(max_examples=100, database=None)
@given(rows=maps(), slip=st.floats(0, 1))
def test_the_table_is_the_model(rows, slip):
    dynamics, model = gym_gridq.Dynamics(rows, slip), Model(rows, slip, 0.0)
    for state, actions in dynamics.P.items():
        position = model.position(state)
        if model.letters[position] == "#":
            continue
        for action, outcomes in actions.items():
            expected = model.possible(position, action)
            found = {}
            for probability, next_state, reward, terminated in outcomes:
                found.setdefault((model.position(next_state), reward, terminated), []).append(probability)
            assert set(found) == set(expected)
            for outcome, chances in found.items():
                assert sum(chances) == pytest.approx(np.sum(expected[outcome]), abs=1e-12)
