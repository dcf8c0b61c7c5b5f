"""Planning: v*, q* and every optimal action, by policy iteration (Sutton & Barto, section 4.3)."""

from __future__ import annotations

from typing import Any, NamedTuple, SupportsFloat

import numpy as np

from gym_gridq.checks import DISCOUNT, read_only
from gym_gridq.exact.equations import Equations, FloatArray, backup
from gym_gridq.exact.evaluation import checked_discount, dynamics_of, has_dynamics, refuse, values
from gym_gridq.exact.search import distances, idling_states
from gym_gridq.exact.toy_text import solve_table, table_of
from gym_gridq.greedy import greedy_actions
from gym_gridq.layout import Action

__all__ = ["Solution", "solve"]

STOP = len(Action)
"""The choice to idle for ever, worth 0, where that is possible and returns are not discounted."""

TOLERANCE = 1e-12
"""No action is better than the policy's by more than this, relative to the value and at least 1."""


class Solution(NamedTuple):
    """The optimum of a world.

    Attributes:
        v: ``(S,)`` float64, v*(s); 0 in walls and terminal states.
        q: ``(S, A)`` float64, q*(s, a); 0 in walls and terminal states.
        policy: ``(S, A)`` float64, equal weight on every optimal action; 0 in walls and terminal states.
    """

    v: FloatArray
    q: FloatArray
    policy: FloatArray

    def __repr__(self) -> str:
        n_states, n_actions = self.q.shape
        lowest, highest = self.v.min(), self.v.max()
        return f"Solution({n_states} states, {n_actions} actions, v from {lowest:.4g} to {highest:.4g})"


def solve(env_or_dynamics: Any, discount: SupportsFloat = DISCOUNT) -> Solution:
    """Solves a world exactly, by policy iteration (Sutton & Barto, section 4.3).

    Every evaluation solves the Bellman equations themselves, so the result is exact up to rounding instead
    of up to a stopping threshold. It scales to millions of states.

    Args:
        env_or_dynamics: a GridQ environment (scalar or vector, wrapped or not) or its `Dynamics`; or any
            other one with a table ``P`` of the toy-text environments' form, such as FrozenLake's.
        discount: in [0, 1]. With 1, returns are plain sums, and staying for ever where nothing is earned is
            worth 0.

    Returns:
        v*, q* and the optimal policy; they solve the Bellman equation to about 1e-12.

    Raises:
        TypeError: for an environment that has neither.
        ValueError: for a discount outside [0, 1]; and with discount 1 where a return has no finite value:
            no way out of a cell where every step costs, or a loop that pays for ever.
    """
    discount = checked_discount(discount)
    table = None if has_dynamics(env_or_dynamics) else table_of(env_or_dynamics)
    if table is not None:
        return Solution(*map(read_only, solve_table(table, discount)))
    dynamics = dynamics_of(env_or_dynamics)
    absorbing = dynamics.absorbing
    idle = idling_states(dynamics) if discount == 1 else np.zeros_like(absorbing)  # (S,)

    # The first policy takes the shortest way to an end, or where there is none to where it can idle, by the
    # action likeliest to make each move of it.
    every_move = np.ones(dynamics.next_state.shape, dtype=bool)
    closed_off = distances(dynamics, every_move, absorbing)[0] < 0
    stopping = idle & closed_off
    distance, move = distances(dynamics, every_move, absorbing | stopping)
    if discount == 1:
        refuse(dynamics, ~absorbing & (distance < 0), "no policy ever ends the episode from there")
    choice = np.where(stopping, STOP, dynamics.move_probability.argmax(axis=0)[move])  # (S,)

    moves = np.vstack([dynamics.move_probability, np.zeros(4)])  # (A + 1, 4), by choice; stopping makes none
    equations = Equations(dynamics, discount)
    seen: set[int] = set()
    while hash(choice.tobytes()) not in seen:  # comes again only where rounding goes round in circles
        seen.add(hash(choice.tobytes()))
        v = values(dynamics, moves[choice], discount, equations, "a policy earns without end from there")
        q = backup(dynamics, v, discount)  # (S, A)
        options = np.column_stack([q, np.where(idle, 0.0, -np.inf)])  # (S, A + 1)
        current = np.take_along_axis(options, choice[:, np.newaxis], axis=1)[:, 0]
        gain = (options.max(axis=1) - current) / np.maximum(1.0, np.abs(current))
        if gain.max() <= TOLERANCE:
            break
        # Small gains are taken along, for each would keep others waiting. Not so where a loop that seems to
        # earn what is only rounding would never end.
        better = gain > (TOLERANCE if discount == 1 else TOLERANCE / 100)
        choice = np.where(better, options.argmax(axis=1), choice)

    greedy = greedy_actions(q)
    greedy[absorbing] = False
    policy = greedy / np.maximum(greedy.sum(axis=1, keepdims=True), 1)
    return Solution(read_only(v), read_only(q), read_only(policy))
