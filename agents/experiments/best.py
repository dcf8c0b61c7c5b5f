"""The best setting of a sweep, and what it is worth on seeds that had no part in choosing it.

The best of several estimates is partly the luckiest, so that it is too good on average: the more so, the more
settings and the fewer seeds there are (docs/how_many_seeds.md). Fresh seeds know nothing of that luck.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from agents.experiments.findings import Sweep
from agents.experiments.statistics import summarised, worth
from agents.experiments.sweep import run_missing
from agents.experiments.sweep_folder import SweepFolder
from agents.training.configuration import EVALUATE_EVERY

__all__ = ["Best", "rerun_best"]


class Best(NamedTuple):
    """A setting that was chosen, and what it is worth.

    Attributes:
        measure: what it was chosen by.
        setting: what tells it from the others.
        n_settings: how many there were to choose from.
        n_as_good: how many others came out as well.
        chosen: `agents.experiments.statistics.summarised` of the seeds that chose it, which flatter it.
        fresh: the same of the seeds after those.
        failures: how many of these ended with an error.
        seeds: the first and the last of these.
        file: the setting, as ``gridq train --config`` takes it.
    """

    measure: str
    setting: dict[str, Any]
    n_settings: int
    n_as_good: int
    chosen: dict[str, Any]
    fresh: dict[str, Any]
    failures: int
    seeds: tuple[int, int]
    file: Path

    def to_json(self) -> dict[str, Any]:
        """All of it, in JSON's kinds of values."""
        return {**self._asdict(), "seeds": list(self.seeds), "file": str(self.file)}


def rerun_best(
    found: Sweep,
    measure: str,
    jobs: int | None = None,
    backend: str = "loky",
    address: str | None = None,
    quiet: bool = False,
) -> Best:
    """Runs the best setting of a sweep on as many fresh seeds, in a folder ``best-MEASURE`` within its own.

    Finished cells are kept: the same call goes on with what is missing.

    Args:
        found: a sweep, of which no cell is missing.
        measure: by which the best is the best.
        jobs: trainings at a time; None is the number of cores, of this machine or of the cluster.
        backend: where they run.
        address: of a running cluster; None starts one on this machine.
        quiet: show no progress.

    Raises:
        ValueError: for an unknown measure.
        ChildProcessError: if a worker has died whose work nobody took over; what is finished is kept.
        OSError: if something cannot be written.
    """
    number = found.best(measure)
    ranks = [worth(measure, found.values(each, measure)) for each in range(len(found.settings))]
    plan = found.plan
    fresh_plan = replace(plan, settings=[plan.settings[number]], first_seed=plan.first_seed + plan.seeds)
    with contextlib.closing(SweepFolder.made(found.path / f"best-{measure}", fresh_plan)) as folder:
        again = run_missing(folder, jobs, backend, address, quiet)
        best = Best(
            measure,
            found.settings[number],
            len(ranks),
            ranks.count(ranks[number]) - 1,
            summarised(found.values(number, measure, failures=False)),
            summarised(again.values(0, measure, failures=False)),
            len(again.failures),
            (fresh_plan.seed_of(0), fresh_plan.seed_of(fresh_plan.n_cells - 1)),
            folder.path / "setting.json",
        )
        # as a run's config.json has it, and why it was chosen
        chosen = {name: value for name, value in best.to_json().items() if name != "file"}
        setting = {**fresh_plan.settings[0], "seed": 0, "evaluate_every": EVALUATE_EVERY, "chosen": chosen}
        folder.write_json(best.file.name, setting)
    return best
