"""How a function or a class is called, as text."""

from __future__ import annotations

import ast
import contextlib
import json

from docs._ext.sources import ROOT, Function, Source, find

WIDTH = 96


def signature(name: str, source: Source) -> str:
    """How it is called; empty where nobody calls it."""
    node = source.node
    if isinstance(node, Function):
        return call(name, node, source)
    if isinstance(node, ast.ClassDef):
        for part in node.body:
            if isinstance(part, Function) and part.name == "__init__":
                return call(name, part, source)
        if any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list):
            fields = [_field(part) for part in node.body if isinstance(part, ast.AnnAssign)]
            return _broken(name, [field for field in fields if field])
    return ""


def call(name: str, node: Function, source: Source) -> str:
    """Without annotations: the docstring gives shapes and ranges, which say more."""
    given, star, named = node.args, node.args.vararg, node.args.kwarg
    plain = [*given.posonlyargs, *given.args]
    defaults = [None] * (len(plain) - len(given.defaults)) + given.defaults
    arguments = [
        _argument(argument, default, source)
        for argument, default in zip(plain, defaults, strict=True)
        if argument.arg not in ("self", "cls")
    ]
    if star or given.kwonlyargs:
        arguments.append(f"*{star.arg}" if star else "*")
    arguments += [_argument(a, d, source) for a, d in zip(given.kwonlyargs, given.kw_defaults, strict=True)]
    return _broken(name, arguments + ([f"**{named.arg}"] if named else []))


def _argument(argument: ast.arg, default: ast.expr | None, source: Source) -> str:
    """With its default; a constant's value in place of its name."""
    if isinstance(default, ast.Name):
        module = ".".join(source.path.relative_to(ROOT).with_suffix("").parts)
        with contextlib.suppress(LookupError):
            named = find(f"{module}.{default.id}").node
            value = named.value if isinstance(named, ast.Assign | ast.AnnAssign) else None
            default = value if isinstance(value, ast.Constant) else default
    return argument.arg if default is None else f"{argument.arg}={_literal(default)}"


def _literal(value: ast.expr) -> str:
    """A default as we write it."""
    is_text = isinstance(value, ast.Constant) and isinstance(value.value, str)
    return json.dumps(value.value) if is_text else ast.unparse(value)


def _field(part: ast.AnnAssign) -> str:
    """A dataclass's field as an argument; empty where it takes none."""
    name, value = ast.unparse(part.target), part.value
    if not isinstance(value, ast.Call):
        return name if value is None else f"{name}={_literal(value)}"
    options = {keyword.arg: ast.unparse(keyword.value) for keyword in value.keywords}
    if options.get("init") == "False":
        return ""
    return (
        f"{name}={options.get('default', '...')}" if {"default", "default_factory"} & set(options) else name
    )


def _broken(name: str, arguments: list[str]) -> str:
    """The call on one line where it has room, else with one line for each argument."""
    line = f"{name}({', '.join(arguments)})"
    return line if len(line) <= WIDTH else "\n".join([f"{name}(", *(f"    {a}," for a in arguments), ")"])
