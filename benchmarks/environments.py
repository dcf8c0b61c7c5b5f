"""Every environment with tuned settings, trained and judged; exactly, where a table of its dynamics exists.

    OMP_NUM_THREADS=1 python -m benchmarks.environments [--env-id ID ...] [--agent dqn] [--seeds 2]

The mean return is that of 100 greedy episodes. Where the environment tells its dynamics (`P`), the greedy
policy's discounted value from the start is worked out exactly and set beside the optimum, v*.
"""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np

import agents
import gym_gridq
from agents.settings import tuned_ids
from benchmarks._measuring import Stopwatch, parser_of, tuned, write_json
from gym_gridq.exact.toy_text import table_of


def try_out(env_id: str, agent_name: str, seed: int) -> dict[str, Any]:
    agent, env, total_steps = tuned(env_id, agent_name, seed)
    with Stopwatch() as watch:
        agents.train(agent, env, total_steps)
    judge_env = gymnasium.make(env_id)
    found = agents.evaluate(agent, judge_env, episodes=100, seed=1_000)
    row = {
        "env_id": env_id,
        "seed": seed,
        "steps": total_steps,
        **watch.figures,
        "mean_return": found.mean_return,
        "std_return": found.std_return,
    }
    table, start = table_of(judge_env), getattr(judge_env.unwrapped, "initial_state_distrib", None)
    if table is not None and start is not None:
        discount = agent.config.to_dict()["discount"]
        states = np.arange(len(table.reward))
        chosen = states, agent.q_values(states).argmax(axis=1)
        onward = np.eye(len(states)) - discount * table.transition[chosen]  # (S, S)
        row["value"] = float(start @ np.linalg.solve(onward, table.reward[chosen]))
        row["optimal_value"] = float(start @ gym_gridq.solve(judge_env, discount).v)
    return row


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--env-id", nargs="+", default=[i for i in tuned_ids() if i in gymnasium.registry])
    parser.add_argument("--agent", default="dqn")
    parser.add_argument("--seeds", type=int, default=2)
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
    write_json(arguments.json, rows)


if __name__ == "__main__":
    main()
