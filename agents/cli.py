"""The command line: ``gridq COMMAND ...``.

Exit codes: 0 done, 1 a clear error, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version

from agents.arguments import suggestion
from agents.commands.parser import UsageError, complete
from agents.commands.terminal import ended_by_signals, occupy_standard_streams
from agents.plain_text import printable

__all__ = ["main"]

COMMANDS = {
    "train": "train an agent and leave everything in a run folder",
    "evaluate": "judge the agent of a run",
    "watch": "watch the agent of a run in a window",
    "play": "play in a window yourself",
    "record": "record the agent of a run as GIF, film or strip",
    "plot": "draw the curves of runs over one another",
    "list": "list runs with their settings and results",
    "solve": "print the exact optimum of a map",
    "sweep": "train many settings and seeds, and say what they add up to",
}
"""Each command is the module of that name in `agents.commands`, imported when it is asked for."""


MODULES = {"list": "list_runs"}  # a module called list would hide Python's own


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command.

    Args:
        arguments: the words after ``gridq``; those of the process by default.

    Returns:
        The exit code.
    """
    occupy_standard_streams()
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if "_ARGCOMPLETE" in os.environ:
        arguments = _words_to_complete()
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_overview())
        return 0 if arguments else 2
    if arguments[0] == "--version":
        print(f"gym-gridq {version('gym-gridq')}")
        return 0
    command, *rest = arguments
    if command not in COMMANDS:
        return _failed(f"unknown command {command!r}; {suggestion(command, COMMANDS)}", 2)
    try:
        run = import_module(f"agents.commands.{MODULES.get(command, command)}").run
        with ended_by_signals():
            code: int = run(rest)
        if sys.stdout is not None:  # closed by who started it
            sys.stdout.flush()
        return code
    except SystemExit as leaving:  # --help
        return int(leaving.code or 0)
    except UsageError as error:
        return _failed(str(error), 2)
    except KeyboardInterrupt:
        return _failed("interrupted", 130)
    except BrokenPipeError:
        # Whoever read the output has heard enough; nothing may be written at exit either.
        sys.stdout = None
        return 1
    except MemoryError as error:
        return _failed(f"not enough memory {error}", 1)
    except Exception as error:
        if _is_a_defect(error):
            raise
        return _failed(_message(error), 1)


def _words_to_complete() -> list[str]:
    """The words of the line that a shell asks to complete; the command itself is completed here."""
    line = os.environ.get("COMP_LINE", "")[: int(os.environ.get("COMP_POINT", 0))]
    words = line.split()[1:]
    if not words or (len(words) == 1 and not line[-1].isspace()):
        parser = argparse.ArgumentParser(add_help=False)
        parser.add_argument("command", choices=[*COMMANDS, "--version", "--help"])
        complete(parser, skipped=1)
    return words


def _is_a_defect(error: Exception) -> bool:
    """Whether an error is our own mistake, which needs its traceback, rather than one about the input."""
    from gymnasium.error import Error as GymnasiumError

    return not isinstance(error, ValueError | OSError | ArithmeticError | ImportError | GymnasiumError)


def _message(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror}"
    return str(error)


def _failed(message: str, code: int) -> int:
    # one line, whatever line breaks a library's message quotes from what it was given
    with contextlib.suppress(OSError):  # nobody is there to read it
        print("gridq: error:", printable(" ".join(message.splitlines())), file=sys.stderr, flush=True)
    return code


def _overview() -> str:
    commands = "\n".join(f"  {name:10} {what}" for name, what in COMMANDS.items())
    return (
        "usage: gridq COMMAND ...\n\n"
        "The 3x4 grid world of Q-learning: train, judge and watch an agent.\n\n"
        f"{commands}\n\n"
        "'gridq COMMAND --help' shows the options of a command, 'gridq --version' the version."
    )
