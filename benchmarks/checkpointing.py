"""What a checkpoint costs: its size, the time to write it, and its share of the training time.

    python -m benchmarks.checkpointing [--repeats 30] [--json FILE]

At the default interval, one checkpoint is written every 30 seconds; the share is the time of one checkpoint,
flushed to the disk, against those 30 seconds.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import gymnasium

import agents
import gym_gridq  # noqa: F401 - registers the ids
from agents.algorithms.checkpoint import read_checkpoint
from agents.training.saving import Checkpointing, save_training
from benchmarks._measuring import parser_of, write_json

CASES: list[tuple[str, str, int, dict[str, Any]]] = [
    ("tabular", "GridQ-v0", 1000, {}),
    ("q-learning", "GridQ-v0", 1000, {}),
    ("dqn", "GridQ-v0", 5000, {}),
    ("dqn", "CartPole-v1", 50_000, {"hidden_sizes": (256, 256), "learning_starts": 50_000}),
]


def measured(name: str, env_id: str, steps: int, options: dict[str, Any], repeats: int) -> dict[str, Any]:
    """Size and times of one case."""
    env = gymnasium.make(env_id)
    training = agents.Training(agents.make(name, env, seed=0, **options), env, total_steps=steps)
    training.run()
    writes, reads = [], []
    with tempfile.TemporaryDirectory(dir=".") as folder:
        path = Path(folder) / "checkpoint.npz"
        for _ in range(repeats):
            start = time.perf_counter()
            save_training(path, training)
            middle = time.perf_counter()
            read_checkpoint(path)
            writes.append(middle - start)
            reads.append(time.perf_counter() - middle)
        return {
            "agent": name,
            "env_id": env_id,
            "steps": steps,
            "bytes": path.stat().st_size,
            "write_seconds": median(writes),
            "read_seconds": median(reads),
            "share": median(writes) / Checkpointing.EVERY_SECONDS,
        }


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--repeats", type=int, default=30)
    arguments = parser.parse_args()
    rows = [measured(*case, arguments.repeats) for case in CASES]
    print("agent        environment    steps      bytes  write ms  read ms    share")
    for row in rows:
        print(
            f"{row['agent']:12} {row['env_id']:12} {row['steps']:7} {row['bytes']:10,} "
            f"{1000 * row['write_seconds']:9.1f} {1000 * row['read_seconds']:8.1f} {row['share']:8.3%}"
        )
    write_json(arguments.json, rows)


if __name__ == "__main__":
    main()
