"""The share of branches that the tests take, for each package; exits with 1 if one is below 95%.

``make coverage`` runs it as ``python -m tools.branch_coverage FILE`` on what ``coverage json`` wrote.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

LEAST = 0.95


def main() -> int:
    """Prints the shares; returns the exit code."""
    files = json.loads(Path(sys.argv[1]).read_text())["files"]
    shares = []
    for package in ("gym_gridq", "agents"):
        summaries = [file["summary"] for name, file in files.items() if Path(name).parts[0] == package]
        taken, there = (
            sum(summary[key] for summary in summaries) for key in ("covered_branches", "num_branches")
        )
        shares.append(taken / there)
        print(f"{package}: {taken} of {there} branches are taken, {shares[-1]:.1%}")
    return int(min(shares) < LEAST)


if __name__ == "__main__":
    sys.exit(main())
