"""What the tests tried, counted: pytest prints the sums at its end, and docs/reliability.md states them."""

from __future__ import annotations

from collections import Counter

counts: Counter[str] = Counter()
"""Of the test that is running."""


def tried(what: str, times: int = 1) -> None:
    """Counts something that a test tried and that was survived, if the test passes."""
    counts[what] += times
