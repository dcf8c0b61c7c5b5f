"""SARSA and expected SARSA with a table."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from tests.faults.common import ENDS, EVALUATION, N_ACTIONS, ON_POLICY, Common, softmax
from tests.faults.family import Family


def sarsa(env: Any, total_steps: int, fault: str = "", expected: bool = False) -> Any:
    """SARSA and expected SARSA with exploration that falls to 0 (Sutton & Barto, sections 6.4 and 6.6)."""
    common = Common(fault, int(env.observation_space.n), total_steps)
    q = common.table()

    def epsilon(step: int) -> float:
        if fault in ("explores for ever", "never explores", "explores for 100 steps only"):
            return common.epsilon(step)
        if fault == "exploration stays at 0.5":
            return 0.5
        return 0.5 * (1 - step / total_steps) ** 2

    def act(state: int, step: int) -> int:
        if common.random.random() < epsilon(step):
            return int(common.random.integers(N_ACTIONS))
        if fault == "never explores":
            return int(q[state].argmax())
        best = np.flatnonzero(q[state] == q[state].max())
        return int(best[0] if len(best) == 1 else common.random.choice(best))

    state = common.observe(env.reset()[0])
    action = act(state, 0)
    for step in range(total_steps):
        seen, reward, terminated, truncated, _ = env.step(action)
        next_state = common.observe(seen)
        gain = common.reward(float(reward), terminated, truncated)
        over = terminated or truncated
        first = common.observe(env.reset()[0]) if over else next_state
        next_action = act(next_state, step)
        if expected:
            weights = np.full(N_ACTIONS, epsilon(step) / N_ACTIONS)
            weights[q[next_state].argmax()] += 1 - epsilon(step)
            if fault == "the expectation leaves exploration out":
                weights = np.eye(N_ACTIONS)[q[next_state].argmax()]
            if fault == "the expectation is uniform":
                weights = np.full(N_ACTIONS, 1 / N_ACTIONS)
            if fault == "the weights do not sum to 1":
                weights = weights + epsilon(step) / N_ACTIONS
            if fault == "the expectation is weighted by the Q-values":
                weights = softmax(q[next_state])
            value = float(weights @ q[next_state])
        else:
            value = float(q[next_state, next_action])
            if fault == "bootstraps with the same action":
                value = float(q[next_state, action])
            if fault == "bootstraps with a random action":
                value = float(q[next_state, common.random.integers(N_ACTIONS)])
            if fault == "bootstraps with the next episode's action":
                value = float(q[first, act(first, step)])
        cut = over if fault == "the time limit is taken for an end" else terminated
        cut = False if fault == "terminal states are bootstrapped from" else cut
        target = gain + (0.0 if cut else common.discount * value)
        if not (fault == "the last step is thrown away" and over):
            q[state, action] += 0.2 * (target - q[state, action])
        state = first
        if over or fault == "another action is taken than was bootstrapped with":
            action = act(state, step)
        else:
            action = next_action
        if fault == "the action is not chosen anew after a reset" and over:
            action = next_action
    return common.answer(q)


SARSA_FAULTS = (
    *ENDS[:2], "the last step is thrown away", *EVALUATION[:2],
    "explores for ever", "never explores", "exploration stays at 0.5",
)  # fmt: skip

SARSA = Family(
    sarsa,
    (
        *SARSA_FAULTS,
        "reward sign flipped",
        "terminal reward doubled",
        "no discount",
        "discount 0.93",
        "bootstraps with the same action",
        "bootstraps with a random action",
        "bootstraps with the next episode's action",
        "another action is taken than was bootstrapped with",
        "the action is not chosen anew after a reset",
    ),
    {
        "another action is taken than was bootstrapped with": "drawn from the same policy: the same mean",
        "the action is not chosen anew after a reset": "exploration, not a wrong target",
    },
    20_000,
    {"worlds": ON_POLICY},
)

EXPECTED_SARSA = Family(
    partial(sarsa, expected=True),
    (
        *SARSA_FAULTS[:3],
        "the expectation leaves exploration out",
        "the expectation is uniform",
        "the weights do not sum to 1",
        "the expectation is weighted by the Q-values",
    ),
    {"the expectation leaves exploration out": "that is Q-learning, and as right"},
    20_000,
)
