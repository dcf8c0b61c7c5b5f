"""A softmax policy and a critic in tables, with generalised advantages."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np

from tests.faults.common import DISCOUNTS, ENDS, N_ACTIONS, NOISE, SETTLED, Common, softmax
from tests.faults.family import Family


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
            probabilities = softmax(logits[states])  # (n, A)
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
        policy = softmax(logits[s_])  # (B, A)
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
        return lambda state: int(common.random.choice(N_ACTIONS, p=softmax(logits[state])))
    if fault == "returns the first policy":
        logits = np.zeros_like(logits)
    return Learned(logits.argmax(axis=1), values=values, probabilities=softmax(logits))


ACTOR_CRITIC = Family(
    actor_critic,
    (
        *ENDS[:2],
        "the step that begins an episode is learned from",
        "reward sign flipped",
        "rewards clipped to [-1, 1]",
        "terminal reward doubled",
        "terminal reward lost",
        "reward lost at truncation",
        "rewards of the neighbouring lane",
        "return so far instead of the reward",
        *DISCOUNTS[:5],
        "the end of the step before cuts",
        "the last value is missing",
        "bootstraps from the state left",
        "the trace is cut by the wrong flag",
        "the trace is never cut",
        "the trace is cut by the flag of the next step",
        "the trace is not discounted",
        "the critic learns the advantages",
        "the critic learns the rewards",
        "the critic is never trained",
        "the critic learns undiscounted returns",
        "the sign of the advantages",
        "returns instead of advantages",
        "advantages of the neighbouring lane",
        "advantages in reverse order",
        "negative advantages dropped",
        "advantages are not scaled",
        "the gradient forgets the other actions",
        "the sign of the entropy",
        "the entropy counts 100 times",
        "no entropy",
        "acts greedily while it learns",
        "evaluates by sampling",
        "returns the first policy",
    ),
    {
        "advantages are not scaled": "a smaller step size",
        "no entropy": "the bonus only speeds exploration up",
        "the trace is cut by the wrong flag": NOISE,
        "the trace is never cut": NOISE,
        "the trace is cut by the flag of the next step": NOISE,
        "the trace is not discounted": NOISE,
        "negative advantages dropped": "moves towards what went better than expected, and nothing else",
    },
    20_000,
    {"num_envs": 8},
    missed={
        "the gradient forgets the other actions": "it still raises what went better than expected",
        "evaluates by sampling": SETTLED,
    },
)
