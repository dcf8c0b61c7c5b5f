"""Uniforms: single random numbers, drawn many at a time."""

from __future__ import annotations

import numpy as np

__all__ = ["Uniforms"]


class Uniforms:
    """Single numbers from [0, 1), the same as a generator draws one by one, in a third of the time.

    They are drawn ahead. Whoever wants the generator itself, to draw from it or to keep its state, calls
    `settle` before, which takes back what nobody has seen.

    Args:
        generator: where they come from; of a kind that can go back, as that of `numpy.random.default_rng`.
    """

    AHEAD = 64

    def __init__(self, generator: np.random.Generator) -> None:
        self._generator = generator
        self._ahead: list[float] = []  # the next one last

    def __call__(self) -> float:
        """The next number."""
        if not self._ahead:
            self._ahead = self._generator.random(self.AHEAD).tolist()[::-1]
        return self._ahead.pop()

    def settle(self) -> None:
        """Puts the generator where it would be, had the numbers been drawn one by one."""
        if self._ahead:
            self._generator.bit_generator.advance(-len(self._ahead))  # type: ignore[attr-defined]
            self._ahead.clear()
