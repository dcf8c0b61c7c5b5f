"""Public names as their sources define them, read by Griffe without importing anything.

Read so, what is found is the same whatever versions of Python and Gymnasium are installed, and a default
stands there as its author wrote it.
"""

from __future__ import annotations

import contextlib
import functools
import re

import griffe

from docs._ext.pages import DOCS

ROOT = DOCS.parent
WIDTH = 96


@functools.cache
def _packages() -> griffe.ModulesCollection:
    dataclasses = griffe.load_extensions("dataclasses")  # their fields are what they are called with
    loader = griffe.GriffeLoader(search_paths=[ROOT], allow_inspection=False, extensions=dataclasses)
    for package in ("gym_gridq", "agents"):
        loader.load(package)
    loader.resolve_aliases(implicit=True)
    return loader.modules_collection


def find(name: str) -> griffe.Object:
    """The definition behind a public name such as `gym_gridq.solve`, through whatever modules hand it on.

    Raises:
        KeyError: if there is none.
    """
    found = _packages()[name]
    return found.final_target if found.is_alias else found


def call(name: str, function: griffe.Function) -> str:
    """How it is called, on one line where it has room. The docstring says more than annotations would."""
    arguments = []
    for parameter in function.parameters:
        starred = any(argument[0] == "*" for argument in arguments)
        if parameter.kind is griffe.ParameterKind.keyword_only and not starred:
            arguments.append("*")
        if parameter.name not in ("self", "cls"):
            arguments.append(_argument(parameter))
    line = f"{name}({', '.join(arguments)})"
    return line if len(line) <= WIDTH else "\n".join([f"{name}(", *(f"    {a}," for a in arguments), ")"])


def _argument(parameter: griffe.Parameter) -> str:
    """With its default; a constant's value in place of its name."""
    stars = {griffe.ParameterKind.var_positional: "*", griffe.ParameterKind.var_keyword: "**"}
    default = parameter.default
    if default is None or parameter.kind in stars:
        return stars.get(parameter.kind, "") + parameter.name
    if isinstance(default, griffe.ExprName):
        with contextlib.suppress(KeyError, AttributeError):
            value = find(default.canonical_path).value
            default = value if isinstance(value, str) else default
    if isinstance(default, griffe.ExprCall):
        default = "..."  # a factory makes it
    return f"{parameter.name}=" + re.sub("^'(.*)'$", r'"\1"', str(default))
