"""What is known of a training on one of GridQ's maps at any moment of it, at the cost of a look-up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

import gym_gridq
from agents.algorithms.base import Agent
from gym_gridq.exact.evaluation import policy_value

__all__ = ["GridJudge", "is_grid"]

MAX_JUDGED_STATES = 2500
"""Larger maps take too long to be looked at again and again; they are judged at the end."""

MAX_KEPT_POLICIES = 10_000


def is_grid(env: gymnasium.Env[Any, Any]) -> bool:
    """Whether the environment is one of ours, whose optimum is known."""
    return isinstance(env.unwrapped, gym_gridq.GridQEnv)


class GridJudge:
    """The optimum of a map, and the worth of every policy that was looked at.

    Args:
        env: a GridQ environment.
        discount: what the values are discounted by.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], discount: float) -> None:
        grid = env.unwrapped
        assert isinstance(grid, gym_gridq.GridQEnv)
        self._dynamics, self._discount = grid.dynamics, discount
        n_states = self._dynamics.n_states
        numbered = isinstance(env.observation_space, gymnasium.spaces.Discrete)
        self._observations = np.arange(n_states) if numbered else np.eye(n_states, dtype=np.float32)
        self._small = n_states <= MAX_JUDGED_STATES
        if self._small:
            optimum = gym_gridq.solve(self._dynamics, discount)
            self._q_star = optimum.q
            self._optimal_value = float(optimum.v[self._dynamics.start_states].mean())
        self._acting = ~self._dynamics.absorbing
        self._regrets: dict[bytes, float] = {}

    @classmethod
    def of(cls, env: gymnasium.Env[Any, Any], config: Mapping[str, Any], discount: float) -> GridJudge:
        """The judge of a configuration's environment; the cells of a process share it."""
        key = json.dumps([config["env_id"], config["env_kwargs"], discount], sort_keys=True)
        if key not in _JUDGES:
            while len(_JUDGES) >= 16:
                del _JUDGES[next(iter(_JUDGES))]
            _JUDGES[key] = cls(env, discount)
        return _JUDGES[key]

    def decided(self, agent: Agent) -> npt.NDArray[Any]:
        """What an agent has learned of every cell: Q-values (S, A), or greedy actions (S,) if it has none."""
        q_values = getattr(agent, "q_values", None)
        if q_values is not None:
            found: npt.NDArray[Any] = q_values(self._observations)
        else:
            found = agent.act(self._observations, explore=False)
        return found

    def look(self, agent: Agent) -> tuple[float, float]:
        """Max abs(Q - q*) and regret; NaN where there is no such figure."""
        if not self._small:
            return np.nan, np.nan
        found = self.decided(agent)
        error = np.nan
        if found.ndim == 2:
            error = float(np.abs(found - self._q_star)[self._acting].max())
            found = found.argmax(axis=1)
        return error, self._regret(found)

    def _regret(self, actions: npt.NDArray[Any]) -> float:
        key = actions.astype(np.int8).tobytes()
        if key not in self._regrets:
            if len(self._regrets) >= MAX_KEPT_POLICIES:
                self._regrets.clear()
            try:
                policy = np.eye(self._dynamics.n_actions)[actions]  # (S, A)
                value = policy_value(self._dynamics, policy, self._discount)
            except ValueError:  # without a discount, a policy that never ends has no value
                value = np.nan
            self._regrets[key] = self._optimal_value - value
        return self._regrets[key]


_JUDGES: dict[str, GridJudge] = {}
