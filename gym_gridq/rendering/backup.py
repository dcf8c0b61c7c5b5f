"""The Bellman backup of a cell, written out in numbers."""

from __future__ import annotations

import numpy as np

from gym_gridq.drawing import Language
from gym_gridq.dynamics import Dynamics
from gym_gridq.layout import Action
from gym_gridq.rendering.language import translated
from gym_gridq.rendering.numerals import plain, written
from gym_gridq.rendering.overlay import Overlay

__all__ = ["Explanation", "explained_backup"]

Explanation = tuple[str, list[tuple[str, str]]]
"""A title, and rows of a name and what it is."""


def explained_backup(
    dynamics: Dynamics, overlay: Overlay, state: int, language: Language = "en"
) -> Explanation:
    """What the Bellman optimality equation makes of an overlay's values in a cell (Sutton & Barto, eq. 3.20).

    Each row is an action: its present value, and ``sum over outcomes of p * (r + discount * v(s'))``, where
    v(s') is the value shown of the next state, or the best of its Q-values. An overlay without Q-values has
    no present values of actions; there the sum is all there is to know of them (equation 4.6). Where a move
    may slip, each outcome has a row of its own.

    Args:
        dynamics: the world.
        overlay: the values before the backup, and the discount.
        state: the cell.
        language: of the words.
    """
    discount, q_values, values = overlay.discount, overlay.q_values, overlay.state_values
    assert values is not None
    title = translated("cell ({}, {}), state {}, discount {:g}", language)
    title = title.format(*dynamics.layout.position(state), state, discount)
    if dynamics.absorbing[state]:
        is_wall = dynamics.layout.wall[state]
        why = "0: the cell is a wall" if is_wall else "0: the cell is terminal"
        return title, [("Q", translated(why, language))]

    def number(value: float) -> str:
        return written(np.array([value]), 1.0)[0]

    rows, word = [], translated("backup", language)
    for action in Action:
        terms, backup = [], 0.0
        outcomes = dynamics.outcomes(state, action)
        for probability, next_state, reward, terminated in outcomes:
            best = 0.0 if terminated else float(values[next_state])
            backup += probability * (reward + discount * best)
            term = plain(reward) if terminated else f"{plain(reward)} + {discount:g} · {number(best)}"
            terms.append(term if len(outcomes) == 1 else f"{probability:g} ({term})")
        backed_up = number(backup)
        value = backed_up if q_values is None else number(float(q_values[state, action]))
        if terms == [plain(backup)]:
            terms = [backed_up]
        else:
            terms[-1] += f" = {backed_up}"
        # One line for each outcome: three of them on one would make the card as wide as the board.
        rows.append((f"Q({translated(action.name.lower(), language)}) = {value}", f"{word}  {terms[0]}"))
        rows += [("", f"+ {term}") for term in terms[1:]]
    return title, rows
