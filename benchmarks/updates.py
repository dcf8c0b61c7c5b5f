"""What one gradient step and one choice of action cost, beside hand-written NumPy, plain DeZero and PyTorch.

    OMP_NUM_THREADS=1 python -m benchmarks.updates [--rounds 200] [--json FILE]

A step is everything from a batch in memory to changed weights: forward, loss of the actions taken, backward,
Adam. All start from the same weights, and the losses they report must agree. The inputs of the small network
are the grid's 12 states: the others get them as ready-made one-hot rows. Candidates take turns, round by
round, and the best round of each counts, since whatever else runs on a machine only ever adds time. The
environment variable keeps every library to one thread; without it each one does as it likes. PyTorch is
measured where it is installed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
from gymnasium import spaces

from agents.algorithms.dqn import DQNAgent
from agents.config import DQNConfig
from agents.networks.losses import td_loss
from agents.networks.optimizers import Adam, SparseAdam
from agents.networks.q_network import QNetwork
from benchmarks._measuring import best_of_turns, parser_of, write_json
from benchmarks._networks_elsewhere import (
    LEARNING_RATE,
    Batch,
    Step,
    numpy_choice,
    numpy_step,
    plain_dezero_step,
    torch,
    torch_choice,
    torch_step,
)

NETWORKS = {"12-100-4": (12, (100,), 4, True), "4-256-256-2": (4, (256, 256), 2, False)}


def our_step(network: QNetwork, batch: Batch) -> Step:
    optimizer = (SparseAdam if network.sparse else Adam)(LEARNING_RATE).setup(network)

    def step() -> float:
        loss = td_loss(network(batch.features), batch.actions, batch.targets)
        network.cleargrads()
        loss.backward()
        optimizer.update()
        return float(loss.data)

    return step


def microseconds(candidates: dict[str, Callable[[], Any]], rounds: int, repeats: int) -> dict[str, float]:
    """CPU time of one call of each candidate."""
    return {name: 1e6 * seconds for name, seconds in best_of_turns(candidates, rounds, repeats).items()}


def measure_steps(rounds: int) -> list[dict[str, Any]]:
    rows = []
    for name, (n_features, hidden_sizes, n_actions, index) in NETWORKS.items():
        for batch_size in (32, 64):
            network = QNetwork(n_features, n_actions, hidden_sizes, np.random.default_rng(0))
            parameters = [parameter.data for parameter in network.parameters]
            batch = Batch(n_features, n_actions, batch_size, index)
            steps = {
                "NumPy by hand": numpy_step(parameters, batch),
                "plain DeZero": plain_dezero_step(parameters, batch),
            }
            if torch:
                steps["PyTorch"] = torch_step(parameters, batch)
            steps["ours"] = our_step(network, batch)
            losses = {candidate: [step() for _ in range(20)][-1] for candidate, step in steps.items()}
            # PyTorch adds Adam's epsilon in another place, so it is not as near as the rest.
            if not np.allclose(list(losses.values()), losses["ours"], rtol=1e-2):
                raise AssertionError(f"the candidates do not compute the same: {losses}")
            rows.append({"network": name, "batch": batch_size, **microseconds(steps, rounds, 10)})
    return rows


def measure_choices(rounds: int) -> list[dict[str, Any]]:
    """A greedy action of one observation and of 1,024."""
    rows = []
    for name, (n_features, hidden_sizes, n_actions, index) in NETWORKS.items():
        space: spaces.Space[Any] = (
            spaces.Discrete(n_features) if index else spaces.Box(-np.inf, np.inf, (n_features,), np.float32)
        )
        agent = DQNAgent(space, spaces.Discrete(n_actions), DQNConfig(hidden_sizes=hidden_sizes), seed=0)
        parameters = [parameter.data for parameter in agent.network.parameters]
        for size in (1, 1024):
            batch = Batch(n_features, n_actions, size, index)
            observation = batch.features
            if size == 1:
                observation = int(batch.features[0]) if index else batch.features[0]
            choices = {
                "NumPy by hand": lambda x=batch.rows, p=parameters: numpy_choice(p, x),
                "ours": lambda agent=agent, observation=observation: agent.act(observation, explore=False),
            }
            if torch:
                choices["PyTorch"] = torch_choice(parameters, batch.rows)
            answers = [np.ravel(choose()) for choose in choices.values()]
            if any((answer != answers[0]).any() for answer in answers):
                raise AssertionError("the candidates do not choose the same actions")
            rows.append({"network": name, "batch": size, **microseconds(choices, rounds, 10)})
    return rows


def measure_growth(rounds: int) -> list[dict[str, Any]]:
    """A step at batch 32 as the number of states grows; by hand with dense one-hot rows.

    With Adam and with sparse Adam. And a whole `DQNAgent.learn` of one transition, with a target network that
    is copied every 100 steps, and with one that follows after every step, which touches all weights.
    """
    rows = []
    for n_states in (12, 48, 128, 129, 500, 1_000, 4_000, 10_000):
        network = QNetwork(n_states, 4, (100,), np.random.default_rng(0))
        batch = Batch(n_states, 4, 32, index=True)
        parameters = [parameter.data for parameter in network.parameters]
        sparse = QNetwork(n_states, 4, (100,), np.random.default_rng(0), sparse=True)
        copied = {"target_update_interval": 100, "target_tau": 1.0}
        steps: dict[str, Callable[[], Any]] = {
            "NumPy by hand": numpy_step(parameters, batch),
            "ours": our_step(network, batch),
            "ours, sparse": our_step(sparse, batch),
            "learn, copied": learning(n_states, **copied),
            "learn, soft": learning(n_states),
            "sparse, copied": learning(n_states, optimizer="sparse-adam", **copied),
            "sparse, soft": learning(n_states, optimizer="sparse-adam"),
        }
        rows.append({"states": n_states, "batch": 32, **microseconds(steps, rounds, 5)})
    return rows


def learning(n_states: int, **settings: Any) -> Callable[[], Any]:
    config = DQNConfig(batch_size=32, learning_starts=0, **settings)
    agent = DQNAgent(spaces.Discrete(n_states), spaces.Discrete(4), config, seed=0)
    rng = np.random.default_rng(0)

    def learn() -> None:
        state, next_state = rng.integers(n_states, size=2).tolist()
        agent.learn(state, 0, 0.5, next_state, False, False)

    for _ in range(500):  # enough for samples that differ
        learn()
    return learn


def show(title: str, rows: list[dict[str, Any]]) -> None:
    print(f"\n{title}, CPU microseconds (times ours)")
    names = [name for name in rows[0] if name not in ("network", "states", "batch")]
    print(f"{'':>12} {'batch':>6} " + " ".join(f"{name:>20}" for name in names))
    for row in rows:
        cells = [f"{row[name]:.1f} ({row[name] / row['ours']:.2f})" for name in names]
        label = row.get("network") or f"{row['states']} states"
        print(f"{label:>12} {row['batch']:>6} " + " ".join(f"{cell:>20}" for cell in cells))


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    arguments = parser.parse_args()
    print(f"OMP_NUM_THREADS={os.environ.get('OMP_NUM_THREADS', 'not set')}")
    measurements = {
        "One gradient step": measure_steps(arguments.rounds),
        "Choosing an action": measure_choices(arguments.rounds),
        "One gradient step on a growing grid": measure_growth(arguments.rounds),
    }
    for title, rows in measurements.items():
        show(title, rows)
    write_json(arguments.json, measurements)


if __name__ == "__main__":
    main()
