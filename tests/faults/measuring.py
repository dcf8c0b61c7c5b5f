"""How many seeds a learner with a fault is caught with, and by what."""

from __future__ import annotations

from typing import Any

from gym_gridq.testing import WORLDS
from tests.faults import cartpole, probes
from tests.faults.corpus import FAMILIES

__all__ = ["JUDGES", "measure"]

FIRST = ("time-limit", "annuity", "two-doors", "toll", "cost-of-living", "corridor")
"""The worlds that catch most, tried first where one is enough."""

_BROKEN = ImportError, NameError, AttributeError, TypeError, KeyError
"""What tells that the learner here is broken, not that its fault was caught."""


def measure(family: str, fault: str, seeds: tuple[int, ...], judge: str, quick: bool) -> dict[str, Any]:
    """Lets a judge look at a learner with each seed alone.

    Args:
        family: whose learner.
        fault: what is wrong with it; nothing if empty.
        seeds: of the learner and of what it is judged by.
        judge: one of `JUDGES`.
        quick: whether to stop at the first failure with the first seed, too, as with all others.

    Returns:
        A line of the table: with how many seeds it was caught, and where it failed.
    """
    failed: dict[str, str] = {}
    caught = 0
    for seed in seeds:
        stop_early = quick or seed != seeds[0]
        found = JUDGES[judge](family, fault, seed, stop_early, tuple(failed))
        caught += bool(found)
        failed = {**found, **failed}
    return {
        "family": family, "fault": fault, "judge": judge, "caught": caught, "seeds": len(seeds),
        "first_seed": seeds[0], "failed": failed, "whole": not quick,
    }  # fmt: skip


def judged_by_worlds(
    family: str, fault: str, seed: int, stop_early: bool, likely: tuple[str, ...] = ()
) -> dict[str, str]:
    """The worlds that fail, with ``"policy"`` or ``"values"``: what is wrong there."""
    of_family = FAMILIES[family]
    failed = {}
    for world in sorted(
        of_family.arguments.get("worlds", WORLDS),
        key=lambda world: (
            world.name not in likely,
            world.name != of_family.likely.get(fault),
            world.name not in FIRST,
        ),
    ):
        report = of_family.check(fault, seeds=(seed,), worlds=[world]).worlds[0]
        if isinstance(report.error, _BROKEN):
            raise report.error
        problem = report.problem
        if problem is not None:
            failed[world.name] = "values" if problem.startswith("its policy is optimal") else "policy"
            if stop_early:
                break
    return failed


JUDGES = {
    "worlds": judged_by_worlds,
    "probes": lambda family, fault, seed, *_: probes.failed(FAMILIES[family], fault, seed),
    "cartpole": lambda family, fault, seed, *_: cartpole.failed(FAMILIES[family], fault, seed),
}
"""What learners are judged by: our worlds, probe environments, and a threshold on CartPole."""
