"""What several commands share: making environments, reading numbers, telling GridQ from the rest."""

from __future__ import annotations

import argparse
import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

import gym_gridq
from agents.algorithms.base import Agent
from gym_gridq.drawing import LANGUAGES, has_screen

__all__ = [
    "HAS_LANES",
    "MAX_DRAWN_STATES",
    "add_language",
    "discount_of",
    "grid_of",
    "grid_q_values",
    "integer_from",
    "is_grid",
    "make_env",
    "make_lanes",
    "max_q_error_from_optimum",
    "need_display",
    "number_above_zero",
    "options_of_drawing",
    "print_json",
]

MAX_DRAWN_STATES = 2500
"""Maps larger than this are too large to see anything on."""

HAS_LANES = hasattr(gymnasium.vector, "AutoresetMode")
"""Whether this Gymnasium is 1.1 or later, which the loop over many lanes needs."""


def make_env(
    env_id: str, env_kwargs: Mapping[str, Any], render_mode: str | None = None
) -> gymnasium.Env[Any, Any]:
    """Makes an environment.

    Raises:
        ValueError: if its arguments are wrong.
        gymnasium.error.Error: if there is none of that id.
    """
    with _arguments_explained(env_id, env_kwargs):
        return gymnasium.make(env_id, render_mode=render_mode, **env_kwargs)


def make_lanes(
    env_id: str, env_kwargs: Mapping[str, Any], num_envs: int
) -> gymnasium.Env[Any, Any] | gymnasium.vector.VectorEnv[Any, Any, Any]:
    """Makes an environment to train on, with several lanes if ``num_envs`` is above 1.

    Raises:
        ValueError: if its arguments are wrong.
        gymnasium.error.Error: if there is none of that id.
    """
    if num_envs == 1:
        return make_env(env_id, env_kwargs)
    if not HAS_LANES:
        raise ValueError(
            f"{num_envs} environments side by side need gymnasium >= 1.1; this is {gymnasium.__version__}, "
            "so upgrade it, or train with --num-envs 1"
        )
    with _arguments_explained(env_id, env_kwargs):
        return gymnasium.make_vec(env_id, num_envs=num_envs, **env_kwargs)


@contextlib.contextmanager
def _arguments_explained(env_id: str, env_kwargs: Mapping[str, Any]) -> Iterator[None]:
    try:
        yield
    except TypeError as error:
        raise ValueError(f"{env_id} cannot be made with {dict(env_kwargs)}: {error}") from error


def is_grid(env: gymnasium.Env[Any, Any]) -> bool:
    """Whether the environment is one of ours, whose optimum is known."""
    return isinstance(env.unwrapped, gym_gridq.GridQEnv)


def grid_of(env: gymnasium.Env[Any, Any]) -> gym_gridq.GridQEnv:
    """The grid inside of its wrappers; only where `is_grid` says that there is one."""
    grid = env.unwrapped
    assert isinstance(grid, gym_gridq.GridQEnv)
    return grid


def grid_q_values(agent: Agent, env: gymnasium.Env[Any, Any]) -> npt.NDArray[np.float32]:
    """An agent's Q-values of every cell of a grid, (S, A), whichever way the cells are observed."""
    n_states = grid_of(env).dynamics.n_states
    if isinstance(env.observation_space, gymnasium.spaces.Discrete):
        return agent.q_values(np.arange(n_states))
    return agent.q_values(np.eye(n_states, dtype=np.float32))


def max_q_error_from_optimum(
    env: gymnasium.Env[Any, Any], discount: float
) -> Callable[[Agent], float] | None:
    """How far an agent's Q-values are from q*; None where the optimum is unknown or too large to look at."""
    if not is_grid(env):
        return None
    dynamics = grid_of(env).dynamics
    if dynamics.n_states > MAX_DRAWN_STATES:
        return None
    q_star = gym_gridq.solve(dynamics, discount).q
    acting = ~dynamics.absorbing

    def max_q_error(agent: Agent) -> float:
        return float(np.abs(grid_q_values(agent, env) - q_star)[acting].max())

    return max_q_error


def discount_of(config: dict[str, Any]) -> float:
    """The discount that an agent's values are for; a random agent's have none."""
    return float(config["hyperparameters"].get("discount", 0.9))


def integer_from(low: int, high: int | None = None) -> Callable[[str], int]:
    """A reader of integers from ``low`` to ``high``, for an option."""

    def integer(text: str) -> int:
        value = int(text)
        if value < low or (high is not None and value > high):
            raise ValueError
        return value

    integer.__name__ = f"integer from {low} {'up' if high is None else f'to {high}'}"
    return integer


def number_above_zero(text: str) -> float:
    """A reader of finite numbers above zero, for an option."""
    value = float(text)
    if not 0 < value < float("inf"):
        raise ValueError
    return value


number_above_zero.__name__ = "number above zero"  # what argparse calls it


def add_language(parser: argparse.ArgumentParser) -> None:
    """Adds the option that sets the language of what a command draws."""
    parser.add_argument(
        "--language",
        choices=LANGUAGES,
        help="language of the words on GridQ's maps (default: en)",
    )


def options_of_drawing(options: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a command's options that are arguments of the environment it draws."""
    return {name: options[name] for name in ("cell_size", "language") if name in options}


def need_display(command: str, instead: str) -> None:
    """Refuses to go on where no window can be opened.

    Args:
        command: what would open it.
        instead: what can be done without one.

    Raises:
        ValueError: if there is no display.
    """
    if not has_screen():
        raise ValueError(
            f"there is no display to open a window on; {instead}, "
            f"or 'xvfb-run gridq {command}' gives a virtual display"
        )


def print_json(value: Mapping[str, Any]) -> None:
    """Prints one JSON object."""
    print(json.dumps(value, indent=2))
