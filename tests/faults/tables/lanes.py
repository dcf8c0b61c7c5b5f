"""Q-learning with a table in several lanes."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np

from tests.faults.common import ENDS, N_ACTIONS, Common
from tests.faults.family import Family


def lanes(envs: Any, total_steps: int, fault: str = "") -> Any:
    """Q-learning with a table in several lanes, under any of the three ways to begin the next episode."""
    mode = envs.metadata["autoreset_mode"]
    modes = gymnasium.vector.AutoresetMode
    n = envs.num_envs
    common = Common(fault, int(envs.single_observation_space.n), total_steps)
    q = common.table()
    states = envs.reset()[0]
    begins = np.zeros(n, dtype=bool)  # lanes whose next step only begins an episode
    for step in range(total_steps // n):
        explores = common.random.random(n) < common.epsilon(step * n)
        noise = 1e-9 * common.random.random((n, N_ACTIONS))
        actions = np.where(
            explores, common.random.integers(N_ACTIONS, size=n), (q[states] + noise).argmax(axis=1)
        )
        next_states, rewards, terminated, truncated, infos = envs.step(actions)
        over = terminated | truncated
        successors = next_states.copy()
        if mode == modes.SAME_STEP and over.any() and fault != "the final observation is not used":
            successors[over] = np.array(infos["final_obs"][over].tolist())
        learned = np.flatnonzero(~begins)
        if fault == "the step that begins an episode is learned from":
            learned = np.arange(n)
        if fault == "lanes that end are not learned from":
            learned = np.flatnonzero(~begins & ~over)
        if fault == "only the first lane is learned from":
            learned = learned[learned == 0]
        s, a, r, ended = states, actions, rewards, terminated
        if fault == "the time limit is taken for an end":
            ended = over
        if fault == "terminal states are bootstrapped from":
            ended = np.zeros(n, dtype=bool)
        if fault == "one lane's end ends them all":
            ended = np.full(n, terminated.any())
        if fault == "an end counts only when all lanes end":
            ended = np.full(n, terminated.all())
        if fault == "rewards of the neighbouring lane":
            r = np.roll(rewards, 1)
        if fault == "actions of the neighbouring lane":
            a = np.roll(actions, 1)
        if fault == "ends of the neighbouring lane":
            ended = np.roll(terminated, 1)
        if fault == "successors of the neighbouring lane":
            successors = np.roll(successors, 1)
        if fault == "rewards averaged over the lanes":
            r = np.full(n, rewards.mean())
        if fault == "observations overwritten in place":
            s = next_states
        targets = r + common.discount * ~ended * q[successors].max(axis=1)  # (n,)
        np.add.at(q, (s[learned], a[learned]), 0.1 * (targets - q[s, a])[learned])
        if mode == modes.NEXT_STEP:
            begins = over
        elif mode == modes.DISABLED and over.any():
            if fault == "all lanes are reset when one ends":
                next_states = envs.reset()[0]
            else:
                next_states = envs.reset(options={"reset_mask": over})[0]
        states = next_states
        if fault == "the final observation is acted on" and mode == modes.SAME_STEP:
            states = successors
    return common.answer(q)


LANE_FAULTS = (
    *ENDS[:2],
    "lanes that end are not learned from",
    "one lane's end ends them all",
    "an end counts only when all lanes end",
    "rewards of the neighbouring lane",
    "actions of the neighbouring lane",
    "ends of the neighbouring lane",
    "successors of the neighbouring lane",
    "rewards averaged over the lanes",
    "observations overwritten in place",
    "only the first lane is learned from",
)
MODE_FAULTS = {
    "NextStep": ("the step that begins an episode is learned from",),
    "SameStep": ("the final observation is not used", "the final observation is acted on"),
    "Disabled": ("all lanes are reset when one ends",),
}

HARMLESS = {
    "only the first lane is learned from": "a quarter of the experience, but none of it wrong",
    "all lanes are reset when one ends": "episodes are cut short, but nothing wrong is learned",
}


def faults_of(mode: str, sync: bool) -> tuple[str, ...]:
    """The faults tried in a mode; fewer in `SyncVectorEnv`, which shows the learner the same."""
    return *MODE_FAULTS[mode], *(ENDS[:2] if sync else LANE_FAULTS)


LANES = {
    f"Q-learning in lanes, {mode}{', Sync' if sync else ''}": Family(
        lanes,
        faults_of(mode, sync),
        {fault: why for fault, why in HARMLESS.items() if fault in faults_of(mode, sync)},
        8_000,
        {
            "num_envs": 4,
            "autoreset_mode": mode,
            "vectorization_mode": "sync" if sync else "vector_entry_point",
        },
    )
    for sync in (False, True)
    for mode in MODE_FAULTS
}
