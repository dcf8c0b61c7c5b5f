"""The Bellman equations of a fixed policy, solved for worlds of any size.

Every function here speaks of the same linear equations, one for each of the ``S`` cells of a map::

    v = constant + (coefficient * v[next_state]).sum(axis=1)

with ``next_state`` and ``coefficient`` of shape ``(S, 4)``, one column a move, and coefficients that are not
negative and sum to at most 1. Moves lead to a neighbouring cell or stay, and that is all the solvers use.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from gym_gridq.layout import Action

__all__ = ["distances", "predecessors", "solve_equations"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

_SMALLEST_BLOCK = 64
"""Cells that are worth a call into linear algebra."""

_MOST_ENTRIES = 2**24
"""Matrix entries, 128 MiB of them, up to which elimination is taken."""

_RESIDUAL = 1e-13
"""What iteration leaves of the equations, relative to the largest value."""

_MOST_DIRECTIONS = 40
"""Vectors of length S kept while iterating."""

_MOST_ROUNDS = 100


def solve_equations(
    next_state: IntArray,
    coefficient: FloatArray,
    constant: FloatArray,
    n_columns: int,
    guess: FloatArray | None = None,
    rough: bool = False,
) -> FloatArray:
    """Solves the equations.

    Where each cell depends on one other at most, by following those; else by elimination, exact up to
    rounding, as long as it fits into memory (250 x 250 cells do); else by iteration, to a residual of 1e-13.

    Args:
        next_state: ``(S, 4)``, cells.
        coefficient: ``(S, 4)``.
        constant: ``(S,)``.
        n_columns: width of the map.
        guess: ``(S,)``, where an iteration begins; 0 if not given.
        rough: take what one round of an iteration comes to.

    Returns:
        v, ``(S,)``.

    Raises:
        ArithmeticError: if the iteration comes to no solution.
    """
    n_states = len(constant)
    if (np.count_nonzero(coefficient, axis=1) <= 1).all():
        return _follow(next_state, coefficient, constant)
    if max(_SMALLEST_BLOCK, min(n_columns, n_states // n_columns)) * n_states <= _MOST_ENTRIES:
        return _eliminate(next_state, coefficient, constant, n_columns)
    guess = np.zeros(n_states) if guess is None else guess
    return _iterate(next_state, coefficient, constant, n_columns, guess, rough)


def predecessors(next_state: IntArray, states: IntArray, n_columns: int) -> Iterable[tuple[Action, IntArray]]:
    """By move, the other cells from which that move leads to one of ``states``."""
    for move, offset in zip(Action, (n_columns, -n_columns, 1, -1), strict=True):
        before = states + offset
        inside = (before >= 0) & (before < len(next_state))
        before, after = before[inside], states[inside]
        yield move, before[next_state[before, move] == after]


def distances(
    next_state: IntArray, possible: BoolArray, targets: BoolArray, n_columns: int
) -> tuple[IntArray, IntArray]:
    """How many moves each cell is from the nearest target, by breadth-first search.

    Args:
        next_state: ``(S, 4)``, cells.
        possible: ``(S, 4)``, the moves that may be made.
        targets: ``(S,)``.
        n_columns: width of the map.

    Returns:
        The distance ``(S,)``, and the move ``(S,)`` that begins a shortest way; both -1 where there is none,
        the move in targets too.
    """
    distance = np.where(targets, 0, -1)
    first_move = np.full(len(targets), -1)
    frontier = np.flatnonzero(targets)
    steps = 0
    while len(frontier):
        steps += 1
        found = []
        for move, before in predecessors(next_state, frontier, n_columns):
            new = before[possible[before, move] & (distance[before] < 0)]
            distance[new] = steps
            first_move[new] = move
            found.append(new)
        frontier = np.concatenate(found)
    return distance, first_move


def _follow(next_state: IntArray, coefficient: FloatArray, constant: FloatArray) -> FloatArray:
    """Every cell depends on one other: sums along the ways, which double in length each round."""
    move = coefficient.argmax(axis=1)[:, np.newaxis]
    there = np.take_along_axis(next_state, move, axis=1)[:, 0]
    weight = np.take_along_axis(coefficient, move, axis=1)[:, 0]
    v = constant
    while weight.any():
        v = v + weight * v[there]
        weight = weight * weight[there]
        there = there[there]
    return v


def _eliminate(
    next_state: IntArray, coefficient: FloatArray, constant: FloatArray, n_columns: int
) -> FloatArray:
    """Block elimination: rows of cells depend on the row before and the row behind only."""
    n_states = len(constant)
    n_rows = n_states // n_columns
    cells = np.arange(n_states).reshape(n_rows, n_columns)
    order = (cells if n_columns <= n_rows else cells.T).ravel()  # a block is the short way across
    width = min(n_rows, n_columns)
    block = width * -(-_SMALLEST_BLOCK // width)
    place = np.empty_like(order)
    place[order] = np.arange(n_states)
    next_place, coefficient, constant = place[next_state[order]], coefficient[order], constant[order]

    # Block after block, values = offset - factor @ (values of the block behind).
    factors: list[FloatArray] = []
    offsets: list[FloatArray] = []
    factor: FloatArray = np.zeros((0, min(block, n_states)))
    offset: FloatArray = np.zeros(0)
    for start in range(0, n_states, block):
        stop = min(start + block, n_states)
        first, last = max(0, start - block), min(stop + block, n_states)
        rows = np.arange(start, stop)
        matrix = np.zeros((stop - start, last - first))
        np.subtract.at(
            matrix, (rows[:, np.newaxis] - start, next_place[start:stop] - first), coefficient[start:stop]
        )
        matrix[rows - start, rows - first] += 1
        before, here, behind = np.split(matrix, [start - first, stop - first], axis=1)
        right = np.column_stack([behind, constant[start:stop] - before @ offset])
        solution = np.linalg.solve(here - before @ factor, right)
        factor, offset = solution[:, :-1], solution[:, -1]
        factors.append(factor)
        offsets.append(offset)
    values: list[FloatArray] = [np.zeros(0)]
    for factor, offset in zip(reversed(factors), reversed(offsets), strict=True):
        values.append(offset - factor @ values[-1])
    v = np.empty(n_states)
    v[order] = np.concatenate(values[::-1])
    return v


def _iterate(
    next_state: IntArray,
    coefficient: FloatArray,
    constant: FloatArray,
    n_columns: int,
    guess: FloatArray,
    rough: bool,
) -> FloatArray:
    """Generalised minimal residuals (Saad & Schultz, 1986), preconditioned by the sweeps of `_Sweeps`."""
    sweeps = _Sweeps(next_state, coefficient, n_columns)
    right = constant[sweeps.order]
    v = guess[sweeps.order]
    for number in range(_MOST_ROUNDS):
        residual = right - sweeps.apply(v)
        tolerance = _RESIDUAL * max(1.0, np.abs(v).max())
        if np.abs(residual).max() <= tolerance or (rough and number == 1):
            solution = np.empty_like(v)
            solution[sweeps.order] = v
            return solution
        size = np.linalg.norm(residual)
        basis = [residual / size]
        image_in_basis = np.zeros((_MOST_DIRECTIONS + 1, _MOST_DIRECTIONS))
        for n in range(1, _MOST_DIRECTIONS + 1):
            image = sweeps.apply(sweeps.solve(basis[-1]))
            for row, direction in enumerate(basis):
                image_in_basis[row, n - 1] = overlap = direction @ image
                image -= overlap * direction
            image_in_basis[n, n - 1] = length = np.linalg.norm(image)
            goal = np.zeros(n + 1)
            goal[0] = size
            weights = np.linalg.lstsq(image_in_basis[: n + 1, :n], goal, rcond=None)[0]
            left = np.linalg.norm(image_in_basis[: n + 1, :n] @ weights - goal)
            if left <= tolerance / 2 or length == 0:
                break
            basis.append(image / length)
        total = np.zeros_like(v)
        for weight, direction in zip(weights, basis, strict=False):
            total += weight * direction
        v = v + sweeps.solve(total)
    raise ArithmeticError(
        f"the values of {len(v)} states did not settle; the residual is {np.abs(residual).max():.1e}"
    )


class _Sweeps:
    """An approximate solution in one sweep from the ends of the episodes outward, and one back.

    A factorisation of the equations without fill-in, whose diagonal makes up for what was left out
    (Gustafsson, 1978). Cells are taken by distance from those where an episode may end, so that nearly all
    cells of a layer are independent of each other and are swept at once.

    Attributes:
        order: ``(S,)``, the cells in the order of the layers; all vectors here are in this order.
    """

    def __init__(self, next_state: IntArray, coefficient: FloatArray, n_columns: int) -> None:
        n_states = len(coefficient)
        weight = coefficient.sum(axis=1)
        ends: BoolArray = weight < weight.max() * (1 - 1e-9)  # walls and terminal states too
        possible: BoolArray = np.greater(coefficient, 0)
        distance, _ = distances(next_state, possible, ends, n_columns)
        here = np.arange(n_states)
        colour = (here // n_columns + here % n_columns) % 2  # of a chessboard; neighbours differ
        layer = np.where(distance < 0, distance.max() + 1 + colour, distance)
        self.order = order = np.argsort(layer, kind="stable")
        place = np.empty_like(order)
        place[order] = here
        self._next = place[next_state[order]]  # (S, 4)
        self._coefficient = coefficient[order]
        stops = np.cumsum(np.bincount(layer)).tolist()
        self._layers = [slice(start, stop) for start, stop in zip([0, *stops], stops, strict=False)]

        layer = layer[order]
        nearer = layer[self._next] < layer[:, np.newaxis]
        farther = layer[self._next] > layer[:, np.newaxis]
        self._inward = np.where(nearer, self._coefficient, 0.0)
        self._outward = np.where(farther, self._coefficient, 0.0)
        outflow = self._outward.sum(axis=1)
        pivot = 1.0 - np.where(nearer | farther, 0.0, self._coefficient).sum(axis=1)
        for cells in self._layers:
            there = self._next[cells]
            pivot[cells] -= _row_sums(self._inward[cells], outflow[there] / pivot[there])
        self._scale = 1.0 / pivot
        self._inward *= self._scale[:, np.newaxis]
        self._outward *= self._scale[:, np.newaxis]

    def apply(self, v: FloatArray) -> FloatArray:
        """The left side of the equations, ``v - (coefficient * v[next_state]).sum(axis=1)``."""
        sums: FloatArray = v - _row_sums(self._coefficient, v[self._next])
        return sums

    def solve(self, right: FloatArray) -> FloatArray:
        """About the v for which `apply` gives ``right``."""
        v: FloatArray = right * self._scale
        for cells in self._layers:
            v[cells] += _row_sums(self._inward[cells], v[self._next[cells]])
        for cells in reversed(self._layers):
            v[cells] += _row_sums(self._outward[cells], v[self._next[cells]])
        return v


def _row_sums(weights: FloatArray, values: FloatArray) -> FloatArray:
    """``(weights * values).sum(axis=1)``, sooner."""
    sums: FloatArray = np.einsum("ij,ij->i", weights, values)
    return sums
