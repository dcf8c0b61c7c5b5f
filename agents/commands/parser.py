"""How commands read their words, and the options that several of them have."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from typing import NoReturn

from agents.config import nearest, read_integer
from gym_gridq.drawing import LANGUAGES

__all__ = [
    "Parser",
    "UsageError",
    "add_language",
    "complete",
    "integer_from",
    "number",
    "number_above_zero",
    "speed",
]


class UsageError(Exception):
    """The command line makes no sense; exit code 2."""


class Parser(argparse.ArgumentParser):
    """An argument parser that takes no abbreviations and says the nearest known option."""

    def __init__(self, prog: str, description: str) -> None:
        super().__init__(
            prog=prog,
            description=description,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            argument_default=argparse.SUPPRESS,
        )

    def error(self, message: str) -> NoReturn:
        """Raises `UsageError` instead of leaving the program from within."""
        raise UsageError(f"{message} (see {self.prog} --help)")

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        """The options, of which only those given are in the result.

        Raises:
            UsageError: for options that make no sense.
        """
        if "_ARGCOMPLETE" in os.environ:  # a shell asks what could come next
            complete(self, skipped=2)
        options, unknown = self.parse_known_args(arguments)
        if unknown:
            name = unknown[0].split("=")[0]
            known = [option for action in self._actions for option in action.option_strings]
            near = nearest(name, known) if name.startswith("-") else None
            hint = "" if near is None else f"; did you mean {near!r}?"
            self.error(f"unrecognized argument {unknown[0]!r}{hint}")
        return options


def complete(parser: argparse.ArgumentParser, skipped: int) -> None:
    """Answers the shell that asks through argcomplete, and ends the process.

    Args:
        parser: what knows the options.
        skipped: how many words of the line it does not parse, the program's own among them.
    """
    import argcomplete

    os.environ["_ARGCOMPLETE"] = str(skipped)
    argcomplete.autocomplete(parser)


def integer_from(low: int, high: int | None = None) -> Callable[[str], int]:
    """A reader of integers from ``low`` to ``high``, for an option; ``1e3`` is one."""

    def integer(text: str) -> int:
        with _told(text, f"an integer from {low} {'up' if high is None else f'to {high}'}"):
            value = read_integer(text)
            if value < low or (high is not None and value > high):
                raise ValueError
        return value

    return integer


def number_above_zero(text: str) -> float:
    """A reader of finite numbers above zero, for an option."""
    with _told(text, "a number above zero"):
        return _above_zero(text)


def _above_zero(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise ValueError
    return value


def number(text: str) -> float:
    """A reader of numbers, for an option whose range is checked by what takes it."""
    with _told(text, "a number"):
        return float(text)


@contextlib.contextmanager
def _told(text: str, expected: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, OverflowError) as error:
        raise argparse.ArgumentTypeError(f"{text!r:.80} is given; give {expected}") from error


def speed(text: str) -> float:
    """A reader of steps a second, for an option; infinite for ``max``."""
    with _told(text, "a number above zero, or max"):
        return float("inf") if text == "max" else _above_zero(text)


def add_language(parser: argparse.ArgumentParser) -> None:
    """Adds the option that sets the language of what a command draws."""
    parser.add_argument(
        "--language",
        choices=LANGUAGES,
        help="language of the words on GridQ's maps (default: en)",
    )
