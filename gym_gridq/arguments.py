"""What may be said to an environment, checked before anything moves: one clear error for all else."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium.error import InvalidAction

from gym_gridq.checks import as_count, as_integer
from gym_gridq.dynamics import Dynamics

__all__ = [
    "NO_LIMIT",
    "checked_action",
    "checked_actions",
    "checked_limit",
    "checked_mask",
    "checked_seeds",
    "chosen_start",
]

NO_LIMIT = 2**62
"""A number of steps that nobody takes."""

_INT64 = np.dtype(np.int64)


def checked_action(action: Any) -> int:
    """One action.

    Raises:
        InvalidAction: for anything but an integer from 0 to 3.
    """
    number = as_integer(action)
    if number is None or not 0 <= number < 4:
        raise InvalidAction(
            f"action is {action!r}; expected an integer from 0 to 3 (0 up, 1 down, 2 left, 3 right)"
        )
    return number


def checked_actions(actions: Any, num_envs: int) -> npt.NDArray[np.int64]:
    """The actions ``(n,)``.

    Raises:
        InvalidAction: for anything but an array of so many integers from 0 to 3.
    """
    if not isinstance(actions, np.ndarray) or actions.dtype.kind not in "iu":
        raise InvalidAction(
            f"actions are {_kind(actions)}; expected a NumPy array of {num_envs} integers, such as "
            "np.asarray(actions, dtype=np.int64)"
        )
    if actions.shape != (num_envs,):
        raise InvalidAction(f"actions have shape {actions.shape}; expected ({num_envs},), one action a lane")
    numbers: npt.NDArray[np.int64] = actions if actions.dtype is _INT64 else actions.astype(np.int64)
    # Numbers from 0 to 3 have no bits but the lowest two, and so has all of them put together.
    if not 0 <= np.bitwise_or.reduce(numbers) < 4:
        lane = int(((numbers < 0) | (numbers >= 4)).argmax())
        raise InvalidAction(
            f"the action of lane {lane} is {actions[lane]}; expected an integer from 0 to 3 "
            "(0 up, 1 down, 2 left, 3 right)"
        )
    return numbers


def chosen_start(dynamics: Dynamics, options: Any) -> int:
    """The cell that the reset option ``{"state": s}`` starts on.

    Raises:
        ValueError: for another option, or a cell that no episode starts on.
    """
    if not isinstance(options, dict):
        raise ValueError(f"options is {options!r}; give None or a dictionary such as {{'state': 8}}")
    unknown = set(options) - {"state"}
    if unknown:
        raise ValueError(f"unknown reset option {sorted(map(str, unknown))[0]!r}; the only one is 'state'")
    value = options["state"]
    state = as_integer(value)
    if state is None:
        raise ValueError(f"the start state is {value!r}; give an integer from 0 to {dynamics.n_states - 1}")
    if not 0 <= state < dynamics.n_states:
        raise ValueError(f"the start state is {state}; states go from 0 to {dynamics.n_states - 1}")
    if dynamics.absorbing[state]:
        kind = "a wall" if dynamics.layout.wall[state] else "terminal"
        raise ValueError(
            f"the start state {state} is {kind}; start on a cell that is neither wall nor terminal"
        )
    return state


def checked_mask(mask: Any, num_envs: int) -> npt.NDArray[np.bool_]:
    """The reset mask ``(n,)``.

    Raises:
        TypeError: if it is not a bool array.
        ValueError: if it has another shape, or is false everywhere.
    """
    if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_:
        raise TypeError(f"the reset_mask is {_kind(mask)}; expected a NumPy array of {num_envs} bools")
    if mask.shape != (num_envs,):
        raise ValueError(f"the reset_mask has shape {mask.shape}; expected ({num_envs},)")
    if not mask.any():
        raise ValueError("the reset_mask is false everywhere; mark at least one lane to reset")
    return mask


def checked_seeds(seeds: Any, num_envs: int) -> list[int]:
    """The seeds, one a lane.

    Raises:
        ValueError: for another number of seeds, or one that is not an integer from 0 up.
    """
    if not isinstance(seeds, list | tuple | np.ndarray) or len(seeds) != num_envs:
        raise ValueError(
            f"seed is {seeds!r}; expected an integer, a list of {num_envs} integers (one a lane), or None"
        )
    numbers = []
    for lane, seed in enumerate(seeds):
        number = as_integer(seed)
        if number is None or number < 0:
            raise ValueError(f"the seed of lane {lane} is {seed!r}; expected an integer from 0 up")
        numbers.append(number)
    return numbers


def checked_limit(max_episode_steps: Any) -> int:
    """The steps an episode may take; `NO_LIMIT` for None, and for -1, which says so to `gymnasium.make`.

    Raises:
        ValueError: if it is neither of these nor an integer from 1 up.
    """
    if max_episode_steps is None or as_integer(max_episode_steps) == -1:
        return NO_LIMIT
    return min(as_count(max_episode_steps, "max_episode_steps", otherwise=", or None for no limit"), NO_LIMIT)


def _kind(value: Any) -> str:
    return f"an array of {value.dtype}" if isinstance(value, np.ndarray) else repr(value)
