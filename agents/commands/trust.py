"""What a folder may not choose, as it may be a stranger's: code, processes and files. A person may."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.commands.env_args import is_ours
from agents.commands.parser import Parser

__all__ = ["OURS", "add_own_words", "check_trust", "leave_out_current_directory", "names_something"]

OURS = "gym_gridq"
"""The module whose environments need nobody's word."""

OF_GYMNASIUM = {
    *("id", "num_envs", "render_mode", "autoreset", "apply_api_compatibility"),
    *("vectorization_mode", "vector_kwargs", "wrappers", "entry_point", "additional_wrappers"),
}
"""Arguments that Gymnasium takes itself, of which most choose code to run or processes to start."""

_NAMES_SOMETHING = re.compile(r"[/\\:.~%$\0]")
"""What is in the name of a file or of a module, and not in that of a mode or a map."""


def add_own_words(parser: Parser, env_arg: bool = True) -> None:
    """Adds the options by which a person says what a run folder may not.

    Args:
        parser: of a command that reads a run.
        env_arg: whether ``--env-arg`` is to be added too; ``gridq train`` has its own.
    """
    parser.repeated(
        "--import",
        "MODULE",
        "installed module that registers the run's environment, since no run folder may choose what is "
        "imported; may be repeated (default: none)",
    )
    if env_arg:
        parser.repeated(
            "--env-arg",
            "NAME=VALUE",
            "an argument that the run's environment was made with: repeat it here if it names a file or "
            "a module, since no run folder may choose these; may be given several times (default: none)",
        )


def check_trust(
    configs: Iterable[Mapping[str, Any]], file: str, imports: Sequence[str], own: Mapping[str, Any]
) -> None:
    """Refuses what a folder may not choose, and imports what a person named.

    Args:
        configs: the environments and their arguments, as the folder has them.
        file: where, for the message.
        imports: the modules that a person named.
        own: the arguments that a person gave again.

    Raises:
        ValueError: naming what was chosen, or for a name that no module has.
        ImportError: for a module that cannot be imported.
    """
    for config in configs:
        _check_arguments(config["env_id"], config["env_kwargs"], file, own)
        module, colon, _ = config["env_id"].rpartition(":")
        if colon and module != OURS and module not in imports:
            raise ValueError(
                f"{file} names the environment {config['env_id']!r}, but a folder may not choose what is "
                f"imported; if you trust the installed module {module!r}, say so: --import {module}"
            )
    for wanted in imports:
        if not all(part.isidentifier() for part in wanted.split(".")):
            raise ValueError(
                f"--import {wanted!r} is not the name of a module, such as my_package.environments"
            )
        importlib.import_module(wanted)


def _check_arguments(env_id: str, env_kwargs: Mapping[str, Any], file: str, own: Mapping[str, Any]) -> None:
    for name, value in env_kwargs.items():
        problem = None
        if name in OF_GYMNASIUM:
            problem = f"{name} is no argument of an environment, but {env_id} is to be made with it"
        elif name in own and own[name] != value:
            problem = f"{env_id} was made with {name}={value!r:.80}, not with {own[name]!r:.80}"
        elif name not in own and names_something(env_id, name, value):
            problem = (
                f"{env_id} is to be made with {name}={value!r:.80}, which may be a file or a module, and a "
                f"run folder may not choose these; if you trust it, say so: --env-arg {name}=..."
            )
        if problem is not None:
            raise ValueError(f"{file} is damaged: {problem}")


def leave_out_current_directory() -> None:
    """Has nothing imported from the current directory any more, which ``python -m`` puts first.

    It may be a stranger's run folder, with a module in it that an environment of a library's asks for.
    """
    started_as = sys.modules["__main__"].__spec__
    by_us = started_as is not None and started_as.name == "agents.__main__"
    if by_us and sys.path and sys.path[0] in ("", str(Path.cwd())):
        sys.path.pop(0)


def names_something(env_id: str, name: str, value: Any) -> bool:
    """Whether an argument may be the name of a file or a module, rather than a number or a plain word.

    The layout of a GridQ environment, which is full of dots, is neither.
    """
    is_layout = is_ours(env_id) and name == "layout"
    return not is_layout and any(map(_NAMES_SOMETHING.search, _texts(value)))


def _texts(value: Any) -> Iterator[str]:
    """Every text in a value of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in [*value, *value.values()] if isinstance(value, dict) else value:
            yield from _texts(part)
