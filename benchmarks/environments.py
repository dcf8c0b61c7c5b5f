"""Every environment with tuned settings, trained and judged; exactly, where a table of its dynamics exists.

    OMP_NUM_THREADS=1 python -m benchmarks.environments [--env-id ID ...] [--agent dqn] [--seeds 2]

The mean return is that of 100 greedy episodes. Where the environment tells its dynamics (`P`), the greedy
policy's discounted value from the start is worked out exactly and set beside the optimum, v*.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

import agents
from agents.settings import tuned_ids, tuned_settings
from benchmarks.learning import Stopwatch


def values(env: Any, discount: float, policy: Any = None) -> Any:
    """Exact state values of a policy (S,), or of the best one, by iterating on the environment's table."""
    n_states, n_actions = len(env.P), len(env.P[0])
    gain = np.zeros((n_states, n_actions))
    onward = np.zeros((n_states, n_actions, n_states))
    for state, outcomes in env.P.items():
        for action, branches in outcomes.items():
            for probability, next_state, reward, terminated in branches:
                gain[state, action] += probability * reward
                onward[state, action, next_state] += probability * discount * (not terminated)
    v, change = np.zeros(n_states), 1.0
    while change > 1e-10:
        q = gain + onward @ v
        updated = q.max(axis=1) if policy is None else q[np.arange(n_states), policy]
        v, change = updated, np.abs(updated - v).max()
    return v


def try_out(env_id: str, agent_name: str, seed: int) -> dict[str, Any]:
    tuned = tuned_settings(env_id, agent_name)
    n_lanes = tuned["num_envs"]
    env: Any = gymnasium.make(env_id) if n_lanes == 1 else gymnasium.make_vec(env_id, num_envs=n_lanes)
    agent = agents.make(agent_name, env, seed=seed, **tuned["hyperparameters"])
    with Stopwatch() as watch:
        agents.train(agent, env, tuned["total_steps"])
    judge_env = gymnasium.make(env_id)
    found = agents.evaluate(agent, judge_env, episodes=100, seed=1_000)
    row = {
        "env_id": env_id,
        "seed": seed,
        "steps": tuned["total_steps"],
        "seconds": watch.seconds,
        "cpu_seconds": watch.cpu_seconds,
        "mean_return": found.mean_return,
        "std_return": found.std_return,
    }
    table: Any = judge_env.unwrapped
    if hasattr(table, "P") and hasattr(table, "initial_state_distrib"):
        discount = agent.config.to_dict()["discount"]
        policy = agent.q_values(np.arange(len(table.P))).argmax(axis=1)
        start = np.asarray(table.initial_state_distrib)
        row["value"] = float(start @ values(table, discount, policy))
        row["optimal_value"] = float(start @ values(table, discount))
    return row


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--env-id", nargs="+", default=[i for i in tuned_ids() if i in gymnasium.registry])
    parser.add_argument("--agent", default="dqn")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rows = []
    print("environment         seed    steps  seconds  CPU seconds   mean return            value / v*")
    for env_id in arguments.env_id:
        for seed in range(arguments.seeds):
            row = try_out(env_id, arguments.agent, seed)
            rows.append(row)
            exact = f"{row['value']:.4f} / {row['optimal_value']:.4f}" if "value" in row else ""
            print(
                f"{env_id:18}  {seed:4}  {row['steps']:7}  {row['seconds']:7.1f}  "
                f"{row['cpu_seconds']:11.1f}  {row['mean_return']:7.2f} +- {row['std_return']:6.2f}  {exact}",
                flush=True,
            )
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
