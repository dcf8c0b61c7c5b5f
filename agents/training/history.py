"""The episodes that a training has finished."""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["Episode", "History"]

HISTORY_LENGTH = 100_000


class Episode(NamedTuple):
    """One finished training episode.

    Attributes:
        number: counted from 1.
        steps: environment steps made in all when it ended.
        episode_return: undiscounted sum of its rewards.
        length: number of its steps.
        loss: mean loss of the updates since the last step in which an episode ended; NaN if there were none.
        epsilon: probability of a random action when it ended.
    """

    number: int
    steps: int
    episode_return: float
    length: int
    loss: float
    epsilon: float


class History:
    """The last 100,000 finished episodes of a training, oldest first.

    Attributes:
        episodes: the episodes.
    """

    def __init__(self) -> None:
        self.episodes: deque[Episode] = deque(maxlen=HISTORY_LENGTH)

    @property
    def returns(self) -> npt.NDArray[np.float64]:
        """Return of each episode, (E,)."""
        return np.array([episode.episode_return for episode in self.episodes])

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Length of each episode, (E,)."""
        return np.array([episode.length for episode in self.episodes], np.int64)

    @property
    def losses(self) -> npt.NDArray[np.float64]:
        """Mean loss of each episode, (E,); NaN where nothing was learned."""
        return np.array([episode.loss for episode in self.episodes])

    def to_dict(self) -> dict[str, npt.NDArray[Any]]:
        """A column (E,) for each attribute of `Episode`, by its name: what ``pandas.DataFrame`` takes."""
        columns = list(zip(*self.episodes, strict=True)) or [()] * len(Episode._fields)
        return {name: np.array(column) for name, column in zip(Episode._fields, columns, strict=True)}

    def __repr__(self) -> str:
        if not self.episodes:
            return "History(no episode)"
        last = self.returns[-100:]
        return (
            f"History({len(self.episodes)} episodes, {self.episodes[-1].steps} steps, "
            f"mean return of the last {len(last)}: {last.mean():.4g})"
        )
