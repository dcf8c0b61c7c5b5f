"""n-step SARSA with a table."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np

from tests.faults.common import ENDS, N_ACTIONS, ON_POLICY, Common
from tests.faults.family import Family


def n_step(env: Any, total_steps: int, fault: str = "", n: int = 3) -> Any:
    """n-step SARSA with exploration that falls to 0 (Sutton & Barto, section 7.2)."""
    common = Common(fault, int(env.observation_space.n), total_steps)
    q = common.table()

    def act(state: int, step: int) -> int:
        if common.random.random() < 0.5 * (1 - step / total_steps) ** 2:
            return int(common.random.integers(N_ACTIONS))
        best = np.flatnonzero(q[state] == q[state].max())
        return int(best[0] if len(best) == 1 else common.random.choice(best))

    window: deque[tuple[int, int, float]] = deque()

    def learn(value: float) -> None:
        """Moves the oldest pair of the window towards its return."""
        target, factor = 0.0, 1.0
        for _, _, gain in window:
            target += factor * gain
            if fault != "rewards within the window are not discounted":
                factor *= common.discount
        match fault:
            case "the value behind the window is discounted once":
                factor = common.discount
            case "the value behind the window is discounted n - 1 times":
                factor /= common.discount
            case "the value behind the window is discounted n + 1 times":
                factor *= common.discount
            case "the value behind the window is not discounted":
                factor = 1.0
            case "the window always counts as full":
                factor = common.discount**n
            case "rewards within the window in reverse order":
                target = sum(common.discount**i * gain for i, (_, _, gain) in enumerate(reversed(window)))
        target += factor * value
        if fault == "only the last reward of the window counts":
            target = window[-1][2] + factor * value
        if fault == "only the first reward of the window counts":
            target = window[0][2] + factor * value
        if fault == "the newest pair is credited instead of the oldest":
            state, action, _ = window[-1]
        else:
            state, action, _ = window[0]
        q[state, action] += 0.2 * (target - q[state, action])
        window.popleft()

    state = common.observe(env.reset()[0])
    action = act(state, 0)
    for step in range(total_steps):
        seen, reward, terminated, truncated, _ = env.step(action)
        next_state = common.observe(seen)
        gain = common.reward(float(reward), terminated, truncated)
        over = terminated or truncated
        window.append((state, action, gain))
        next_action = act(next_state, step)
        cut = over if fault == "the time limit is taken for an end" else terminated
        cut = False if fault == "terminal states are bootstrapped from" else cut
        value = 0.0 if cut else float(q[next_state, next_action])
        if fault == "bootstraps from the window's first state":
            value = 0.0 if cut else float(q[window[0][0], window[0][1]])
        if fault == "no bootstrapping at all":
            value = 0.0
        if len(window) == n:
            learn(value)
        if over:
            match fault:
                case "the window goes on into the next episode":
                    pass
                case "the window is dropped at the end of an episode":
                    window.clear()
                case "the window is dropped at the time limit":
                    while window and terminated:
                        learn(value)
                    window.clear()
                case "only the oldest pair is learned at the end":
                    if window:
                        learn(value)
                    window.clear()
                case _:
                    while window:
                        learn(value)
            state = common.observe(env.reset()[0])
            action = act(state, step)
        else:
            state, action = next_state, next_action
    return common.answer(q)


N_STEP = Family(
    n_step,
    (
        *ENDS[:2],
        "reward sign flipped",
        "rewards clipped to [-1, 1]",
        "reward lost at truncation",
        "no discount",
        "discount 0.93",
        "discount 0.87",
        "rewards within the window are not discounted",
        "the value behind the window is discounted once",
        "the value behind the window is discounted n - 1 times",
        "the value behind the window is discounted n + 1 times",
        "the value behind the window is not discounted",
        "the window always counts as full",
        "rewards within the window in reverse order",
        "only the last reward of the window counts",
        "only the first reward of the window counts",
        "the newest pair is credited instead of the oldest",
        "bootstraps from the window's first state",
        "no bootstrapping at all",
        "the window goes on into the next episode",
        "the window is dropped at the end of an episode",
        "the window is dropped at the time limit",
        "only the oldest pair is learned at the end",
    ),
    {},
    20_000,
    {"worlds": ON_POLICY},
)
