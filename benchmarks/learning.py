"""How soon DQN knows the grid exactly, and how soon its greedy path is the shortest.

    OMP_NUM_THREADS=1 python -m benchmarks.learning [--seeds 20] [--peer-seeds 3] [--json FILE]

Two questions on `GridQ-v0`, seed by seed:

- With the tuned settings (random behaviour in 32 lanes): seconds and environment steps until max abs(Q - q*)
  over the 40 pairs of non-terminal cells and actions is at most 0.01.
- With the defaults (one lane, epsilon-greedy from the fixed start, epsilon from 1 to 0.1): environment steps
  until the greedy path is the shortest, and whether it still is after 1,000.

Stable-Baselines3, if installed, is asked the first question too, with learning rate 1e-3, batches of 32, a
target interval of 100, one hidden layer of 100 and a gradient step every step; with random behaviour like
ours, and again exploring as it does by itself. Times are wall-clock seconds of training with the looks at its
progress, and CPU seconds beside them. The environment variable keeps every library to one thread.
"""

from __future__ import annotations

from statistics import median
from typing import Any

import gymnasium
import numpy as np

import agents
import gym_gridq
from agents.training.callbacks import StopAtExactValues
from agents.training.loop import Callback, Training
from benchmarks._measuring import Stopwatch, parser_of, tuned, write_json

TOLERANCE = 0.01
DISCOUNT = 0.9
ENV = gymnasium.make("GridQ-v0").unwrapped
SOLUTION = gym_gridq.solve(ENV, DISCOUNT)
LIVE_STATES = np.flatnonzero(SOLUTION.policy.any(axis=1))
SHORTEST = 5
PEERS = {
    "Stable-Baselines3 DQN, random behaviour": 1.0,
    "Stable-Baselines3 DQN, its own exploration (epsilon to 0.05 in a tenth of 20,000 steps)": 0.05,
}
"""Final epsilon by title."""


def learn_exactly(seed: int) -> dict[str, Any]:
    with Stopwatch() as watch:
        agent, envs, total_steps = tuned("GridQ-v0", "dqn", seed)
        judge = StopAtExactValues(SOLUTION.q, LIVE_STATES, TOLERANCE, every_steps=2 * envs.num_envs)
        training = Training(agent, envs, total_steps, callbacks=[judge])
        training.run()
    return {
        "seed": seed,
        **watch.figures,
        "steps": training.steps,
        "max_q_error": judge.max_error,
    }


class PathWatch(Callback):
    """Notes when the greedy path is the shortest."""

    def __init__(self) -> None:
        self.first: int | None = None
        self.last_not = 0

    def on_step(self, training: Training) -> None:
        """Looks at the path every ten steps."""
        if training.steps % 10 == 0:
            grade = gym_gridq.grade(ENV, training.agent.q_values(np.arange(12)), DISCOUNT)
            if grade.greedy_length != SHORTEST:
                self.last_not = training.steps
            elif self.first is None:
                self.first = training.steps


def find_path(seed: int) -> dict[str, Any]:
    env = gymnasium.make("GridQ-v0")
    agent = agents.make("dqn", env, seed=seed)
    watch = PathWatch()
    agents.train(agent, env, total_steps=1_000, callbacks=[watch])
    return {
        "seed": seed,
        "first": watch.first,
        "last_not": watch.last_not,
        "in_the_end": watch.last_not < 1_000,
    }


def peer_learns_exactly(seed: int, final_epsilon: float) -> dict[str, Any]:
    from stable_baselines3 import DQN
    from stable_baselines3.common.callbacks import BaseCallback

    class Judge(BaseCallback):
        max_error = float("inf")

        def _on_step(self) -> bool:
            if self.n_calls % 250 == 0:
                observations, _ = self.model.policy.obs_to_tensor(LIVE_STATES)
                q = self.model.q_net(observations).detach().numpy()
                self.max_error = float(np.abs(q - SOLUTION.q[LIVE_STATES]).max())
            return self.max_error > TOLERANCE

    judge = Judge()
    with Stopwatch() as watch:
        model = DQN(
            "MlpPolicy",
            gymnasium.make("GridQ-v0"),
            learning_rate=1e-3,
            batch_size=32,
            gamma=DISCOUNT,
            target_update_interval=100,
            train_freq=1,
            exploration_final_eps=final_epsilon,
            policy_kwargs={"net_arch": [100]},
            seed=seed,
            device="cpu",
        )
        model.learn(20_000, callback=judge)
    return {
        "seed": seed,
        **watch.figures,
        "steps": model.num_timesteps,
        "max_q_error": judge.max_error,
    }


def show(title: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Prints the runs and their medians; returns them."""
    print(f"\n{title}\nseed  seconds  CPU seconds  steps  max abs(Q - q*)")
    for row in rows:
        print(
            f"{row['seed']:4}  {row['seconds']:7.3f}  {row['cpu_seconds']:11.3f}  {row['steps']:5}  "
            f"{row['max_q_error']:.4f}"
        )
    exact = sum(row["max_q_error"] <= TOLERANCE for row in rows)
    middle = {name: median(row[name] for row in rows) for name in ("seconds", "cpu_seconds", "steps")}
    print(
        f"exact on {exact} of {len(rows)}; median {middle['seconds']:.3f} s "
        f"({middle['cpu_seconds']:.3f} s CPU), {middle['steps']:.0f} steps"
    )
    return {"runs": rows, "exact": exact, **middle}


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--peer-seeds", type=int, default=0, help="seeds for Stable-Baselines3, if installed")
    arguments = parser.parse_args()

    learn_exactly(0)  # imports, caches and the allocator are warm for the rest
    ours = show("DQNAgent, tuned settings", [learn_exactly(seed) for seed in range(arguments.seeds)])
    results: dict[str, Any] = {"exact values": ours}

    paths = [find_path(seed) for seed in range(arguments.seeds)]
    results["shortest path"] = paths
    print("\nDQNAgent, defaults: greedy path of 5 steps\nseed  first after  last not  after 1,000")
    for row in paths:
        print(f"{row['seed']:4}  {row['first'] or '-':>11}  {row['last_not']:8}  {row['in_the_end']!s:>11}")
    found = sum(row["first"] is not None for row in paths)
    kept = sum(row["in_the_end"] for row in paths)
    print(f"found within 1,000 steps on {found} of {len(paths)}, held at the end on {kept}")

    if arguments.peer_seeds > 0:
        for title, final_epsilon in PEERS.items():
            runs = [peer_learns_exactly(seed, final_epsilon) for seed in range(arguments.peer_seeds)]
            peer = results[title] = show(title, runs)
            print(f"ours takes {peer['cpu_seconds'] / ours['cpu_seconds']:.0f}x less CPU time in the median")
    write_json(arguments.json, results)


if __name__ == "__main__":
    main()
