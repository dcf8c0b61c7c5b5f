"""The worlds as vector environments. Needs Gymnasium 1.1 or newer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, SyncVectorEnv, VectorEnv

from gym_gridq.testing.watching import Record
from gym_gridq.testing.world import World
from gym_gridq.vector_env import GridQVectorEnv

__all__ = ["WatchedLanes", "make_lanes"]

if TYPE_CHECKING:
    _VectorWrapper = gymnasium.vector.VectorWrapper[Any, Any, Any, Any, Any]
else:
    _VectorWrapper = gymnasium.vector.VectorWrapper  # takes no parameters on Gymnasium 1.1


def make_lanes(
    world: World, discount: float, turns: int, num_envs: int, autoreset_mode: AutoresetMode, sync: bool
) -> VectorEnv[Any, Any, Any]:
    """A world in several lanes: in `GridQVectorEnv`, or in Gymnasium's `SyncVectorEnv`."""
    if sync:
        return SyncVectorEnv(
            [lambda: world.make(discount, turns)] * num_envs,
            autoreset_mode=autoreset_mode,
        )
    lanes: VectorEnv[Any, Any, Any] = GridQVectorEnv(
        num_envs,
        world.layout(discount, turns),
        world.slip,
        random_start=world.random_start,
        max_episode_steps=world.max_episode_steps,
        autoreset_mode=autoreset_mode,
    )
    return _EndsLookLikeTheStart(lanes) if world.aliased_end else lanes


class _EndsLookLikeTheStart(_VectorWrapper):
    """Shows the start's observation in terminal states."""

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        observations, rewards, terminations, truncations, infos = self.env.step(actions)
        start = int(self.unwrapped.dynamics.start_states[0])  # type: ignore[attr-defined]
        if "final_obs" in infos:
            infos["final_obs"][terminations] = start
        else:
            observations = np.where(terminations, start, observations)
        return observations, rewards, terminations, truncations, infos


class WatchedLanes(_VectorWrapper):
    """Keeps a record of all lanes together and seeds the first reset.

    Args:
        env: the world, with `Discrete` observations in each lane.
        record: where to write.
        seed: of the first reset, if the learner gives none.
    """

    def __init__(self, env: VectorEnv[Any, Any, Any], record: Record, seed: int) -> None:
        super().__init__(env)
        self._record = record
        self._seed = seed
        self._states = np.zeros(env.num_envs, dtype=np.int64)
        self._begins = np.zeros(env.num_envs, dtype=bool)  # lanes whose next step only begins an episode

    def reset(self, *, seed: Any = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Counts the reset."""
        if self._record.begin() and seed is None:
            seed = self._seed
        observations, infos = self.env.reset(seed=seed, options=options)
        self._states = np.array(observations)
        self._begins[:] = False
        return observations, infos

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """Counts the step, and notes what was done where."""
        self._record.step(self.num_envs)
        observations, rewards, terminations, truncations, infos = self.env.step(actions)
        moved = ~self._begins
        for pair in zip(self._states[moved].tolist(), np.asarray(actions)[moved].tolist(), strict=True):
            self._record.take(*pair)
        self._states = np.array(observations)
        if self.metadata["autoreset_mode"] == AutoresetMode.NEXT_STEP:
            self._begins = terminations | truncations
        return observations, rewards, terminations, truncations, infos
