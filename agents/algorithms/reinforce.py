"""ReinforceAgent: the policy gradient from whole episodes."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from agents.algorithms.episodes import EpisodeLog
from agents.algorithms.policies import PolicyAgent
from agents.config import Config, ReinforceConfig
from agents.experience.transitions import IntArray, TransitionBatch, checked_lanes

__all__ = ["ReinforceAgent"]


class ReinforceAgent(PolicyAgent):
    """REINFORCE (Williams 1992; Sutton & Barto, sections 13.3 and 13.4), with a baseline or without.

    It learns when an episode ends: the policy takes one step up the gradient of
    ``sum of discount^t (G_t - b(S_t)) log pi(A_t | S_t)``, averaged over the episodes that ended together.

    Where a limit cut an episode short, the baseline says what would have followed. Without a baseline nothing
    does: the return ends at the cut, as if the task had ended there, and the gradient is that of the task
    with the limit.
    """

    name: ClassVar[str] = "reinforce"
    config_class: ClassVar[type[Config]] = ReinforceConfig
    config: ReinforceConfig

    def _build(self) -> None:
        self._build_networks(self.config.baseline_learning_rate if self.config.baseline else None)
        log_state = self.state.within("episode_")
        self._log = EpisodeLog(self.encoder, self.n_actions, self.reward_type, log_state)

    def _learn_one(
        self, state: int, action: int, reward: float, next_state: int, terminated: bool, truncated: bool
    ) -> float | None:
        self._log.steps_to(state).append((state, action, float(np.float32(reward))))
        self._log.led_to = next_state
        if not (terminated or truncated):
            return None
        return self._learn_episodes(np.array([0]), np.array([next_state]), np.array([terminated]))

    def _learn(self, batch: TransitionBatch, lanes: Any) -> float | None:
        """Returns the loss of the policy, plus that of the baseline, or None while no episode ends."""
        lanes = checked_lanes(lanes, len(batch.actions))
        self._log.begin(batch.features, lanes)
        self._log.add(batch, lanes)
        over = batch.terminated | batch.truncated
        if not over.any():
            return None
        return self._learn_episodes(lanes[over], batch.next_features[over], batch.terminated[over])

    def _learn_episodes(
        self, lanes: IntArray, last_features: npt.NDArray[Any], terminated: npt.NDArray[np.bool_]
    ) -> float:
        """Learns from the episodes that ended in some lanes, with what was observed last in each."""
        tails = np.zeros(len(lanes))
        if self.config.baseline:
            tails = np.where(terminated, 0.0, self._values_of(last_features))
        episodes = [self._log.episode(int(lane)) for lane in lanes]
        returns = [self._returns(*pair) for pair in zip(episodes, tails.tolist(), strict=True)]
        features, actions, _ = (np.concatenate(column) for column in zip(*episodes, strict=True))
        targets = np.concatenate(returns)  # (T,)
        weights = targets - self._values_of(features) if self.config.baseline else targets
        if self.config.discount_states:
            weights = weights * np.concatenate([self.config.discount ** np.arange(len(g)) for g in returns])
        self._log.forget(lanes)
        loss = self._improve_policy(features, actions, weights, normalizer=len(episodes))
        return loss + self._improve_values(features, targets) if self.config.baseline else loss

    def _returns(self, episode: Any, tail: float) -> npt.NDArray[np.float64]:
        """The return that followed each step, (T,)."""
        returns = np.empty(len(episode.rewards))
        following = tail
        for t, reward in reversed(list(enumerate(episode.rewards.tolist()))):
            following = returns[t] = reward + self.config.discount * following
        return returns
