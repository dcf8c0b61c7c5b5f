"""Searches over the map: how far it is to somewhere, and where one may stay."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gym_gridq.dynamics import Dynamics

__all__ = ["distances", "idling_states", "reached_states"]

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]


def distances(dynamics: Dynamics, possible: BoolArray, targets: BoolArray) -> tuple[IntArray, IntArray]:
    """How many moves each state is from the nearest target, by breadth-first search.

    Args:
        dynamics: the world.
        possible: ``(S, 4)``, the moves that may be made.
        targets: ``(S,)``.

    Returns:
        The distance ``(S,)``, and the move ``(S,)`` that begins a shortest way; both -1 where there is none,
        the move in targets too.
    """
    distance = np.where(targets, 0, -1)
    first_move = np.full(len(targets), -1)
    frontier = np.flatnonzero(targets)
    steps = 0
    while len(frontier):
        nearby = _around(dynamics, frontier)
        nearby = np.unique(nearby[distance[nearby] < 0])
        leads_on = possible[nearby] & (distance[dynamics.next_state[nearby]] == steps)  # (N, 4)
        found = leads_on.any(axis=1)
        frontier = nearby[found]
        steps += 1
        distance[frontier] = steps
        first_move[frontier] = leads_on[found].argmax(axis=1)
    return distance, first_move


def reached_states(dynamics: Dynamics, possible: BoolArray) -> BoolArray:
    """States ``(S,)`` that an episode comes to by the ``possible`` moves ``(S, 4)``, its starts included."""
    reached = np.zeros(dynamics.n_states, dtype=bool)
    frontier = dynamics.start_states
    while len(frontier):
        reached[frontier] = True
        following = dynamics.next_state[frontier][possible[frontier]]
        frontier = np.unique(following[~reached[following]])
    return reached


def idling_states(dynamics: Dynamics) -> BoolArray:
    """States ``(S,)`` where one can stay for ever, surely, without ever earning or losing anything."""
    impossible = dynamics.move_probability == 0  # (A, 4)
    idle = ~dynamics.absorbing
    doubtful = np.flatnonzero(idle)
    while len(doubtful):
        harmless = (dynamics.reward[doubtful] == 0) & idle[dynamics.next_state[doubtful]]  # (N, 4)
        safe = (harmless[:, np.newaxis, :] | impossible).all(axis=2)  # (N, A)
        lost = doubtful[~safe.any(axis=1)]
        idle[lost] = False
        doubtful = _around(dynamics, lost)
        doubtful = np.unique(doubtful[idle[doubtful]])
    return idle


def _around(dynamics: Dynamics, states: IntArray) -> IntArray:
    """The cells beside ``states``, some of them twice, and a few across the edge of the map."""
    n_columns = dynamics.layout.n_columns
    beside = states[:, np.newaxis] + np.array([-n_columns, n_columns, -1, 1])
    inside: IntArray = np.clip(beside, 0, dynamics.n_states - 1)
    return inside.ravel()
