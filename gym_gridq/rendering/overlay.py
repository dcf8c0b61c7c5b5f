"""Overlay: what is laid over the board, checked once, and what its numbers come from.

Knows no pygame, so that bad input fails at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from gym_gridq.checks import DISCOUNT, as_discount, as_float
from gym_gridq.drawing import Language, Mode
from gym_gridq.dynamics import Dynamics
from gym_gridq.greedy import greedy_actions
from gym_gridq.layout import Action, Layout
from gym_gridq.rendering.language import translated
from gym_gridq.rendering.numerals import plain, printable, status_text, written

__all__ = ["NOTHING", "Explanation", "Overlay"]

Explanation = tuple[str, list[tuple[str, str]]]
"""A title, and rows of a name and what it is."""


@dataclass(frozen=True, eq=False)
class Overlay:
    """Values, arrows and a status line to draw with the board.

    Attributes:
        q_values: ``(S, A)`` float64, drawn as four triangles a cell; or None.
        values: ``(S,)`` float64, drawn as a heat map; or None.
        policy: ``(S, A)`` bool, the arrows to draw; None draws the greedy ones of ``q_values``.
        status: pairs of label and text, in order.
        discount: of the Bellman backups that explain the values.
        scale: value at which the colours end; None takes a round number that suits the values.
    """

    q_values: npt.NDArray[np.float64] | None = None
    values: npt.NDArray[np.float64] | None = None
    policy: npt.NDArray[np.bool_] | None = None
    status: tuple[tuple[str, str], ...] = ()
    discount: float = DISCOUNT
    scale: float | None = None

    @classmethod
    def checked(
        cls,
        layout: Layout,
        q_values: Any = None,
        values: Any = None,
        policy: Any = None,
        status: Any = None,
        discount: Any = DISCOUNT,
        scale: Any = None,
    ) -> Overlay:
        """Makes an overlay of what a user gave.

        Args:
            layout: the map it is for.
            q_values: ``(S, A)`` finite numbers, or None.
            values: ``(S,)`` finite numbers, or None; not together with ``q_values``.
            policy: ``(S, A)`` weights of the actions, none below 0; every action above 0 gets an arrow.
            status: a mapping from labels to numbers or texts, shown in its order.
            discount: in [0, 1].
            scale: where the colours end, above 0; or None.

        Raises:
            ValueError: for another shape, for NaN or infinity, for both kinds of values at once, for a
                discount or a scale out of its range.
            TypeError: for a status that is not a mapping.
        """
        if q_values is not None and values is not None:
            raise ValueError("show() was given q_values and values; the board has room for one of them")
        if scale is not None and not 0 < as_float(scale) < float("inf"):
            raise ValueError(f"scale is {scale!r}; give a finite number above 0, or None")
        n_states, n_actions = layout.n_states, len(Action)
        weights = _checked("policy", policy, (n_states, n_actions))
        if weights is not None and (weights < 0).any():
            raise ValueError(f"policy holds {weights.min()}; weights of actions are 0 or more")
        return cls(
            q_values=_checked("q_values", q_values, (n_states, n_actions)),
            values=_checked("values", values, (n_states,)),
            policy=None if weights is None else weights > 0,
            status=_checked_status(status),
            discount=as_discount(discount),
            scale=None if scale is None else float(scale),
        )

    @property
    def has_numbers(self) -> bool:
        """Whether numbers stand in the cells, which the agent should leave readable."""
        return self.q_values is not None or self.values is not None

    @property
    def covers_centres(self) -> bool:
        """Whether something stands in the middle of the cells, which the trail should leave readable."""
        return self.has_numbers or self.arrows is not None

    @cached_property
    def arrows(self) -> npt.NDArray[np.bool_] | None:
        """Which arrows a cell carries, ``(S, A)``: the policy's, or every greedy action of the Q-values."""
        if self.policy is not None or self.q_values is None:
            return self.policy
        return greedy_actions(self.q_values)

    @cached_property
    def state_values(self) -> npt.NDArray[np.float64] | None:
        """What the cells are worth, ``(S,)``: the values, or the best of the Q-values."""
        if self.q_values is None:
            return self.values
        best: npt.NDArray[np.float64] = self.q_values.max(axis=1)
        return best

    def seen(self, mode: Mode) -> Overlay:
        """The overlay as a chosen mode shows it."""
        if mode == "q":
            return self
        if mode == "none":
            return Overlay(status=self.status)
        return Overlay(
            values=self.state_values if mode == "v" else None,
            policy=self.arrows,
            status=self.status,
            scale=self.scale,
        )

    def explained(self, dynamics: Dynamics, state: int, language: Language = "en") -> Explanation:
        """What the Bellman optimality equation makes of the values in a cell (Sutton & Barto, eq. 3.20).

        Each row is an action: its present value, and ``sum over outcomes of p * (r + discount * v(s'))``,
        where v(s') is the value shown of the next state, or the best of its Q-values. An overlay without
        Q-values has no present values of actions; there the sum is all there is to know of them (equation
        4.6). Where a move may slip, each outcome has a row of its own.

        Args:
            dynamics: the world.
            state: the cell.
            language: of the words.
        """
        discount, q_values, values = self.discount, self.q_values, self.state_values
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


NOTHING = Overlay()


def _checked(name: str, given: Any, shape: tuple[int, ...]) -> npt.NDArray[np.float64] | None:
    if given is None:
        return None
    try:
        array = np.array(given, dtype=np.float64)  # a copy: what is shown must not change under the drawing
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} is not an array of numbers: {error}") from None
    if array.shape != shape:
        meaning = "(states, actions)" if len(shape) == 2 else "(states,)"
        raise ValueError(f"{name} has shape {array.shape}; this map wants {shape}, {meaning}")
    if not np.isfinite(array).all():
        where = tuple(int(index) for index in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name}[{', '.join(map(str, where))}] is {array[where]}; give finite numbers")
    return array


def _checked_status(status: Any) -> tuple[tuple[str, str], ...]:
    if status is None:
        return ()
    if not isinstance(status, Mapping):
        raise TypeError(f"status is {status!r}; give a mapping such as {{'step': 3, 'return': 1.0}}")
    return tuple((printable(str(label)), status_text(value)) for label, value in status.items())
