"""One reader of policies: whatever a library calls a policy, as an array of probabilities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

from gym_gridq.checks import as_integer
from gym_gridq.dynamics import Dynamics
from gym_gridq.exact.equations import FloatArray

__all__ = ["actions_as_policy", "read_policy"]

ROUNDING = {"e": 1e-2, "f": 1e-5}
"""How far from 1 a row of probabilities may add up in half and single precision; by NumPy's letter."""


def read_policy(env: Any, dynamics: Dynamics, policy: Any, decided: bool = False) -> FloatArray:
    """The probabilities ``(S, A)`` with which a policy acts, zeros in walls and terminal states.

    An object with ``action_probabilities(observation)`` gives them itself, and an actor-critic model of
    Stable-Baselines3 by its action distribution. An object with ``predict`` is asked with
    ``deterministic=True``, and a callable as it is; each acts with probability 1. An object with an
    ``observation_space`` of its own is given what that space asks for, a state or a one-hot vector, any other
    what the environment gives.

    Args:
        env: the environment, or its `Dynamics`.
        dynamics: its world.
        policy: any of these, ``(S,)`` actions, or ``(S, A)`` probabilities.
        decided: ask an object that has ``predict`` for its decision rather than for its probabilities.

    Raises:
        ValueError: for an array of another shape or type, actions that do not exist, rows that are no
            probabilities, and for a policy that answers differently when asked again.
        RuntimeError: if the policy itself raises; its own error is the cause.
    """
    question = _question(policy, decided)
    if question is None:
        return _checked_array(dynamics, policy)
    ask, probable = question
    one_hot = _wants_one_hot(env, policy, dynamics.n_states)

    def answers() -> FloatArray:
        probabilities = np.zeros((dynamics.n_states, dynamics.n_actions))
        for state in np.flatnonzero(~dynamics.absorbing).tolist():
            observation = np.eye(1, dynamics.n_states, state, dtype=np.float32)[0] if one_hot else state
            try:
                answer = ask(observation)
            except Exception as error:
                raise RuntimeError(f"the policy raised {error!r} in state {state}") from error
            probabilities[state] = _row(answer, probable, state, dynamics.n_actions)
        return probabilities

    first, second = answers(), answers()
    differs = np.abs(first - second).max(axis=1) > ROUNDING["f"]
    if differs.any():
        state = int(differs.argmax())
        raise ValueError(
            f"the policy is stochastic: asked twice in state {state}, it chose {_words(first[state])} and "
            f"then {_words(second[state])}; give its probabilities, as an array of shape {first.shape} or "
            "by a method action_probabilities(observation)"
        )
    return first


def actions_as_policy(dynamics: Dynamics, actions: npt.NDArray[np.int64]) -> FloatArray:
    """Actions ``(S,)`` as probabilities ``(S, A)``; whatever stands in walls and terminal states is left out.

    Raises:
        ValueError: for another number of actions, or one that does not exist.
    """
    if len(actions) != dynamics.n_states:
        raise ValueError(
            f"the policy has {len(actions)} actions; give one for each of the {dynamics.n_states} states"
        )
    acting = ~dynamics.absorbing  # (S,)
    illegal = acting & ((actions < 0) | (actions >= dynamics.n_actions))
    if illegal.any():
        state = int(illegal.argmax())
        raise ValueError(f"the policy's action in state {state} is {actions[state]}; actions go from 0 to 3")
    probabilities = np.zeros((dynamics.n_states, dynamics.n_actions))
    probabilities[acting, actions[acting]] = 1.0
    return probabilities


def _checked_array(dynamics: Dynamics, policy: Any) -> FloatArray:
    given = np.asarray(policy)
    shape = (dynamics.n_states, dynamics.n_actions)
    if given.ndim == 1 and given.dtype.kind in "iu":
        return actions_as_policy(dynamics, given)
    if given.shape != shape or given.dtype.kind not in "fiu":
        raise ValueError(
            f"the policy is an array of shape {given.shape} and type {given.dtype}; "
            f"give probabilities of shape {shape}, or integer actions of shape {shape[:1]}"
        )
    acting = np.flatnonzero(~dynamics.absorbing)
    probabilities = np.zeros(shape)
    probabilities[acting] = _checked_rows(given[acting], acting)
    return probabilities


def _checked_rows(rows: npt.NDArray[Any], states: npt.NDArray[np.int64]) -> FloatArray:
    """Probabilities ``(N, A)`` in double precision; those of a coarser one are scaled to sums of 1."""
    rounding = ROUNDING.get(rows.dtype.char)
    wide = rows.astype(np.float64)
    totals = wide.sum(axis=1, keepdims=True)  # (N, 1)
    wrong = ~((wide >= 0).all(axis=1) & (np.abs(totals[:, 0] - 1) <= (rounding or 1e-9)))
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(
            f"the policy's row in state {states[row]} is {rows[row]}; "
            "every row must hold probabilities, none negative, that sum to 1"
        )
    rounded: FloatArray = wide / totals
    return rounded if rounding else wide


def _question(policy: Any, decided: bool) -> tuple[Callable[[Any], Any], bool] | None:
    """How to ask a policy, and whether it answers with probabilities; None for what cannot be asked."""
    if decided and hasattr(policy, "predict"):
        return (lambda observation: policy.predict(observation, deterministic=True)[0]), False
    if hasattr(policy, "action_probabilities"):
        return policy.action_probabilities, True
    actor = getattr(policy, "policy", policy)  # a model of Stable-Baselines3 keeps its policy there
    if hasattr(actor, "get_distribution") and hasattr(actor, "obs_to_tensor"):

        def distribution(observation: Any) -> Any:
            actor.set_training_mode(False)  # as its own predict does
            tensor, _ = actor.obs_to_tensor(observation)
            return actor.get_distribution(tensor).distribution.probs.detach().cpu().numpy()

        return distribution, True
    if hasattr(policy, "predict"):
        return (lambda observation: policy.predict(observation, deterministic=True)[0]), False
    return (policy, False) if callable(policy) else None


def _row(answer: Any, probable: bool, state: int, n_actions: int) -> FloatArray:
    """An answer as probabilities ``(A,)``."""
    if probable:
        row = np.asarray(answer)
        if row.shape not in ((n_actions,), (1, n_actions)) or row.dtype.kind not in "fiu":
            raise ValueError(
                f"the policy's probabilities in state {state} are {answer!r:.80}; give {n_actions} numbers"
            )
        probabilities: FloatArray = _checked_rows(row.reshape(1, n_actions), np.array([state]))[0]
        return probabilities
    action = as_integer(answer)
    if action is None or not 0 <= action < n_actions:
        raise ValueError(
            f"the policy's action in state {state} is {answer!r}; expected an integer from 0 to 3"
        )
    chosen: FloatArray = np.eye(1, n_actions, action)[0]
    return chosen


def _words(row: FloatArray) -> str:
    """An answer as it was given: an action, or probabilities."""
    return f"action {row.argmax()}" if row.max() == 1 else f"with probabilities {row.round(4).tolist()}"


def _wants_one_hot(env: Any, policy: Any, n_states: int) -> bool:
    space = getattr(policy, "observation_space", None)
    if space is None:
        vector = isinstance(env, gymnasium.vector.VectorEnv)
        space = getattr(env, "single_observation_space" if vector else "observation_space", None)
    return isinstance(space, gymnasium.spaces.Box) and space.shape == (n_states,)
