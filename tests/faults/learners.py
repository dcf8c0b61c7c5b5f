"""Correct learners, each with a place for every fault of its kind.

A learner is called as ``learner(env, total_steps, fault)``; with ``fault=""`` it is right. A fault is a plain
phrase, compared at the one line that it changes, so that what is wrong can be read there. What every kind of
learner can get wrong in the same way (rewards, the discount, exploration, types) has one home in `Common`.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import gymnasium
import numpy as np

__all__ = ["DISCOUNTS", "actor_critic", "lanes", "n_step", "online", "replay", "sarsa"]

DISCOUNT = 0.9
N_ACTIONS = 4

DISCOUNTS = {
    "no discount": 1.0,
    "discount 0.99": 0.99,
    "discount 0.93": 0.93,
    "discount 0.87": 0.87,
    "discount taken twice": 0.81,
    "discount 0.7": 0.7,
    "discount 0": 0.0,
}


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
        self.discount = DISCOUNTS.get(fault, DISCOUNT)
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
            return lambda state: int(self.random.choice(N_ACTIONS, p=_softmax(q[state])))
        if self.fault == "evaluates without the encoding it trained with":
            return lambda state: int(q[(state + 1) % self.n_states].argmax())
        if self.fault == "evaluates the worst action":
            return lambda state: int(q[state].argmin())
        if self.fault == "actions numbered from 1 at evaluation":
            return lambda state: int((q[state].argmax() + 1) % N_ACTIONS)
        if self.fault == "evaluates the values of the start":
            return np.zeros_like(q)
        return q


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
            return float(_softmax(q[next_state]) @ q[next_state])
    return float(q[next_state].max())


def _softmax(values: np.ndarray) -> np.ndarray:
    weights = np.exp(values - values.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


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
                goes_on[place] = goes_on[place - 1 if fault == "" else (kept - 1) % capacity]
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
                weights = _softmax(q[next_state])
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


def actor_critic(envs: Any, total_steps: int, fault: str = "") -> Any:
    """A softmax policy and a critic in tables, generalised advantages over rollouts of 16 steps.

    Schulman et al. 2016; synchronous as A2C. Works under any way of beginning the next episode.
    """
    from gym_gridq.testing import Learned

    mode = envs.metadata["autoreset_mode"]
    modes = gymnasium.vector.AutoresetMode
    n, length, trace = envs.num_envs, 16, 0.9
    common = Common(fault, int(envs.single_observation_space.n), total_steps)
    discount = common.discount
    logits, values = common.table(), np.zeros(common.n_states)
    states = envs.reset()[0]
    begins = np.zeros(n, dtype=bool)
    episode_returns = np.zeros(n)
    n_rollouts = total_steps // (n * length)
    for rollout in range(n_rollouts):
        seen, taken, gains, following, ended, over, real = [], [], [], [], [], [], []
        for _ in range(length):
            probabilities = _softmax(logits[states])  # (n, A)
            draws = common.random.random((n, 1))
            actions = (probabilities.cumsum(axis=1) < draws).sum(axis=1).clip(max=N_ACTIONS - 1)
            if fault == "acts greedily while it learns":
                actions = probabilities.argmax(axis=1)
            next_states, rewards, terminated, truncated, infos = envs.step(actions)
            done = terminated | truncated
            successors = next_states.copy()
            if mode == modes.SAME_STEP and done.any() and fault != "the final observation is not used":
                successors[done] = np.array(infos["final_obs"][done].tolist())
            episode_returns += rewards
            match fault:
                case "reward sign flipped":
                    rewards = -rewards
                case "rewards clipped to [-1, 1]":
                    rewards = rewards.clip(-1, 1)
                case "terminal reward doubled":
                    rewards = rewards * (1 + terminated)
                case "terminal reward lost":
                    rewards = np.where(terminated, 0.0, rewards)
                case "reward lost at truncation":
                    rewards = np.where(truncated, 0.0, rewards)
                case "rewards of the neighbouring lane":
                    rewards = np.roll(rewards, 1)
                case "return so far instead of the reward":
                    rewards = episode_returns.copy()
            episode_returns[done] = 0.0
            for column, entry in zip(
                (seen, taken, gains, following, ended, over, real),
                (states, actions, rewards, successors, terminated, done, ~begins),
                strict=True,
            ):
                column.append(entry)
            if mode == modes.NEXT_STEP:
                begins = done
            elif mode == modes.DISABLED and done.any():
                next_states = envs.reset(options={"reset_mask": done})[0]
            states = next_states
        s, a, r, f, e, o, u = map(np.array, (seen, taken, gains, following, ended, over, real))  # (T, n)
        if fault == "the step that begins an episode is learned from":
            u = np.ones_like(u)
        cut = e
        if fault == "the time limit is taken for an end":
            cut = o
        if fault == "terminal states are bootstrapped from":
            cut = np.zeros_like(e)
        if fault == "the end of the step before cuts":
            cut = np.roll(e, 1, axis=0)
        next_values = values[f]
        if fault == "the last value is missing":
            next_values[-1] = 0.0
        if fault == "bootstraps from the state left":
            next_values = values[s]
        deltas = r + discount * ~cut * next_values - values[s]  # (T, n)
        advantages, running = np.zeros_like(deltas), np.zeros(n)
        for t in reversed(range(length)):
            follows = ~o[t]
            if fault == "the trace is cut by the wrong flag":
                follows = ~e[t]
            if fault == "the trace is never cut":
                follows = np.ones(n, dtype=bool)
            if fault == "the trace is cut by the flag of the next step":
                follows = ~o[min(t + 1, length - 1)]
            decay = discount * trace
            if fault == "the trace is not discounted":
                decay = 1.0
            running = (deltas[t] + decay * follows * running) * u[t]
            advantages[t] = running
        returns = advantages + values[s]
        if fault == "the critic learns the advantages":
            returns = advantages
        if fault == "the critic learns the rewards":
            returns = r
        if fault == "the critic is never trained":
            returns = values[s]
        if fault == "the critic learns undiscounted returns":
            returns = returns / discount
        if fault == "the sign of the advantages":
            advantages = -advantages
        if fault == "returns instead of advantages":
            advantages = returns
        if fault == "advantages of the neighbouring lane":
            advantages = np.roll(advantages, 1, axis=1)
        if fault == "advantages in reverse order":
            advantages = advantages[::-1]
        if fault == "negative advantages dropped":
            advantages = advantages.clip(min=0)
        lane, time = np.nonzero(u.T)[0], np.nonzero(u.T)[1]
        s_, a_, adv, ret = s[time, lane], a[time, lane], advantages[time, lane], returns[time, lane]
        policy = _softmax(logits[s_])  # (B, A)
        size = np.abs(adv).mean() + 1e-8 if fault != "advantages are not scaled" else 1.0
        gradient = -policy * (adv / size)[:, np.newaxis]
        gradient[np.arange(len(s_)), a_] += adv / size
        if fault == "the gradient forgets the other actions":
            gradient = np.zeros_like(policy)
            gradient[np.arange(len(s_)), a_] = adv / size
        entropy = -(policy * np.log(policy + 1e-12)).sum(axis=1, keepdims=True)
        weight = 0.2 * (1 - rollout / n_rollouts)
        if fault == "the sign of the entropy":
            weight = -2.0
        if fault == "the entropy counts 100 times":
            weight *= 100
        if fault == "no entropy":
            weight = 0.0
        gradient -= weight * policy * (np.log(policy + 1e-12) + entropy)
        visits = np.maximum(np.bincount(s_, minlength=common.n_states), 1)[:, np.newaxis]  # (S, 1)
        policy_step, value_step = np.zeros_like(logits), np.zeros_like(values)
        np.add.at(policy_step, s_, gradient)
        np.add.at(value_step, s_, ret - values[s_])
        logits = (logits + 0.5 * policy_step / visits).clip(-8, 8)
        values += 0.3 * value_step / visits[:, 0]
    if fault == "evaluates by sampling":
        return lambda state: int(common.random.choice(N_ACTIONS, p=_softmax(logits[state])))
    if fault == "returns the first policy":
        logits = np.zeros_like(logits)
    return Learned(logits.argmax(axis=1), values=values, probabilities=_softmax(logits))
