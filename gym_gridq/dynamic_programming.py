"""Exact solutions: v*, q*, optimal policies, and the value of any policy (Sutton & Barto, chapter 4).

Values are found by policy iteration; every evaluation in it solves the Bellman equations themselves, so the
result is exact up to rounding instead of up to a stopping threshold. It scales to millions of states.
"""

from __future__ import annotations

from typing import Any, NamedTuple, SupportsFloat

import numpy as np
import numpy.typing as npt

from gym_gridq.bellman import distances, predecessors, solve_equations
from gym_gridq.checks import DISCOUNT, as_float, read_only
from gym_gridq.dynamics import Dynamics
from gym_gridq.greedy import greedy_actions
from gym_gridq.layout import Action

__all__ = ["Solution", "dynamics_of", "evaluate_policy", "solve"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

STOP = len(Action)
"""The choice to idle for ever, worth 0, where that is possible and returns are not discounted."""

EXACT_STATES = 10_000
"""Number of states up to which values are exact to about 1e-12; beyond, the Bellman equations are to 1e-9."""


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


def solve(env_or_dynamics: Any, discount: SupportsFloat = DISCOUNT) -> Solution:
    """Solves a world exactly, by policy iteration (Sutton & Barto, section 4.3).

    Args:
        env_or_dynamics: a GridQ environment (scalar or vector, wrapped or not) or its `Dynamics`.
        discount: in [0, 1]. With 1, returns are plain sums, and staying for ever where nothing is earned is
            worth 0.

    Returns:
        v*, q* and the optimal policy, exact to about 1e-12 up to 10,000 states; beyond, they solve the
        Bellman equation to 1e-9.

    Raises:
        TypeError: for an environment that is not GridQ's.
        ValueError: for a discount outside [0, 1]; and with discount 1 where a return has no finite value:
            no way out of a cell where every step costs, or a loop that pays for ever.
    """
    dynamics = dynamics_of(env_or_dynamics)
    discount = checked_discount(discount)
    absorbing = dynamics.absorbing
    idle = _idling_states(dynamics) if discount == 1 else np.zeros_like(absorbing)  # (S,)
    choice = _way_out(dynamics, absorbing | idle)  # (S,), -1 where there is none
    if discount == 1:
        _refuse(dynamics, ~absorbing & ~idle & (choice < 0), "no policy ever ends the episode from there")
    choice = np.where(idle, STOP, np.maximum(choice, 0))
    v: FloatArray | None = None
    exact = dynamics.n_states <= EXACT_STATES
    tolerance = 1e-12 if exact else 1e-10
    rough = not exact  # a policy soon to be improved on need not be evaluated to the last digit
    while True:
        # (S, 4); stopping makes no move
        weights = np.vstack([dynamics.move_probability, np.zeros(4)])[choice]
        v = _values(dynamics, weights, discount, "a policy earns without end from there", v, rough)
        q = _backup(dynamics, v, discount)  # (S, A)
        options = np.column_stack([q, np.where(idle, 0.0, -np.inf)])  # (S, A + 1), STOP is the last
        best = options.argmax(axis=1)
        current = np.take_along_axis(options, choice[:, np.newaxis], axis=1)[:, 0]
        better = options.max(axis=1) > current + tolerance * np.maximum(1.0, np.abs(current))
        if better.any():
            choice = np.where(better, best, choice)
        elif rough:
            rough = False
        else:
            break

    greedy = greedy_actions(q)
    greedy[absorbing] = False
    policy = greedy / np.maximum(greedy.sum(axis=1, keepdims=True), 1)
    return Solution(read_only(v), read_only(q), read_only(policy))


def evaluate_policy(
    env_or_dynamics: Any, policy: npt.ArrayLike, discount: SupportsFloat = DISCOUNT
) -> FloatArray:
    """Solves for the value of a policy (Sutton & Barto, section 4.1).

    Args:
        env_or_dynamics: a GridQ environment (scalar or vector, wrapped or not) or its `Dynamics`.
        policy: ``(S, A)`` probabilities, or ``(S,)`` actions. Walls and terminal states are not looked at.
        discount: in [0, 1].

    Returns:
        v, ``(S,)`` float64; 0 in walls and terminal states.

    Raises:
        TypeError: for an environment that is not GridQ's.
        ValueError: for a policy of another shape, negative or NaN probabilities, rows that do not sum to 1,
            actions that do not exist, a discount outside [0, 1]; and for discount 1 with a policy that never
            ends the episode from some cell.
    """
    dynamics = dynamics_of(env_or_dynamics)
    weights = checked_policy(dynamics, policy) @ dynamics.move_probability  # (S, 4)
    return read_only(
        _values(dynamics, weights, checked_discount(discount), "the policy never ends from there")
    )


def policy_value(dynamics: Dynamics, actions: npt.NDArray[np.int64], discount: float) -> float:
    """Expected return of an episode under deterministic actions ``(S,)``, the mean over the start cells.

    Only the cells that an episode can come to count, so that a policy may be at a loss elsewhere.

    Raises:
        ValueError: for discount 1, if the policy never ends the episode from a cell it comes to.
    """
    weights = dynamics.move_probability[actions]  # (S, 4)
    visited = np.zeros(dynamics.n_states, dtype=bool)
    frontier = dynamics.start_states
    while len(frontier):
        visited[frontier] = True
        following = dynamics.next_state[frontier][weights[frontier] > 0]
        frontier = np.unique(following[~visited[following]])
    v = _values(
        dynamics, np.where(visited[:, np.newaxis], weights, 0.0), discount, "the policy never ends from there"
    )
    return float(v[dynamics.start_states].mean())


def dynamics_of(env_or_dynamics: Any) -> Dynamics:
    """The `Dynamics` of an environment, seen through any wrappers.

    Raises:
        TypeError: for anything that has none.
    """
    if isinstance(env_or_dynamics, Dynamics):
        return env_or_dynamics
    dynamics = getattr(getattr(env_or_dynamics, "unwrapped", None), "dynamics", None)
    if not isinstance(dynamics, Dynamics):
        raise TypeError(
            f"{env_or_dynamics!r} is no GridQ environment and no gym_gridq.Dynamics; its rules are unknown"
        )
    return dynamics


def checked_discount(discount: SupportsFloat) -> float:
    """The discount as a float.

    Raises:
        ValueError: if it is no number in [0, 1].
    """
    value = as_float(discount)
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"discount is {discount!r}; give a number from 0 to 1")
    return value


def checked_policy(dynamics: Dynamics, policy: npt.ArrayLike) -> FloatArray:
    """A policy as probabilities ``(S, A)``, with zeros in walls and terminal states.

    Raises:
        ValueError: see `evaluate_policy`.
    """
    given = np.asarray(policy)
    shape = (dynamics.n_states, dynamics.n_actions)
    acting = ~dynamics.absorbing  # (S,)
    probabilities = np.zeros(shape)
    if given.shape == shape[:1] and given.dtype.kind in "iu":
        illegal = acting & ((given < 0) | (given >= dynamics.n_actions))
        if illegal.any():
            state = int(illegal.argmax())
            raise ValueError(
                f"the policy's action in state {state} is {given[state]}; actions go from 0 to 3"
            )
        probabilities[acting, given[acting]] = 1.0
        return probabilities
    if given.shape != shape or given.dtype.kind not in "fiu":
        raise ValueError(
            f"the policy is an array of shape {given.shape} and type {given.dtype}; "
            f"give probabilities of shape {shape}, or integer actions of shape {shape[:1]}"
        )
    probabilities[acting] = given[acting]
    wrong = acting & ~((probabilities >= 0).all(axis=1) & (np.abs(probabilities.sum(axis=1) - 1) <= 1e-9))
    if wrong.any():
        state = int(wrong.argmax())
        raise ValueError(
            f"the policy's row in state {state} is {given[state]}; "
            "every row must hold probabilities, none negative, that sum to 1"
        )
    return probabilities


def _backup(dynamics: Dynamics, v: FloatArray, discount: float) -> FloatArray:
    """The Bellman equation: q ``(S, A)`` of acting once and earning v from then on."""
    move_values = dynamics.reward + discount * ~dynamics.terminated * v[dynamics.next_state]  # (S, 4)
    q: FloatArray = move_values @ dynamics.move_probability.T
    return q


def _values(
    dynamics: Dynamics,
    weights: FloatArray,
    discount: float,
    endless: str,
    guess: FloatArray | None = None,
    rough: bool = False,
) -> FloatArray:
    """Value ``(S,)`` of making each move with probability ``weights`` ``(S, 4)``; a row of zeros stops."""
    if discount == 1:
        ended = dynamics.absorbing | ~weights.any(axis=1)  # (S,)
        _refuse(dynamics, ~_ending_states(dynamics, weights, ended), endless)
    return solve_equations(
        dynamics.next_state,
        discount * ~dynamics.terminated * weights,
        np.einsum("sm,sm->s", weights, dynamics.reward),
        dynamics.layout.n_columns,
        guess,
        rough,
    )


def _ending_states(dynamics: Dynamics, weights: FloatArray, ended: BoolArray) -> BoolArray:
    """States ``(S,)`` from which the moves with positive weight can reach one that has ``ended``."""
    distance, _ = distances(dynamics.next_state, weights > 0, ended, dynamics.layout.n_columns)
    return distance >= 0


def _idling_states(dynamics: Dynamics) -> BoolArray:
    """States ``(S,)`` where one can stay for ever, surely, without ever earning or losing anything."""
    possible = dynamics.move_probability > 0  # (A, 4)
    idle = ~dynamics.absorbing
    n_columns = dynamics.layout.n_columns
    doubtful = np.flatnonzero(idle)
    while len(doubtful):
        harmless = (dynamics.reward[doubtful] == 0) & idle[dynamics.next_state[doubtful]]  # (N, 4)
        lost = doubtful[~(harmless[:, np.newaxis, :] | ~possible).all(axis=2).any(axis=1)]
        idle[lost] = False
        before = [states for _, states in predecessors(dynamics.next_state, lost, n_columns)]
        doubtful = np.unique(np.concatenate(before))
        doubtful = doubtful[idle[doubtful]]
    return idle


def _way_out(dynamics: Dynamics, targets: BoolArray) -> npt.NDArray[np.int64]:
    """For each state ``(S,)`` an action that may bring it nearer to a target; -1 where none is in reach."""
    likeliest_action = dynamics.move_probability.argmax(axis=0)  # (4,), by move
    every = np.ones(dynamics.next_state.shape, dtype=bool)
    _, move = distances(dynamics.next_state, every, targets, dynamics.layout.n_columns)
    return np.where(move < 0, -1, likeliest_action[move])


def _refuse(dynamics: Dynamics, states: BoolArray, why: str) -> None:
    if states.any():
        state = int(states.argmax())
        raise ValueError(
            f"with discount 1 the return from state {state}, cell {dynamics.layout.position(state)}, has no "
            f"value: {why}; take a discount below 1"
        )
