"""Actor-critic on CartPole-v1 within 500,000 steps, beside Stable-Baselines3's A2C and PPO.

Run by `python -m benchmarks.road --only cart-pole`.
Ours has its tuned settings, theirs those of RL-Zoo with RL-Zoo's number of steps. Seeds take turns. Training
alone is timed, in CPU time; then 100 greedy episodes say how well it went.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import gymnasium

import agents
from agents.settings import tuned_settings
from benchmarks.cartpole import show
from benchmarks.learning import Stopwatch

ENV_ID = "CartPole-v1"


def ours(seed: int) -> dict[str, Any]:
    tuned = tuned_settings(ENV_ID, "actor-critic")
    envs = gymnasium.make_vec(ENV_ID, tuned["num_envs"])
    agent = agents.make("actor-critic", envs, seed=seed, **tuned["hyperparameters"])
    with Stopwatch() as watch:
        agents.train(agent, envs, total_steps=tuned["total_steps"])
    found = agents.evaluate(agent, gymnasium.make(ENV_ID), episodes=100, seed=1_000)
    return row(seed, watch, tuned["total_steps"], found.mean_return)


def a2c(seed: int) -> dict[str, Any]:
    from stable_baselines3 import A2C

    return peer(A2C, seed, 500_000, ent_coef=0.0)


def ppo(seed: int) -> dict[str, Any]:
    from stable_baselines3 import PPO

    settings = {"n_steps": 32, "batch_size": 256, "gae_lambda": 0.8, "gamma": 0.98, "n_epochs": 20}
    falling = {"learning_rate": lambda left: 1e-3 * left, "clip_range": lambda left: 0.2 * left}
    return peer(PPO, seed, 100_000, **settings, **falling)


def peer(algorithm: Any, seed: int, steps: int, **settings: Any) -> dict[str, Any]:
    from stable_baselines3.common.env_util import make_vec_env
    from stable_baselines3.common.evaluation import evaluate_policy

    model = algorithm("MlpPolicy", make_vec_env(ENV_ID, 8, seed=seed), seed=seed, device="cpu", **settings)
    with Stopwatch() as watch:
        model.learn(steps)
    mean_return, _ = evaluate_policy(model, make_vec_env(ENV_ID, 1, seed=1_000), 100, warn=False)
    return row(seed, watch, model.num_timesteps, float(mean_return))


def row(seed: int, watch: Stopwatch, steps: int, mean_return: float) -> dict[str, Any]:
    return {
        "seed": seed,
        "seconds": watch.seconds,
        "cpu_seconds": watch.cpu_seconds,
        "steps": steps,
        "mean_return": mean_return,
    }


def compare(seeds: int, peer_seeds: int) -> dict[str, list[dict[str, Any]]]:
    """Rows by who trained; peers with the first few seeds alone, as they take long."""
    candidates: dict[str, tuple[Callable[[int], dict[str, Any]], int]] = {
        "ActorCriticAgent, tuned settings": (ours, seeds),
        "Stable-Baselines3 A2C, RL-Zoo's settings": (a2c, peer_seeds),
        "Stable-Baselines3 PPO, RL-Zoo's settings": (ppo, peer_seeds),
    }
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in candidates}
    for seed in range(max(seeds, peer_seeds)):
        for name, (train, n_seeds) in candidates.items():
            if seed < n_seeds:
                found[name].append(train(seed))
                print(name, json.dumps(found[name][-1]), flush=True)
    for name, rows in found.items():
        if rows:
            show(name, rows)
    return found
