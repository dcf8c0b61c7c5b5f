"""Environment steps a second of a training that is watched at full speed, beside the same one unwatched.

    xvfb-run python -m benchmarks.watching [--rounds N] [--steps N]

The two take turns in short rounds. Every watched round is compared with the unwatched one before it, and the
median of these ratios is told, by the clock and by the seconds of processor time that the training took: on
a busy machine the clock also counts what others do, the X server among them. What is compared is the book's
agent on its grid.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from typing import NamedTuple

import gymnasium

import agents
from agents.commands.live_view import LiveView


class Rate(NamedTuple):
    """Environment steps a second."""

    clock: float
    processor: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15, help="rounds of each (default: 15)")
    parser.add_argument("--steps", type=int, default=3_000, help="environment steps a round (default: 3000)")
    arguments = parser.parse_args()

    pairs = [
        (rate(arguments.steps, watched=False), rate(arguments.steps, watched=True))
        for _ in range(arguments.rounds)
    ]
    print(f"{'steps a second (median)':26} {'by the clock':>14} {'by processor time':>18}")
    for name, rates in zip(("unwatched", "watched"), zip(*pairs, strict=True), strict=True):
        clock, processor = (statistics.median(column) for column in zip(*rates, strict=True))
        print(f"{name:26} {clock:14,.0f} {processor:18,.0f}")
    kept = [[watched[i] / unwatched[i] for unwatched, watched in pairs] for i in range(2)]
    print(f"{'watched keeps':26} {statistics.median(kept[0]):14.0%} {statistics.median(kept[1]):18.0%}")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


def rate(steps: int, watched: bool) -> Rate:
    """Steps a second of a new training."""
    env = gymnasium.make("GridQ-v0")
    agent = agents.make("q-learning", env, seed=0)
    callbacks = (
        [LiveView(gymnasium.make("GridQ-v0", render_mode="rgb_array"), agent.config.discount, float("inf"))]
        if watched
        else []
    )
    start, processor_start = time.perf_counter(), time.process_time()
    agents.train(agent, env, total_steps=steps, callbacks=callbacks)
    seconds, processor_seconds = time.perf_counter() - start, time.process_time() - processor_start
    for callback in callbacks:
        callback.close()
    return Rate(steps / seconds, steps / processor_seconds)


if __name__ == "__main__":
    main()
