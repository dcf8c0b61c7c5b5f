"""One-hot observations of vector environments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium.vector import VectorEnv
from gymnasium.vector.utils import batch_space

from gym_gridq.vector_env import GridQVectorEnv  # says what it needs, where Gymnasium has no VectorWrapper
from gym_gridq.wrappers import one_hot_space

__all__ = ["VectorOneHotObservation", "make_vector_one_hot"]


if TYPE_CHECKING:
    _VectorWrapper = gymnasium.vector.VectorWrapper[Any, Any, Any, Any, Any]
else:
    _VectorWrapper = gymnasium.vector.VectorWrapper  # takes no parameters on Gymnasium 1.1


# Not a VectorObservationWrapper: that one refuses the mode "SameStep".
class VectorOneHotObservation(_VectorWrapper):
    """Turns `Discrete(k)` observations of n lanes into one-hot vectors, ``(n, k)`` float32.

    Works in all three autoreset modes: ``infos["final_obs"]`` is turned too.

    Args:
        env: a vector environment whose lanes have a `Discrete` observation space.

    Raises:
        ValueError: for a vector environment with another observation space.
    """

    def __init__(self, env: VectorEnv[Any, Any, Any]) -> None:
        super().__init__(env)
        space = env.single_observation_space
        if not isinstance(space, gymnasium.spaces.Discrete):
            raise ValueError(
                f"the observation space of a lane is {space}; one-hot vectors are made of Discrete ones only"
            )
        self.single_observation_space = one_hot_space(space)
        self.observation_space = batch_space(self.single_observation_space, env.num_envs)
        self._first = int(space.start)
        self._size = int(space.n)

    def reset(self, *, seed: Any = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Resets the lanes; the observations ``(n, k)`` are one-hot."""
        observations, infos = self.env.reset(seed=seed, options=options)
        return self._one_hot(observations), infos

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """Steps the lanes; the observations ``(n, k)`` and the vectors in ``final_obs`` are one-hot."""
        observations, rewards, terminations, truncations, infos = self.env.step(actions)
        if "final_obs" in infos:
            ended = infos["_final_obs"].nonzero()[0]
            final_observations = np.full(self.num_envs, None, dtype=object)
            for lane, vector in zip(ended, self._one_hot(infos["final_obs"][ended].astype(int)), strict=True):
                final_observations[lane] = vector
            infos["final_obs"] = final_observations
        return self._one_hot(observations), rewards, terminations, truncations, infos

    def _one_hot(self, observations: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """The vectors ``(m, k)`` of m states; a new array each time."""
        vectors = np.zeros((len(observations), self._size), dtype=np.float32)
        vectors[np.arange(len(observations)), observations - self._first] = 1.0
        return vectors


def make_vector_one_hot(**kwargs: Any) -> VectorOneHotObservation:
    """Vector entry point of ``GridQ-OneHot-v0``; takes the arguments of `GridQVectorEnv`."""
    return VectorOneHotObservation(GridQVectorEnv(**kwargs))
