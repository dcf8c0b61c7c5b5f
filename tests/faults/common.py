"""What every kind of learner can get wrong in the same way.

A fault is a plain phrase, compared at the one line that it changes, so that what is wrong can be read there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gym_gridq.testing import WORLDS

__all__ = [
    "DISCOUNT",
    "DISCOUNTS",
    "ENDS",
    "EVALUATION",
    "EXPLORATION",
    "NOISE",
    "N_ACTIONS",
    "OFF_POLICY",
    "ON_POLICY",
    "REWARDS",
    "SETTLED",
    "TYPES",
    "Common",
    "softmax",
]

DISCOUNT = 0.9
N_ACTIONS = 4

DISCOUNT_OF = {
    "no discount": 1.0,
    "discount 0.99": 0.99,
    "discount 0.93": 0.93,
    "discount 0.87": 0.87,
    "discount taken twice": 0.81,
    "discount 0.7": 0.7,
    "discount 0": 0.0,
}

DISCOUNTS = tuple(DISCOUNT_OF)
REWARDS = (
    "reward sign flipped",
    "rewards clipped to [-1, 1]",
    "rewards replaced by their sign",
    "rewards scaled by 2",
    "rewards scaled by 0.1",
    "rewards shifted by +0.1",
    "a penalty of 0.1 each step",
    "terminal reward doubled",
    "terminal reward halved",
    "terminal reward lost",
    "reward lost at truncation",
    "penalty of 1 at truncation",
    "rewards rounded to integers",
    "rewards kept as uint8",
    "negative rewards dropped",
    "absolute value of rewards",
    "return so far instead of the reward",
    "reward of the step before",
    "rewards only at the end of an episode",
    "reward divided by the running mean of its size",
)
ENDS = (
    "terminal states are bootstrapped from",
    "the time limit is taken for an end",
    "terminated and truncated exchanged",
    "bootstraps from the next episode",
    "the last step is thrown away",
    "the first observation of an episode is missed",
)
TYPES = (
    "observations kept as uint8",
    "observations kept as int8",
    "values kept as integers",
)
EVALUATION = (
    "evaluates with exploration",
    "evaluates by sampling from a softmax",
    "evaluates without the encoding it trained with",
    "evaluates the worst action",
    "actions numbered from 1 at evaluation",
    "evaluates the values of the start",
)
EXPLORATION = (
    "explores for 100 steps only",
    "never explores",
    "explores for ever",
    "exploration grows",
    "explores with one action only",
    "the last action is never drawn",
)
OFF_POLICY = (
    "Q-learning learns the greedy policy's values whatever policy acts, as long as it tries everything"
)
NOISE = "at the right values every later error has mean 0, whatever its weight: noise, no bias"
SETTLED = "its softmax has settled by then, and draws the same"
ON_POLICY = tuple(world for world in WORLDS if world.name != "cliff")
"""SARSA keeps away from the cliff until it has stopped exploring; then it tries the edge no more."""


class Common:
    """The random numbers, rewards, exploration and answers of a learner, right or wrong.

    Args:
        fault: what is wrong.
        n_states: number of states.
        total_steps: environment steps it will take.
    """

    def __init__(self, fault: str, n_states: int, total_steps: int) -> None:
        self.fault = fault
        # a learner that does not seed itself, as most; check_learner seeds what it draws from
        self.random = np.random.default_rng(np.random.randint(2**31))  # noqa: NPY002
        self.discount = DISCOUNT_OF.get(fault, DISCOUNT)
        self.n_states = n_states
        self.total_steps = total_steps
        self.episode_return = 0.0
        self.last_reward = 0.0

    def table(self) -> np.ndarray:
        """Action values, ``(S, A)``."""
        if self.fault == "values kept as integers":
            return np.zeros((self.n_states, N_ACTIONS), dtype=np.int64)
        return np.zeros((self.n_states, N_ACTIONS))

    def epsilon(self, step: int) -> float:
        """How likely the next action is a random one."""
        if self.fault == "explores for 100 steps only":
            return float(step < 100)
        if self.fault == "never explores":
            return 0.0
        if self.fault == "explores for ever":
            return 1.0
        if self.fault == "exploration grows":
            return 0.05 + 0.95 * step / self.total_steps
        return 1 - 0.95 * step / self.total_steps

    def act(self, q: np.ndarray, state: int, step: int) -> int:
        """The action of an epsilon-greedy policy."""
        values = q[state]
        if self.random.random() < self.epsilon(step):
            if self.fault == "explores with one action only":
                return 3
            if self.fault == "the last action is never drawn":
                return int(self.random.integers(N_ACTIONS - 1))
            return int(self.random.integers(N_ACTIONS))
        if self.fault in ("never explores", "ties go to the first action"):
            return int(values.argmax())
        best = np.flatnonzero(values == values.max())
        return int(best[0] if len(best) == 1 else self.random.choice(best))

    def observe(self, state: int) -> int:
        """The observation as it is kept."""
        if self.fault == "observations kept as uint8":
            return state % 256
        if self.fault == "observations kept as int8":
            return (state + 128) % 256 - 128
        return int(state)

    def reward(self, reward: float, terminated: bool, truncated: bool) -> float:
        """The reward as it is learned from."""
        before, self.last_reward = self.last_reward, reward
        self.episode_return += reward
        total = self.episode_return
        if terminated or truncated:
            self.episode_return = 0.0
        match self.fault:
            case "reward sign flipped":
                return -reward
            case "rewards clipped to [-1, 1]":
                return max(-1.0, min(1.0, reward))
            case "rewards replaced by their sign":
                return float(np.sign(reward))
            case "rewards scaled by 2":
                return 2 * reward
            case "rewards scaled by 0.1":
                return 0.1 * reward
            case "rewards shifted by +0.1":
                return reward + 0.1
            case "a penalty of 0.1 each step":
                return reward - 0.1
            case "terminal reward doubled":
                return reward * (2 if terminated else 1)
            case "terminal reward halved":
                return reward * (0.5 if terminated else 1)
            case "terminal reward lost":
                return 0.0 if terminated else reward
            case "reward lost at truncation":
                return 0.0 if truncated else reward
            case "penalty of 1 at truncation":
                return reward - truncated
            case "rewards rounded to integers":
                return float(int(reward))
            case "rewards kept as uint8":
                return float(int(reward) % 256)
            case "negative rewards dropped":
                return max(0.0, reward)
            case "absolute value of rewards":
                return abs(reward)
            case "return so far instead of the reward":
                return total
            case "reward of the step before":
                return before
            case "rewards only at the end of an episode":
                return reward if terminated or truncated else 0.0
            case "reward divided by the running mean of its size":
                self.size = 0.99 * getattr(self, "size", abs(reward)) + 0.01 * abs(reward)
                return reward / (self.size + 1e-3)
        return reward

    def answer(self, q: np.ndarray) -> Any:
        """What the learner returns for its action values: Q-values, or the policy that is at fault."""
        if self.fault == "evaluates with exploration":
            return lambda state: int(
                self.random.integers(N_ACTIONS) if self.random.random() < 0.3 else q[state].argmax()
            )
        if self.fault == "evaluates by sampling from a softmax":
            return lambda state: int(self.random.choice(N_ACTIONS, p=softmax(q[state])))
        if self.fault == "evaluates without the encoding it trained with":
            return lambda state: int(q[(state + 1) % self.n_states].argmax())
        if self.fault == "evaluates the worst action":
            return lambda state: int(q[state].argmin())
        if self.fault == "actions numbered from 1 at evaluation":
            return lambda state: int((q[state].argmax() + 1) % N_ACTIONS)
        if self.fault == "evaluates the values of the start":
            return np.zeros_like(q)
        return q


def softmax(values: np.ndarray) -> np.ndarray:
    weights = np.exp(values - values.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)
