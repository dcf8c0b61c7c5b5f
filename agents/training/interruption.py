"""Ctrl-C and SIGTERM: asked once, a training ends after the present step; asked twice, at once."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Any

from agents.training.loop import Callback, Training

__all__ = ["Interruption"]


class Interruption(Callback):
    """As a context, turns the first signal into a wish to stop and the second into an exception.

    Attributes:
        wished: whether somebody asked to stop.
    """

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self.wished = False
        self._previous: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Interruption:
        for number in self.SIGNALS:
            self._previous[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.wished:
            raise KeyboardInterrupt
        self.wished = True
        print("\nfinishing the step, then saving; once more to stop at once", file=sys.stderr, flush=True)

    def on_step(self, training: Training) -> None:
        """Passes the wish on."""
        if self.wished:
            training.stop("interrupted")
