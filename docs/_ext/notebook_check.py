"""What a student would stumble over: `python -m docs._ext.notebook_check docs/_build/html/notebooks`.

Runs every notebook from top to bottom, those with gaps and those with answers, in every language. Each check
has to say that its gap is empty, or that the answer is right.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

from docs._ext import exercises


def code_cells(notebook: Path) -> dict[str, str]:
    """The code of a notebook, by the ids of its cells."""
    written = json.loads(notebook.read_text("utf-8"))
    return {cell["id"]: cell["source"] for cell in written["cells"] if cell["cell_type"] == "code"}


def faults(folder: Path, chapter: str) -> list[str]:
    """Runs every notebook of a chapter, and names the checks that do not say what they should.

    What stands before the exercises is the same in all of them, and is run once.
    """
    found: list[str] = []
    chapters: dict[str, str] = {}
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for path in sorted(folder.glob(f"*/{chapter}.ipynb")):
        language, _, kind = path.parent.name.partition("-")
        expected = exercises.SAYS[language]["right" if kind == "answers" else "empty"].partition("{")[0]
        before, after = _parted(code_cells(path))
        if not chapters:
            chapters = before
            _run(before, namespace, path)
        elif before != chapters:
            found.append(f"{path}: what stands before the exercises differs from the other notebooks")
        for name, said in _run(after, dict(namespace), path).items():
            if name.startswith("check-") and not said.startswith(expected):
                found.append(f"{path}: {name} says {said.strip()!r}; it should begin with {expected!r}")
    return found


def _parted(cells: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    names = list(cells)
    place = names.index(exercises.CHECKER) if exercises.CHECKER in names else len(names)
    return {name: cells[name] for name in names[:place]}, {name: cells[name] for name in names[place:]}


def _run(cells: dict[str, str], namespace: dict[str, Any], path: Path) -> dict[str, str]:
    """What each cell printed."""
    printed = {}
    for name, code in cells.items():
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile(code, f"{path}, cell {name}", "exec"), namespace)
        printed[name] = out.getvalue()
    return printed


def main() -> int:
    """The command line."""
    import matplotlib.pyplot as plt

    plt.switch_backend("agg")
    folder, n_faults = Path(sys.argv[1]), 0
    chapters = sorted({path.stem for path in folder.glob("*/*.ipynb")})
    for chapter in chapters:
        for fault in faults(folder, chapter):
            print(fault, file=sys.stderr)
            n_faults += 1
        plt.close("all")
    print(f"the notebooks of {len(chapters)} chapters ran; {n_faults} faults")
    return 1 if n_faults else 0


if __name__ == "__main__":
    sys.exit(main())
