"""Text for people: made safe to print and to draw, and set in columns."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["in_columns", "printable"]

_KEPT = "\n\u00a0\u3000"


def printable(text: str) -> str:
    """The text with every character escaped that a terminal or a file format would obey instead of showing.

    These are control characters, those that turn the direction of writing, and halves of characters. Line
    breaks and the blanks of every language stay.
    """
    return "".join(
        char if char.isprintable() or char in _KEPT else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def in_columns(rows: Sequence[Sequence[str]]) -> str:
    """A table: every row a line, its fields below those of the row above, two blanks between them."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
