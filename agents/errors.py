"""The error that is no mistake of the caller's."""

from __future__ import annotations

__all__ = ["DivergenceError"]


class DivergenceError(ArithmeticError, ValueError):
    """A training has diverged: a reward, an observation, a value or a loss is NaN or infinite.

    A `ValueError` too, as an agent can use no such number.
    """
