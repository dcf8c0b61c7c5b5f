"""Text from elsewhere, made safe to print and to draw."""

from __future__ import annotations

__all__ = ["printable"]

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
