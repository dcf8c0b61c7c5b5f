"""The book's algorithms on the grid: when each has the shortest path for good, and what a step costs.

    python -m benchmarks.road [--seeds 20] [--json FILE]
    python -m benchmarks.road --only speed

The first table trains each algorithm with its tuned settings for GridQ-v0 and looks every 200 steps whether
the greedy path from the start is the shortest; "for good" is the first look from which on it always is. The
second one counts transitions a second, in CPU time, through `agents.train` and in two loops written by hand,
one over lists and one over a NumPy table as a script has it; they take turns.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

import agents
import gym_gridq
from benchmarks._measuring import best_of_turns, parser_of, tuned, write_json

TABLES = ("tabular", "sarsa", "expected-sarsa", "monte-carlo")
ALGORITHMS = (*TABLES, "reinforce", "actor-critic")
LOOK_EVERY = 200


def lines_of(name: str) -> int:
    """Lines of an algorithm's file."""
    module = import_module(agents.AGENTS[name].split(":")[0])
    return len(Path(str(module.__file__)).read_text(encoding="utf-8").splitlines())


def learning(name: str, seeds: int) -> dict[str, Any]:
    """When an algorithm has found the shortest path for good, over seeds."""
    world = gymnasium.make("GridQ-v0")
    steps, seconds, regrets = [], [], []
    for seed in range(seeds):
        agent, env, total = tuned("GridQ-v0", name, seed)
        training = agents.Training(agent, env, total_steps=total)
        good_since, spent, spent_then = None, 0.0, 0.0
        for looked_at in range(LOOK_EVERY, total + 1, LOOK_EVERY):
            training.total_steps = looked_at
            started = time.process_time()
            training.run()
            spent += time.process_time() - started
            if gym_gridq.grade(world, agent.act(np.arange(12), explore=False)).greedy_length != 5:
                good_since = None
            elif good_since is None:
                good_since, spent_then = looked_at, spent
        regrets.append(gym_gridq.grade(world, agent.act(np.arange(12), explore=False)).regret)
        if good_since is not None:
            steps.append(good_since)
            seconds.append(spent_then)
    return {
        "seeds": seeds,
        "optimal": sum(regret < 1e-9 for regret in regrets),
        "median_steps": float(np.median(steps)) if steps else None,
        "worst_steps": max(steps, default=None),
        "median_seconds": float(np.median(seconds)) if seconds else None,
        "largest_regret": max(regrets),
        "trained_for": total,
        "lines": lines_of(name),
    }


def lists_by_hand(env: Any, steps: int, on_policy: bool) -> None:
    """Q-learning or SARSA as the fastest plain loop has it: lists, no checks."""
    rng = np.random.default_rng(0)
    n_actions = int(env.action_space.n)
    q = [[0.0] * n_actions for _ in range(int(env.observation_space.n))]

    def choose(row: list[float]) -> int:
        if rng.random() < 0.1:
            return int(rng.random() * n_actions)
        highest = max(row)
        best = [action for action, value in enumerate(row) if value == highest]
        return best[0] if len(best) == 1 else best[int(rng.random() * len(best))]

    state, _ = env.reset(seed=0)
    action = choose(q[state])
    for _ in range(steps):
        next_state, reward, terminated, truncated, _ = env.step(action)
        next_action = choose(q[next_state])
        next_value = q[next_state][next_action] if on_policy else max(q[next_state])
        target = reward if terminated else reward + 0.9 * next_value
        q[state][action] += 0.8 * (target - q[state][action])
        state, action = next_state, next_action
        if terminated or truncated:
            state, _ = env.reset()
            action = choose(q[state])


def arrays_by_hand(env: Any, steps: int, on_policy: bool) -> None:
    """The same with a NumPy table, as scripts and the book's structure have it."""
    rng = np.random.default_rng(0)
    n_actions = int(env.action_space.n)
    q = np.zeros((int(env.observation_space.n), n_actions))

    def choose(state: int) -> int:
        if rng.random() < 0.1:
            return int(rng.integers(n_actions))
        return int(rng.choice(np.flatnonzero(q[state] == q[state].max())))

    state, _ = env.reset(seed=0)
    action = choose(state)
    for _ in range(steps):
        next_state, reward, terminated, truncated, _ = env.step(action)
        next_action = choose(next_state)
        next_value = q[next_state, next_action] if on_policy else q[next_state].max()
        q[state, action] += 0.8 * (reward + 0.9 * next_value * (not terminated) - q[state, action])
        state, action = next_state, next_action
        if terminated or truncated:
            state, _ = env.reset()
            action = choose(state)


def ours(name: str, n_lanes: int, **settings: Any) -> Callable[[int], None]:
    env = gymnasium.make("GridQ-v0") if n_lanes == 1 else gymnasium.make_vec("GridQ-v0", n_lanes)
    agent = agents.make(name, env, seed=0, **settings)
    return lambda steps: agents.train(agent, env, total_steps=steps) and None


def speed(rounds: int) -> dict[str, float]:
    """Transitions a second of CPU time; the best of some rounds, since other work only takes away."""
    env = gymnasium.make("GridQ-v0")
    candidates: dict[str, tuple[Callable[[int], None], int]] = {
        "Q-learning by hand, lists": (lambda steps: lists_by_hand(env, steps, False), 30_000),
        "Q-learning by hand, NumPy": (lambda steps: arrays_by_hand(env, steps, False), 5_000),
        "SARSA by hand, lists": (lambda steps: lists_by_hand(env, steps, True), 30_000),
        "SARSA by hand, NumPy": (lambda steps: arrays_by_hand(env, steps, True), 5_000),
    }
    for name in ("random", *TABLES):
        for n_lanes, steps in ((1, 30_000), (64, 64 * 300), (1_024, 1_024 * 100)):
            candidates[f"{name}, {n_lanes} lanes"] = ours(name, n_lanes), steps
    candidates["dqn without gradient steps, 1 lanes"] = ours("dqn", 1, learning_starts=10**9), 5_000
    turns = {name: partial(run, steps) for name, (run, steps) in candidates.items()}
    return {name: candidates[name][1] / seconds for name, seconds in best_of_turns(turns, rounds).items()}


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=("learning", "speed"))
    options = parser.parse_args()
    found: dict[str, Any] = {}
    if options.only in (None, "learning"):
        found["learning"] = {}
        for name in ALGORITHMS:
            found["learning"][name] = learning(name, options.seeds)
            print(name, json.dumps(found["learning"][name]), flush=True)
    if options.only in (None, "speed"):
        found["speed"] = speed(options.rounds)
        for name, rate in found["speed"].items():
            print(f"{name:40} {rate:12,.0f} a second")
    write_json(options.json, found)


if __name__ == "__main__":
    main()
