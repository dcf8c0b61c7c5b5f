"""Trains for a moment and prints a digest of everything that came of it: ``python -m ... AGENT NUM_ENVS``."""

from __future__ import annotations

import hashlib
import sys

import gymnasium

import agents
import gym_gridq  # noqa: F401 - registers the ids


def digest(name: str, num_envs: int, total_steps: int = 600) -> str:
    """Digest of an agent's state and of every episode."""
    kwargs = {"slip": 0.3, "random_start": True}
    if num_envs == 1:
        env = gymnasium.make("GridQ-v0", **kwargs)
    else:
        env = gymnasium.make_vec("GridQ-v0", num_envs, **kwargs)
    agent = agents.make(name, env, seed=17)
    history = agents.train(agent, env, total_steps)
    result = hashlib.sha256(repr((list(history.episodes), agent.state_description())).encode())
    for key, array in sorted(agent.state_arrays().items()):
        result.update(key.encode() + array.tobytes())
    return result.hexdigest()


if __name__ == "__main__":
    print(digest(sys.argv[1], int(sys.argv[2])))
