"""grade: the exact worth of anyone's policy, without a single sampled episode."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, SupportsFloat

import numpy as np
import numpy.typing as npt

from gym_gridq.checks import DISCOUNT, as_discount
from gym_gridq.dynamics import Dynamics
from gym_gridq.exact.arguments import dynamics_of
from gym_gridq.exact.equations import FloatArray
from gym_gridq.exact.evaluation import policy_value
from gym_gridq.exact.planning import solve
from gym_gridq.exact.policies import actions_as_policy, read_policy

__all__ = ["Grade", "grade"]


@dataclass(frozen=True)
class Grade:
    """What a policy is worth.

    Attributes:
        value: expected discounted return of an episode from the start (the mean over several starts).
        optimal_value: the same under an optimal policy.
        regret: ``optimal_value - value``, never below 0 but for rounding.
        optimal_states: number of cells where all that the policy may do is optimal (ties count).
        n_states: number of cells that are neither wall nor terminal.
        greedy_length: steps from the first start cell to the episode's end when the likeliest action is taken
            and every move goes where it was meant to; None if that walks in circles.
        max_q_error: ``max abs(Q - q*)`` over those ``n_states`` cells and their actions, if Q-values were
            given, else None.
    """

    value: float
    optimal_value: float
    regret: float
    optimal_states: int
    n_states: int
    greedy_length: int | None
    max_q_error: float | None = None

    def __repr__(self) -> str:
        error = "" if self.max_q_error is None else f", max_q_error={self.max_q_error:.2g}"
        return (
            f"Grade(value={self.value:.6g} of {self.optimal_value:.6g}, regret={self.regret:.2g}, "
            f"{self.optimal_states} of {self.n_states} states optimal, {self._length_in_words()}{error})"
        )

    def _repr_html_(self) -> str:
        # Asked for by notebooks.
        from gym_gridq.rendering.tables import pairs_table

        error = [] if self.max_q_error is None else [("max abs(Q - q*)", f"{self.max_q_error:.2g}")]
        return pairs_table(
            [
                ("value from the start", f"{self.value:.6g}"),
                ("the optimum", f"{self.optimal_value:.6g}"),
                ("regret", f"{self.regret:.2g}"),
                ("optimal states", f"{self.optimal_states} of {self.n_states}"),
                ("greedy path", self._length_in_words()),
                *error,
            ]
        )

    def _length_in_words(self) -> str:
        return "without end" if self.greedy_length is None else f"{self.greedy_length} steps"


def grade(
    env: Any, policy: Any = None, discount: SupportsFloat = DISCOUNT, *, probabilities: Any = None
) -> Grade:
    """Grades a policy exactly, by solving its Bellman equations.

    Args:
        env: a GridQ environment, scalar or vector, wrapped or not. Wrappers are seen through; only whether
            the observation is a state or a one-hot vector is read from them.
        policy: what a learner has decided on: an object with ``predict(observation, deterministic=True)``, as
            Stable-Baselines3 has; a callable ``observation -> action``; an ``(S,)`` array of actions; or an
            ``(S, A)`` array of Q-values, whose greedy policy is graded (the first of equal values). An object
            without ``predict`` may have ``action_probabilities(observation)``. An object with an
            ``observation_space`` of its own is given what that space asks for, a state or a one-hot vector.
        discount: in [0, 1].
        probabilities: in place of ``policy``, how a stochastic policy acts: an ``(S, A)`` array; an object
            with ``action_probabilities(observation)``; or an actor-critic model of Stable-Baselines3, which
            is graded by its action distribution.

    Raises:
        TypeError: for an environment that is not GridQ's, a policy of no known kind, or not exactly one of
            ``policy`` and ``probabilities``.
        ValueError: for an illegal action, an array of another shape, a Q-value that is NaN or infinite, rows
            that are no probabilities, a policy that answers differently when asked again, a discount outside
            [0, 1], or discount 1 with a policy that never ends the episode.
        RuntimeError: if the policy itself raises; its own error is the cause.

    Warns:
        UserWarning: if Q-values look like probabilities.
    """
    dynamics = dynamics_of(env)
    discount = as_discount(discount)
    if (policy is None) == (probabilities is None):
        raise TypeError("grade takes one policy; give it either as policy or as probabilities=")
    q_values = None
    if probabilities is not None:
        chances = read_policy(env, dynamics, probabilities)  # (S, A)
    elif isinstance(policy, np.ndarray | list | tuple):
        q_values = _as_q_values(dynamics, policy)
        actions = np.asarray(policy) if q_values is None else q_values.argmax(axis=1)
        chances = actions_as_policy(dynamics, actions)
    elif callable(policy) or hasattr(policy, "predict") or hasattr(policy, "action_probabilities"):
        chances = read_policy(env, dynamics, policy, decided=True)
    else:
        raise TypeError(
            f"the policy is {policy!r}; give an object with predict, a callable observation -> action, "
            "an array of actions or an array of Q-values"
        )

    optimum = solve(dynamics, discount)
    acting = np.flatnonzero(~dynamics.absorbing)
    value = policy_value(dynamics, chances, discount)
    optimal_value = float(optimum.v[dynamics.start_states].mean())
    strays = ((chances > 0) & (optimum.policy == 0)).any(axis=1)  # (S,)
    return Grade(
        value=value,
        optimal_value=optimal_value,
        regret=optimal_value - value,
        optimal_states=int((~strays[acting]).sum()),
        n_states=len(acting),
        greedy_length=_length(dynamics, chances.argmax(axis=1)),
        max_q_error=None if q_values is None else float(np.abs(q_values - optimum.q)[acting].max()),
    )


def _as_q_values(dynamics: Dynamics, policy: Any) -> FloatArray | None:
    """The Q-values ``(S, A)``, or None if the array holds actions."""
    array = np.asarray(policy)
    if array.ndim == 1 and array.dtype.kind in "iu":
        return None
    shape = (dynamics.n_states, dynamics.n_actions)
    if array.shape != shape or array.dtype.kind not in "fiu":
        raise ValueError(
            f"the policy is an array of shape {array.shape} and type {array.dtype}; "
            f"give integer actions of shape {shape[:1]} or Q-values of shape {shape}"
        )
    wrong = ~np.isfinite(array).all(axis=1) & ~dynamics.absorbing
    if wrong.any():
        state = int(wrong.argmax())
        raise ValueError(f"the Q-values of state {state} are {array[state]}; they must be finite numbers")
    q_values: FloatArray = array.astype(np.float64)
    rows = q_values[~dynamics.absorbing]
    if (rows >= 0).all() and np.allclose(rows.sum(axis=1), 1.0, rtol=0, atol=1e-6):
        warnings.warn(
            "every row of the array sums to 1 and none of it is negative, but it was graded as Q-values, by "
            "its largest entries; if it holds probabilities, call grade(env, probabilities=array)",
            stacklevel=3,
        )
    return q_values


def _length(dynamics: Dynamics, actions: npt.NDArray[np.int64]) -> int | None:
    state = int(dynamics.layout.start_states[0])
    for length in range(1, dynamics.n_states + 1):
        move = actions[state]
        if dynamics.terminated[state, move]:
            return length
        state = int(dynamics.next_state[state, move])
    return None
