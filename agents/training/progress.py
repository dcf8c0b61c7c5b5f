"""The progress bar."""

from __future__ import annotations

import contextlib
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from agents.training.history import Episode
from agents.training.loop import Callback, Training

__all__ = ["ProgressBar", "progress_bar"]


class ProgressBar(Callback):
    """Shows on standard error how far the training is, and how it goes."""

    REFRESH_SECONDS = 0.1

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=100)
        self._due = 0.0
        self._bar: Any = None

    def on_start(self, training: Training) -> None:
        """Draws the bar."""
        from tqdm import tqdm

        by_episode = training.total_episodes is not None
        total = training.total_episodes if by_episode else training.total_steps
        self._bar = tqdm(
            total=total,
            initial=self._done(training),
            unit=" episodes" if by_episode else " steps",
            leave=False,
        )

    def on_episode(self, training: Training, episode: Episode) -> None:
        """Keeps its return for the mean."""
        self._recent.append(episode.episode_return)

    def on_step(self, training: Training) -> None:
        """Redraws now and then."""
        if time.monotonic() >= self._due:
            self._redraw(training)
            self._due = time.monotonic() + self.REFRESH_SECONDS

    def on_end(self, training: Training) -> None:
        """Takes the bar away."""
        self._redraw(training)
        self._bar.close()

    def _redraw(self, training: Training) -> None:
        shown: dict[str, str] = {}
        if self._recent:
            shown["return"] = f"{sum(self._recent) / len(self._recent):.2f}"
        if training.last_loss is not None:
            shown["loss"] = f"{training.last_loss:.2g}"
        shown["epsilon"] = f"{training.agent.epsilon:.2f}"
        self._bar.n = self._done(training)
        self._bar.set_postfix(shown)

    def _done(self, training: Training) -> int:
        return training.steps if training.total_episodes is None else training.n_episodes


@contextlib.contextmanager
def progress_bar(total: int, done: int, unit: str, quiet: bool = False) -> Iterator[Callable[[int], object]]:
    """A bar on standard error with the time that is left, where somebody sees it.

    Args:
        total: when it is full.
        done: how much is there already.
        unit: what is counted.
        quiet: show none.

    Yields:
        What to call with how much has been added.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda added: None
        return
    from tqdm import tqdm

    with tqdm(total=total, initial=done, unit=unit, leave=False, smoothing=0.05) as bar:
        yield bar.update
