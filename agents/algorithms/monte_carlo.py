"""MonteCarloAgent: values as means of whole returns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from agents.algorithms.episodes import EpisodeLog, PlainStep
from agents.algorithms.table import TableAgent
from agents.config import Config, MonteCarloConfig
from agents.experience.transitions import TransitionBatch, checked_lanes

__all__ = ["MonteCarloAgent"]


class MonteCarloAgent(TableAgent):
    """First-visit Monte Carlo control with an epsilon-greedy policy (Sutton & Barto, section 5.4).

    It learns when an episode ends: each pair moves towards the return that followed its first visit. Where a
    limit cut the episode short, the table says what would have followed under the policy.
    """

    name: ClassVar[str] = "monte-carlo"
    config_class: ClassVar[type[Config]] = MonteCarloConfig

    def _build(self) -> None:
        super()._build()
        log_state = self.state.within("episode_")
        self._log = EpisodeLog(self.encoder, self.n_actions, self.reward_type, log_state)

    def _learn_one(
        self, state: int, action: int, reward: float, next_state: int, terminated: bool, truncated: bool
    ) -> float | None:
        self.steps += 1
        steps = self._log.steps_to(state)
        steps.append((state, action, reward))
        self._log.led_to = next_state
        if not (terminated or truncated):
            return None
        tail = 0.0 if terminated else self._value_of_policy(next_state)
        losses = self._learn_episode(steps, tail)
        steps.clear()
        return sum(losses) / len(losses)

    def _learn_many(self, batch: TransitionBatch, lanes: Any) -> float | None:
        """Returns the mean squared error of the pairs moved, or None while no episode ends."""
        self.steps += len(batch.actions)
        lanes = checked_lanes(lanes, len(batch.actions))
        self._log.begin(batch.features, lanes)
        self._log.add(batch, lanes)
        over = batch.terminated | batch.truncated  # (B,)
        if not over.any():
            return None
        losses = []
        for i in np.flatnonzero(over):
            # what would have followed a cut; a task that ended is followed by nothing
            tail = 0.0 if batch.terminated[i] else self._value_of_policy(int(batch.next_features[i]))
            columns = (column.tolist() for column in self._log.episode(int(lanes[i])))
            losses += self._learn_episode(list(zip(*columns, strict=True)), tail)
        self._log.forget(lanes[over])
        return sum(losses) / len(losses)

    def _learn_episode(self, steps: Sequence[PlainStep], tail: float) -> list[float]:
        """Moves every pair towards the return after its first visit; returns the squared errors."""
        episode_return = tail
        first_returns: dict[tuple[int, int], float] = {}
        for state, action, reward in reversed(steps):
            episode_return = reward + self._discount * episode_return
            first_returns[state, action] = episode_return  # an earlier visit replaces a later one
        return [self.values.move_one(*pair, target) for pair, target in first_returns.items()]
