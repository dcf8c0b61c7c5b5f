"""Brings DeZero in, unmodified, on any NumPy from 1.26 on: ``from agents.networks.compat import dezero``.

DeZero 0.0.13, the newest on PyPI, names ``np.int`` in a default argument; NumPy dropped that alias in 1.24.
The alias is lent for the one import and taken back, so nobody else ever sees it. The same import pulls in
the whole of Matplotlib's pyplot for two methods that show pictures of data sets; a stand-in puts that
half second off until one of them is called. And where nothing has compiled its sources yet, an ``is 'fine'``
in them would warn, or under ``-W error`` fail.
"""

from __future__ import annotations

import importlib
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np


class _PyplotOnFirstUse(ModuleType):
    """What ``dezero.datasets.plt`` holds: the real pyplot, imported when something is asked of it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module("matplotlib.pyplot"), name)


@contextmanager
def _lent_numpy_int() -> Iterator[None]:
    """Give NumPy its old ``np.int`` for a moment, unless somebody else already did."""
    if "int" in vars(np):
        yield
        return
    vars(np)["int"] = int
    try:
        yield
    finally:
        del vars(np)["int"]


@contextmanager
def _pyplot_put_off() -> Iterator[None]:
    """Stand in for Matplotlib in ``sys.modules`` for a moment, unless it is loaded anyway."""
    if "matplotlib" in sys.modules:
        yield
        return
    stand_in = _PyplotOnFirstUse("matplotlib.pyplot")
    stand_in.pyplot = stand_in  # type: ignore[attr-defined]
    names = ("matplotlib", "matplotlib.pyplot")
    sys.modules.update(dict.fromkeys(names, stand_in))
    try:
        yield
    finally:
        for name in names:
            sys.modules.pop(name, None)


def _import_dezero() -> ModuleType:
    if "dezero" not in sys.modules:
        # A plain `import dezero` that failed before leaves submodules behind, tied to a dead package.
        for name in [name for name in sys.modules if name.startswith("dezero.")]:
            del sys.modules[name]
    with _lent_numpy_int(), _pyplot_put_off(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", '"is" with ', SyntaxWarning)
        return importlib.import_module("dezero")


dezero: Any = _import_dezero()

graph_lock = threading.RLock()
"""Held while a graph is built and run back through: DeZero keeps one switch for that, for all threads."""
