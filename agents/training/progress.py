"""The progress bar."""

from __future__ import annotations

import contextlib
import shutil
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from agents.training.history import Episode
from agents.training.loop import Callback, Training
from agents.training.metrics import MetricsFile

__all__ = ["ProgressBar", "progress_bar"]


class ProgressBar(Callback):
    """Shows on standard error, in a line of at most 80 columns, how far the training is, and how it goes.

    Args:
        metrics: whose judge says what the learner knows; without one the line shows the mean return of the
            last hundred episodes, which exploring pulls down, and the loss.
    """

    REFRESH_SECONDS = 0.1
    COLUMNS = 80

    def __init__(self, metrics: MetricsFile | None = None) -> None:
        self._metrics = metrics
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
            ncols=min(self.COLUMNS, shutil.get_terminal_size().columns),
            bar_format="{bar}| {n_fmt}/{total_fmt} [{remaining}{postfix}]",
            leave=False,
        )
        self._unit = "episodes" if by_episode else "steps"

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
        made = self._done(training) - self._bar.initial
        rate = made / max(self._bar.format_dict["elapsed"], 1e-3)
        shown = [f"{self._bar.format_sizeof(rate)} {self._unit}/s"]
        known = {} if self._metrics is None else self._metrics.known
        if "greedy_value" in known:
            shown += [f"greedy {known['greedy_value']:.3f} of {known['optimal_value']:.3f}"]
            if "max_q_error" in known:
                shown += [f"error {known['max_q_error']:.0e}"]
        else:
            if self._recent:
                shown += [f"return {sum(self._recent) / len(self._recent):.4g}"]
            if "greedy_return" in known:
                shown += [f"greedy {known['greedy_return']:.4g}"]
            elif training.last_loss is not None:
                shown += [f"loss {training.last_loss:.2g}"]
        shown += [f"epsilon {training.agent.epsilon:.2f}"]
        self._bar.n = self._done(training)
        self._bar.set_postfix_str(", ".join(shown))

    def _done(self, training: Training) -> int:
        return training.steps if training.total_episodes is None else training.n_episodes


@contextlib.contextmanager
def progress_bar(total: int, done: int, unit: str, quiet: bool) -> Iterator[Callable[[int], object]]:
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
