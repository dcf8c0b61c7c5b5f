"""A correct learner and the faults it can have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
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
    """

    learner: Callable[[Any, int, str], Any]
    faults: tuple[str, ...]
    equivalent: dict[str, str] = field(default_factory=dict)
    total_steps: int = 8_000
    arguments: dict[str, Any] = field(default_factory=dict)

    def check(self, fault: str = "", **arguments: Any) -> LearnerReport:
        """What check_learner says of the learner with a fault, or without any."""
        given = {"total_steps": self.total_steps, **self.arguments, **arguments}
        return check_learner(partial(self.learner, fault=fault), **given)
