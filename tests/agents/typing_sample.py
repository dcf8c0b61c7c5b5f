"""Checked by `make lint`: mypy must find fault with exactly the lines that say so."""

from __future__ import annotations

import gymnasium

import agents
from agents.algorithms.dqn import DQNAgent


def sample() -> None:
    """Right and wrong uses."""
    env = gymnasium.make("GridQ-v0")
    agent: DQNAgent = agents.make(
        "dqn", env, seed=0, learning_rate=0.1, hidden_sizes=[8, 8], max_grad_norm=None
    )
    agents.train(agent, "GridQ-v0", total_steps=100, progress=True)
    agents.make("random", "GridQ-v0")
    agents.make("dqn", env, learning_rat=1)  # type: ignore[call-overload]
    agents.make("tabular", env, hidden_sizes=(8,))  # type: ignore[call-overload]
    agents.make("tabular", env, epsilon="much")  # type: ignore[call-overload]
