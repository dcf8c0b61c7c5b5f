"""The exact value of a policy (Sutton & Barto, section 4.1)."""

from __future__ import annotations

from typing import Any, SupportsFloat

import numpy as np
import numpy.typing as npt

from gym_gridq.checks import DISCOUNT, as_float, read_only
from gym_gridq.dynamics import Dynamics
from gym_gridq.exact.equations import Equations, FloatArray
from gym_gridq.exact.search import distances

__all__ = [
    "checked_discount",
    "dynamics_of",
    "evaluate_policy",
    "has_dynamics",
    "policy_value",
    "refuse",
    "values",
]


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
    return read_only(values(dynamics, weights, checked_discount(discount)))


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
    v = values(dynamics, np.where(visited[:, np.newaxis], weights, 0.0), discount)
    return float(v[dynamics.start_states].mean())


def values(
    dynamics: Dynamics,
    weights: FloatArray,
    discount: float,
    equations: Equations | None = None,
    endless: str = "the policy never ends from there",
) -> FloatArray:
    """Value ``(S,)`` of making each move with probability ``weights`` ``(S, 4)``; a row of zeros stops.

    Raises:
        ValueError: for discount 1, if the moves never end the episode from some state.
    """
    if discount == 1:
        ended = dynamics.absorbing | ~weights.any(axis=1)  # (S,)
        distance, _ = distances(dynamics, weights > 0, ended)
        refuse(dynamics, distance < 0, endless)
    equations = equations or Equations(dynamics, discount)
    return equations.solve(weights, np.einsum("sm,sm->s", weights, dynamics.reward))


def refuse(dynamics: Dynamics, states: npt.NDArray[np.bool_], why: str) -> None:
    """Raises a ValueError that names the first of ``states`` ``(S,)``, if there is one."""
    if states.any():
        state = int(states.argmax())
        raise ValueError(
            f"with discount 1 the return from state {state}, cell {dynamics.layout.position(state)}, has no "
            f"value: {why}; take a discount below 1"
        )


def has_dynamics(env_or_dynamics: Any) -> bool:
    """Whether `dynamics_of` finds any."""
    if isinstance(env_or_dynamics, Dynamics):
        return True
    return isinstance(getattr(getattr(env_or_dynamics, "unwrapped", None), "dynamics", None), Dynamics)


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
