"""The command ``gridq``, which needs the learners beside this package, and says so where it finds others.

``agents`` is also what `openai-agents` and many a project's own folder are called; whichever stands first on
the path is what Python imports. The world knows nothing of the learners: this only looks for them by name.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

__all__ = ["main"]


def main() -> int:
    """Runs the command line.

    Returns:
        The exit code.
    """
    spec = find_spec("agents")
    places = list(spec.submodule_search_locations or []) if spec else []
    if not any(Path(place, "commands", "parser.py").is_file() for place in places):
        found = places[0] if places else spec.origin if spec else None
        print(
            "gridq: error: "
            + ("GridQ's package 'agents' is not installed" if found is None else _of_another(str(found))),
            file=sys.stderr,
        )
        return 1
    try:
        code: int = import_module("agents.cli").main()
    except KeyboardInterrupt:  # while it is imported; from then on it says so itself
        print("gridq: error: interrupted", file=sys.stderr)
        return 130
    return code


def _of_another(place: str) -> str:
    return (
        f"the package 'agents' that Python finds first is not GridQ's: {place}; start gridq from another "
        "folder, take that one out of PYTHONPATH, or give GridQ a virtual environment of its own"
    )
