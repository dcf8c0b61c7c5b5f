"""Runs one example and grades what it learned; used by run.py, inside the library's own environment.

An example leaves two names behind: ``env``, and ``policy``, anything that `gym_gridq.grade` takes; or one:
``report``, of `check_learner`, on which it has asserted what is right.
"""

from __future__ import annotations

import json
import runpy
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

STEPS = 5
"""Length of the shortest episode on the book's grid."""


def main(script: str, report: str, *distributions: str) -> int:
    """Runs ``script``; writes its row of the table to ``report`` if its policy is optimal."""
    from gym_gridq import GridQEnv

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
    found = _graded(left_behind) if "policy" in left_behind else _checked(left_behind["report"])
    if found is None:
        return 1
    lines = [line for line in Path(script).read_text().splitlines() if line.strip()]
    row = {
        "version": ", ".join(f"{name} {version(name)}" for name in distributions),
        "Gymnasium": version("gymnasium"),
        "lines": str(len(lines)),
        "steps": f"{steps:,}",
        "seconds": f"{seconds:.0f}",
        **found,
    }
    Path(report).write_text(json.dumps(row))
    return 0


def _graded(left_behind: dict[str, Any]) -> dict[str, str] | None:
    """The grade of a policy on the book's grid; None if it is not optimal."""
    from gym_gridq import grade

    env = left_behind["env"]
    result = grade(env, left_behind["policy"])
    if result.greedy_length != STEPS or abs(result.regret) > 1e-9:
        print(f"not optimal: {result}")
        return None
    return {
        "id": env.spec.id if env.spec else type(env.unwrapped).__name__,
        "grade": f"{result.greedy_length} steps, regret {abs(result.regret):.0f}, "
        f"{result.optimal_states}/{result.n_states} states",
    }


def _checked(report: Any) -> dict[str, str]:
    """What check_learner says of a learner."""
    n_passed = sum(world.passed for world in report.worlds)
    return {"id": "check_learner", "grade": f"passes {n_passed} of {len(report.worlds)} worlds"}


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
