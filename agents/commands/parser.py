"""How commands read their words, and the options that several of them have."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn, TypeVar

from agents.arguments import nearest, read_integer
from gym_gridq.drawing import LANGUAGES

__all__ = [
    "Parser",
    "UsageError",
    "complete",
    "number",
    "number_above_zero",
    "option_of",
    "reader",
    "speed",
]

T = TypeVar("T")

_OF_THE_GRID = ("layout", "slip", "step_reward", "random_start")
"""Arguments of GridQ, which are no options but of ``gridq solve``."""


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

    def parse(self, arguments: Sequence[str]) -> dict[str, Any]:
        """The options that were given, by name.

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
            argument = name.lstrip("-").replace("-", "_")
            if name.startswith("--") and "--env-arg" in known and argument in _OF_THE_GRID:
                hint = f"; {argument} is an argument of the environment: --env-arg {argument}=..."
            self.error(f"unrecognized argument {unknown[0]!r}{hint}")
        return vars(options)

    def check_resume(self, options: Iterable[str], allowed: set[str], what: str) -> None:
        """Refuses options that ``--resume`` does not go with.

        Raises:
            UsageError: naming the first.
        """
        extra = sorted(set(options) - allowed)
        if extra:
            self.error(f"--resume goes on with the {what} as it was; leave out {option_of(extra[0])}")

    def flag(self, option: str, help: str) -> None:
        """Adds an option without a value."""
        self.add_argument(option, action="store_true", help=help)

    def count(
        self, option: str, help: str, low: int = 1, high: int | None = None, metavar: str = "N"
    ) -> None:
        """Adds an option that takes an integer from ``low`` to ``high``; ``1e3`` is one."""

        def integer(text: str) -> int:
            value = read_integer(text)
            if value < low or (high is not None and value > high):
                raise ValueError
            return value

        expected = f"an integer from {low} {'up' if high is None else f'to {high}'}"
        self.add_argument(option, type=reader(expected, integer), metavar=metavar, help=help)

    def repeated(self, option: str, metavar: str, help: str) -> None:
        """Adds an option that may be given several times; its value is the list of all."""
        self.add_argument(option, action="append", metavar=metavar, help=help)

    def env_arg(self) -> None:
        """Adds the option that sets an argument of a new environment."""
        self.repeated(
            "--env-arg",
            "NAME=VALUE",
            "argument of the environment, such as slip=0.2, layout=aima or layout=map.txt; may be repeated "
            "(default: none)",
        )

    def language(self) -> None:
        """Adds the option that sets the language of what a command draws."""
        words = "language of the words on GridQ's maps (default: en)"
        self.add_argument("--language", choices=LANGUAGES, help=words)


def option_of(name: str) -> str:
    """The option that sets ``name``."""
    return "--" + name.replace("_", "-")


def complete(parser: argparse.ArgumentParser, skipped: int) -> None:
    """Answers the shell that asks through argcomplete, and ends the process.

    Args:
        parser: what knows the options.
        skipped: how many words of the line it does not parse, the program's own among them.
    """
    import argcomplete

    os.environ["_ARGCOMPLETE"] = str(skipped)
    argcomplete.autocomplete(parser)


def reader(expected: str, read: Callable[[str], T]) -> Callable[[str], T]:
    """A reader of values for an option, which says what is expected where ``read`` refuses a text."""

    def value_of(text: str) -> T:
        try:
            return read(text)
        except (ValueError, OverflowError) as error:
            raise argparse.ArgumentTypeError(f"{text!r:.80} is given; give {expected}") from error

    return value_of


def _above_zero(text: str) -> float:
    value = float(text)
    if not 0 < value < math.inf:
        raise ValueError
    return value


number = reader("a number", float)
"""Of an option whose range is checked by what takes it."""

number_above_zero = reader("a number above zero", _above_zero)
"""Of an option that takes a finite one."""

speed = reader("a number above zero, or max", lambda text: math.inf if text == "max" else _above_zero(text))
"""Of an option that takes steps a second; infinite for ``max``."""
