"""The house, room by room: each file with the first line of what it says of itself."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from docs._ext.pages import DOCS

ROOT = DOCS.parent


def room(folder: str) -> str:
    """What a folder of either package holds, as a sentence and a table of its files, if it has any."""
    files = sorted(path for path in (ROOT / folder).glob("*.py") if path.stem != "__init__")
    rows = [f"| `{path.stem}` | {_first_line(path)} |" for path in files]
    table = ["", "| file | what it is |", "|---|---|", *rows] if rows else []
    return "\n".join([_first_line(ROOT / folder / "__init__.py"), *table])


def rooms() -> list[str]:
    """Every folder of the two packages that holds Python files."""
    found = (path.parent for package in ("gym_gridq", "agents") for path in (ROOT / package).rglob("*.py"))
    return sorted({folder.relative_to(ROOT).as_posix() for folder in found})


def _first_line(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return re.sub("`+", "`", text.partition("\n")[0]).replace("|", "\\|")
