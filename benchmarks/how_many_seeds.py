"""How often many exact trainings say what few seeds would have said: the runs behind docs/how_many_seeds.md.

    python -m benchmarks.how_many_seeds [--seeds 10000] [--others 500] [--jobs N] [--folder DIR] [--out FILE]

The tuned DQN on `GridQ-v0`, ended after 1,200 steps, when some seeds are nearly exact and others far from
it; with ten learning rates, of which the tuned one gets the most seeds. `docs/how_many_seeds.npz` holds for
each learning rate max abs(Q - q*) of every seed. What is finished is kept in the folder, and not run again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import agents

LEARNING_RATES = (0.005, 0.006, 0.007, 0.008, 0.009, 0.01, 0.012, 0.014, 0.016, 0.02)
TUNED = 0.01
TOTAL_STEPS = 1200
DOCS = Path(__file__).parents[1] / "docs"


def errors_of(
    learning_rates: list[float], seeds: int, jobs: int | None, folder: Path
) -> dict[float, list[float]]:
    """Max abs(Q - q*) of every seed, by learning rate."""
    found = agents.sweep(
        "dqn",
        "GridQ-v0",
        seeds,
        {"learning_rate": learning_rates},
        TOTAL_STEPS,
        jobs=jobs,
        folder=folder,
    )
    assert not found.failures
    errors: dict[float, list[float]] = {rate: [] for rate in learning_rates}
    for record in found.records:
        errors[record["learning_rate"]].append(record["max_q_error"])
    return errors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10_000, help="of the tuned learning rate")
    parser.add_argument("--others", type=int, default=500, help="seeds of each other learning rate")
    parser.add_argument("--jobs", type=int, help="trainings at a time (default: the number of cores)")
    parser.add_argument("--folder", type=Path, default=Path("runs/how-many-seeds"), help="for the two sweeps")
    parser.add_argument("--out", type=Path, default=DOCS / "how_many_seeds.npz")
    arguments = parser.parse_args()

    others = [rate for rate in LEARNING_RATES if rate != TUNED]
    errors = errors_of([TUNED], arguments.seeds, arguments.jobs, arguments.folder / "tuned")
    errors |= errors_of(others, arguments.others, arguments.jobs, arguments.folder / "others")
    arrays = {f"{rate:g}": np.array(errors[rate], np.float32) for rate in LEARNING_RATES}
    np.savez_compressed(arguments.out, **arrays)
    n_trainings, n_bytes = sum(map(len, errors.values())), arguments.out.stat().st_size
    print(f"{n_trainings:,} trainings in {arguments.out}, {n_bytes:,} bytes")


if __name__ == "__main__":
    main()
