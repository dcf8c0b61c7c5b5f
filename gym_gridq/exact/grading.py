"""grade: the exact worth of anyone's policy, without a single sampled episode."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, SupportsFloat

import gymnasium
import numpy as np
import numpy.typing as npt

from gym_gridq.checks import DISCOUNT, as_integer
from gym_gridq.dynamics import Dynamics
from gym_gridq.exact.evaluation import checked_discount, dynamics_of, policy_value
from gym_gridq.exact.planning import solve

__all__ = ["Grade", "grade"]


@dataclass(frozen=True)
class Grade:
    """What a deterministic policy is worth.

    Attributes:
        value: expected discounted return of an episode from the start (the mean over several starts).
        optimal_value: the same under an optimal policy.
        regret: ``optimal_value - value``, never below 0 but for rounding.
        optimal_states: number of cells where the policy's action is an optimal one (ties count).
        n_states: number of cells that are neither wall nor terminal.
        greedy_length: steps from the first start cell to the episode's end when every move goes where it was
            meant to; None if the policy walks in circles.
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
        length = "without end" if self.greedy_length is None else f"{self.greedy_length} steps"
        error = "" if self.max_q_error is None else f", max_q_error={self.max_q_error:.2g}"
        return (
            f"Grade(value={self.value:.6g} of {self.optimal_value:.6g}, regret={self.regret:.2g}, "
            f"{self.optimal_states} of {self.n_states} states optimal, {length}{error})"
        )


def grade(env: Any, policy: Any, discount: SupportsFloat = DISCOUNT) -> Grade:
    """Grades a policy exactly, by solving its Bellman equations.

    Args:
        env: a GridQ environment, scalar or vector, wrapped or not. Wrappers are seen through; only whether
            the observation is a state or a one-hot vector is read from them.
        policy: an object with ``predict(observation, deterministic=True)``, as Stable-Baselines3 has; a
            callable ``observation -> action``; an ``(S,)`` array of actions; or an ``(S, A)`` array of
            Q-values, whose greedy policy is graded (the first of equal values). An object with an
            ``observation_space`` of its own is given what that space asks for, a state or a one-hot vector.
        discount: in [0, 1].

    Raises:
        TypeError: for an environment that is not GridQ's, or a policy of no known kind.
        ValueError: for an illegal action, an array of another shape, a Q-value that is NaN or infinite, a
            discount outside [0, 1], or discount 1 with a policy that never ends the episode.
        RuntimeError: if the policy itself raises; its own error is the cause.
    """
    dynamics = dynamics_of(env)
    discount = checked_discount(discount)
    optimum = solve(dynamics, discount)
    q_values = _as_q_values(dynamics, policy)
    actions = _as_actions(dynamics, env, policy) if q_values is None else q_values.argmax(axis=1)  # (S,)

    acting = np.flatnonzero(~dynamics.absorbing)
    value = policy_value(dynamics, actions, discount)
    optimal_value = float(optimum.v[dynamics.start_states].mean())
    return Grade(
        value=value,
        optimal_value=optimal_value,
        regret=optimal_value - value,
        optimal_states=int((optimum.policy[acting, actions[acting]] > 0).sum()),
        n_states=len(acting),
        greedy_length=_length(dynamics, actions),
        max_q_error=None if q_values is None else float(np.abs(q_values - optimum.q)[acting].max()),
    )


def _as_q_values(dynamics: Dynamics, policy: Any) -> npt.NDArray[np.float64] | None:
    """The Q-values ``(S, A)``, or None if the policy is something else."""
    if not isinstance(policy, np.ndarray | list | tuple):
        return None
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
    acting = array[~dynamics.absorbing]
    if (acting >= 0).all() and (abs(acting.sum(axis=1) - 1) <= 1e-6).all():
        warnings.warn(
            "the policy looks like probabilities (no entry is negative, every row sums to 1), but was read "
            "as Q-values: its largest entries are the actions; for probabilities write "
            "grade(env, probabilities=...)",
            stacklevel=3,
        )
    return array.astype(np.float64)


def _as_actions(dynamics: Dynamics, env: Any, policy: Any) -> npt.NDArray[np.int64]:
    """The policy's action in each state, ``(S,)``; 0 where none is ever taken."""
    n_states = dynamics.n_states
    actions = np.zeros(n_states, dtype=np.int64)
    acting = np.flatnonzero(~dynamics.absorbing)
    if isinstance(policy, np.ndarray | list | tuple):
        given = list(policy)
        if len(given) != n_states:
            raise ValueError(
                f"the policy has {len(given)} actions; give one for each of the {n_states} states"
            )
        choose: Callable[[int], Any] = given.__getitem__
    else:
        act = _as_callable(policy)
        one_hot = _wants_one_hot(env, policy, n_states)

        def choose(state: int) -> Any:
            observation = np.eye(1, n_states, state, dtype=np.float32)[0] if one_hot else state
            try:
                return act(observation)
            except Exception as error:
                raise RuntimeError(f"the policy raised {error!r} in state {state}") from error

    for state in acting.tolist():
        chosen = choose(state)
        action = as_integer(chosen)
        if action is None or not 0 <= action < dynamics.n_actions:
            raise ValueError(
                f"the policy's action in state {state} is {chosen!r}; expected an integer from 0 to 3"
            )
        actions[state] = action
    return actions


def _as_callable(policy: Any) -> Callable[[Any], Any]:
    if hasattr(policy, "predict"):

        def act(observation: Any) -> Any:
            return policy.predict(observation, deterministic=True)[0]

        return act
    if callable(policy):
        return policy  # type: ignore[no-any-return]
    raise TypeError(
        f"the policy is {policy!r}; give an object with predict, a callable observation -> action, "
        "an array of actions or an array of Q-values"
    )


def _wants_one_hot(env: Any, policy: Any, n_states: int) -> bool:
    space = getattr(policy, "observation_space", None)
    if space is None:
        vector = isinstance(env, gymnasium.vector.VectorEnv)
        space = getattr(env, "single_observation_space" if vector else "observation_space", None)
    return isinstance(space, gymnasium.spaces.Box) and space.shape == (n_states,)


def _length(dynamics: Dynamics, actions: npt.NDArray[np.int64]) -> int | None:
    state = int(dynamics.layout.start_states[0])
    for length in range(1, dynamics.n_states + 1):
        move = actions[state]
        if dynamics.terminated[state, move]:
            return length
        state = int(dynamics.next_state[state, move])
    return None
