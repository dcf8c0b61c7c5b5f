"""Environments by their ids. The one module of `agents` besides the commands that knows of `gym_gridq`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, TypeAlias

import gymnasium

__all__ = ["AnyEnv", "opened"]

AnyEnv: TypeAlias = "gymnasium.Env[Any, Any] | gymnasium.vector.VectorEnv[Any, Any, Any]"


@contextlib.contextmanager
def opened(env: AnyEnv | str) -> Iterator[AnyEnv]:
    """An environment as it is; of an id a new one, closed at the end. GridQ's ids need no import for it.

    Raises:
        gymnasium.error.Error: for an id that nobody registered.
    """
    if not isinstance(env, str):
        yield env
        return
    import gym_gridq  # noqa: F401 - registers the ids

    with contextlib.closing(gymnasium.make(env)) as made:
        yield made
