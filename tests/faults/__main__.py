"""``python -m tests.faults``: every fault in every world, as a table.

Results are kept in a file, one line a learner and fault, so that a run can be done in parts. With the first
seed every world is tried; with the others the worlds go on until one fails.
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from gym_gridq.testing import WORLDS
from tests.faults.corpus import FAMILIES

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / ".cache" / "faults.jsonl"
PAGE = ROOT / "docs" / "interop" / "check_learner_faults.md"

INTRODUCTION = """\
# Which fault fails where

Written by `python -m tests.faults`. Each line is a correct learner with one fault, from
`tests/faults/learners.py`; the worlds are those of [check_learner](check_learner.md). Every world was tried
with the first seed; "seeds" says with how many of the seeds, each tried alone, the check failed. Worlds in
which only the returned values are wrong, while the policy is optimal, stand in brackets: a learner that
returns nothing but a policy passes there. Where three dots end the list, the worlds were tried until one
failed.

"""


FIRST = ("time-limit", "annuity", "two-doors", "toll", "cost-of-living", "corridor")
"""The worlds that catch most, tried first where one is enough."""


def measure(family: str, fault: str, seeds: tuple[int, ...], quick: bool) -> dict[str, Any]:
    """Checks a learner with each seed alone."""
    if quick:
        return _measure_quickly(family, fault, seeds)
    check = FAMILIES[family].check
    first = check(fault, seeds=seeds[:1])
    failed = [world.world.name for world in first.worlds if not world.passed]
    by_values = [
        world.world.name
        for world in first.worlds
        if world.problem is not None and world.problem.startswith("its policy is optimal")
    ]
    order = sorted(
        FAMILIES[family].arguments.get("worlds", WORLDS),
        key=lambda world: world.name not in failed or world.name in by_values,
    )
    caught = int(bool(failed))
    for seed in seeds[1:]:
        caught += any(not check(fault, seeds=(seed,), worlds=[world]).passed for world in order)
    return {
        "family": family, "fault": fault, "failed": failed, "by_values": by_values, "caught": caught,
        "seeds": len(seeds), "problems": {w.world.name: w.problem for w in first.worlds if not w.passed},
    }  # fmt: skip


def _measure_quickly(family: str, fault: str, seeds: tuple[int, ...]) -> dict[str, Any]:
    """With each seed, the worlds up to the first that fails."""
    check = FAMILIES[family].check
    order = sorted(
        FAMILIES[family].arguments.get("worlds", WORLDS), key=lambda world: world.name not in FIRST
    )
    failed, by_values, problems = [], [], {}
    caught = 0
    for seed in seeds:
        for world in order:
            report = check(fault, seeds=(seed,), worlds=[world]).worlds[0]
            if report.problem is None:
                continue
            caught += 1
            if world.name not in failed:
                failed.append(world.name)
                problems[world.name] = report.problem
                if report.problem.startswith("its policy is optimal"):
                    by_values.append(world.name)
            break
    return {
        "family": family, "fault": fault, "failed": failed, "by_values": by_values, "caught": caught,
        "seeds": len(seeds), "problems": problems, "quick": True,
    }  # fmt: skip


def page(rows: list[dict[str, Any]]) -> str:
    """The table for a reader."""
    text = [INTRODUCTION]
    counts = []
    missed = []
    for name, family in FAMILIES.items():
        of_family = {row["fault"]: row for row in rows if row["family"] == name}
        listed = [of_family[fault] for fault in family.faults if fault in of_family]
        if not listed:
            continue
        text.append(f"## {name}\n\n| fault | seeds | fails in |\n|---|---|---|")
        real = caught = 0
        for row in listed:
            fault = row["fault"]
            worlds = ", ".join(
                f"({world})" if world in row["by_values"] else world for world in row["failed"]
            )
            if len(row["failed"]) == len(WORLDS) and not row["by_values"]:
                worlds = "every world"
            if fault in family.equivalent:
                said = f"equivalent: {family.equivalent[fault]}" + (f"; fails in {worlds}" if worlds else "")
            else:
                said = worlds or "nothing"
                real += 1
                caught += row["caught"] == row["seeds"]
                if row["caught"] < row["seeds"]:
                    missed.append(f"{fault} ({name}): {row['caught']} of {row['seeds']} seeds")
            if row.get("quick") and row["failed"]:
                said += " ..."
            text.append(f"| {fault} | {row['caught']} of {row['seeds']} | {said} |")
        counts.append((name, len(listed), len(listed) - real, real, caught))
        text.append("")
    total = [sum(column) for column in list(zip(*counts, strict=True))[1:]]
    summary = ["| learner | faults | equivalent | others | caught with every seed |", "|---|---|---|---|---|"]
    summary += [f"| {' | '.join(map(str, line))} |" for line in [*counts, ("all", *total)]]
    text.insert(1, "\n".join(summary) + "\n")
    if missed:
        text.insert(2, "Not caught with every seed:\n\n" + "\n".join(f"- {line}" for line in missed) + "\n")
    return "\n".join(text).rstrip() + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Measures what is asked for and writes the page; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds (default: %(default)s)")
    parser.add_argument("--first-seed", type=int, default=0, help="the first of them (default: %(default)s)")
    parser.add_argument("--family", default="", help="only learners whose name holds this")
    parser.add_argument("--fault", default="", help="only faults that hold this")
    parser.add_argument("--correct", action="store_true", help="the learners without a fault; writes nothing")
    parser.add_argument(
        "--again", action="store_true", help="measure what the file of results holds already, too"
    )
    parser.add_argument("--quick", action="store_true", help="stop at the first world that fails")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default: %(default)s)")
    options = parser.parse_args(arguments)
    seeds = tuple(range(options.first_seed, options.first_seed + options.seeds))
    names = [name for name in FAMILIES if options.family in name]
    with ProcessPoolExecutor(options.jobs) as pool:
        if options.correct:
            wrong = 0
            for row in pool.map(check_right, *zip(*((n, s) for n in names for s in seeds), strict=True)):
                print(row or ".", flush=True)
                wrong += row is not None
            print(f"{wrong} false alarms in {len(names) * len(seeds)} runs")
            return int(wrong > 0)
        rows = [json.loads(line) for line in RESULTS.read_text().splitlines()] if RESULTS.exists() else []
        wanted = [(n, f) for n in names for f in FAMILIES[n].faults if options.fault in f]
        if options.again:
            rows = [row for row in rows if (row["family"], row["fault"]) not in wanted]
            RESULTS.write_text("".join(json.dumps(row) + "\n" for row in rows))
        known = {(row["family"], row["fault"]) for row in rows}
        todo = [pair for pair in wanted if pair not in known]
        if todo:
            for row in pool.map(
                measure, *zip(*todo, strict=True), [seeds] * len(todo), [options.quick] * len(todo)
            ):
                rows.append(row)
                with RESULTS.open("a") as file:
                    file.write(json.dumps(row) + "\n")
                said = f"{row['caught']} of {row['seeds']}: {', '.join(row['failed'])}"
                print(f"{row['family']} | {row['fault']} | {said}", flush=True)
    PAGE.write_text(page(rows))
    return 0


def check_right(family: str, seed: int) -> str | None:
    """The false alarms of a learner without a fault, with one seed."""
    report = FAMILIES[family].check(seeds=(seed,))
    wrong = {world.world.name: world.problem for world in report.worlds if not world.passed}
    return f"{family}, seed {seed}: {wrong}" if wrong else None


if __name__ == "__main__":
    sys.exit(main())
