"""The Bellman backup of a cell, written out in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gym_gridq.layout import Action
from gym_gridq.rendering.language import Language, translated
from gym_gridq.rendering.numerals import plain, written

if TYPE_CHECKING:
    from gym_gridq.dynamics import Dynamics

__all__ = ["Explanation", "explained_backup"]

Explanation = tuple[str, list[tuple[str, str]]]
"""A title, and rows of a name and what it is."""


def explained_backup(
    dynamics: Dynamics,
    q_values: npt.NDArray[np.float64],
    state: int,
    discount: float,
    language: Language = "en",
) -> Explanation:
    """What the Bellman optimality equation makes of Q-values in a cell (Sutton & Barto, equation 3.20).

    Each row is an action: its present value, and ``sum over outcomes of p * (r + discount * max Q(s', .))``.

    Args:
        dynamics: the world.
        q_values: ``(S, A)``, the values before the backup.
        state: the cell.
        discount: in [0, 1].
        language: of the words.
    """
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
            best = 0.0 if terminated else float(q_values[next_state].max())
            backup += probability * (reward + discount * best)
            term = plain(reward) if terminated else f"{plain(reward)} + {discount:g} · {number(best)}"
            terms.append(term if len(outcomes) == 1 else f"{probability:g} ({term})")
        value = number(float(q_values[state, action]))
        sum_of_terms = " + ".join(terms)
        backed_up = number(backup)
        is_a_sum = sum_of_terms != plain(backup)
        rows.append(
            (
                f"Q({translated(action.name.lower(), language)}) = {value}",
                f"{word}  {sum_of_terms} = {backed_up}" if is_a_sum else f"{word}  {backed_up}",
            )
        )
    return title, rows
