"""What a picture of an episode shows: where the agent is, where it came from, and how it fares."""

from __future__ import annotations

from collections import deque
from typing import Any

import gymnasium
import numpy as np

from agents.commands.grids import grid_of
from agents.training.loop import Training
from gym_gridq import Action, Layout
from gym_gridq.drawing import TRAIL_LENGTH

__all__ = ["Lane", "Walk"]


class Walk:
    """Episodes of one environment, one after another.

    Attributes:
        grid: the environment behind all wrappers.
        observation: what to act on.
        episode: number of the episode, counted from 1.
        steps: steps made in it.
        episode_return: undiscounted sum of its rewards.
        reward: the last one, or None.
        over: whether it has ended.
        heading: the move made last, or None.
        trail: cells stood on, the oldest first and the present one last.

    Args:
        env: a GridQ environment, wrapped or not.
        seed: seed of the first episode.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], seed: int | None) -> None:
        self.grid = grid_of(env)
        self.episode = 0
        self.trail: deque[int] = deque(maxlen=TRAIL_LENGTH)
        self._env, self._seed = env, seed

    @property
    def state(self) -> int:
        """The cell stood on."""
        return self.trail[-1]

    def begin(self) -> None:
        """Begins an episode."""
        self.observation, _ = self._env.reset(seed=self._seed)
        self._seed = None
        self.episode += 1
        self.steps, self.episode_return, self.over = 0, 0.0, False
        self.reward: float | None = None
        self.heading: Action | None = None
        self.trail.clear()
        self._look()

    def step(self, action: int) -> None:
        """Makes a move."""
        self.observation, reward, terminated, truncated, _ = self._env.step(action)
        self.reward = float(reward)
        self.steps += 1
        self.episode_return += self.reward
        self.over = terminated or truncated
        self.heading = Action(action)
        self._look()

    def status(self) -> dict[str, Any]:
        """What the status line says of it."""
        return {
            "episode": self.episode,
            "step": self.steps,
            "return": self.episode_return,
            "reward": self.reward,
        }

    def _look(self) -> None:
        assert self.grid.state is not None
        self.trail.append(self.grid.state)


class Lane:
    """The first lane of a training, looked at after every step.

    Attributes:
        trail: cells stood on in this episode, the oldest first and the present one last.

    Args:
        layout: the map.
    """

    def __init__(self, layout: Layout) -> None:
        self.trail: deque[int] = deque(maxlen=TRAIL_LENGTH)
        self._layout = layout

    @property
    def heading(self) -> Action | None:
        """The direction of the last move; None where there was none."""
        if len(self.trail) < 2 or self.trail[-2] == self.trail[-1]:
            return None
        (row, column), (to_row, to_column) = map(self._layout.position, list(self.trail)[-2:])
        if row == to_row:
            return Action.RIGHT if to_column > column else Action.LEFT
        return Action.DOWN if to_row > row else Action.UP

    def look(self, training: Training) -> None:
        """Takes in where the agent stands now."""
        if training.rollout.ended:
            self.trail.clear()
        observation = np.asarray(training.rollout.observation)
        if training.rollout.n_lanes > 1:
            observation = observation[0]
        self.trail.append(int(observation) if observation.ndim == 0 else int(observation.argmax()))
