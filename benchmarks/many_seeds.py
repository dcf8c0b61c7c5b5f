"""A thousand seeds of ours beside ten of Stable-Baselines3's, and what a sweep costs beside its trainings.

    OMP_NUM_THREADS=1 python -m benchmarks.many_seeds [--seeds 1000] [--jobs 2] [--peer-seeds 0] [--json FILE]

The question: how many steps of `GridQ-v0` does DQN take until max abs(Q - q*) is at most 0.01? `gridq sweep`
is timed as a user types it, from the command to the summary; its trainings go on to their end of 4,800 steps.
Beside it, the same trainings run without a sweep. Stable-Baselines3, if installed, stops when it is
exact, with the settings of `benchmarks.learning`. CPU seconds are those of all processes together.
"""

from __future__ import annotations

import csv
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from agents.training.loop import Training
from benchmarks._measuring import Stopwatch, parser_of, tuned, write_json
from benchmarks.learning import PEERS, TOLERANCE, peer_learns_exactly

N_BARE = 20


def swept(seeds: int, jobs: int) -> dict[str, Any]:
    """What ``gridq sweep`` took and found."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "sweep"
        words = ["-m", "agents", "sweep", "--seeds", seeds, "--jobs", jobs, "--quiet", "--out", folder]
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run([sys.executable, *map(str, words)], check=True)
        seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        with (folder / "results.csv").open(newline="") as file:
            steps = [int(row["steps_to_exact"]) for row in csv.DictReader(file) if row["steps_to_exact"]]
    cpu_seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "seeds": seeds,
        "jobs": jobs,
        "exact": len(steps),
        "steps": median(steps),
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
    }


def bare(seeds: int) -> float:
    """CPU seconds of a training with nothing around it: the median."""
    taken = []
    for seed in range(seeds):
        with Stopwatch() as watch:
            Training(*tuned("GridQ-v0", "dqn", seed)).run()
        taken.append(watch.cpu_seconds)
    return median(taken)


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--peer-seeds", type=int, default=0, help="seeds for Stable-Baselines3, if installed")
    arguments = parser.parse_args()

    before = bare(N_BARE)
    ours = swept(arguments.seeds, arguments.jobs)
    ours["bare_cpu_seconds"] = (before + bare(N_BARE)) / 2  # a busy machine makes both dearer
    each = ours["cpu_seconds"] / ours["seeds"]
    results: dict[str, Any] = {"gridq sweep": ours}
    print(f"gridq sweep, {ours['seeds']} seeds, {ours['jobs']} jobs: exact on {ours['exact']}")
    print(f"  after {ours['steps']:.0f} steps in the median")
    print(f"  {ours['seconds']:.1f} s from the command to the summary, {ours['cpu_seconds']:.1f} s CPU")
    print(f"  {1000 * each:.0f} ms CPU a seed; the training alone {1000 * ours['bare_cpu_seconds']:.0f} ms")
    if arguments.peer_seeds > 0:
        title, epsilon = next(iter(PEERS.items()))
        runs = [peer_learns_exactly(seed, epsilon) for seed in range(arguments.peer_seeds)]
        theirs = sum(run["cpu_seconds"] for run in runs)
        results[title] = runs
        exact = sum(run["max_q_error"] <= TOLERANCE for run in runs)
        print(f"{title}, {len(runs)} seeds: exact on {exact}")
        print(f"  after {median(run['steps'] for run in runs):.0f} steps in the median")
        ratio = theirs / len(runs) / each
        print(f"  {theirs:.1f} s CPU, {theirs / len(runs):.2f} s a seed: {ratio:.0f} times ours")
    write_json(arguments.json, results)


if __name__ == "__main__":
    main()
