"""bsuite's own experiments catch/0 and cartpole/0: its JAX DQN and our DQN agent, with the same settings.

    pip install "bsuite[baselines-jax]==0.3.6" gymnasium dezero matplotlib pillow tqdm
    OMP_NUM_THREADS=1 python -m benchmarks.bsuite_scores [--seeds 0 1 2] [--json FILE]

The scores are bsuite's: 0 is a random agent, 1 a perfect one. The environment variable keeps every library to
one thread. Progress goes to stderr.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from typing import Any

import bsuite
import numpy as np
from bsuite.baselines import experiment
from bsuite.baselines.jax import dqn
from bsuite.logging import csv_load

from agents.adapters.bsuite import BsuiteAgent
from benchmarks._measuring import Stopwatch, parser_of, write_json

TASKS = ("catch/0", "cartpole/0")
THEIRS, OURS = "bsuite's DQN", "our DQN"
# What bsuite.baselines.jax.dqn.default_agent is made of, in our words.
SETTINGS = {
    "hidden_sizes": (64, 64),
    "learning_rate": 1e-3,
    "discount": 0.99,
    "batch_size": 32,
    "replay_capacity": 10_000,
    "learning_starts": 100,
    "target_update_interval": 4,
    "target_tau": 1,
    "double_q": False,
    "epsilon": 0.05,
    "epsilon_schedule": "constant",
    "epsilon_final": 0.05,
}


def make_agent(name: str, env: Any, seed: int) -> Any:
    """One of the two agents, new."""
    specs = env.observation_spec(), env.action_spec()
    if name == OURS:
        return BsuiteAgent(*specs, seed=seed, **SETTINGS)
    np.random.seed(seed)  # noqa: NPY002 - where bsuite's agent draws its actions and its samples
    return dqn.default_agent(*specs, seed=seed)


def run(name: str, task: str, seed: int, episodes: int | None) -> dict[str, Any]:
    """Runs one experiment from start to end; bsuite's score, in [0, 1], and what it took."""
    analysis = importlib.import_module(f"bsuite.experiments.{task.split('/')[0]}.analysis")
    with tempfile.TemporaryDirectory() as folder, Stopwatch() as watch:
        env = bsuite.load_and_record(task, save_path=folder, overwrite=True)
        agent = make_agent(name, env, seed)
        n_episodes = episodes or env.bsuite_num_episodes
        for part in range(1, 11):
            done = n_episodes * part // 10
            experiment.run(agent, env, num_episodes=done - n_episodes * (part - 1) // 10)
            results, _ = csv_load.load_bsuite(folder)
            score, steps = float(analysis.score(results)), int(results["steps"].max())
            progress = f"{task}, {name}, seed {seed}: {done:,} of {n_episodes:,} episodes, {steps:,} steps"
            print(f"{progress}, score so far {score:.3f}", file=sys.stderr, flush=True)
    return {
        "task": task,
        "agent": name,
        "seed": seed,
        "episodes": n_episodes,
        "score": score,
        "steps": steps,
        "cpu_seconds": watch.cpu_seconds,
    }


def main() -> None:
    """Prints a table of scores."""
    parser = parser_of(__doc__)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--tasks", nargs="+", default=TASKS, choices=TASKS)
    parser.add_argument("--agents", nargs="+", default=(THEIRS, OURS), choices=(THEIRS, OURS))
    parser.add_argument("--episodes", type=int, help="fewer than bsuite asks for, for a first look")
    options = parser.parse_args()
    results = [
        run(name, task, seed, options.episodes)
        for task in options.tasks
        for name in options.agents
        for seed in options.seeds
    ]
    print("| task | agent | seed | score | steps | CPU seconds |")
    print("|---|---|---|---|---|---|")
    for result in results:
        task, name, seed = result["task"], result["agent"], result["seed"]
        score, steps, seconds = result["score"], result["steps"], result["cpu_seconds"]
        print(f"| {task} | {name} | {seed} | {score:.3f} | {steps:,} | {seconds:.0f} |", flush=True)
    write_json(options.json, results)


if __name__ == "__main__":
    main()
