"""TransitionBatch: what `Agent.learn` takes in, checked and as one batch."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from agents.errors import DivergenceError
from agents.experience.observations import Features, ObservationEncoder

__all__ = ["FloatArray", "IntArray", "TransitionBatch", "TransitionEncoder", "checked_lanes", "one_row"]

FloatArray: TypeAlias = NDArray[np.float32]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]


class TransitionBatch(NamedTuple):
    """A checked batch of transitions, ready to learn from."""

    features: Features  # (B,) int64 or (B, F) float32, as the encoder gives them
    actions: IntArray  # (B,), counted from 0
    rewards: NDArray[np.floating[Any]]  # (B,), of the type that the agent learns in
    next_features: Features
    terminated: BoolArray  # (B,)
    truncated: BoolArray  # (B,)


def one_row(
    state: int, action: int, reward: float, next_state: int, terminated: bool, truncated: bool
) -> TransitionBatch:
    """One transition between numbered states as a batch of one."""
    flags = np.array([terminated]), np.array([truncated])
    return TransitionBatch(
        np.array([state]), np.array([action]), np.array([reward], np.float64), np.array([next_state]), *flags
    )


class TransitionEncoder:
    """Turns the arguments of `Agent.learn` into a batch.

    Args:
        observations: encodes both observations.
        action_space: says which actions there are.
        reward_type: what rewards are kept as.
    """

    def __init__(
        self,
        observations: ObservationEncoder,
        action_space: spaces.Discrete,
        reward_type: type[np.floating[Any]] = np.float32,
    ) -> None:
        self._observations, self._action_space, self._reward_type = observations, action_space, reward_type
        self._n_actions, self._first_action = int(action_space.n), int(action_space.start)

    def encode(
        self,
        observation: Any,
        action: Any,
        reward: Any,
        next_observation: Any,
        terminated: Any,
        truncated: Any,
    ) -> TransitionBatch:
        """One transition, or a batch of them; see `Agent.learn`.

        Raises:
            ValueError: for arguments that make no transitions.
            DivergenceError: if an observation or a reward is not finite.
        """
        features, _ = self._observations.encode(observation)
        next_features, _ = self._observations.encode(next_observation)
        if not len(features):
            raise ValueError("the batch of transitions is empty; give at least one")
        rewards = np.array(reward, self._reward_type, ndmin=1)
        batch = TransitionBatch(
            features,
            self._actions(action),
            rewards,
            next_features,
            _flags("terminated", terminated),
            _flags("truncated", truncated),
        )
        if not np.isfinite(rewards).all():
            raise DivergenceError(f"the reward is {reward!r}; learning needs finite rewards")
        parts: tuple[NDArray[Any], ...] = batch
        shape = (len(features),)
        if len(next_features) != len(features) or any(part.shape != shape for part in parts[1:3] + parts[4:]):
            lengths = ", ".join(
                f"{name} {part.shape}" for name, part in zip(batch._fields, parts, strict=True)
            )
            raise ValueError(f"a batch of transitions needs equal lengths, but these are {lengths}")
        return batch

    def _actions(self, action: Any) -> IntArray:
        """Actions counted from 0, (B,)."""
        actions = np.array(action, ndmin=1)
        if actions.dtype.kind not in "iu":
            raise ValueError(f"action is {action!r}; give an integer, or an array of integers")
        actions = actions.astype(np.int64, copy=False) - self._first_action
        # seen as unsigned, a negative number is a huge one: one look checks both ends
        if actions.size and actions.view(np.uint64).max() >= self._n_actions:
            raise ValueError(f"action is {action!r}; actions of this environment lie in {self._action_space}")
        return actions


def _flags(name: str, value: Any) -> BoolArray:
    """Booleans, (B,)."""
    flags = np.array(value, ndmin=1)
    if flags.dtype != np.bool_:
        raise ValueError(f"{name} is {value!r}; give True or False, or an array of booleans")
    return flags


def checked_lanes(lanes: Any, n: int) -> IntArray:
    """The lane of each of ``n`` transitions, (n,), each at most once; None stands for those from 0 up.

    Raises:
        ValueError: for anything else.
    """
    if lanes is None:
        return np.arange(n)
    checked = np.asarray(lanes)
    in_order = np.sort(checked, axis=None)
    if checked.shape != (n,) or (in_order[:1] < 0).any() or (in_order[1:] == in_order[:-1]).any():
        raise ValueError(f"lanes are {checked}; give {n} different numbers from 0 up")
    return checked
