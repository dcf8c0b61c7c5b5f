"""bsuite's own experiments catch/0 and cartpole/0: its JAX DQN and our DQN agent, both as they come.

    pip install "bsuite[baselines-jax]==0.3.6" dezero matplotlib pillow tqdm
    python -m benchmarks.bsuite_scores

The scores are bsuite's: 0 is a random agent, 1 a perfect one.
"""

from __future__ import annotations

import argparse
import importlib
import json
import tempfile
from pathlib import Path
from typing import Any

import bsuite
from bsuite.baselines import experiment
from bsuite.baselines.jax import dqn
from bsuite.logging import csv_load

from agents.adapters.bsuite import BsuiteAgent

TASKS = ("catch/0", "cartpole/0")
THEIRS, OURS = "bsuite's DQN", "our DQN"


def score(agent_name: str, task: str, seed: int, episodes: int | None) -> float:
    """Runs one experiment from start to end; returns bsuite's score, in [0, 1]."""
    with tempfile.TemporaryDirectory() as folder:
        env = bsuite.load_and_record(task, save_path=folder, overwrite=True)
        agent: Any
        if agent_name == THEIRS:
            agent = dqn.default_agent(env.observation_spec(), env.action_spec(), seed=seed)
        else:
            agent = BsuiteAgent(
                env.observation_spec(),
                env.action_spec(),
                seed=seed,
                discount=0.99,  # as bsuite's
                epsilon_final=0.05,
            )
        experiment.run(agent, env, num_episodes=episodes or env.bsuite_num_episodes)
        results, _ = csv_load.load_bsuite(folder)
    analysis = importlib.import_module(f"bsuite.experiments.{task.split('/')[0]}.analysis")
    return float(analysis.score(results))


def main() -> None:
    """Prints a table of scores."""
    parser = argparse.ArgumentParser(description="Scores of our DQN agent and bsuite's on bsuite's tasks.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tasks", nargs="+", default=TASKS, choices=TASKS)
    parser.add_argument("--episodes", type=int, help="fewer than bsuite asks for, for a first look")
    parser.add_argument("--json", type=Path, help="write the scores to this file too")
    options = parser.parse_args()
    scores = {
        task: {name: score(name, task, options.seed, options.episodes) for name in (THEIRS, OURS)}
        for task in options.tasks
    }
    print(f"{'task':<14}{THEIRS:>14}{OURS:>10}")
    for task, by_agent in scores.items():
        print(f"{task:<14}{by_agent[THEIRS]:>14.3f}{by_agent[OURS]:>10.3f}")
    if options.json:
        options.json.write_text(json.dumps(scores, indent=1))


if __name__ == "__main__":
    main()
