"""What a command shares with who started it: signals, streams that may be closed, and what it prints."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any, NoReturn

from agents.plain_text import printable

__all__ = ["ended_by_signals", "occupy_standard_streams", "print_aside", "print_json", "print_text"]


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """Lets a command that is told to end leave as after Ctrl-C, so that it clears away what it had begun."""
    if threading.current_thread() is not threading.main_thread():  # which alone hears of signals
        yield
        return
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
    numbers = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    told_to_end = False

    def interrupt(number: int, frame: FrameType | None) -> NoReturn:
        nonlocal told_to_end
        told_to_end = True
        raise KeyboardInterrupt

    for number in numbers:
        signal.signal(number, interrupt)
    try:
        yield
    except Exception as error:
        if told_to_end:  # a library may make another error of it
            raise KeyboardInterrupt from error
        raise
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def occupy_standard_streams() -> None:
    """Puts nothing where a standard stream is closed, so that no file of ours takes its number.

    Else what a library says on standard error would be written into that file.
    """
    number = os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    while number <= 2:
        number = os.open(os.devnull, os.O_RDWR)
    os.close(number)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - until the process ends


def print_text(text: str) -> None:
    """Prints a text; with ASCII's characters for its lines and arrows where those do not get through."""
    text = printable(text)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        from gym_gridq.rendering.text import in_ascii  # seldom needed; gridq --help need not wait for it

        text = in_ascii(text).encode("ascii", "backslashreplace").decode("ascii")
    print(text)


def print_aside(text: str) -> None:
    """Prints a word to the person, on standard error, if anybody is there to read it."""
    with contextlib.suppress(OSError):  # a terminal that is gone
        print(printable(text), file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """Prints a value as JSON."""
    print(json.dumps(value, indent=2))
