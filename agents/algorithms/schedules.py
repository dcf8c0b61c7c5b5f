"""Schedules: how a value, such as epsilon, changes with the number of environment steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Schedule: TypeAlias = Callable[[int], float]
"""Number of steps made so far -> value."""

KINDS = ("constant", "linear", "exponential")


def make_schedule(kind: str, start: float, end: float, steps: int) -> Schedule:
    """The schedule of one of three kinds.

    Args:
        kind: "constant" stays at `start`; "linear" goes to `end` by equal differences, "exponential" by equal
            ratios, in `steps` steps, and stays there.
        start: value at step 0.
        end: value from `steps` on.
        steps: length of the change, at least 1.

    Raises:
        ValueError: unknown kind, no steps, or an exponential schedule from or to zero, which
            no ratio reaches.
    """
    if kind not in KINDS:
        raise ValueError(f"schedule is {kind!r}; give one of {', '.join(map(repr, KINDS))}")
    if kind == "constant":
        return lambda step: start
    if steps < 1:
        raise ValueError(f"a {kind} schedule of {steps} steps has no time to change; give at least 1")
    if kind == "linear":
        return lambda step: start + (end - start) * min(step / steps, 1.0)
    if start <= 0 or end <= 0:
        raise ValueError(f"an exponential schedule cannot go from {start} to {end}; give values above 0")
    return lambda step: start * (end / start) ** min(step / steps, 1.0)


def falling(start: float, steps: int | None) -> Schedule:
    """A step size that stays for some steps and then falls as their inverse (Robbins & Monro 1951).

    Its sum has no bound, so that nothing is ever out of reach, and that of its squares has one, so that what
    is learned settles.

    Args:
        start: value at first.
        steps: number of steps it stays; None for ever.
    """
    if steps is None:
        return lambda step: start
    return lambda step: start * (steps / step) if step > steps else start
