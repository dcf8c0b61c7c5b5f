"""The exact policy gradient (Sutton & Barto, section 13.2)."""

from __future__ import annotations

from typing import Any, SupportsFloat

import numpy as np
import numpy.typing as npt

from gym_gridq.checks import DISCOUNT, as_discount, read_only
from gym_gridq.exact.arguments import dynamics_of
from gym_gridq.exact.equations import FloatArray, backup
from gym_gridq.exact.evaluation import discounted_visits, reached_weights, values

__all__ = ["policy_gradient"]


def policy_gradient(env: Any, logits: npt.ArrayLike, discount: SupportsFloat = DISCOUNT) -> FloatArray:
    """The gradient of the start's value in the logits of a softmax policy, without a limit on steps.

    It is the policy gradient theorem (Sutton & Barto, section 13.2), each of its factors solved for:
    ``visitation * policy * (q - v)``, with visits counted as in `visitation` and ``v`` the mean over the
    start cells as `grade` has it. What REINFORCE and actor-critics estimate must average to it.

    Args:
        env: a GridQ environment (scalar or vector, wrapped or not) or its `Dynamics`.
        logits: ``(S, A)`` finite numbers; in each state the policy is their softmax. Rows of walls and
            terminal states are not looked at.
        discount: in [0, 1].

    Returns:
        The gradient, ``(S, A)`` float64; 0 in walls, terminal states and cells that no episode comes to.

    Raises:
        TypeError: for an environment that is not GridQ's.
        ValueError: for logits of another shape, NaN or infinite ones, a discount outside [0, 1]; and for
            discount 1 where an episode can come to a cell from which it never ends.
    """
    dynamics = dynamics_of(env)
    gamma = as_discount(discount)
    given = np.asarray(logits)
    shape = (dynamics.n_states, dynamics.n_actions)
    acting = ~dynamics.absorbing
    if given.shape != shape or given.dtype.kind not in "fiu":
        raise ValueError(
            f"the logits are an array of shape {given.shape} and type {given.dtype}; "
            f"give numbers of shape {shape}"
        )
    wrong = acting & ~np.isfinite(given).all(axis=1)
    if wrong.any():
        state = int(wrong.argmax())
        raise ValueError(f"the logits of state {state} are {given[state]}; they must be finite numbers")

    preferences = given[acting].astype(np.float64)
    odds = np.exp(preferences - preferences.max(axis=1, keepdims=True))
    policy = np.zeros(shape)
    policy[acting] = odds / odds.sum(axis=1, keepdims=True)
    weights = reached_weights(dynamics, policy)  # (S, 4)
    v = values(dynamics, weights, gamma)
    visits = discounted_visits(dynamics, weights, gamma, None)
    advantages = backup(dynamics, v, gamma) - v[:, np.newaxis]  # (S, A)
    return read_only(visits[:, np.newaxis] * policy * advantages)
