"""How soon CartPole-v1 is solved, with a greedy mean of 475 over 100 episodes; beside Stable-Baselines3.

    OMP_NUM_THREADS=1 python -m benchmarks.cartpole [--seeds 10] [--peer-seeds 2] [--json FILE]

With the tuned settings. Time runs until the 100 episodes that prove it are over: training, a look at 5
greedy episodes every 512 steps, and the 100 episodes whenever these 5 promise well. A seed that does not get
there within the settings' total steps has failed. Stable-Baselines3 trains for RL-Zoo's 50,000 steps with
RL-Zoo's settings, and only the training is timed. The environment variable keeps every library to one thread.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from statistics import median
from typing import Any

import gymnasium

import agents
from agents.settings import tuned_settings
from agents.training.callbacks import PeriodicEvaluation
from agents.training.loop import Training
from benchmarks.learning import Stopwatch

TARGET = 475.0


def solve(seed: int) -> dict[str, Any]:
    tuned = tuned_settings("CartPole-v1", "dqn")
    judge_env = gymnasium.make("CartPole-v1")
    with Stopwatch() as watch:
        env = gymnasium.make("CartPole-v1")
        agent = agents.make("dqn", env, seed=seed, **tuned["hyperparameters"])
        judge = PeriodicEvaluation(judge_env, every_steps=512, episodes=5, target_return=TARGET)
        training = Training(agent, env, tuned["total_steps"], callbacks=[judge])
        mean_return = 0.0
        while mean_return < TARGET and not training.finished:
            training.stop_reason = None
            training.run()
            mean_return = agents.evaluate(agent, judge_env, episodes=100, seed=1_000).mean_return
    return {
        "seed": seed,
        "seconds": watch.seconds,
        "cpu_seconds": watch.cpu_seconds,
        "steps": training.steps,
        "mean_return": mean_return,
    }


def peer_trains(seed: int) -> dict[str, Any]:
    from stable_baselines3 import DQN
    from stable_baselines3.common.evaluation import evaluate_policy

    with Stopwatch() as watch:
        model = DQN(
            "MlpPolicy",
            gymnasium.make("CartPole-v1"),
            learning_rate=2.3e-3,
            batch_size=64,
            buffer_size=100_000,
            learning_starts=1_000,
            gamma=0.99,
            target_update_interval=10,
            train_freq=256,
            gradient_steps=128,
            exploration_fraction=0.16,
            exploration_final_eps=0.04,
            policy_kwargs={"net_arch": [256, 256]},
            seed=seed,
            device="cpu",
        )
        model.learn(50_000)
    mean_return, _ = evaluate_policy(model, gymnasium.make("CartPole-v1"), 100, warn=False)
    return {
        "seed": seed,
        "seconds": watch.seconds,
        "cpu_seconds": watch.cpu_seconds,
        "steps": model.num_timesteps,
        "mean_return": float(mean_return),
    }


def show(title: str, rows: list[dict[str, Any]]) -> None:
    print(f"\n{title}\nseed  seconds  CPU seconds  steps  mean return of 100 episodes")
    for row in rows:
        print(
            f"{row['seed']:4}  {row['seconds']:7.1f}  {row['cpu_seconds']:11.1f}  {row['steps']:5}  "
            f"{row['mean_return']:.1f}"
        )
    reached = sum(row["mean_return"] >= TARGET for row in rows)
    seconds, cpu_seconds = (median(row[name] for row in rows) for name in ("seconds", "cpu_seconds"))
    print(f"{TARGET:g} reached on {reached} of {len(rows)}; median {seconds:.1f} s ({cpu_seconds:.1f} s CPU)")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--peer-seeds", type=int, default=0, help="seeds for Stable-Baselines3, if installed")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    results = {"ours": [solve(seed) for seed in range(arguments.seeds)]}
    show("DQNAgent, tuned settings", results["ours"])
    if arguments.peer_seeds > 0:
        results["Stable-Baselines3"] = [peer_trains(seed) for seed in range(arguments.peer_seeds)]
        show("Stable-Baselines3 DQN, RL-Zoo's settings", results["Stable-Baselines3"])
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
