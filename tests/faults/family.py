"""A correct learner and the faults it can have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from typing import Any

from gym_gridq.testing import LearnerReport, check_learner

__all__ = ["Family"]


@dataclass(frozen=True)
class Family:
    """A correct learner and the faults it can have.

    Attributes:
        learner: ``learner(env, total_steps, fault)``.
        faults: the phrases it knows.
        equivalent: those that change nothing that matters, each with the reason.
        total_steps: environment steps for each world.
        arguments: of `check_learner`.
        needs: the package that it needs besides ours, if any.
        likely: worlds to try first, by fault.
        missed: why some faults are not caught with every seed.
    """

    learner: Callable[[Any, int, str], Any]
    faults: tuple[str, ...]
    equivalent: dict[str, str] = field(default_factory=dict)
    total_steps: int = 8_000
    arguments: dict[str, Any] = field(default_factory=dict)
    needs: str = ""
    likely: dict[str, str] = field(default_factory=dict)
    missed: dict[str, str] = field(default_factory=dict)

    @property
    def at_hand(self) -> bool:
        """Whether what it needs is installed."""
        return not self.needs or find_spec(self.needs) is not None

    def check(self, fault: str = "", **arguments: Any) -> LearnerReport:
        """What check_learner says of the learner with a fault, or without any."""
        given = {"total_steps": self.total_steps, **self.arguments, **arguments}
        return check_learner(partial(self.learner, fault=fault), **given)
