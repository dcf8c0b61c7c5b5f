"""The playground's engine against the package: the same solutions, the same learning, the same words."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt
import pytest

import agents
import gym_gridq
from docs._ext import playground
from gym_gridq.greedy import greedy_actions
from tests.playground.conftest import Engine, RefusedError
from tests.tried import counts

LETTERS = np.array(list("SSG....##PH"))

SOLVE = "({gridq}, worlds) => worlds.map(([rows, options]) => gridq.solve(rows, options))"
LEARN = "({gridq}, [rows, options]) => gridq.learn(rows, options)"


def random_world(rng: np.random.Generator) -> tuple[gym_gridq.Dynamics, float, list[Any]]:
    """A map of any letters with any slip, rewards and discount; and the same as the engine takes it."""
    shape = rng.integers(1, 9, 2)
    cells = rng.choice(LETTERS, shape)
    cells.flat[rng.permutation(cells.size)[:2]] = ["S", "G"][: cells.size]
    if cells.size == 1:
        cells = np.array([["S", "G"]])
    rows = ["".join(row) for row in cells]
    rewards = {
        letter: float(rng.choice([rng.normal(), rng.integers(-3, 4)]))
        for letter in "S.GPH"
        if rng.random() < 0.4
    }
    slip = float(rng.choice([0.0, 0.2, 2 / 3, 1.0, rng.random()]))
    step_reward = float(rng.choice([0.0, -0.04, 0.3]))
    discount = float(rng.choice([0.0, 0.5, 0.9, 0.99, rng.random()]))
    dynamics = gym_gridq.Dynamics(gym_gridq.Layout.from_rows(rows, rewards), slip, step_reward)
    options = {"rewards": rewards, "slip": slip, "stepReward": step_reward, "discount": discount}
    return dynamics, discount, [rows, options]


def test_solutions_and_ties_are_those_of_the_package_on_a_thousand_random_maps(node: Engine) -> None:
    rng = np.random.default_rng(18)
    worlds = [random_world(rng) for _ in range(1_000)]
    found = node("gridq", SOLVE, [given for _, _, given in worlds])
    for (dynamics, discount, given), there in zip(worlds, found, strict=True):
        here = gym_gridq.solve(dynamics, discount)
        scale = max(1.0, float(np.abs(here.q).max()))
        assert np.abs(np.array(there["v"]) - here.v).max() <= 1e-12 * scale, given
        assert np.abs(np.array(there["q"]) - here.q).max() <= 1e-12 * scale, given
        assert np.array_equal(there["policy"], here.policy), given
    counts["random maps whose solution in the playground is the package's"] += len(worlds)


@pytest.mark.parametrize("name", gym_gridq.LAYOUTS)
@pytest.mark.parametrize("slip", [0.0, 0.2])
def test_named_layouts_are_solved_without_discount_too(node: Engine, name: str, slip: float) -> None:
    layout = gym_gridq.LAYOUTS[name]
    code = """({gridq}, [name, options]) => {
        const {rows, rewards} = gridq.layouts[name];
        return gridq.solve(rows, {...options, rewards});
    }"""
    there = node("gridq", code, [name, {"slip": slip, "stepReward": -0.04, "discount": 1}])
    here = gym_gridq.solve(gym_gridq.Dynamics(layout, slip, -0.04), 1.0)
    assert np.allclose(there["v"], here.v, rtol=1e-12, atol=1e-12)
    assert np.array_equal(there["policy"], here.policy)


def test_a_large_map_with_slip_is_solved_as_exactly(node: Engine) -> None:
    layout = gym_gridq.random_layout(50, 50, seed=3)
    (there,) = node("gridq", SOLVE, [[list(layout.rows), {"slip": 0.2, "discount": 0.99}]])
    here = gym_gridq.solve(gym_gridq.Dynamics(layout, 0.2), 0.99)
    assert np.abs(np.array(there["q"]) - here.q).max() <= 1e-12
    assert np.array_equal(there["policy"], here.policy)


def test_greedy_policies_are_worth_what_grade_says(node: Engine) -> None:
    rng = np.random.default_rng(5)
    code = """({makeWorld, greedyValue, greedyActions}, items) => items.map(([[rows, options], q]) => {
        const table = Float64Array.from(q);
        return [greedyValue(makeWorld(rows, options), table, options.discount), greedyActions(table)];
    })"""
    worlds = [random_world(rng) for _ in range(200)]
    # few different numbers, so that many are tied
    tables = [rng.integers(0, 3, (dynamics.n_states, 4)) / 7 for dynamics, _, _ in worlds]
    items = [[given, q.ravel().tolist()] for (_, _, given), q in zip(worlds, tables, strict=True)]
    for (dynamics, discount, given), q, (value, arrows) in zip(
        worlds, tables, node("probe", code, items), strict=True
    ):
        here = gym_gridq.grade(gymnasium_env(dynamics), q, discount)
        assert value == pytest.approx(here.value, rel=1e-11, abs=1e-12), given
        assert np.array_equal(np.reshape(arrows, q.shape).astype(bool), greedy_actions(q))


def test_random_numbers_are_numpys(node: Engine) -> None:
    code = """({makeRandom}, [seed, key]) => {
        const random = makeRandom(seed, ...key);
        return Array.from({length: 10000}, random);
    }"""
    for seed in (0, 1, 12345, 2**32 - 1, 2**32, 2**53 - 1):
        assert node("random", code, [seed, []]) == np.random.default_rng(seed).random(10_000).tolist()
        for key, child in enumerate(np.random.SeedSequence(seed).spawn(3)):
            expected = np.random.default_rng(child).random(100).tolist()
            assert node("random", code, [seed, [key]])[:100] == expected


# -- learning ------------------------------------------------------------------------------------------


def gymnasium_env(dynamics: gym_gridq.Dynamics) -> gymnasium.Env[Any, Any]:
    return gymnasium.make(
        "GridQ-v0",
        layout=dynamics.layout,
        slip=dynamics.slip,
        step_reward=dynamics.step_reward,
        random_start=dynamics.random_start,
    )


WORLDS = {
    # rewards that 32-bit numbers hold exactly
    "the book's": (gym_gridq.Dynamics(), {}),
    "the book's, slippery": (
        gym_gridq.Dynamics(slip=0.25, step_reward=-0.0625, random_start=True),
        {"slip": 0.25, "stepReward": -0.0625, "randomStart": True},
    ),
}


@pytest.mark.parametrize(
    ("world", "epsilon", "learning_rate"),
    [("the book's", 1.0, 0.1), ("the book's, slippery", 0.1, 0.1), ("the book's, slippery", 1.0, 0.8)],
)
def test_100_000_tabular_updates_are_identical(
    node: Engine, world: str, epsilon: float, learning_rate: float
) -> None:
    dynamics, options = WORLDS[world]
    env = gymnasium_env(dynamics)
    agent = agents.make("tabular", env, seed=7, epsilon=epsilon, learning_rate=learning_rate)
    agents.train(agent, env, total_steps=100_000)
    given = {
        "agent": "tabular",
        "seed": 7,
        "steps": 100_000,
        "epsilon": epsilon,
        "learningRate": learning_rate,
    }
    there = node("gridq", LEARN, [list(dynamics.layout.rows), given | options])
    assert there["q"] == agent.table.tolist()
    grade = gym_gridq.grade(env, agent.table)
    assert there["maxError"] == pytest.approx(grade.max_q_error, abs=1e-12)
    assert there["regret"] == pytest.approx(grade.regret, abs=1e-12)
    counts["tabular updates identical in the playground and in Python"] += 100_000


TABLES = ["tabular", "sarsa", "expected-sarsa", "monte-carlo"]


@pytest.mark.parametrize("name", [name for name in TABLES if name in agents.AGENTS])
def test_every_table_learns_as_that_of_the_package(node: Engine, name: str) -> None:
    dynamics, options = WORLDS["the book's, slippery"]
    env = gymnasium_env(dynamics)
    agent = agents.make(name, env, seed=2, epsilon=0.1, learning_rate=0.1)
    agents.train(agent, env, total_steps=100_000)
    given = {"agent": name, "seed": 2, "steps": 100_000, "epsilon": 0.1, "learningRate": 0.1}
    there = node("gridq", LEARN, [list(dynamics.layout.rows), given | options])
    # Python's sum() of four numbers rounds in its own way since 3.12
    assert np.abs(np.array(there["q"]) - agent.table).max() < 1e-9


class Draws:
    """Random numbers that are written down."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self.drawn: list[float] = []

    def __call__(self) -> float:
        self.drawn.append(self._rng.random())
        return self.drawn[-1]


def textbook(
    name: str,
    dynamics: gym_gridq.Dynamics,
    steps: int,
    draws: Draws,
    discount: float,
    rate: float,
    epsilon: float,
) -> npt.NDArray[np.float64]:
    """SARSA, expected SARSA and first-visit Monte Carlo as Sutton & Barto's boxes have them (6.4, 6.6, 5.4).

    Where a limit of 100 steps cuts an episode, the mean over the policy stands for what would have followed.
    """
    q = np.zeros((dynamics.n_states, 4))

    def choose(state: int) -> int:
        if draws() < epsilon:
            return int(draws() * 4)
        best = np.flatnonzero(q[state] == q[state].max())
        return int(best[int(draws() * len(best))] if len(best) > 1 else best[0])

    def expected(state: int) -> float:
        a, b, c, d = q[state].tolist()
        return (1 - epsilon) * max(a, b, c, d) + epsilon * ((a + b + c + d) / 4)

    def move(state: int, action: int, target: float) -> None:
        q[state, action] += rate * (target - q[state, action])

    done = 0
    while done < steps:
        state, action = int(dynamics.start_states[0]), None
        episode: list[tuple[int, int, float]] = []
        for t in range(1, 101):
            action = choose(state) if action is None else action
            there = int(dynamics.next_state[state, action])
            reward, ended = float(dynamics.reward[state, action]), bool(dynamics.terminated[state, action])
            episode.append((state, action, reward))
            done += 1
            last = ended or t == 100
            next_action = None
            if name == "expected-sarsa":
                move(state, action, reward + discount * (0.0 if ended else expected(there)))
            elif name == "sarsa":
                if not last and done < steps:
                    next_action = choose(there)
                    move(state, action, reward + discount * q[there, next_action])
                elif last:
                    move(state, action, reward + discount * (0.0 if ended else expected(there)))
            if last or done == steps:
                break
            state, action = there, next_action
        if name == "monte-carlo" and last:
            value, first = 0.0 if ended else expected(there), {}
            for s, a, r in reversed(episode):
                value = r + discount * value
                first[s, a] = value
            for pair, target in first.items():
                move(*pair, target)
    return q


FED = """({gridq}, [rows, options, draws]) => {
    let next = 0;
    return gridq.learn(rows, {...options, random: {exploration: () => draws[next++]}}).q;
}"""


@pytest.mark.parametrize(
    ("name", "layout"),
    [
        ("sarsa", "book"),
        ("sarsa", "aima"),
        ("expected-sarsa", "book"),
        ("expected-sarsa", "dyna-maze"),
        ("monte-carlo", "book"),
        ("monte-carlo", "dyna-maze"),
    ],
)
def test_the_other_learners_are_the_textbooks(node: Engine, name: str, layout: str) -> None:
    dynamics = gym_gridq.Dynamics(layout, step_reward=-0.01)
    draws = Draws(3)
    expected = textbook(name, dynamics, 20_000, draws, 0.9, 0.2, 0.1)
    options = {"agent": name, "steps": 20_000, "epsilon": 0.1, "learningRate": 0.2, "stepReward": -0.01}
    found = node("gridq", FED, [list(dynamics.layout.rows), options, draws.drawn])
    assert found == expected.tolist()


@pytest.mark.parametrize(
    ("name", "settings"), [("q-learning", {}), ("dqn", {"epsilon_schedule": "constant"})]
)
@pytest.mark.parametrize("world", WORLDS)
def test_1_000_network_updates_agree_within_the_rounding_of_32_bits(
    node: Engine, name: str, settings: dict[str, Any], world: str
) -> None:
    dynamics, options = WORLDS[world]
    env = gymnasium_env(dynamics)
    agent = agents.make(name, env, seed=1, epsilon=0.2, **settings)
    weights = agent.network.weights.tolist()
    steps = 1_000 if name == "q-learning" else 1_099  # DQN's first update comes with its hundredth step
    agents.train(agent, env, total_steps=steps)
    given = {"agent": name, "seed": 1, "steps": steps, "epsilon": 0.2, "weights": weights}
    code = """({gridq}, [rows, {weights, ...options}]) =>
        gridq.learn(rows, {...options, weights: Float32Array.from(weights)}).q"""
    found = np.array(node("gridq", code, [list(dynamics.layout.rows), given | options]))
    acting = ~dynamics.absorbing
    assert np.abs(found - agent.q_values(np.arange(dynamics.n_states)))[acting].max() < 1e-5


# -- what cannot be ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "options", "word"),
    [
        ([], {}, "the map is empty"),
        (["S.", "G"], {}, "row 1 of the map, 'G', has 1 letters, but row 0 has 2"),
        (["S?G"], {}, "unknown letter '?' in row 0"),
        (["..G"], {}, "no start"),
        (["S.."], {}, "no goal"),
        (["S" * 100] * 99 + ["G" * 100], {}, "the map has 100 rows and 100 columns"),
        (["SG"], {"slip": 1.5}, "slip is 1.5; give a number from 0 to 1"),
        (["SG"], {"slip": None}, "slip is null; give a number from 0 to 1"),
        (["SG"], {"discount": -0.1}, "discount is -0.1; give a number from 0 to 1"),
        (["SG"], {"stepReward": "1"}, "stepReward is '1'"),
        (["SG"], {"rewards": {"X": 1}}, "rewards name 'X'"),
        (["SG"], {"rewards": {"G": 1e101}}, "reward G is 1e+101"),
        (
            ["S.G"],
            {"stepReward": 1, "discount": 1},
            "with discount 1 the return from cell (0, 0)",
        ),
        (["S#G"], {"stepReward": -1, "discount": 1}, "no policy ever ends the episode from there"),
    ],
)
def test_what_cannot_be_is_refused_with_a_clear_word(
    node: Engine, rows: list[str], options: dict[str, Any], word: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        node("gridq", SOLVE, [[rows, options]])
    assert word in str(refused.value)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"agent": "toString"}, "agent is 'toString'; give one of tabular, sarsa"),
        ({"seed": -1}, "seed is -1; give a whole number from 0"),
        ({"seed": 0.5}, "seed is 0.5; give a whole number from 0"),
        ({"steps": "9"}, "steps is '9'"),
        ({"epsilon": 2}, "epsilon is 2; give a number from 0 to 1"),
        ({"learningRate": 0}, "learningRate is 0"),
        ({"agent": "q-learning", "learningRate": 10, "steps": 5000}, "training has diverged"),
    ],
)
def test_training_that_cannot_be_is_refused_with_a_clear_word(
    node: Engine, options: dict[str, Any], word: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        node("gridq", LEARN, [["...G", ".#.P", "S..."], options])
    assert word in str(refused.value)


def test_modules_that_clash_or_go_in_circles_are_not_joined(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playground, "SOURCE", tmp_path)
    (tmp_path / "a.js").write_text('import {b} from "./b.js";\nexport const a = 1;\n')
    (tmp_path / "b.js").write_text("export const b = 1;\nfunction a() {}\n")
    with pytest.raises(ValueError, match=r"a is declared in b\.js and in a\.js"):
        playground.modules()
    (tmp_path / "b.js").write_text('import {a} from "./a.js";\nexport const b = 1;\n')
    with pytest.raises(ValueError, match="need one another: a -> b -> a"):
        playground.modules()
