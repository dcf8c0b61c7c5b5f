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
import numpy.typing as npt
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import SyncVectorEnv

__all__ = ["pack", "put_generator_state", "restore", "snapshot", "unpack"]

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


# -- plain data as JSON and arrays -----------------------------------------------------------------------


def pack(value: Any, arrays: dict[str, npt.NDArray[Any]]) -> Any:
    """Plain data as JSON; arrays go into ``arrays`` and are referred to.

    Raises:
        TypeError: for anything that is not plain data.
    """
    if isinstance(value, np.ndarray | np.generic):
        name = str(len(arrays))
        arrays[name] = np.array(value)
        return {"!": "array" if isinstance(value, np.ndarray) else "scalar", "name": name}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        items = [pack(item, arrays) for item in value]
        return items if isinstance(value, list) else {"!": "tuple", "items": items}
    if isinstance(value, dict) and all(isinstance(key, str) for key in value) and "!" not in value:
        return {key: pack(item, arrays) for key, item in value.items()}
    if isinstance(value, np.random.Generator) and type(value.bit_generator) is np.random.PCG64:
        return {"!": "generator", "state": value.bit_generator.state}
    raise TypeError(f"{type(value).__name__} cannot be kept in a checkpoint")


def unpack(packed: Any, arrays: dict[str, npt.NDArray[Any]]) -> Any:
    """What was packed.

    Raises:
        ValueError: if this is not what `pack` gives.
    """
    try:
        return _unpack(packed, arrays)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"the saved state is damaged ({error})") from error


def put_generator_state(generator: np.random.Generator, state: Any) -> None:
    """Puts a generator into the state that its ``bit_generator.state`` once gave.

    Raises:
        ValueError: if it is no such state; the generator is then not to be used.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)  # NumPy 1 only warns of numbers out of range
        try:
            generator.bit_generator.state = state
        except (KeyError, TypeError, ValueError, OverflowError, DeprecationWarning) as error:
            raise ValueError(f"{state!r:.80} is no state of a random generator") from error


def _unpack(packed: Any, arrays: dict[str, npt.NDArray[Any]]) -> Any:
    if isinstance(packed, list):
        return [_unpack(item, arrays) for item in packed]
    if not isinstance(packed, dict):
        return packed
    kind = packed.get("!")
    if kind is None:
        return {key: _unpack(item, arrays) for key, item in packed.items()}
    if kind == "tuple":
        return tuple(_unpack(item, arrays) for item in packed["items"])
    if kind == "generator":
        generator = np.random.default_rng()
        put_generator_state(generator, packed["state"])
        return generator
    array = arrays[packed["name"]]
    return array[()] if kind == "scalar" else array
