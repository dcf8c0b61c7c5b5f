"""What was measured so far, in a file of one line a learner, fault and judge."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.faults.corpus import FAMILIES

__all__ = ["FILE", "keep", "read"]

FILE = Path(__file__).with_name("results.jsonl")


def read(judge: str | None = None) -> list[dict[str, Any]]:
    """All lines, or those of one judge."""
    lines = FILE.read_text().splitlines() if FILE.exists() else []
    rows = map(json.loads, lines)
    return [row for row in rows if judge in (None, row["judge"])]


def keep(row: dict[str, Any]) -> None:
    """Adds a line in the order of the corpus, or replaces the one of the same learner, fault and judge."""
    order = {
        (name, fault): (n, i)
        for n, (name, family) in enumerate(FAMILIES.items())
        for i, fault in enumerate(("", *family.faults))
    }
    rows = {(r["judge"], r["family"], r["fault"]): r for r in [*read(), row]}
    listed = [key for key in rows if key[1:] in order]  # what the corpus no longer holds goes
    listed.sort(key=lambda key: (key[0], order[key[1:]]))
    FILE.write_text("".join(json.dumps(rows[key]) + "\n" for key in listed))
