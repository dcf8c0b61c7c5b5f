"""Environment steps a second of a training that is watched at full speed, beside the same one unwatched.

    xvfb-run python -m benchmarks.watching [--steps N]

The two take turns, and each keeps its best round. What is compared is the book's agent on its grid.
"""

from __future__ import annotations

import argparse
import time

import gymnasium

import agents
from agents.commands.watching import Watching

ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--steps", type=int, default=5_000, help="environment steps a round (default: 5000)")
    steps = parser.parse_args().steps

    best = {"unwatched": 0.0, "watched": 0.0}
    for _ in range(ROUNDS):
        for name in best:
            best[name] = max(best[name], rate(steps, watched=name == "watched"))
    for name, steps_per_second in best.items():
        print(f"{name:10} {steps_per_second:9,.0f} steps/s")
    print(f"watched keeps {best['watched'] / best['unwatched']:.0%}")


def rate(steps: int, watched: bool) -> float:
    """Steps a second of a new training."""
    env = gymnasium.make("GridQ-v0")
    agent = agents.make("q-learning", env, seed=0)
    callbacks = [Watching(gymnasium.make("GridQ-v0"), agent.config.discount, None)] if watched else []
    start = time.perf_counter()
    agents.train(agent, env, total_steps=steps, callbacks=callbacks)
    seconds = time.perf_counter() - start
    for callback in callbacks:
        callback.close()
    return steps / seconds


if __name__ == "__main__":
    main()
