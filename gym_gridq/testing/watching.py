"""What stands between a learner and its world: a budget, and a record of what the learner tried."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

from gym_gridq.dynamics import Dynamics

__all__ = ["Record", "Stopped", "Watched"]


class Stopped(BaseException):
    """Ends a learner that goes on past its budget; no ``except Exception`` of its own holds it up."""


class Record:
    """What a learner did: how often it took each action in each state, and how many steps and resets.

    Args:
        dynamics: of the world.
        total_steps: environment steps that the learner was given.

    Attributes:
        steps: environment steps taken, all lanes together.
        resets: calls of ``reset``.
        limit: steps, and resets, after which it is stopped.
        tried: how often each action was taken, ``(S, A)``.
        tried_lately: the same for the last quarter of ``total_steps``.
    """

    def __init__(self, dynamics: Dynamics, total_steps: int) -> None:
        self.steps = 0
        self.resets = 0
        self.limit = 2 * total_steps
        self.tried: npt.NDArray[np.int64] = np.zeros((dynamics.n_states, dynamics.n_actions), dtype=np.int64)
        self.tried_lately = np.zeros_like(self.tried)
        self._late = total_steps - total_steps // 4

    def begin(self) -> bool:
        """Counts a reset; whether it is the first."""
        if self.resets > self.limit:
            raise Stopped
        self.resets += 1
        return self.resets == 1

    def step(self, n_lanes: int = 1) -> None:
        """Counts a step of so many lanes, or stops the learner."""
        if self.steps + n_lanes > self.limit:
            raise Stopped
        self.steps += n_lanes

    def take(self, states: Any, actions: Any) -> None:
        """Notes actions; no two of the same kind in one call."""
        self.tried[states, actions] += 1
        if self.steps > self._late:
            self.tried_lately[states, actions] += 1


class Watched(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Keeps a record, seeds the first reset, and lets none go on in an episode that is over.

    Args:
        env: the world, with `Discrete` observations.
        record: where to write.
        seed: of the first reset, if the learner gives none.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], record: Record, seed: int) -> None:
        super().__init__(env)
        self._record = record
        self._seed = seed
        self._state = -1
        self._running = False

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, Any]:
        """Counts the reset."""
        if self._record.begin() and seed is None:
            seed = self._seed
        self._running = True
        observation, info = self.env.reset(seed=seed, options=options)
        self._state = observation
        return observation, info

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Counts the step, and notes what was done where."""
        if not self._running:
            raise gymnasium.error.ResetNeeded("the episode is over or never began; call reset() first")
        self._record.step()
        observation, reward, terminated, truncated, info = self.env.step(action)
        self._record.take(self._state, int(action))
        self._state = observation
        self._running = not (terminated or truncated)
        return observation, reward, terminated, truncated, info
