"""The episodes that a training has finished."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
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


class EndedTogether(NamedTuple):
    """The episodes that ended in one step of the environment, or of its lanes.

    Attributes:
        first_number: number of the first of them.
        steps: see `Episode`; of all of them, as `loss` and `epsilon`.
        ended: return and length of each.
    """

    first_number: int
    steps: int
    ended: Sequence[tuple[float, int]]
    loss: float
    epsilon: float

    def episodes(self) -> Iterator[Episode]:
        """One by one."""
        for number, (episode_return, length) in enumerate(self.ended, self.first_number):
            yield Episode(number, self.steps, episode_return, length, self.loss, self.epsilon)


class History:
    """The last 100,000 finished episodes of a training, oldest first."""

    def __init__(self) -> None:
        self._episodes: deque[Episode] = deque(maxlen=HISTORY_LENGTH)
        # what came since somebody looked: in a thousand lanes making an `Episode` of each would be felt
        self._fresh: deque[EndedTogether] = deque()
        self._n_fresh = 0

    def add(self, together: EndedTogether) -> None:
        """Takes in the episodes that ended in one step."""
        self._fresh.append(together)
        self._n_fresh += len(together.ended)
        while self._n_fresh - len(self._fresh[0].ended) >= HISTORY_LENGTH:
            self._n_fresh -= len(self._fresh.popleft().ended)

    @property
    def episodes(self) -> deque[Episode]:
        """The episodes."""
        for together in self._fresh:
            self._episodes.extend(together.episodes())
        self._fresh.clear()
        self._n_fresh = 0
        return self._episodes

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
