"""The exact value of a policy (Sutton & Barto, section 4.1), and where it comes (section 9.2)."""

from __future__ import annotations

from typing import Any, SupportsFloat

import numpy as np
import numpy.typing as npt

from gym_gridq.checks import DISCOUNT, as_discount, read_only
from gym_gridq.dynamics import Dynamics
from gym_gridq.exact.arguments import checked_horizon, dynamics_of
from gym_gridq.exact.equations import Equations, FloatArray, transition_matrix
from gym_gridq.exact.policies import read_policy
from gym_gridq.exact.search import distances, reached_states

__all__ = [
    "discounted_visits",
    "evaluate_policy",
    "never_ending",
    "policy_value",
    "reached_weights",
    "refuse",
    "start_distribution",
    "values",
    "visitation",
]

ENDLESS = "the policy never ends from there"


def evaluate_policy(env_or_dynamics: Any, policy: Any, discount: SupportsFloat = DISCOUNT) -> FloatArray:
    """Solves for the value of a policy (Sutton & Barto, section 4.1), without a limit on steps.

    Args:
        env_or_dynamics: a GridQ environment (scalar or vector, wrapped or not) or its `Dynamics`.
        policy: ``(S, A)`` probabilities; ``(S,)`` actions; an object with
            ``action_probabilities(observation)`` or an actor-critic model of Stable-Baselines3, read by its
            distribution; an object with ``predict``, called with ``deterministic=True``; or a callable
            ``observation -> action``. Rows of walls and
            terminal states are not looked at.
        discount: in [0, 1].

    Returns:
        v, ``(S,)`` float64; 0 in walls and terminal states.

    Raises:
        TypeError: for an environment that is not GridQ's.
        ValueError: for a policy of another shape, negative or NaN probabilities, rows that do not sum to 1,
            actions that do not exist, a policy that answers differently when asked again, a discount outside
            [0, 1]; and for discount 1 with a policy that never ends the episode from some cell.
        RuntimeError: if the policy itself raises; its own error is the cause.
    """
    dynamics = dynamics_of(env_or_dynamics)
    weights = read_policy(env_or_dynamics, dynamics, policy) @ dynamics.move_probability  # (S, 4)
    return read_only(values(dynamics, weights, as_discount(discount)))


def visitation(
    env: Any, policy: Any, discount: SupportsFloat = DISCOUNT, horizon: int | None = None
) -> FloatArray:
    """How often a policy is expected to act in each state during an episode (Sutton & Barto, section 9.2).

    A visit at step t counts ``discount ** t``: with discount 1 the visits add up to the mean length of an
    episode, and divided by their sum they are the on-policy distribution.

    Args:
        env: a GridQ environment (scalar or vector, wrapped or not) or its `Dynamics`.
        policy: as in `evaluate_policy`.
        discount: in [0, 1].
        horizon: steps an episode may take; ``horizon=5`` counts the times 0 to 4. None means the
            environment's own limit, and without one none.

    Returns:
        Visits, ``(S,)`` float64; 0 in walls and terminal states, where nobody acts.

    Raises:
        TypeError: for an environment that is not GridQ's.
        ValueError: for a bad policy, discount or horizon; and without a limit for discount 1 with a policy
            that never ends the episode from a cell it comes to.
        RuntimeError: if the policy itself raises; its own error is the cause.
    """
    dynamics = dynamics_of(env)
    steps, gamma = checked_horizon(env, horizon), as_discount(discount)
    weights = reached_weights(dynamics, read_policy(env, dynamics, policy))
    return read_only(discounted_visits(dynamics, weights, gamma, steps))


def discounted_visits(
    dynamics: Dynamics, weights: FloatArray, discount: float, horizon: int | None
) -> FloatArray:
    """The visits ``(S,)`` of making each move with probability ``weights`` ``(S, 4)``; see `visitation`."""
    occupied = start_distribution(dynamics)  # (S,)
    if horizon is None:
        if discount == 1:
            refuse(dynamics, never_ending(dynamics, weights), ENDLESS)
        return Equations(dynamics, discount).solve(weights, occupied, transposed=True)
    onward = discount * transition_matrix(dynamics, weights).T
    visits = np.zeros_like(occupied)
    for _ in range(horizon):
        if not occupied.any():
            break
        visits += occupied
        occupied = onward @ occupied
    return visits


def start_distribution(dynamics: Dynamics) -> FloatArray:
    """Probability ``(S,)`` that an episode starts on each cell."""
    start = np.zeros(dynamics.n_states)
    start[dynamics.start_states] = 1 / len(dynamics.start_states)
    return start


def reached_weights(dynamics: Dynamics, policy: FloatArray) -> FloatArray:
    """Probability ``(S, 4)`` of each move under a policy ``(S, A)``; zeros in cells that it never comes to.

    So that a policy may be at a loss in those.
    """
    weights = policy @ dynamics.move_probability
    return np.where(reached_states(dynamics, weights > 0)[:, np.newaxis], weights, 0.0)


def policy_value(dynamics: Dynamics, policy: FloatArray, discount: float) -> float:
    """Expected return of an episode under a policy ``(S, A)``, the mean over the start cells.

    Raises:
        ValueError: for discount 1, if the policy never ends the episode from a cell it comes to.
    """
    v = values(dynamics, reached_weights(dynamics, policy), discount)
    return float(v[dynamics.start_states].mean())


def values(
    dynamics: Dynamics,
    weights: FloatArray,
    discount: float,
    equations: Equations | None = None,
    endless: str = ENDLESS,
) -> FloatArray:
    """Value ``(S,)`` of making each move with probability ``weights`` ``(S, 4)``; a row of zeros stops.

    Raises:
        ValueError: for discount 1, if the moves never end the episode from some state.
    """
    if discount == 1:
        refuse(dynamics, never_ending(dynamics, weights), endless)
    equations = equations or Equations(dynamics, discount)
    return equations.solve(weights, np.einsum("sm,sm->s", weights, dynamics.reward))


def never_ending(dynamics: Dynamics, weights: FloatArray) -> npt.NDArray[np.bool_]:
    """The states ``(S,)`` from which moves made with probability ``weights`` never end; see `values`."""
    ended = dynamics.absorbing | ~weights.any(axis=1)  # (S,)
    distance, _ = distances(dynamics, weights > 0, ended)
    never: npt.NDArray[np.bool_] = distance < 0
    return never


def refuse(dynamics: Dynamics, states: npt.NDArray[np.bool_], why: str) -> None:
    """Raises a ValueError that names the first of ``states`` ``(S,)``, if there is one."""
    if states.any():
        state = int(states.argmax())
        raise ValueError(
            f"with discount 1 the return from state {state}, cell {dynamics.layout.position(state)}, has no "
            f"value: {why}; take a discount below 1"
        )
