"""Frames a second of `rgb_array`, beside Gymnasium's FrozenLake-v1 in the same run.

    python -m benchmarks.frames [--json FILE]

Every frame follows a step, and with an overlay its numbers change from frame to frame. The sides take
turns in short rounds, and each keeps its best, so that a busy moment of the machine hits neither.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np

import gym_gridq  # noqa: F401 - registers GridQ-v0
from benchmarks._measuring import best_of_turns, parser_of, write_json

ROUNDS, FRAMES = 400, 5


def main() -> None:
    parser = parser_of(__doc__)
    arguments = parser.parse_args()

    sides = {"FrozenLake-v1": plain(gymnasium.make("FrozenLake-v1", render_mode="rgb_array"))}
    for cell_size in (56, 100, 112):
        env = gymnasium.make("GridQ-v0", render_mode="rgb_array", cell_size=cell_size)
        sides[f"GridQ-v0 plain, cell {cell_size}"] = plain(env)
        sides[f"GridQ-v0 every Q-value new, cell {cell_size}"] = with_overlay(env, one_update=False)
        sides[f"GridQ-v0 one update a frame, cell {cell_size}"] = with_overlay(env, one_update=True)

    shapes = {name: draw().shape for name, draw in sides.items()}
    seconds = best_of_turns(sides, ROUNDS, FRAMES, time.perf_counter)
    best = {name: 1 / each for name, each in seconds.items()}

    peer = best["FrozenLake-v1"]
    print(f"{'':42} {'width x height':>14} {'frames/s':>9} {'x FrozenLake':>12}")
    for name, rate in best.items():
        height, width, _ = shapes[name]
        print(f"{name:42} {f'{width} x {height}':>14} {rate:9,.0f} {rate / peer:12.1f}")
    write_json(arguments.json, {name: round(rate, 1) for name, rate in best.items()})


def plain(env: gymnasium.Env[Any, Any]) -> Callable[[], Any]:
    """Steps, and draws the frame."""
    env.reset(seed=0)
    env.action_space.seed(0)

    def draw() -> Any:
        _, _, terminated, truncated, _ = env.step(env.action_space.sample())
        if terminated or truncated:
            env.reset()
        return env.render()

    return draw


def with_overlay(env: gymnasium.Env[Any, Any], one_update: bool) -> Callable[[], Any]:
    """The same with Q-values that change: one of them, as a tabular agent's do, or all of them."""
    step_and_draw = plain(env)
    generator = np.random.default_rng(0)
    tables = generator.uniform(-1, 1, (97, env.unwrapped.layout.n_states, 4))
    table = tables[0].copy()
    number = 0

    def draw() -> Any:
        nonlocal number
        number += 1
        new = tables[number % len(tables)]
        cell = number % len(table)
        table[cell, number % 4] = new[cell, number % 4]
        q_values = table if one_update else new
        env.unwrapped.show(q_values=q_values, status={"step": number, "epsilon": 0.1})
        return step_and_draw()

    return draw


if __name__ == "__main__":
    main()
