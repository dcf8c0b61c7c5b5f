"""``python -m tests.faults``: every fault in every world, as a table."""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from tests.faults.corpus import FAMILIES


@dataclass(frozen=True)
class Row:
    """What became of one learner.

    Attributes:
        family: the learner.
        fault: what is wrong with it; "" if nothing is.
        failed: the seeds that failed, by world.
        by_policy: those that failed for their policy, not only for the values they returned.
        problems: what was said first, by world.
        worst: the largest value error that passed, by world.
        seconds: CPU seconds.
    """

    family: str
    fault: str
    failed: dict[str, list[int]]
    by_policy: dict[str, list[int]]
    problems: dict[str, str]
    worst: dict[str, float]
    seconds: float


def measure(family: str, fault: str, seeds: tuple[int, ...]) -> Row:
    """Checks a learner with each seed."""
    started = time.process_time()
    report = FAMILIES[family].check(fault, seeds=seeds)
    failed, by_policy, problems, worst = {}, {}, {}, {}
    for world in report.worlds:
        wrong = [run for run in world.runs if run.problem is not None]
        if wrong:
            failed[world.world.name] = [run.seed for run in wrong]
            problems[world.world.name] = str(wrong[0].problem)
            seeds_of = [run.seed for run in wrong if not str(run.problem).startswith("its policy is optimal")]
            if seeds_of:
                by_policy[world.world.name] = seeds_of
        worst[world.world.name] = max(run.value_error or 0.0 for run in world.runs)
    return Row(family, fault, failed, by_policy, problems, worst, time.process_time() - started)


def main(arguments: list[str] | None = None) -> int:
    """Prints a line for every learner and fault; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds (default: %(default)s)")
    parser.add_argument("--first-seed", type=int, default=0, help="the first of them (default: %(default)s)")
    parser.add_argument("--family", default="", help="only learners whose name holds this")
    parser.add_argument("--fault", default=None, help="only faults that hold this; '' for all")
    parser.add_argument("--correct", action="store_true", help="only the learners without a fault")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default: %(default)s)")
    options = parser.parse_args(arguments)
    seeds = tuple(range(options.first_seed, options.first_seed + options.seeds))
    wanted = [
        (name, fault)
        for name, family in FAMILIES.items()
        if options.family in name
        for fault in ("", *(() if options.correct else family.faults))
        if options.fault is None or options.fault in fault
    ]
    with ProcessPoolExecutor(options.jobs) as pool:
        for row in pool.map(measure, *zip(*wanted, strict=True), [seeds] * len(wanted)):
            said = ", ".join(f"{name} {len(failing)}" for name, failing in row.failed.items()) or "-"
            same = " (equivalent)" if row.fault in FAMILIES[row.family].equivalent else ""
            print(f"{row.family} | {row.fault or 'RIGHT'}{same} | {said}", flush=True)
            if not row.fault:
                print("   worst:", {name: round(error, 2) for name, error in row.worst.items()}, f"{row.seconds:.0f} s")
                print("   ", row.problems)
    return 0


if __name__ == "__main__":
    sys.exit(main())
