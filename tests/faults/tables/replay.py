"""Q-learning with a table, a replay and a target table."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.faults.common import DISCOUNTS, ENDS, EVALUATION, EXPLORATION, OFF_POLICY, TYPES, Common
from tests.faults.family import Family


def replay(env: Any, total_steps: int, fault: str = "") -> Any:
    """Q-learning from a replay with a target table, copied every 50 updates (Mnih et al. 2015)."""
    common = Common(fault, int(env.observation_space.n), total_steps)
    q = common.table()
    target_q = q.copy()
    capacity, batch_size = 5_000, 32
    states, actions, next_states = (np.zeros(capacity, np.int64) for _ in range(3))
    rewards, goes_on = np.zeros(capacity), np.zeros(capacity)
    kept = updates = 0
    state = common.observe(env.reset()[0])
    for step in range(total_steps):
        action = common.act(q, state, step)
        seen, reward, terminated, truncated, _ = env.step(action)
        next_state = common.observe(seen)
        gain = common.reward(float(reward), terminated, truncated)
        over = terminated or truncated
        first = common.observe(env.reset()[0]) if over else next_state
        place = kept % capacity
        if not (fault == "the replay keeps the oldest 200 only" and kept >= 200):
            cut = over if fault == "the time limit is taken for an end" else terminated
            cut = False if fault == "terminal states are bootstrapped from" else cut
            cut = truncated if fault == "terminated and truncated exchanged" else cut
            states[place], actions[place], rewards[place] = state, action, gain
            next_states[place], goes_on[place] = next_state, not cut
            if fault == "bootstraps from the next episode":
                next_states[place] = first
            if fault == "the replay keeps the next observation as the observation":
                states[place] = next_state
            if fault == "the replay keeps one array for both observations":
                next_states[place] = state
            if fault == "the flag of the step before is kept":
                goes_on[place] = goes_on[(kept - 1) % capacity]
            if not (fault == "the last step is thrown away" and over):
                kept += 1
        state = next_state if fault == "the first observation of an episode is missed" else first
        if kept < 100 or step % 2:
            continue
        size = min(kept, capacity)
        batch = common.random.integers(size, size=batch_size)
        if fault == "the replay gives the newest 32 only":
            batch = (kept - 1 - np.arange(batch_size)) % capacity
        if fault == "the replay never gives the newest half":
            batch = batch // 2
        if fault == "the replay gives one transition for all of a batch":
            batch[:] = batch[0]
        s, a, r, n, g = states[batch], actions[batch], rewards[batch], next_states[batch], goes_on[batch]
        if fault == "rewards of a batch shuffled":
            r = common.random.permutation(r)
        if fault == "next observations of a batch shuffled":
            n = common.random.permutation(n)
        if fault == "rewards from a second sample":
            r = rewards[common.random.integers(size, size=batch_size)]
        bootstrap_q = q if fault == "no target table" else target_q
        value = bootstrap_q[n].max(axis=1)  # (B,)
        if fault == "the behaviour's action bootstraps":
            value = bootstrap_q[n, a]
        if fault == "mean instead of maximum":
            value = bootstrap_q[n].mean(axis=1)
        if fault == "double: both from the target table swapped with the minimum":
            value = bootstrap_q[n].min(axis=1)
        if fault == "double: the target table chooses, the table values":
            value = q[n, target_q[n].argmax(axis=1)]
        if fault == "(B, 1) against (B,): targets averaged over the batch":
            r, value = np.full(batch_size, r.mean()), np.full(batch_size, (g * value).mean())
            g = np.ones(batch_size)
        discount = common.discount
        targets = r + discount * g * value
        if fault == "the discount is left out of the target":
            targets = r + g * value
        if fault == "the end also cuts the reward":
            targets = g * (r + discount * value)
        if fault == "the target is clipped to [-1, 1]":
            targets = targets.clip(-1, 1)
        errors = targets - q[s, a]  # (B,)
        if fault == "errors clipped to [-0.1, 0.1]":
            errors = errors.clip(-0.1, 0.1)
        np.add.at(q, (s, a), 0.03 * errors)
        if fault == "gradient through the target":
            np.subtract.at(q, (n, q[n].argmax(axis=1)), 0.03 * discount * g * errors)
        updates += 1
        match fault:
            case "the target table is never updated":
                pass
            case "the target table drifts from its own past":
                target_q = 0.999 * target_q
            case "the target table's copy goes the wrong way":
                if updates % 50 == 0:
                    q = target_q.copy()
            case "the target table is renewed once in 2,000 updates":
                if updates % 2_000 == 0:
                    target_q = q.copy()
            case _:
                if updates % 50 == 0:
                    target_q = q.copy()
    return common.answer(target_q if fault == "the target table is returned" else q)


REPLAY = Family(
    replay,
    (
        "reward sign flipped",
        "rewards clipped to [-1, 1]",
        "reward lost at truncation",
        "terminal reward doubled",
        "return so far instead of the reward",
        *DISCOUNTS[:5],
        *ENDS,
        *TYPES[:2],
        *EVALUATION[:2],
        *EXPLORATION[:3],
        "the replay keeps the oldest 200 only",
        "the replay keeps the next observation as the observation",
        "the replay keeps one array for both observations",
        "the flag of the step before is kept",
        "the replay gives the newest 32 only",
        "the replay never gives the newest half",
        "the replay gives one transition for all of a batch",
        "rewards of a batch shuffled",
        "next observations of a batch shuffled",
        "rewards from a second sample",
        "no target table",
        "the behaviour's action bootstraps",
        "mean instead of maximum",
        "double: both from the target table swapped with the minimum",
        "double: the target table chooses, the table values",
        "(B, 1) against (B,): targets averaged over the batch",
        "the discount is left out of the target",
        "the end also cuts the reward",
        "the target is clipped to [-1, 1]",
        "errors clipped to [-0.1, 0.1]",
        "gradient through the target",
        "the target table is never updated",
        "the target table drifts from its own past",
        "the target table's copy goes the wrong way",
        "the target table is renewed once in 2,000 updates",
        "the target table is returned",
    ),
    {
        "explores for ever": OFF_POLICY,
        "no target table": "a table needs none: what it learns of one state moves no other",
        "the replay gives the newest 32 only": "online Q-learning with the last few steps repeated",
        "the replay never gives the newest half": "older steps of the same world teach the same, later",
        "the replay gives one transition for all of a batch": "a larger step, still an average",
        "double: the target table chooses, the table values": "another right double Q-learning",
        "errors clipped to [-0.1, 0.1]": "the Huber loss: smaller steps towards the same fixed point",
        "the target table is returned": "a copy 50 updates old; the same once it has converged",
    },
    missed={
        "explores for 100 steps only": "ties are broken at random, so it goes on trying until values differ",
    },
)
