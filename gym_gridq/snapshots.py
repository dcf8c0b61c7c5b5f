"""What a snapshot of an environment must hold to be gone back to: checked whole, before anything changes."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from gym_gridq.arguments import NO_LIMIT
from gym_gridq.dynamics import Dynamics

__all__ = ["checked_lanes", "checked_state"]

IntArray = npt.NDArray[np.int64]


def checked_state(snapshot: Any, dynamics: Dynamics) -> tuple[int, np.random.Generator]:
    """State and generator out of a snapshot of the scalar environment.

    Raises:
        ValueError: if it is not a snapshot of an environment with these dynamics.
    """
    _check_names(snapshot, "state", "np_random")
    state = snapshot["state"]
    if type(state) is not int or not 0 <= state < dynamics.n_states or dynamics.layout.wall[state]:
        raise ValueError(f"the snapshot's state is {state!r}; expected a cell of this map other than a wall")
    return state, _generator(snapshot["np_random"])


def checked_lanes(
    snapshot: Any, num_envs: int, dynamics: Dynamics
) -> tuple[IntArray, IntArray, IntArray, IntArray, np.random.Generator]:
    """Rows, steps left, lanes that have ended, entries, and the generator, out of a snapshot of lanes.

    Raises:
        ValueError: if it is not a snapshot of so many lanes with these dynamics.
    """
    _check_names(snapshot, "row", "steps_left", "ended", "entry", "np_random")
    n_entries = dynamics.next_state.size
    for name, size, end in (
        ("row", num_envs, n_entries + 1),
        ("steps_left", num_envs, NO_LIMIT + 1),
        ("ended", None, num_envs),
        ("entry", num_envs, n_entries + dynamics.n_actions),
    ):
        array = snapshot[name]
        fits = isinstance(array, np.ndarray) and array.dtype == np.int64 and array.ndim == 1
        fits = fits and size in (None, len(array)) and not ((array < 0) | (array >= end)).any()
        if not fits or (name == "row" and (array % dynamics.n_actions).any()):
            raise ValueError(f"the snapshot's {name} is {array!r:.80}, which these lanes cannot have")
    row, steps_left, ended, entry = (
        snapshot[name].copy() for name in ("row", "steps_left", "ended", "entry")
    )
    return row, steps_left, ended, entry, _generator(snapshot["np_random"])


def _check_names(snapshot: Any, *names: str) -> None:
    if not isinstance(snapshot, dict) or set(snapshot) != set(names):
        raise ValueError(f"{snapshot!r:.80} is not a snapshot; give what snapshot() returned")


def _generator(state: Any) -> np.random.Generator:
    """A generator in a state that `numpy.random.PCG64.state` once gave.

    Raises:
        ValueError: if it is no such state.
    """
    generator = np.random.default_rng(0)
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)  # NumPy 1 only warns of numbers out of range
        try:
            generator.bit_generator.state = state
        except (KeyError, TypeError, ValueError, OverflowError, DeprecationWarning) as error:
            raise ValueError(f"the snapshot holds no state of a NumPy PCG64 generator: {error}") from error
    return generator
