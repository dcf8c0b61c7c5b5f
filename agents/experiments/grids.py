"""What is known of a learner on one of GridQ's maps: its values of every cell, and what they are worth."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

import gym_gridq
from agents.algorithms.base import Agent
from agents.training.configuration import discount_of
from gym_gridq.exact.evaluation import policy_value

__all__ = [
    "MAX_JUDGED_STATES",
    "GridJudge",
    "exact_judgement",
    "grid_observations",
    "grid_of",
    "grid_q_values",
    "has_action_values",
    "is_grid",
    "judged_policy",
]

MAX_JUDGED_STATES = 2500
"""Larger maps take too long to be looked at again and again; they are judged at the end."""

MAX_KEPT_POLICIES = 10_000


def is_grid(env: gymnasium.Env[Any, Any]) -> bool:
    """Whether the environment is one of ours, whose optimum is known."""
    return isinstance(env.unwrapped, gym_gridq.GridQEnv)


def grid_of(env: gymnasium.Env[Any, Any]) -> gym_gridq.GridQEnv:
    """The grid inside of its wrappers; only where `is_grid` says that there is one."""
    grid = env.unwrapped
    assert isinstance(grid, gym_gridq.GridQEnv)
    return grid


def grid_observations(env: gymnasium.Env[Any, Any]) -> npt.NDArray[Any]:
    """What is observed in every cell of a grid, (S,) or (S, S)."""
    n_states = grid_of(env).dynamics.n_states
    if isinstance(env.observation_space, gymnasium.spaces.Discrete):
        return np.arange(n_states)
    return np.eye(n_states, dtype=np.float32)


def has_action_values(agent: Agent) -> bool:
    """Whether an agent has Q-values, and not only a policy."""
    return hasattr(agent, "q_values")


def grid_q_values(agent: Agent, env: gymnasium.Env[Any, Any]) -> npt.NDArray[np.float32]:
    """An agent's Q-values of every cell of a grid, (S, A), whichever way the cells are observed."""
    return agent.q_values(grid_observations(env))


def judged_policy(agent: Agent, env: gymnasium.Env[Any, Any]) -> npt.NDArray[np.float64]:
    """Probabilities ``(S, A)`` of the policy that an agent is judged by.

    That is its greedy one; an agent that learns nothing has no other than the one it follows.
    """
    observations = grid_observations(env)
    if not agent.learns:
        return agent.action_probabilities(observations)
    greedy: npt.NDArray[np.float64] = np.eye(agent.n_actions)[agent.act(observations, explore=False)]
    return greedy


def exact_judgement(agent: Agent, env: gymnasium.Env[Any, Any], discount: float) -> dict[str, Any]:
    """What a policy is worth on a grid: ``greedy_value``, ``optimal_value``, ``regret``, ``n_states``.

    Of an agent that learns also ``greedy_length`` (None if its policy never ends), ``optimal_states`` and
    ``max_q_error``; one that learns nothing is judged by the random policy that it follows. Without a
    discount a policy that never ends has no value: what depends on that is None then.
    """
    learned = ("greedy_length", "optimal_states", "max_q_error") if agent.learns else ()
    told = ("optimal_value", "regret", "n_states", *learned)
    try:
        if agent.learns and has_action_values(agent):
            grade = gym_gridq.grade(env, grid_q_values(agent, env), discount)
        else:
            grade = gym_gridq.grade(env, discount=discount, probabilities=judged_policy(agent, env))
    except ValueError:
        if discount < 1:
            raise
        judge = GridJudge(env, discount)
        error, _ = judge.look(agent)
        known = {
            "optimal_value": judge.optimal_value,
            "n_states": int((~grid_of(env).dynamics.absorbing).sum()),
        }
        if "max_q_error" in told and not np.isnan(error):
            known["max_q_error"] = error
        return {**dict.fromkeys(("greedy_value", *told)), **known}
    return {"greedy_value": grade.value, **{name: getattr(grade, name) for name in told}}


class GridJudge:
    """The optimum of a map, and the worth of every policy looked at, so that looks cost next to nothing.

    Attributes:
        optimal_value: of the start.

    Args:
        env: a GridQ environment of at most `MAX_JUDGED_STATES` cells.
        discount: what the values are discounted by.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], discount: float) -> None:
        self._dynamics, self._discount = grid_of(env).dynamics, discount
        self._observations = grid_observations(env)
        optimum = gym_gridq.solve(self._dynamics, discount)
        self._q_star = optimum.q
        self.optimal_value = float(optimum.v[self._dynamics.start_states].mean())
        self._acting = ~self._dynamics.absorbing
        self._greedy_values: dict[bytes, float] = {}

    @classmethod
    def of(cls, env: gymnasium.Env[Any, Any], config: Mapping[str, Any]) -> GridJudge | None:
        """The judge of a configuration's environment, which the cells of a process share.

        Returns:
            None for a map that is too large to be looked at again and again.
        """
        if grid_of(env).dynamics.n_states > MAX_JUDGED_STATES:
            return None
        discount = discount_of(config)
        key = json.dumps([config["env_id"], config["env_kwargs"], discount], sort_keys=True)
        if key not in _JUDGES:
            while len(_JUDGES) >= 16:
                del _JUDGES[next(iter(_JUDGES))]
            _JUDGES[key] = cls(env, discount)
        return _JUDGES[key]

    def look(self, agent: Agent) -> tuple[float, float]:
        """Max abs(Q - q*), and what the start is worth under the policy that the agent is judged by.

        NaN for an agent without Q-values, and for a policy without a value.
        """
        if not agent.learns:
            return np.nan, self._value_of(agent.action_probabilities(self._observations))
        if not has_action_values(agent):
            return np.nan, self._greedy_value(agent.act(self._observations, explore=False))
        q_values = agent.q_values(self._observations)  # (S, A)
        error = float(np.abs(q_values - self._q_star)[self._acting].max())
        return error, self._greedy_value(q_values.argmax(axis=1))

    def _greedy_value(self, actions: npt.NDArray[np.int64]) -> float:
        key = actions.astype(np.int8).tobytes()
        if key not in self._greedy_values:
            if len(self._greedy_values) >= MAX_KEPT_POLICIES:
                self._greedy_values.clear()
            self._greedy_values[key] = self._value_of(np.eye(self._dynamics.n_actions)[actions])
        return self._greedy_values[key]

    def _value_of(self, policy: npt.NDArray[np.float64]) -> float:
        try:
            return policy_value(self._dynamics, policy, self._discount)
        except ValueError:  # without a discount, a policy that never ends has no value
            return np.nan


_JUDGES: dict[str, GridJudge] = {}
