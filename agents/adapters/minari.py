"""Data sets of Minari: learn from one without an environment, or make one of what an agent remembers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from agents.algorithms.base import Agent
from agents.algorithms.dqn import DQNAgent
from agents.arguments import checked_count

__all__ = ["Recording", "export_replay", "learn_from", "recordings"]


class Recording(NamedTuple):
    """One episode, or the part of one that is remembered, of T steps."""

    observations: npt.NDArray[Any]  # (T + 1, ...)
    actions: npt.NDArray[np.int64]  # (T,)
    rewards: npt.NDArray[np.float32]  # (T,)
    terminations: npt.NDArray[np.bool_]  # (T,)
    truncations: npt.NDArray[np.bool_]  # (T,)


def learn_from(agent: Agent, dataset: Iterable[Any], passes: int = 1) -> int:
    """Learns from recorded episodes, step by step, as if they happened now.

    Args:
        agent: any agent whose spaces are the data set's.
        dataset: a Minari data set, or other episodes with the attributes of a `Recording`.
        passes: how often to go through it.

    Returns:
        The number of transitions learned from.

    Raises:
        ValueError: if ``passes`` is not an integer from 1 up, the data set is empty, or its observations or
            actions are not the agent's.
    """
    n_transitions = 0
    for _ in range(checked_count("passes", passes)):
        for episode in dataset:
            for step, action in enumerate(episode.actions):
                agent.learn(
                    episode.observations[step],
                    action,
                    float(episode.rewards[step]),
                    episode.observations[step + 1],
                    bool(episode.terminations[step]),
                    bool(episode.truncations[step]),
                )
                n_transitions += 1
    if n_transitions == 0:
        raise ValueError("the data set holds no step; record some episodes first")
    return n_transitions


def recordings(agent: DQNAgent) -> list[Recording]:
    """What an agent's replay holds, oldest first, cut into episodes.

    An episode is cut where a transition does not begin where the one before it ended: its remainder was
    overwritten, or belongs to another lane. A cut that no termination explains counts as a truncation.

    Raises:
        ValueError: if the replay is empty, or the observations are neither `Discrete` nor `Box`.
    """
    space, replay = agent.observation_space, agent.replay
    if not isinstance(space, spaces.Discrete | spaces.Box):
        raise ValueError(f"the observation space is {space}; only Discrete and Box ones can be exported")
    if replay.size == 0:
        raise ValueError("the replay is empty; train the agent first")
    columns = replay.held()
    order = (np.arange(replay.size) + replay.position) % replay.size  # (T,), the oldest slot first
    features = _observations(space, columns["features"][order])  # (T, ...)
    next_features = _observations(space, columns["next_features"][order])
    terminated = columns["terminated"][order]
    follows = (next_features[:-1] == features[1:]).all(axis=tuple(range(1, features.ndim)))  # (T - 1,)
    cuts = np.flatnonzero(terminated[:-1] | ~follows) + 1

    episodes = []
    for steps in np.split(np.arange(replay.size), cuts):
        last = steps[-1:]
        truncations = np.zeros(len(steps), np.bool_)
        truncations[-1] = not terminated[last[0]]
        episodes.append(
            Recording(
                np.concatenate([features[steps], next_features[last]]),
                columns["actions"][order[steps]] + int(agent.action_space.start),
                columns["rewards"][order[steps]],
                terminated[steps],
                truncations,
            )
        )
    return episodes


def export_replay(agent: DQNAgent, dataset_id: str, env: Any, **metadata: Any) -> Any:
    """Makes a Minari data set of what an agent remembers.

    Args:
        agent: an agent with a replay.
        dataset_id: Minari's name for it, such as ``"gridq/replay-v0"``.
        env: the environment it was trained on, from `gymnasium.make`; the data set can recover it.
        **metadata: further arguments of Minari's ``create_dataset_from_buffers``, such as ``author``.

    Returns:
        The data set, which is also stored on disk.

    Raises:
        ImportError: without Minari.
        ValueError: see `recordings`; and whatever Minari refuses.
    """
    from minari import create_dataset_from_buffers
    from minari.data_collector.episode_buffer import EpisodeBuffer

    buffers = [
        EpisodeBuffer(
            id=number,
            observations=list(episode.observations),
            actions=list(episode.actions),
            rewards=episode.rewards.tolist(),
            terminations=episode.terminations.tolist(),
            truncations=episode.truncations.tolist(),
        )
        for number, episode in enumerate(recordings(agent))
    ]
    return create_dataset_from_buffers(dataset_id, buffers, env=env, algorithm_name=agent.name, **metadata)


def _observations(space: spaces.Discrete | spaces.Box, features: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Observations as the environment gave them, ``(T, ...)``, out of encoded ones."""
    if isinstance(space, spaces.Discrete):
        return features + int(space.start)
    return features.reshape(-1, *space.shape).astype(space.dtype)
