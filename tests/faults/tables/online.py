"""Q-learning with a table, one update a step."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.faults.common import (
    DISCOUNTS,
    ENDS,
    EVALUATION,
    EXPLORATION,
    OFF_POLICY,
    REWARDS,
    TYPES,
    Common,
    softmax,
)
from tests.faults.family import Family


def online(env: Any, total_steps: int, fault: str = "") -> Any:
    """Q-learning with a table, one update a step (Sutton & Barto, section 6.5)."""
    common = Common(fault, int(env.observation_space.n), total_steps)
    q = common.table()
    state = common.observe(env.reset()[0])
    before: tuple[int, int] | None = None
    begins = True
    for step in range(total_steps):
        action = common.act(q, state, step)
        seen, reward, terminated, truncated, _ = env.step(action)
        next_state = common.observe(seen)
        gain = common.reward(float(reward), terminated, truncated)
        over = terminated or truncated
        first = common.observe(env.reset()[0]) if over else next_state
        target = gain + common.discount * _value(
            fault, q, state, action, next_state, first, terminated, truncated
        )
        learned_state, learned_action = state, action
        if fault == "the action of the step before is credited" and before is not None:
            learned_action = before[1]
        if fault == "the state of the step before is credited" and before is not None:
            learned_state = before[0]
        before = None if over else (state, action)
        td_error = target - q[learned_state, learned_action]
        rate = 1.0 if fault == "step size 1" else 0.1
        if fault == "the target is added, not the error":
            td_error = 0.1 * target
        if fault == "the sign of the error is learned from":
            td_error = 0.1 * np.sign(td_error)
        if fault == "errors clipped from below at 0":
            td_error = max(td_error, 0.0)
        if not (
            (fault == "the last step is thrown away" and over)
            or (fault == "the first step is thrown away" and begins)
        ):
            q[learned_state, learned_action] += rate * td_error
        if fault == "gradient through the target" and not terminated:
            q[next_state, q[next_state].argmax()] -= rate * common.discount * td_error
        if fault == "the visited state's whole row is updated":
            q[state] += rate * td_error
        begins = over
        state = next_state if fault == "the first observation of an episode is missed" else first
    return common.answer(q)


def _value(
    fault: str,
    q: np.ndarray,
    state: int,
    action: int,
    next_state: int,
    first: int,
    terminated: bool,
    truncated: bool,
) -> float:
    """What lies behind a step, as the target counts it."""
    cut = terminated
    match fault:
        case "terminal states are bootstrapped from":
            cut = False
        case "the time limit is taken for an end":
            cut = terminated or truncated
        case "terminated and truncated exchanged":
            cut = truncated
        case "an end only where the reward is 1":
            cut = terminated and False
        case "bootstraps only at the end":
            cut = not terminated
        case "every second step is taken for an end":
            cut = terminated or state % 2 == 0
        case "bootstraps from the next episode":
            next_state = first if truncated else next_state
        case "bootstraps from the state left":
            next_state = state
    if cut:
        return 0.0
    match fault:
        case "mean instead of maximum":
            return float(q[next_state].mean())
        case "minimum instead of maximum":
            return float(q[next_state].min())
        case "bootstraps with the same action":
            return float(q[next_state, action])
        case "bootstraps with the first action":
            return float(q[next_state, 0])
        case "maximum over the whole table":
            return float(q.max())
        case "the second best action bootstraps":
            return float(np.sort(q[next_state])[-2])
        case "a softmax of temperature 1 bootstraps":
            return float(softmax(q[next_state]) @ q[next_state])
    return float(q[next_state].max())


ONLINE = Family(
    online,
    (
        *REWARDS,
        *DISCOUNTS,
        *ENDS,
        *TYPES,
        *EVALUATION,
        *EXPLORATION,
        "ties go to the first action",
        "an end only where the reward is 1",
        "bootstraps only at the end",
        "every second step is taken for an end",
        "bootstraps from the state left",
        "mean instead of maximum",
        "minimum instead of maximum",
        "bootstraps with the same action",
        "bootstraps with the first action",
        "maximum over the whole table",
        "the second best action bootstraps",
        "a softmax of temperature 1 bootstraps",
        "the action of the step before is credited",
        "the state of the step before is credited",
        "step size 1",
        "the target is added, not the error",
        "the sign of the error is learned from",
        "errors clipped from below at 0",
        "the first step is thrown away",
        "gradient through the target",
        "the visited state's whole row is updated",
    ),
    {
        "explores for ever": OFF_POLICY,
        "exploration grows": OFF_POLICY,
        "ties go to the first action": "exploration reaches everything all the same",
        "the visited state's whole row is updated": "its fixed point is the same",
    },
)
