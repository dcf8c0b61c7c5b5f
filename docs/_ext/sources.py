"""Where a public name is defined, read without importing anything.

Read so, what is found is the same whatever versions of Python and Gymnasium are installed, and a default
stands there as its author wrote it.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from docs._ext.pages import DOCS

ROOT = DOCS.parent

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """Where a name is defined.

    Attributes:
        path: the module's file.
        node: the definition.
        docstring: what it says of itself.
    """

    path: Path
    node: Definition
    docstring: str


@functools.cache
def find(name: str) -> Source:
    """The definition behind a public name such as `gym_gridq.solve`, through whatever modules hand it on.

    Raises:
        LookupError: if there is none.
    """
    module, _, attribute = name.rpartition(".")
    path = _file(module)
    found: Source | str | None = None
    for node, after in _definitions(_tree(path).body):
        if isinstance(node, ast.ImportFrom):
            handed_on = [alias.name for alias in node.names if (alias.asname or alias.name) == attribute]
            found = f"{node.module}.{handed_on[0]}" if handed_on else found
        elif attribute in names(node):
            found = Source(path, node, _docstring(node, after))
    if found is None:
        raise LookupError(f"{name} is not in {path.relative_to(ROOT)}")
    return find(found) if isinstance(found, str) else found


def _file(module: str) -> Path:
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@functools.cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _definitions(body: list[ast.stmt]) -> Iterator[tuple[Definition | ast.ImportFrom, ast.stmt | None]]:
    """Definitions and imports with the statement after each; of an `if`, those of its last branch last."""
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.If):
            yield from _definitions(node.body + node.orelse)
        elif isinstance(node, Definition | ast.ImportFrom):
            yield node, after


def names(node: Definition) -> list[str]:
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.AnnAssign):
        return [node.target.id] if isinstance(node.target, ast.Name) else []
    return [node.name]


def _docstring(node: Definition, after: ast.stmt | None) -> str:
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return ast.get_docstring(node) or ""
    if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
        return str(after.value.value)
    return ""
