"""How commands read their words."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

from agents.config import suggestion

__all__ = ["Parser", "UsageError"]


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
        options, unknown = self.parse_known_args(arguments)
        if unknown:
            name = unknown[0].split("=")[0]
            known = [option for action in self._actions for option in action.option_strings]
            hint = f"; {suggestion(name, known)}" if name.startswith("-") else ""
            self.error(f"unrecognized argument {unknown[0]!r}{hint}")
        return options
