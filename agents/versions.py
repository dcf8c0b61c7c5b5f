"""Which releases compute here: what two results must share to be equal to the last bit."""

from __future__ import annotations

import functools
import platform
from importlib.metadata import PackageNotFoundError, version

__all__ = ["versions"]


@functools.cache
def versions() -> dict[str, str | None]:
    """The version of Python and of every package that numbers come from; None if it is not installed."""
    packages = ("gym-gridq", "gymnasium", "numpy", "dezero")
    return {"python": platform.python_version(), **{name: _version(name) for name in packages}}


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:  # run from a checkout
        return None
