"""DQN and PPO in the manner of CleanRL's single files: one loop, plain PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np

from gym_gridq.testing import Learned
from tests.faults.common import DISCOUNT, N_ACTIONS, NOISE
from tests.faults.family import Family

__all__ = ["DQN", "PPO"]


def _network(n_states: int, n_outputs: int) -> Any:
    import torch

    layers = torch.nn.Linear(n_states, 64), torch.nn.Tanh(), torch.nn.Linear(64, n_outputs)
    return torch.nn.Sequential(*layers)


def _seeded() -> np.random.Generator:
    """Seeds PyTorch, and NumPy's numbers of the learner, from what check_learner has seeded."""
    import torch

    torch.set_num_threads(1)
    seed = np.random.randint(2**31)  # noqa: NPY002
    torch.manual_seed(seed)
    return np.random.default_rng(seed)


def dqn(env: Any, total_steps: int, fault: str = "") -> Any:
    """Q-learning with a network, a replay, and a target network that is copied now and then."""
    import torch

    rng = _seeded()
    n_states = int(env.observation_space.n)
    one_hot = torch.eye(n_states)
    q_network, target_network = _network(n_states, N_ACTIONS), _network(n_states, N_ACTIONS)
    target_network.load_state_dict(q_network.state_dict())
    optimizer = torch.optim.Adam(q_network.parameters(), lr=2e-3)
    states, actions, next_states = (np.zeros(total_steps, np.int64) for _ in range(3))
    rewards, ends = np.zeros(total_steps, np.float32), np.zeros(total_steps, np.float32)
    state = env.reset()[0]
    for step in range(total_steps):
        epsilon = max(0.05, 1 - step / (0.8 * total_steps))
        if rng.random() < epsilon:
            action = int(rng.integers(N_ACTIONS))
        else:
            with torch.no_grad():
                action = int(q_network(one_hot[state]).argmax())
        next_state, reward, terminated, truncated, _ = env.step(action)
        over = terminated or truncated
        states[step], actions[step], next_states[step] = state, action, next_state
        rewards[step], ends[step] = reward, terminated
        state = env.reset()[0] if over else next_state
        match fault:
            case "the time limit is taken for an end":
                ends[step] = over
            case "terminal states are bootstrapped from":
                ends[step] = False
            case "bootstraps from the next episode":
                next_states[step] = state
            case "rewards clipped to [-1, 1]":
                rewards[step] = np.clip(reward, -1, 1)
            case "the replay keeps the next observation as the observation":
                states[step] = next_state
        if step < 200 or step % 4:
            continue
        batch = rng.integers(step + 1, size=128)
        if fault == "the replay gives the oldest 200 only":
            batch = batch % 200
        with torch.no_grad():
            network = q_network if fault == "no target network" else target_network
            values = network(one_hot[next_states[batch]]).max(1).values  # (B,)
            gains, goes_on = torch.tensor(rewards[batch]), torch.tensor(1 - ends[batch])
            targets = gains + DISCOUNT * goes_on * values
            if fault == "the discount is left out of the target":
                targets = gains + goes_on * values
        chosen = q_network(one_hot[states[batch]]).gather(1, torch.tensor(actions[batch])[:, None])  # (B, 1)
        if fault != "(B, 1) against (B,): every error with every target":
            chosen = chosen.squeeze(1)
        loss = (targets - chosen).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 100 == 0 and fault != "the target network is never updated":
            target_network.load_state_dict(q_network.state_dict())
    with torch.no_grad():
        return q_network(one_hot).numpy().astype(np.float64)


def ppo(envs: Any, total_steps: int, fault: str = "") -> Any:
    """Clipped policy gradients over rollouts of four lanes, which lose a step where an episode begins."""
    import torch

    rng = _seeded()
    n, length, epochs, trace = envs.num_envs, 64, 5, 0.95
    n_states = int(envs.single_observation_space.n)
    one_hot = torch.eye(n_states)
    actor, critic = _network(n_states, N_ACTIONS), _network(n_states, 1)
    optimizer = torch.optim.Adam([*actor.parameters(), *critic.parameters()], lr=3e-3)
    states = envs.reset()[0]
    begins = np.zeros(n, dtype=bool)  # lanes whose next step only begins an episode
    n_rollouts = total_steps // (n * length)
    for rollout in range(n_rollouts):
        optimizer.param_groups[0]["lr"] = 3e-3 * (1 - rollout / n_rollouts)
        s, following = (np.zeros((length, n), np.int64) for _ in range(2))
        a = np.zeros((length, n), np.int64)
        r, ended, over, real = (np.zeros((length, n), np.float32) for _ in range(4))
        with torch.no_grad():
            policy = torch.softmax(actor(one_hot), dim=1).numpy()  # (S, A)
        for t in range(length):
            draws = rng.random((n, 1))
            actions = (policy[states].cumsum(axis=1) < draws).sum(axis=1).clip(max=N_ACTIONS - 1)
            next_states, rewards, terminated, truncated, _ = envs.step(actions)
            s[t], a[t], r[t], following[t] = states, actions, rewards, next_states
            ended[t], over[t], real[t] = terminated, terminated | truncated, ~begins
            states, begins = next_states, terminated | truncated
        match fault:
            case "the time limit is taken for an end":
                ended = over
            case "terminal states are bootstrapped from":
                ended = np.zeros_like(ended)
            case "the step that begins an episode is learned from":
                real = np.ones_like(real)
            case "rewards clipped to [-1, 1]":
                r = r.clip(-1, 1)
            case "rewards of the neighbouring lane":
                r = np.roll(r, 1, axis=1)
        with torch.no_grad():
            values = critic(one_hot).numpy().ravel()  # (S,)
        next_values = values[following]
        if fault == "the last value is missing":
            next_values[-1] = 0
        deltas = r + DISCOUNT * (1 - ended) * next_values - values[s]  # (T, n)
        advantages, running = np.zeros_like(deltas), np.zeros(n, np.float32)
        for t in reversed(range(length)):
            cut = np.zeros(n) if fault == "the trace is never cut" else over[t]
            running = (deltas[t] + DISCOUNT * trace * (1 - cut) * running) * real[t]
            advantages[t] = running
        returns = advantages + values[s]
        if fault == "the critic learns the rewards":
            returns = r
        if fault == "the sign of the advantages":
            advantages = -advantages
        kept = real.ravel() > 0
        s_, a_ = torch.tensor(s.ravel()[kept]), torch.tensor(a.ravel()[kept])
        adv, ret = (torch.tensor(x.ravel()[kept].astype(np.float32)) for x in (advantages, returns))
        old = torch.tensor(np.log(policy))[s_, a_]
        if fault != "advantages are not normalised":
            adv = (adv - adv.mean()) / (adv.std() + 1e-8)
        for _ in range(epochs):
            for batch in torch.tensor(rng.permutation(len(s_))).chunk(2):
                logs = torch.log_softmax(actor(one_hot[s_[batch]]), dim=1)  # (B, A)
                ratio = (logs[range(len(batch)), a_[batch]] - old[batch]).exp()
                if fault == "the ratio upside down":
                    ratio = 1 / ratio
                clipped = ratio.clamp(0.8, 1.2)
                gains = torch.minimum(ratio * adv[batch], clipped * adv[batch]).mean()
                entropy = -(logs.exp() * logs).sum(dim=1).mean()
                weight = 0.2 * (1 - rollout / n_rollouts)
                if fault == "the sign of the entropy":
                    weight = -0.2
                errors = critic(one_hot[s_[batch]]).squeeze(1) - ret[batch]
                loss = -gains - weight * entropy + 0.5 * errors.square().mean()
                optimizer.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_([*actor.parameters(), *critic.parameters()], 0.5)
                optimizer.step()
    with torch.no_grad():
        policy = torch.softmax(actor(one_hot), dim=1).double().numpy()
        values = critic(one_hot).numpy().ravel()
    if fault == "evaluates by sampling":
        return lambda state: int(rng.choice(N_ACTIONS, p=policy[state] / policy[state].sum()))
    return Learned(policy.argmax(axis=1), values=values)


DQN = Family(
    dqn,
    (
        "the time limit is taken for an end",
        "terminal states are bootstrapped from",
        "bootstraps from the next episode",
        "rewards clipped to [-1, 1]",
        "the replay keeps the next observation as the observation",
        "the replay gives the oldest 200 only",
        "the discount is left out of the target",
        "(B, 1) against (B,): every error with every target",
        "the target network is never updated",
        "no target network",
    ),
    total_steps=4_000,
    needs="torch",
    likely={
        "rewards clipped to [-1, 1]": "large-prizes",
        "terminal states are bootstrapped from": "two-doors",
        "the replay gives the oldest 200 only": "long-hall",
        "the target network is never updated": "corridor",
    },
)
PPO = Family(
    ppo,
    (
        "the time limit is taken for an end",
        "terminal states are bootstrapped from",
        "the step that begins an episode is learned from",
        "rewards clipped to [-1, 1]",
        "rewards of the neighbouring lane",
        "the last value is missing",
        "the trace is never cut",
        "the critic learns the rewards",
        "the sign of the advantages",
        "advantages are not normalised",
        "the ratio upside down",
        "the sign of the entropy",
        "evaluates by sampling",
    ),
    {
        "the trace is never cut": NOISE,
        "advantages are not normalised": "another step size, which Adam makes up for",
    },
    total_steps=20_000,
    arguments={"num_envs": 4},
    needs="torch",
    likely={
        "rewards clipped to [-1, 1]": "large-prizes",
        "terminal states are bootstrapped from": "two-doors",
        "the last value is missing": "annuity",
    },
)
