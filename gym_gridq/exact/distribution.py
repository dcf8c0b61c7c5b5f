"""The distribution of a return: every sum of rewards that an episode can come to, and how likely it is.

Sums are added up as integers, in units of which every reward is a multiple, so that equal sums are equal
whatever the order of their rewards was. The unit is found in the rewards as fractions.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from gym_gridq.dynamics import Dynamics
from gym_gridq.exact.equations import Equations, FloatArray
from gym_gridq.exact.evaluation import start_distribution
from gym_gridq.exact.search import distances

__all__ = ["return_distribution"]

MOST_RETURNS = 10_000
"""Returns that are listed at most."""

MOST_WORK = 10_000_000
"""Machine words of the pairs of a cell and a return so far that are looked at, all steps together."""

Distribution = tuple[FloatArray, FloatArray]
"""Returns in ascending order ``(K,)``, and the probability of each ``(K,)``."""


def return_distribution(
    dynamics: Dynamics, weights: FloatArray, discount: float, horizon: int | None
) -> Distribution | None:
    """The returns of an episode, and how likely each is.

    Args:
        dynamics: the world.
        weights: ``(S, 4)``, how likely each move is; zeros in cells that no episode comes to.
        discount: in [0, 1].
        horizon: steps an episode may take; None for no limit.

    Returns:
        The distribution, or None where it has too many returns to be listed.
    """
    reward = np.where(weights > 0, dynamics.reward, 0.0)  # (S, 4)
    # Where nothing is earned any more, whatever happens, the return is known already.
    closed = distances(dynamics, weights > 0, (reward != 0).any(axis=1))[0] < 0
    if discount == 0:
        horizon = 1
    if horizon is not None:
        return _within(dynamics, weights, reward, closed, discount, horizon)
    circles = _circling_moves(dynamics, weights, closed)
    if not circles.any():  # an episode is over, or all is earned, before it has been everywhere
        return _within(dynamics, weights, reward, closed, discount, dynamics.n_states)
    if discount < 1 or (circles & (reward != 0)).any():
        return None
    return _at_last(dynamics, weights, reward, closed)


def _within(
    dynamics: Dynamics,
    weights: FloatArray,
    reward: FloatArray,
    closed: npt.NDArray[np.bool_],
    discount: float,
    horizon: int,
) -> Distribution | None:
    """The distribution under a limit, step by step over the pairs of a cell and a return so far."""
    n_states = dynamics.n_states
    ratio = _fraction(discount, 1.0)
    units, denominator = _in_units(reward)  # (S, 4)
    # The reward at step t counts p^t q^(horizon - 1 - t) units where the discount is p / q.
    scale = ratio.denominator ** (horizon - 1)
    largest = max(map(abs, units.ravel().tolist())) * scale * horizon * n_states
    if largest < 2**62:
        units = units.astype(np.int64)

    words = 1 + largest.bit_length() // 64
    work = 0
    finals: dict[int, float] = {}
    states = dynamics.start_states
    sums = np.zeros(len(states), dtype=units.dtype)
    masses = start_distribution(dynamics)[states]
    weight_of_step = scale
    for _ in range(horizon):
        over = closed[states]
        _add(finals, sums[over].tolist(), masses[over].tolist())
        states, sums, masses = states[~over], sums[~over], masses[~over]
        if not len(states):
            break
        pair, move = (weights[states] > 0).nonzero()
        origin = states[pair]
        masses = masses[pair] * weights[origin, move]
        sums = sums[pair] + units[origin, move] * weight_of_step
        states = dynamics.next_state[origin, move]
        ended = dynamics.terminated[origin, move]
        _add(finals, sums[ended].tolist(), masses[ended].tolist())
        pairs, masses = _merged(sums[~ended] * n_states + states[~ended], masses[~ended])
        sums, states = pairs // n_states, (pairs % n_states).astype(np.int64)
        # As many returns as one cell has sums, each followed by the same, are to be told apart in the end.
        at_one_cell = np.bincount(states, minlength=1).max()
        work += len(pairs) * words
        if max(len(finals), at_one_cell) > MOST_RETURNS or work > MOST_WORK:
            return None
        weight_of_step = weight_of_step * ratio.numerator // ratio.denominator
    _add(finals, sums.tolist(), masses.tolist())
    return _listed(finals, denominator * scale)


def _at_last(
    dynamics: Dynamics, weights: FloatArray, reward: FloatArray, closed: npt.NDArray[np.bool_]
) -> Distribution | None:
    """The distribution of plain sums without a limit, one reward after the other.

    How long an episode goes without a reward does not matter; so all of that is one system of equations. No
    reward comes twice, for it would come without end.
    """
    units, denominator = _in_units(reward)
    free = np.where(
        (reward == 0) & ~closed[:, np.newaxis], weights, 0.0
    )  # (S, 4), the moves that earn nothing
    state, move = ((reward != 0) & (weights > 0)).nonzero()  # (M,), the moves that do
    unit = units[state, move].tolist()
    ends = dynamics.terminated[state, move]
    following = dynamics.next_state[state, move].tolist()
    stops = closed + (free * dynamics.terminated).sum(axis=1)  # (S,), probability of ending without more
    equations = Equations(dynamics, 1.0)

    finals: dict[int, float] = {}
    arrivals = {0: start_distribution(dynamics)}  # (S,), by the sum so far
    while arrivals:
        sums = list(arrivals)
        visits = equations.solve(free, np.stack(list(arrivals.values()), axis=1), transposed=True)  # (S, K)
        arrivals = {}
        for so_far, visit in zip(sums, visits.T, strict=True):
            _add(finals, [so_far], [float(visit @ stops)])
            totals = [so_far + earned for earned in unit]
            flows = visit[state] * weights[state, move]  # (M,)
            _add(finals, totals, (flows * ends).tolist())
            for total, flow, cell in zip(totals, (flows * ~ends).tolist(), following, strict=True):
                if flow > 0:
                    arrivals.setdefault(total, np.zeros(dynamics.n_states))[cell] += flow
        if max(len(finals), len(arrivals)) > MOST_RETURNS:
            return None
    return _listed(finals, denominator)


def _circling_moves(
    dynamics: Dynamics, weights: FloatArray, closed: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """The moves ``(S, 4)`` from which an episode may come back to where they were made."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    going = (weights > 0) & ~dynamics.terminated & ~closed[:, np.newaxis]
    states, moves = going.nonzero()
    shape = (dynamics.n_states, dynamics.n_states)
    graph = csr_matrix((np.ones(len(states)), (states, dynamics.next_state[states, moves])), shape=shape)
    _, component = connected_components(graph, connection="strong")
    circling: npt.NDArray[np.bool_] = going & (component[dynamics.next_state] == component[:, np.newaxis])
    return circling


def _in_units(reward: FloatArray) -> tuple[npt.NDArray[Any], int]:
    """Rewards ``(S, 4)`` as Python integers, and how many of their units are 1."""
    scale = float(np.abs(reward).max())
    distinct, place = np.unique(reward, return_inverse=True)
    fractions = [_fraction(value, scale) for value in distinct.tolist()]
    denominator = math.lcm(*(fraction.denominator for fraction in fractions))
    units = np.array([int(fraction * denominator) for fraction in fractions], dtype=object)
    return units[place.reshape(reward.shape)], denominator


def _fraction(value: float, scale: float) -> Fraction:
    """The simple fraction that a number was meant for: -1.04 is -26/25, though no float is.

    Args:
        value: the number; itself where no simple fraction is within rounding of it.
        scale: the largest number that it was added to.
    """
    exact = Fraction(value)
    simple = exact.limit_denominator(1_000_000)
    rounding = abs(simple - exact) <= Fraction(scale) / 2**50
    return simple if rounding and (simple != 0 or value == 0) else exact


def _merged(keys: npt.NDArray[Any], masses: FloatArray) -> tuple[npt.NDArray[Any], FloatArray]:
    """Each key once, in ascending order, with all of its mass; those whose mass is lost to rounding go."""
    distinct, place = np.unique(keys, return_inverse=True)
    total: FloatArray = np.bincount(place, weights=masses, minlength=len(distinct)).astype(np.float64)
    return distinct[total > 0], total[total > 0]


def _add(finals: dict[int, float], sums: list[int], masses: list[float]) -> None:
    for total, mass in zip(sums, masses, strict=True):
        if mass > 0:
            finals[total] = finals.get(total, 0.0) + mass


def _listed(finals: dict[int, float], denominator: int) -> Distribution | None:
    if len(finals) > MOST_RETURNS:
        return None
    ordered = sorted(finals)
    values = np.array([float(Fraction(total, denominator)) for total in ordered])
    return values, np.array([finals[total] for total in ordered])
