"""One-hot observations, for learners that take vectors only."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

from gym_gridq.env import GridQEnv

__all__ = ["OneHotObservation", "make_one_hot"]


class OneHotObservation(gymnasium.ObservationWrapper[Any, Any, Any], gymnasium.utils.RecordConstructorArgs):
    """Turns a `Discrete(n)` observation into a one-hot vector, ``Box(0, 1, (n,), float32)``.

    Args:
        env: an environment with a `Discrete` observation space.

    Raises:
        ValueError: for an environment with another observation space.
    """

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        gymnasium.utils.RecordConstructorArgs.__init__(self)
        super().__init__(env)
        space = env.observation_space
        if not isinstance(space, gymnasium.spaces.Discrete):
            raise ValueError(
                f"the observation space is {space}; one-hot vectors are made of Discrete ones only"
            )
        self.observation_space = one_hot_space(space)
        self._first = int(space.start)
        self._size = int(space.n)

    def observation(self, observation: int) -> npt.NDArray[np.float32]:
        """The one-hot vector ``(n,)`` of a state; a new array each time."""
        vector = np.zeros(self._size, dtype=np.float32)
        vector[observation - self._first] = 1.0
        return vector


def one_hot_space(space: gymnasium.spaces.Discrete) -> gymnasium.spaces.Box:
    """``Box(0, 1, (n,), float32)`` for ``Discrete(n)``."""
    return gymnasium.spaces.Box(0.0, 1.0, (int(space.n),), np.float32)


def make_one_hot(**kwargs: Any) -> OneHotObservation:
    """Entry point of ``GridQ-OneHot-v0``; takes the arguments of `GridQEnv`."""
    return OneHotObservation(GridQEnv(**kwargs))


# From here `gymnasium.make` learns which pictures there are, and makes the modes "rgb_array_list" and
# "ansi_list" of them.
make_one_hot.metadata = GridQEnv.metadata  # type: ignore[attr-defined]
