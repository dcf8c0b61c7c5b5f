"""Where most faults of Stable-Baselines3's learners are put in: its replay, and its rollouts."""

from __future__ import annotations

from typing import Any

import numpy as np
from stable_baselines3.common.buffers import ReplayBuffer, RolloutBuffer

__all__ = ["FaultyReplay", "FaultyRollout"]


class FaultyReplay(ReplayBuffer):
    """A replay with a fault, or none."""

    def __init__(self, *arguments: Any, fault: str, **others: Any) -> None:
        super().__init__(*arguments, **others)
        self._fault = fault

    def add(self, obs: Any, next_obs: Any, action: Any, reward: Any, done: Any, infos: Any) -> None:
        if self._fault == "terminal states are bootstrapped from":
            done = np.zeros_like(done)
        if self._fault == "observations kept as uint8":
            obs, next_obs = obs % 256, next_obs % 256
        super().add(obs, next_obs, action, reward, done, infos)

    def sample(self, batch_size: int, env: Any = None) -> Any:
        batch = super().sample(batch_size, env)
        if self._fault == "rewards of a batch shuffled":
            batch = batch._replace(rewards=batch.rewards.flip(0))
        return batch


class FaultyRollout(RolloutBuffer):
    """Rollouts whose advantages have a fault, or none."""

    def __init__(self, *arguments: Any, fault: str, **others: Any) -> None:
        super().__init__(*arguments, **others)
        self._fault = fault

    def compute_returns_and_advantage(self, last_values: Any, dones: Any) -> None:
        if self._fault == "the last value is missing":
            last_values = last_values * 0
        if self._fault == "terminal states are bootstrapped from":
            self.episode_starts[:] = 0
            dones = np.zeros_like(dones)
        super().compute_returns_and_advantage(last_values, dones)
        match self._fault:
            case "the trace is never cut":
                self._trace_on(last_values, dones)
            case "the sign of the advantages":
                self.advantages *= -1
            case "the critic learns the advantages":
                self.returns = self.advantages.copy()
            case "advantages of the step before":
                self.advantages = np.roll(self.advantages, 1, axis=0)

    def _trace_on(self, last_values: Any, dones: Any) -> None:
        """Generalised advantages whose trace runs on over the ends of episodes."""
        values = np.append(self.values, last_values.cpu().numpy().reshape(1, -1), axis=0)
        ends = np.append(self.episode_starts[1:], dones.astype(np.float32).reshape(1, -1), axis=0)
        deltas = self.rewards + self.gamma * (1 - ends) * values[1:] - self.values
        trace = np.zeros(self.n_envs)
        for step in reversed(range(self.buffer_size)):
            trace = deltas[step] + self.gamma * self.gae_lambda * trace
            self.advantages[step] = trace
        self.returns = self.advantages + self.values
