"""Pages and files made from the code: nothing is told twice.

    python -m docs._ext.generated

writes what the code says of itself (docstrings, parsers, settings) between the lines
`<!-- generated: NAME ARGUMENT -->` and `<!-- end of what is generated -->` of the pages, so that they can be
read in a clone; a test fails where a page is not current.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
from collections.abc import Callable
from inspect import cleandoc
from pathlib import Path

from docs._ext.contents import children_listed
from docs._ext.house import room
from docs._ext.layouts import layouts
from docs._ext.pages import DOCS
from docs._ext.reference import contents, reference
from docs._ext.settings import settings

_WRITTEN = re.compile(
    r"^(<!-- generated: (\w+) ?(.*?) -->)\n.*?^(<!-- end of what is generated -->)$", re.MULTILINE | re.DOTALL
)


# -- the environment, in the shape of Gymnasium's own pages --------------------------------------------


def environment(env_id: str) -> str:
    """A table of facts and the class docstring."""
    import inspect

    import gymnasium

    import gym_gridq

    env = gymnasium.make(env_id)
    facts = {
        "Action space": f"`{env.action_space}`",
        "Observation space": f"`{env.observation_space}`",
        "Import": f'`gymnasium.make("gym_gridq:{env_id}")`',
        "Steps until truncated": str(env.spec.max_episode_steps),
        "Reward threshold": str(env.spec.reward_threshold),
    }
    table = "\n".join(f"| **{name}** | {value} |" for name, value in facts.items())
    summary, _, rest = inspect.getdoc(gym_gridq.GridQEnv).partition("\n\n")
    return f"{summary}\n\n| | |\n|---|---|\n{table}\n\n{rest}"


# -- the command line ----------------------------------------------------------------------------------


def command_line(_: str) -> str:
    """A section for each command: what its parser says to `--help`."""
    from agents.algorithms.registry import AGENTS
    from agents.cli import COMMANDS

    parts = []
    for command, summary in COMMANDS.items():
        parts.append(f"## `gridq {command}`\n\n{summary[0].upper()}{summary[1:]}.")
        if command == "train":
            parts += [f"### With `--agent {name}`\n\n{_help(command, '--agent', name)}" for name in AGENTS]
        else:
            parts.append(_help(command))
    return "\n\n".join(parts)


def _help(*arguments: str) -> str:
    from agents.cli import main

    os.environ["COLUMNS"] = "88"
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        main([*arguments, "--help"])
    return f"```text\n{said.getvalue().strip()}\n```"


# -- benchmarks ----------------------------------------------------------------------------------------


def benchmarks(_: str) -> str:
    """A section for each script under `benchmarks/`: its docstring, and what it printed."""
    scripts = sorted(path for path in (DOCS.parent / "benchmarks").glob("*.py") if path.stem[0] != "_")
    return "\n\n".join(_benchmark(path) for path in scripts)


def _benchmark(path: Path) -> str:
    words = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    summary, *paragraphs = words.split("\n\n")
    rest = [f"```bash\n{cleandoc(p)}\n```" if p.startswith("    ") else p for p in paragraphs]
    printed = path.parent / "printed" / f"{path.stem}.txt"
    if printed.exists():
        rest.append(f"It printed:\n\n```text\n{printed.read_text('utf-8').strip()}\n```")
    return f"## `{path.stem}`\n\n" + "\n\n".join([summary, *rest])


GENERATORS: dict[str, Callable[[str], str]] = {
    "environment": environment,
    "layouts": layouts,
    "command_line": command_line,
    "settings": settings,
    "benchmarks": benchmarks,
    "reference": reference,
    "contents": contents,
    "children": children_listed,
    "house": room,
}


def written(text: str) -> str:
    """A page with everything between its markers made anew."""
    return _WRITTEN.sub(
        lambda marker: f"{marker[1]}\n\n{GENERATORS[marker[2]](marker[3])}\n\n{marker[4]}", text
    )


def pages_written() -> list[Path]:
    """The pages that hold what is generated."""
    pages = (page for page in sorted(DOCS.rglob("*.md")) if DOCS / "_build" not in page.parents)
    return [page for page in pages if _WRITTEN.search(page.read_text("utf-8"))]


if __name__ == "__main__":
    for page in pages_written():
        page.write_text(written(page.read_text("utf-8")), "utf-8")
