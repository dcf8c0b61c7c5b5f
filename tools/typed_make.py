"""Writes `agents/algorithms/typed_make.pyi`, in which a type checker sees the settings of every agent.

    python -m tools.typed_make

The settings stand in `agents.config` and nowhere else; a test fails if the file is not what this would write.
"""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

from agents.algorithms.registry import AGENTS, agent_class

TARGET = Path(__file__).resolve().parents[1] / "agents" / "algorithms" / "typed_make.pyi"

HEAD = '''"""`agents.make` as a type checker sees it: every agent with its settings. Imported for types alone.

Written by ``python -m tools.typed_make`` out of `agents.config`; change it there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypedDict, overload

from typing_extensions import Unpack

'''

OVERLOAD = """@overload
def make(
    name: Literal["{name}"], env: AnyEnv | str, seed: int | None = None, **hyperparameters: Unpack[{settings}]
) -> {cls}: ...
"""

FALLBACK = """@overload
def make(name: str, env: AnyEnv | str, seed: int | None = None) -> Agent: ...
"""


def text() -> str:
    """The file."""
    classes = {name: agent_class(name) for name in AGENTS}
    imports = sorted(f"from {cls.__module__} import {cls.__name__}" for cls in classes.values())
    imports += ["from agents.algorithms.base import Agent", "from agents.environments import AnyEnv"]
    parts = [HEAD + "\n".join(sorted(imports)) + '\n\n__all__ = ["make"]\n']
    settings = {name: cls.__name__.removesuffix("Agent") + "Settings" for name, cls in classes.items()}
    for name, cls in classes.items():
        kinds = {field.name: str(field.type) for field in dataclasses.fields(cls.config_class)}
        accepted = {name: kind.replace("tuple[int, ...]", "Sequence[int]") for name, kind in kinds.items()}
        lines = [f"    {name}: {kind}" for name, kind in accepted.items()]
        parts.append(
            f'class {settings[name]}(TypedDict, total=False):\n    """Settings of ``{name}``."""\n\n'
            + "\n".join(lines)
        )
    overloads = [
        OVERLOAD.format(name=name, settings=settings[name], cls=cls.__name__) for name, cls in classes.items()
    ]
    return _formatted("\n\n".join(parts) + "\n\n\n" + "".join([*overloads, FALLBACK]))


def _formatted(source: str) -> str:
    for words in (["format"], ["check", "--fix", "--quiet"]):
        command = [sys.executable, "-m", "ruff", *words, "--stdin-filename", str(TARGET), "-"]
        source = subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout
    return source


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
