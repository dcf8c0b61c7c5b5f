"""Ctrl-C, SIGTERM, SIGHUP, Ctrl-Break: asked once, a training ends after its step; asked twice, at once."""

from __future__ import annotations

import contextlib
import signal
import sys
from types import FrameType
from typing import Any

from agents.training.loop import Callback, Training

__all__ = ["Interruption"]


class Interruption(Callback):
    """As a context, turns the first signal into a wish to stop and the second into an exception.

    A signal that the process was started to ignore stays ignored.

    Attributes:
        wished: whether somebody asked to stop.
    """

    NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")

    def __init__(self) -> None:
        self.wished = False
        self._previous: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Interruption:
        for number in (getattr(signal, name) for name in self.NAMES if hasattr(signal, name)):
            # what whoever started this process wants to be ignored (nohup, a job in the background) stays so
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                self._previous[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.wished:
            raise KeyboardInterrupt
        self.wished = True
        # nobody may be there to read it, or this came in the midst of another word
        with contextlib.suppress(OSError, RuntimeError):
            print("\nfinishing the step, then saving; once more to stop at once", file=sys.stderr, flush=True)

    def on_step(self, training: Training) -> None:
        """Passes the wish on."""
        if self.wished:
            training.stop("interrupted")
