"""What the code of a function reads from outside of it, found in its instructions."""

from __future__ import annotations

import builtins
import dis
import functools
import inspect
import sys
import types
from collections.abc import Iterator
from typing import Any

__all__ = ["globals_of"]


def globals_of(function: types.FunctionType) -> Iterator[Any]:
    """What a function's code finds outside of it, through modules: of ``np.random.rand`` that function."""
    namespaces = (function.__globals__, vars(builtins))
    for chain in _names_read(function.__code__):
        if chain[0] == "import":
            yield sys.modules.get(chain[1], chain[1])
            continue
        value = next((names[chain[0]] for names in namespaces if chain[0] in names), None)
        for name in chain[1:]:
            if not isinstance(value, types.ModuleType) or not hasattr(value, name):
                break
            value = inspect.getattr_static(value, name, None)
        yield value


@functools.lru_cache(maxsize=4096)
def _names_read(code: types.CodeType) -> tuple[tuple[str, ...], ...]:
    """The global names that code reads, each with the attributes read of it at once."""
    chains: list[tuple[str, ...]] = []
    growing = False
    for instruction in dis.get_instructions(code):
        name = instruction.opname
        if name in ("LOAD_GLOBAL", "LOAD_NAME"):
            chains.append((instruction.argval,))
            growing = True
        elif name in ("LOAD_ATTR", "LOAD_METHOD") and growing:
            chains[-1] += (instruction.argval,)
        elif name == "IMPORT_NAME":
            chains.append(("import", instruction.argval))
            growing = False
        elif name not in ("PUSH_NULL", "CACHE", "PRECALL"):
            growing = False
    inner = (constant for constant in code.co_consts if isinstance(constant, types.CodeType))
    return tuple(dict.fromkeys([*chains, *(chain for part in inner for chain in _names_read(part))]))
