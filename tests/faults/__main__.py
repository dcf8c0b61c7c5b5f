"""``python -m tests.faults``: every fault in every world, as a table.

Results are kept in tests/faults/results.jsonl, one line a learner, fault and judge, so that a run can be done
in parts. Learners of a library that is not installed are left out; run those in the library's environment,
that of its recipe::

    .cache/interop/check_learner_settings/bin/python -m tests.faults --family Stable-Baselines3
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor

from tests.faults import results
from tests.faults.corpus import FAMILIES
from tests.faults.measuring import JUDGES, measure
from tests.faults.page import write_page


def main(arguments: list[str] | None = None) -> int:
    """Measures what is asked for and writes the page; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds (default: %(default)s)")
    parser.add_argument("--first-seed", type=int, default=0, help="the first of them (default: %(default)s)")
    parser.add_argument("--family", default="", help="only learners whose name holds this")
    parser.add_argument("--fault", default="", help="only faults that hold this")
    parser.add_argument("--judge", choices=JUDGES, default="worlds", help="by what (default: %(default)s)")
    parser.add_argument(
        "--correct", action="store_true", help="the learners without a fault, for false alarms"
    )
    parser.add_argument("--again", action="store_true", help="measure what is known already, too")
    parser.add_argument("--quick", action="store_true", help="stop at the first world that fails")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default: %(default)s)")
    options = parser.parse_args(arguments)
    seeds = tuple(range(options.first_seed, options.first_seed + options.seeds))
    names = [name for name, family in FAMILIES.items() if options.family in name and family.at_hand]
    wanted = [
        (name, fault)
        for name in names
        for fault in ([""] if options.correct else FAMILIES[name].faults)
        if options.fault in fault
    ]
    known = set() if options.again else {(row["family"], row["fault"]) for row in results.read(options.judge)}
    with ProcessPoolExecutor(options.jobs) as pool:
        submitted = [
            pool.submit(measure, *pair, seeds, options.judge, options.quick)
            for pair in wanted
            if pair not in known
        ]
        for row in (future.result() for future in submitted):
            results.keep(row)
            said = f"{row['caught']} of {row['seeds']}: {', '.join(row['failed'])}"
            print(f"{row['family']} | {row['fault'] or 'no fault'} | {said}", flush=True)
    write_page()
    return 0


if __name__ == "__main__":
    sys.exit(main())
