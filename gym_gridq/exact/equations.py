"""The linear equations of a policy: what it earns, and where it comes, solved for maps of any size.

With P the probabilities that a policy goes from cell to cell, its values solve
``v = reward + discount * P v`` (Sutton & Barto, section 4.1), and its visits
``d = start + discount * P.T d`` (section 9.2). A policy is given here by its *moves*: ``weights`` of shape
``(S, 4)``, how likely each move is in each cell; a row of zeros stops.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from gym_gridq.dynamics import Dynamics

__all__ = ["Equations", "FloatArray", "backup", "transition_matrix"]

FloatArray = npt.NDArray[np.float64]

DENSE_STATES = 500
"""Number of states up to which dense matrices are faster than importing SciPy."""


class Equations:
    """The equations of any number of policies in one world.

    Exact up to rounding: where a policy leaves nothing to chance, its ways are followed; else the equations
    are solved by elimination, without exchange of rows, which the weights, none of them negative and
    together at most 1, make safe. The order of elimination that keeps the factors of the
    first policy small serves the policies after it.

    Args:
        dynamics: the world.
        discount: in [0, 1]; with 1, every policy must end the episode from every cell.
    """

    def __init__(self, dynamics: Dynamics, discount: float) -> None:
        self._dynamics = dynamics
        self._discount = discount
        self._order = np.arange(dynamics.n_states)
        self._ordering = "MMD_AT_PLUS_A"

    def solve(self, weights: FloatArray, right: FloatArray, transposed: bool = False) -> FloatArray:
        """Solves ``x = right + discount * P x``, or the same with P transposed.

        Args:
            weights: ``(S, 4)``, the moves of a policy.
            right: ``(S,)``.
            transposed: follow the moves forwards, from cell to cell, and not backwards.

        Returns:
            x, ``(S,)``.

        Raises:
            ArithmeticError: if episodes under this policy end so seldom that floats cannot tell.
        """
        if not transposed and (np.count_nonzero(weights, axis=1) <= 1).all():
            return self._follow(weights, right)
        try:
            return self._eliminate(weights, right, transposed)
        except (np.linalg.LinAlgError, RuntimeError) as error:  # NumPy's, and SciPy's, for a singular matrix
            raise ArithmeticError(
                "a policy ends its episodes so seldom that its values cannot be told in floating-point "
                "numbers; take a smaller discount"
            ) from error

    def _follow(self, weights: FloatArray, right: FloatArray) -> FloatArray:
        """Where nothing is left to chance: sums along the ways, which double in length each round."""
        move = weights.argmax(axis=1)[:, np.newaxis]
        there = np.take_along_axis(self._dynamics.next_state, move, axis=1)[:, 0]
        weight = self._discount * np.take_along_axis(weights * ~self._dynamics.terminated, move, axis=1)[:, 0]
        x = right
        while weight.any():
            x = x + weight * x[there]
            weight = weight * weight[there]
            there = there[there]
        return x

    def _eliminate(self, weights: FloatArray, right: FloatArray, transposed: bool) -> FloatArray:
        transitions = self._discount * transition_matrix(self._dynamics, weights)
        if transposed:
            transitions = transitions.T
        if isinstance(transitions, np.ndarray):
            dense: npt.NDArray[Any] = np.linalg.solve(np.eye(len(right)) - transitions, right)
            return dense
        from scipy.sparse import identity
        from scipy.sparse.linalg import splu

        order = self._order
        matrix = (identity(len(right), format="csr") - transitions)[order][:, order]
        factors = splu(
            matrix.tocsc(),
            permc_spec=self._ordering,
            diag_pivot_thresh=0.0,
            panel_size=1,  # factors are so sparse that working on blocks of columns only costs
            relax=1,
            options={"SymmetricMode": True},
        )
        self._order, self._ordering = order[np.argsort(factors.perm_c)], "NATURAL"
        x = np.empty_like(right)
        x[order] = factors.solve(right[order])
        return x


def transition_matrix(dynamics: Dynamics, weights: FloatArray) -> Any:
    """p(s' | s) while the episode goes on, ``(S, S)``: an array for small maps, else a SciPy `csr_matrix`.

    Rows sum to 1 less the probability that the episode ends.
    """
    n_states = dynamics.n_states
    probability = weights * ~dynamics.terminated  # (S, 4)
    states, moves = probability.nonzero()
    entries = probability[states, moves], (states, dynamics.next_state[states, moves])
    if n_states > DENSE_STATES:
        from scipy.sparse import csr_matrix

        return csr_matrix(entries, shape=(n_states, n_states))  # adds up moves that lead to one cell
    matrix = np.zeros((n_states, n_states))
    np.add.at(matrix, entries[1], entries[0])
    return matrix


def backup(dynamics: Dynamics, v: FloatArray, discount: float) -> FloatArray:
    """The Bellman equation: q ``(S, A)`` of acting once and earning v ``(S,)`` from then on."""
    move_values = dynamics.reward + discount * ~dynamics.terminated * v[dynamics.next_state]  # (S, 4)
    q: FloatArray = move_values @ dynamics.move_probability.T
    return q
