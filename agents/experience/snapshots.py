"""Snapshots: an environment's state taken out and put back, so that training continues where it stopped.

An environment may offer ``snapshot()``, which returns plain data, and ``restore(data)``. Gymnasium's toy text
and classic control environments, wrappers that hold plain values only, and `SyncVectorEnv` over all of these
are known here. Of any other environment there is no exact snapshot.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import SyncVectorEnv

__all__ = ["restore", "snapshot"]

_KNOWN_FAMILIES = ("gymnasium.envs.toy_text.", "gymnasium.envs.classic_control.")
# What their `step` and `reset` change, apart from the random generator and the drawing.
_MUTABLE = {
    *("s", "lastaction", "fickle_step", "taxi_orientation", "player", "dealer"),
    *("state", "steps_beyond_terminated", "steps", "prev_done", "low", "high"),
}
_WRAPPERS = (
    gymnasium.Wrapper,
    getattr(gymnasium.vector, "VectorWrapper", gymnasium.Wrapper),  # before 1.0 there was none
)
_PLAIN = (bool, int, float, str, np.ndarray, np.generic)
_CONSTANT = (
    gymnasium.Space,
    EnvSpec,
    Mapping,
    type(None),
)  # its spaces, spec and metadata, set late or never
_NOT_STATE = frozenset({"env", "_saved_kwargs", "_previous_data"})
_LANES_STATE = ("_env_obs", "_observations", "_rewards", "_terminations", "_truncations", "_autoreset_envs")


def snapshot(env: Any) -> Any:
    """Everything that decides what the environment does next, as plain data; None if that cannot be told.

    Plain data is what `pack` takes: numbers, strings, None, arrays, lists, tuples, dicts, generators.
    """
    if hasattr(type(env), "snapshot"):
        return env.snapshot()
    if isinstance(env, _WRAPPERS):
        own, inner = _wrapper_state(env), snapshot(env.env)
        return None if own is None or inner is None else {"own": own, "env": inner}
    if type(env) is SyncVectorEnv:
        lanes = [snapshot(lane) for lane in env.envs]
        return None if None in lanes else {"own": _attributes(env, _LANES_STATE), "lanes": lanes}
    if type(env).__module__.startswith(_KNOWN_FAMILIES):
        return {"own": _attributes(env, _MUTABLE), "generator": copy.deepcopy(env.np_random)}
    return None


def restore(env: Any, taken: Any) -> None:
    """Puts a snapshot back into an environment made in the same way.

    Raises:
        ValueError: if the snapshot does not belong to such an environment.
    """
    try:
        if _is_gymnasium_s(env):
            _try_a_step(env, copy.deepcopy(taken))
        _restore(env, taken)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the saved state does not fit the environment {env}") from error


def _is_gymnasium_s(env: Any) -> bool:
    if isinstance(env, SyncVectorEnv):
        return all(map(_is_gymnasium_s, env.envs))
    return type(env.unwrapped).__module__.startswith(_KNOWN_FAMILIES)


def _try_a_step(env: Any, taken: Any) -> None:
    """Refuses a state that these environments themselves take unseen, and fail on later."""
    try:
        twin = copy.deepcopy(env)
    except TypeError:  # it has drawn, and what it draws on cannot be copied
        return
    _restore(twin, taken)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            twin.step(twin.action_space.sample())
        except Exception as error:
            raise TypeError(f"no step can be made from it: {error}") from error


def _restore(env: Any, taken: Any) -> None:
    if hasattr(type(env), "restore"):
        env.restore(taken)
    elif isinstance(env, _WRAPPERS):
        present = _wrapper_state(env) or {}
        for name, value in taken["own"].items():
            if type(value) is not type(present[name]):
                raise TypeError(f"{name} is {value!r:.40}")
        _set_attributes(env, taken["own"], present)
        _restore(env.env, taken["env"])
    elif isinstance(env, SyncVectorEnv):
        _set_attributes(env, taken["own"], _LANES_STATE)
        for lane, lane_taken in zip(env.envs, taken["lanes"], strict=True):
            _restore(lane, lane_taken)
    else:
        _set_attributes(env, taken["own"], _MUTABLE)
        env.np_random = taken["generator"]


def _wrapper_state(wrapper: Any) -> dict[str, Any] | None:
    """A wrapper's own attributes if they are plain values; None if it holds anything else that may change."""
    state = {}
    for name, value in vars(wrapper).items():
        if name in _NOT_STATE or callable(value) or isinstance(value, _CONSTANT):
            continue
        if not isinstance(value, _PLAIN):
            return None
        state[name] = copy.deepcopy(value)
    return state


def _attributes(owner: Any, names: Any) -> dict[str, Any]:
    return {name: copy.deepcopy(vars(owner)[name]) for name in sorted(names) if name in vars(owner)}


def _set_attributes(owner: Any, values: dict[str, Any], allowed: Any) -> None:
    for name, value in values.items():
        if name not in allowed:
            raise KeyError(name)
        setattr(owner, name, value)
