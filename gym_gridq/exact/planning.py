"""Planning: v*, q* and every optimal action, with a limit on steps and without one."""

from __future__ import annotations

from typing import Any, NamedTuple, SupportsFloat

import numpy as np

from gym_gridq.checks import DISCOUNT, as_discount, read_only
from gym_gridq.exact.arguments import checked_horizon, dynamics_of, dynamics_or_none
from gym_gridq.exact.equations import Equations, FloatArray, backup
from gym_gridq.exact.evaluation import refuse, values
from gym_gridq.exact.search import distances, idling_states
from gym_gridq.exact.toy_text import solve_table, table_of
from gym_gridq.greedy import greedy_policy
from gym_gridq.layout import Action

__all__ = ["HorizonSolution", "Solution", "solve", "solve_horizon"]

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

    def _repr_html_(self) -> str:
        # Asked for by notebooks.
        from gym_gridq.rendering.tables import values_table

        return values_table(self.v, self.q, self.policy)


class HorizonSolution(NamedTuple):
    """The optimum of a world under a limit of T steps; index t is the number of steps already made.

    Attributes:
        v: ``(T + 1, S)`` float64, the most that can still be earned; 0 when the limit is reached, and in
            walls and terminal states.
        q: ``(T, S, A)`` float64, the same after an action; 0 in walls and terminal states.
        policy: ``(T, S, A)`` float64, equal weight on every optimal action; 0 in walls and terminal states.
    """

    v: FloatArray
    q: FloatArray
    policy: FloatArray


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
    discount = as_discount(discount)
    table = None if dynamics_or_none(env_or_dynamics) else table_of(env_or_dynamics)
    if table is not None:
        return Solution(*map(read_only, solve_table(table, discount)))
    dynamics = dynamics_of(env_or_dynamics)
    absorbing = dynamics.absorbing
    every_move = np.ones(dynamics.next_state.shape, dtype=bool)
    idle = stopping = np.zeros_like(absorbing)  # (S,)
    if discount == 1:
        idle = idling_states(dynamics)
        stopping = idle & (distances(dynamics, every_move, absorbing)[0] < 0)

    # The first policy takes the shortest way to an end, or where there is none to where it can idle, by the
    # action likeliest to make each move of it.
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

    return Solution(read_only(v), read_only(q), read_only(greedy_policy(q, absorbing)))


def solve_horizon(
    env_or_dynamics: Any, horizon: int | None, discount: SupportsFloat = 1.0
) -> HorizonSolution:
    """Solves a world in which an episode takes at most so many steps, by backward induction.

    The optimal action may depend on how many steps are left; so no policy, whatever it remembers, averages
    more under this limit than ``v[0]`` at the start.

    Args:
        env_or_dynamics: a GridQ environment (scalar or vector, wrapped or not) or its `Dynamics`.
        horizon: T, the steps an episode may take, from 1 up; None means the environment's own limit.
        discount: in [0, 1].

    Returns:
        v*, q* and the optimal policy at each time.

    Raises:
        TypeError: for an environment that is not GridQ's.
        ValueError: for a discount or a horizon out of its range, or without any.

    Source:
        M. Puterman, *Markov Decision Processes* (1994), section 4.5.
    """
    dynamics = dynamics_of(env_or_dynamics)
    steps, gamma = checked_horizon(env_or_dynamics, horizon), as_discount(discount)
    if steps is None:
        raise ValueError(
            "horizon is None, and the environment has no limit of its own; give an integer from 1 up, or use "
            "gym_gridq.solve, which needs no limit"
        )
    v = np.zeros((steps + 1, dynamics.n_states))
    q = np.zeros((steps, dynamics.n_states, dynamics.n_actions))
    policy = np.zeros_like(q)
    for time in reversed(range(steps)):
        q[time] = backup(dynamics, v[time + 1], gamma)
        v[time] = q[time].max(axis=1)
        policy[time] = greedy_policy(q[time], dynamics.absorbing)
    return HorizonSolution(read_only(v), read_only(q), read_only(policy))
