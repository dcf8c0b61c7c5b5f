"""Runs one example and grades what it learned; used by run.py, inside the library's own environment.

An example leaves two names behind: ``env``, and ``policy``, anything that `gym_gridq.grade` takes.
"""

from __future__ import annotations

import json
import runpy
import sys
import time
from importlib.metadata import version
from pathlib import Path

STEPS = 5
"""Length of the shortest episode on the book's grid."""


def main(script: str, report: str, *distributions: str) -> int:
    """Runs ``script``; writes its row of the table to ``report`` if its policy is optimal."""
    from gym_gridq import GridQEnv, grade

    steps = 0
    step = GridQEnv.step

    def counted_step(self: GridQEnv, action: int) -> tuple[int, float, bool, bool, dict]:
        nonlocal steps
        steps += 1
        return step(self, action)

    GridQEnv.step = counted_step  # type: ignore[method-assign]
    started = time.process_time()
    sys.argv = [script]
    left_behind = runpy.run_path(script, run_name="__main__")
    seconds = time.process_time() - started
    env, policy = left_behind["env"], left_behind["policy"]

    result = grade(env, policy)
    if result.greedy_length != STEPS or abs(result.regret) > 1e-9:
        print(f"not optimal: {result}")
        return 1
    lines = [line for line in Path(script).read_text().splitlines() if line.strip()]
    row = {
        "version": ", ".join(f"{name} {version(name)}" for name in distributions),
        "Gymnasium": version("gymnasium"),
        "id": env.spec.id if env.spec else type(env.unwrapped).__name__,
        "lines": str(len(lines)),
        "steps": f"{steps:,}",
        "seconds": f"{seconds:.0f}",
        "grade": f"{result.greedy_length} steps, regret {abs(result.regret):.0f}, "
        f"{result.optimal_states}/{result.n_states} states",
    }
    Path(report).write_text(json.dumps(row))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
