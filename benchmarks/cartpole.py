"""How soon CartPole-v1 is solved, with a greedy mean of 475 over 100 episodes; beside Stable-Baselines3.

    OMP_NUM_THREADS=1 python -m benchmarks.cartpole [--seeds 10] [--peer-seeds 2] [--json FILE]
    OMP_NUM_THREADS=1 python -m benchmarks.cartpole --agent actor-critic [--seeds 10] [--peer-seeds 2]

With the tuned settings. DQN's time runs until the 100 episodes that prove it are over: training, a look at 5
greedy episodes every 512 steps, and the 100 episodes whenever these 5 promise well. A seed that does not get
there within the settings' total steps has failed. Actor-critic trains for its 500,000 steps, and only the
training is timed; so it is of Stable-Baselines3's DQN, A2C and PPO, with the settings and steps of RL-Zoo.
Seeds take turns. The environment variable keeps every library to one thread.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from statistics import median
from typing import Any

import gymnasium

import agents
from agents.training.callbacks import PeriodicEvaluation
from agents.training.loop import Training
from benchmarks._measuring import Stopwatch, parser_of, tuned, write_json

ENV_ID = "CartPole-v1"
TARGET = 475.0

Row = dict[str, Any]


def row(seed: int, watch: Stopwatch, steps: int, mean_return: float) -> Row:
    return {"seed": seed, **watch.figures, "steps": steps, "mean_return": mean_return}


def judged(agent: agents.Agent) -> float:
    return agents.evaluate(agent, gymnasium.make(ENV_ID), episodes=100, seed=1_000).mean_return


def dqn(seed: int) -> Row:
    judge = PeriodicEvaluation(gymnasium.make(ENV_ID), every_steps=512, episodes=5, target_return=TARGET)
    with Stopwatch() as watch:
        agent, env, total_steps = tuned(ENV_ID, "dqn", seed)
        training = Training(agent, env, total_steps, callbacks=[judge])
        mean_return = 0.0
        while mean_return < TARGET and not training.finished:
            training.stop_reason = None
            training.run()
            mean_return = judged(agent)
    return row(seed, watch, training.steps, mean_return)


def actor_critic(seed: int) -> Row:
    agent, envs, total_steps = tuned(ENV_ID, "actor-critic", seed)
    with Stopwatch() as watch:
        agents.train(agent, envs, total_steps)
    return row(seed, watch, total_steps, judged(agent))


def peer(algorithm: Any, seed: int, steps: int, lanes: int, **settings: Any) -> Row:
    from stable_baselines3.common.env_util import make_vec_env
    from stable_baselines3.common.evaluation import evaluate_policy

    envs = make_vec_env(ENV_ID, lanes, seed=seed)
    model = algorithm("MlpPolicy", envs, seed=seed, device="cpu", **settings)
    with Stopwatch() as watch:
        model.learn(steps)
    mean_return, _ = evaluate_policy(model, make_vec_env(ENV_ID, 1, seed=1_000), 100, warn=False)
    return row(seed, watch, model.num_timesteps, float(mean_return))


def peer_dqn(seed: int) -> Row:
    from stable_baselines3 import DQN

    settings = {"learning_rate": 2.3e-3, "batch_size": 64, "buffer_size": 100_000, "learning_starts": 1_000}
    settings |= {"gamma": 0.99, "target_update_interval": 10, "train_freq": 256, "gradient_steps": 128}
    settings |= {"exploration_fraction": 0.16, "exploration_final_eps": 0.04}
    return peer(DQN, seed, 50_000, 1, policy_kwargs={"net_arch": [256, 256]}, **settings)


def peer_a2c(seed: int) -> Row:
    from stable_baselines3 import A2C

    return peer(A2C, seed, 500_000, 8, ent_coef=0.0)


def peer_ppo(seed: int) -> Row:
    from stable_baselines3 import PPO

    settings = {"n_steps": 32, "batch_size": 256, "gae_lambda": 0.8, "gamma": 0.98, "n_epochs": 20}
    falling = {"learning_rate": lambda left: 1e-3 * left, "clip_range": lambda left: 0.2 * left}
    return peer(PPO, seed, 100_000, 8, **settings, **falling)


CANDIDATES: dict[str, dict[str, Callable[[int], Row]]] = {
    "dqn": {
        "DQNAgent, tuned settings": dqn,
        "Stable-Baselines3 DQN, RL-Zoo's settings": peer_dqn,
    },
    "actor-critic": {
        "ActorCriticAgent, tuned settings": actor_critic,
        "Stable-Baselines3 A2C, RL-Zoo's settings": peer_a2c,
        "Stable-Baselines3 PPO, RL-Zoo's settings": peer_ppo,
    },
}


def show(title: str, rows: list[Row]) -> None:
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
    parser = parser_of(__doc__)
    parser.add_argument("--agent", choices=CANDIDATES, default="dqn")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--peer-seeds", type=int, default=0, help="seeds for Stable-Baselines3, if installed")
    arguments = parser.parse_args()
    candidates = CANDIDATES[arguments.agent]
    found: dict[str, list[Row]] = {name: [] for name in candidates}
    for seed in range(max(arguments.seeds, arguments.peer_seeds)):
        for name, train in candidates.items():
            if seed < (arguments.peer_seeds if "Stable-Baselines3" in name else arguments.seeds):
                found[name].append(train(seed))
                print(name, json.dumps(found[name][-1]), flush=True)
    for name, rows in found.items():
        if rows:
            show(name, rows)
    write_json(arguments.json, found)


if __name__ == "__main__":
    main()
