"""The book's agent after the chapter's 1,000 episodes, seed by seed, and its speed beside plain DeZero.

    python -m benchmarks.chapter [--seeds 20] [--episodes 1000] [--json FILE]

The baseline has the chapter's own structure: a model of `Linear` layers, one-hot vectors, and a loop of
separate DeZero operations. Both learn on the same environment, one seed after the other, and are timed in
CPU seconds of this process, so that a busy machine does not favour either.
"""

from __future__ import annotations

import time
from statistics import median
from typing import Any

import gymnasium
import numpy as np

import agents
import gym_gridq
from agents.networks.compat import dezero
from benchmarks._measuring import parser_of, write_json


class PlainNetwork(dezero.Model):
    """The chapter's network."""

    def __init__(self, n_actions: int) -> None:
        super().__init__()
        self.l1 = dezero.layers.Linear(100)
        self.l2 = dezero.layers.Linear(n_actions)

    def forward(self, x: Any) -> Any:
        """Action values, (B, A)."""
        return self.l2(dezero.functions.relu(self.l1(x)))


class PlainAgent:
    """Q-learning with one DeZero operation after another."""

    def __init__(self, n_states: int, n_actions: int, seed: int) -> None:
        np.random.seed(seed)  # noqa: NPY002 - DeZero draws its weights there
        self.n_states, self.n_actions = n_states, n_actions
        self.network = PlainNetwork(n_actions)
        self.optimizer = dezero.optimizers.SGD(0.01).setup(self.network)

    def one_hot(self, state: int) -> Any:
        """The state as a row of the network's input, (1, S)."""
        vector = np.zeros((1, self.n_states), np.float32)
        vector[0, state] = 1
        return vector

    def act(self, state: int) -> int:
        """An epsilon-greedy action."""
        if np.random.rand() < 0.1:  # noqa: NPY002
            return int(np.random.choice(self.n_actions))  # noqa: NPY002
        return int(self.network(self.one_hot(state)).data.argmax())

    def learn(self, state: int, action: int, reward: float, next_state: int, terminated: bool) -> float:
        """One step of gradient descent; returns the loss."""
        next_value: Any = np.zeros(1)
        if not terminated:
            next_value = self.network(self.one_hot(next_state)).max(axis=1)
            next_value.unchain()
        target = 0.9 * next_value + reward
        q = self.network(self.one_hot(state))[:, action]
        loss = dezero.functions.mean_squared_error(target, q)
        self.network.cleargrads()
        loss.backward()
        self.optimizer.update()
        return float(loss.data)


def run_plain(env: Any, seed: int, episodes: int) -> tuple[int, float]:
    """Steps and CPU seconds of the baseline."""
    agent = PlainAgent(12, 4, seed)
    steps, start = 0, time.process_time()
    for episode in range(episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        over = False
        while not over:
            action = agent.act(state)
            next_state, reward, terminated, truncated, _ = env.step(action)
            agent.learn(state, action, reward, next_state, terminated)
            state = next_state
            over = terminated or truncated
            steps += 1
    return steps, time.process_time() - start


def run_ours(env: Any, seed: int, episodes: int) -> tuple[int, float, Any]:
    """Steps, CPU seconds and grade of `QLearningAgent`."""
    agent = agents.make("q-learning", env, seed=seed)
    training = agents.Training(agent, env, episodes=episodes)
    start = time.process_time()
    training.run()
    seconds = time.process_time() - start
    return training.steps, seconds, gym_gridq.grade(env, agent.q_values(np.arange(12)))


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--episodes", type=int, default=1000)
    arguments = parser.parse_args()

    env = gymnasium.make("GridQ-v0")
    rows = []
    print("seed  greedy length  optimal states  max abs(Q - q*)  steps/s  plain DeZero  ratio")
    for seed in range(arguments.seeds):
        plain_steps, plain_seconds = run_plain(env, seed, arguments.episodes)
        steps, seconds, grade = run_ours(env, seed, arguments.episodes)
        row = {
            "seed": seed,
            "greedy_length": grade.greedy_length,
            "optimal_states": grade.optimal_states,
            "max_q_error": grade.max_q_error,
            "steps_per_second": steps / seconds,
            "plain_steps_per_second": plain_steps / plain_seconds,
        }
        rows.append(row)
        ratio = row["steps_per_second"] / row["plain_steps_per_second"]
        print(
            f"{seed:4}  {grade.greedy_length or '-':>13}  {grade.optimal_states:>11}/{grade.n_states}  "
            f"{grade.max_q_error:15.3f}  {steps / seconds:7.0f}  "
            f"{plain_steps / plain_seconds:12.0f}  {ratio:5.2f}",
            flush=True,
        )
    print(f"greedy path of 5 steps: {sum(row['greedy_length'] == 5 for row in rows)} of {len(rows)}")
    ratios = [row["steps_per_second"] / row["plain_steps_per_second"] for row in rows]
    print(f"speed against plain DeZero: {median(ratios):.2f}x in the median, {min(ratios):.2f}x at least")
    write_json(arguments.json, rows)


if __name__ == "__main__":
    main()
