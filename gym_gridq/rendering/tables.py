"""Tables that a notebook shows: of a solution, coloured as on the board, and of what a policy is worth."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from gym_gridq.rendering import palette

__all__ = ["pairs_table", "values_table"]

MOST_ROWS = 40
"""States that are listed: the first ones of a larger world."""

_PADDING = "text-align: right; padding: 1px 8px"


def values_table(
    v: npt.NDArray[np.float64], q: npt.NDArray[np.float64], policy: npt.NDArray[np.float64]
) -> str:
    """A row a state, the values of the best actions in bold; states where nothing can be done are left out.

    Args:
        v: ``(S,)``.
        q: ``(S, A)``.
        policy: ``(S, A)``, above 0 where an action is one of the best.
    """
    acting = np.flatnonzero((policy > 0).any(axis=1))
    shown = acting[:MOST_ROWS]
    numbers = np.column_stack([v, q])[shown]  # (N, 1 + A)
    is_best = np.column_stack([np.zeros(len(v)), policy])[shown] > 0
    shades = palette.shade(numbers, palette.scale_of(numbers))
    colours, white = palette.colours(shades).tolist(), palette.wants_white_ink(shades).tolist()
    rows = []
    for state, *row in zip(shown.tolist(), numbers.tolist(), colours, white, is_best.tolist(), strict=True):
        cells = [
            _cell(
                f"{number:.4f}",
                f"; background: rgb{tuple(colour)}; color: {'white' if light else 'black'}"
                + ("; font-weight: bold" if bold else ""),
            )
            for number, colour, light, bold in zip(*row, strict=True)
        ]
        rows.append([_cell(str(state)), *cells])
    head = [
        _cell(name, kind="th")
        for name in ("state", "v", *(f"q, action {action}" for action in range(q.shape[1])))
    ]
    left_out = len(acting) - len(shown)
    return _table([head, *rows]) + (f"<p>and {left_out:,} states more</p>" if left_out else "")


def pairs_table(pairs: Iterable[tuple[str, str]]) -> str:
    """Names beside what they are."""
    return _table([_cell(name, "; text-align: left", "th"), _cell(text)] for name, text in pairs)


def _cell(text: str, style: str = "", kind: str = "td") -> str:
    return f'<{kind} style="{_PADDING}{style}">{text}</{kind}>'


def _table(rows: Iterable[list[str]]) -> str:
    lines = ("<tr>{}</tr>".format("".join(row)) for row in rows)
    return "<table>{}</table>".format("".join(lines))
