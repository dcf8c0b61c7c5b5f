"""Our own DQN, with the settings of docs/interop/check_learner.md."""

from __future__ import annotations

from typing import Any

import numpy as np

from gym_gridq.testing import Learned
from tests.faults.common import DISCOUNT_OF
from tests.faults.family import Family

__all__ = ["DQN"]


def dqn(env: Any, total_steps: int, fault: str = "") -> Any:
    """Our DQN: replay, double Q-learning, a target network that follows slowly."""
    import agents
    from agents.algorithms.dqn import DQNAgent
    from agents.config import DQNConfig

    class Faulty(DQNAgent):
        before = 0.0

        def _learn_one(
            self, state: int, action: int, reward: float, next_state: int, terminated: bool, truncated: bool
        ) -> float | None:
            before, self.before = self.before, reward
            match fault:
                case "the time limit is taken for an end":
                    terminated = terminated or truncated
                case "terminal states are bootstrapped from":
                    terminated, truncated = False, terminated or truncated
                case "rewards clipped to [-1, 1]":
                    reward = max(-1.0, min(1.0, reward))
                case "rewards shifted by +0.1":
                    reward += 0.1
                case "terminal reward doubled":
                    reward *= 1 + terminated
                case "the reward of the step before":
                    reward = before
                case "observations kept as uint8":
                    state, next_state = state % 256, next_state % 256
                case "the replay keeps one array for both observations":
                    state = next_state
            return super()._learn_one(state, action, reward, next_state, terminated, truncated)

        def _values(self, features: Any) -> Any:
            match fault:
                case "mean instead of maximum":
                    return self.target_network.predict(features).mean(axis=1)
                case "double: the network's worst action is chosen":
                    chosen = self.network.predict(features).argmin(axis=1)
                    return self.target_network.predict(features)[np.arange(len(chosen)), chosen]
            return super()._values(features)

        def _update_target(self) -> None:
            if fault != "the target network is never updated":
                super()._update_target()

    settings: dict[str, Any] = {"epsilon_steps": int(0.8 * total_steps), "learning_rate_steps": 1_000}
    if fault in DISCOUNT_OF:
        settings["discount"] = DISCOUNT_OF[fault]
    if fault == "exploration ends after 100 steps":
        settings |= {"epsilon_steps": 100, "epsilon_final": 0.0}
    if fault == "the replay keeps the newest 64 only":
        settings["replay_capacity"] = 64
    seed = int(np.random.randint(2**31))  # noqa: NPY002 - check_learner seeds what it is drawn from
    agent = Faulty(env.observation_space, env.action_space, DQNConfig.from_mapping(settings), seed)
    agents.train(agent, env, total_steps=total_steps)
    if fault == "evaluates with exploration":
        return lambda state: agent.act(state, explore=True)
    return Learned(agent, q_values=agent.q_values(range(env.observation_space.n)))


DQN = Family(
    dqn,
    (
        "the time limit is taken for an end",
        "terminal states are bootstrapped from",
        "rewards clipped to [-1, 1]",
        "rewards shifted by +0.1",
        "terminal reward doubled",
        "the reward of the step before",
        "observations kept as uint8",
        "the replay keeps one array for both observations",
        "the replay keeps the newest 64 only",
        "discount 0.99",
        "discount 0.93",
        "mean instead of maximum",
        "double: the network's worst action is chosen",
        "the target network is never updated",
        "exploration ends after 100 steps",
        "evaluates with exploration",
    ),
    total_steps=6_000,
    needs="dezero",
    likely={
        "rewards clipped to [-1, 1]": "large-prizes",
        "observations kept as uint8": "far-apart",
        "the target network is never updated": "corridor",
        "exploration ends after 100 steps": "past-the-pit",
    },
    missed={
        "the replay keeps the newest 64 only": "64 transitions hold most of what a small world can teach",
    },
)
