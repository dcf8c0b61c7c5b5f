"""Programs that use other libraries and judge themselves: what to install stands at the head of each.

Each is a file ``with_LIBRARY.py`` that ends with exit code 0 if all it asserts holds. `tests.interop.run`
gives it an environment of its own: ``make interop LIB=ray``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Program:
    """A program.

    Attributes:
        name: the library's.
        install: its ``pip install`` lines.
        path: the file.
    """

    name: str
    install: tuple[str, ...]
    path: Path

    @classmethod
    def all(cls) -> dict[str, Program]:
        """Every program, by its name."""
        paths = {path.stem.removeprefix("with_"): path for path in sorted(FOLDER.glob("with_*.py"))}
        return {name: cls(name, _install_lines(path), path) for name, path in paths.items()}


def _install_lines(path: Path) -> tuple[str, ...]:
    return tuple(re.findall(r"^# (pip install .+)$", path.read_text("utf-8"), flags=re.MULTILINE))
