"""sweep: many trainings, cell by cell, none of them lost."""

from __future__ import annotations

import base64
import contextlib
import html
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from agents.arguments import checked_count
from agents.experiments.backends import check_backend, results_of
from agents.experiments.batches import Batches
from agents.experiments.cell import CURVES, POINTS
from agents.experiments.plan import planned
from agents.experiments.results import SweepFolder
from agents.experiments.statistics import (
    HIGHER_IS_BETTER,
    LOWER_IS_BETTER,
    improvement,
    main_measure,
    profile,
    scores,
    summarised,
)
from agents.experiments.table import name_of, table_of
from agents.pictures.sweeps import draw_sweep_curves, draw_sweep_settings
from agents.storage.files import replacing
from agents.training.progress import progress_bar

__all__ = ["Sweep", "run_missing", "sweep"]

PICTURE_KINDS = (".png", ".svg", ".pdf")


class Sweep:
    """What a sweep found.

    Attributes:
        path: its folder.
        records: the finished cells as dictionaries, by the columns of ``results.csv``, in the order of the
            plan: every setting with seed 0, then with seed 1, and so on.
        settings: what tells each setting from the others.

    Args:
        folder: the folder; only what it has in memory is used.
    """

    def __init__(self, folder: SweepFolder) -> None:
        self.path = folder.path
        self.plan = folder.plan
        self.records = [folder.records[index] for index in sorted(folder.records)]
        self._curves = folder.curves_by_setting()
        self.settings = [folder.plan.named(number) for number in range(len(folder.plan.settings))]

    @property
    def failures(self) -> list[dict[str, Any]]:
        """The cells that ended with an error."""
        return [record for record in self.records if record["error"]]

    @property
    def n_missing(self) -> int:
        """How many cells were not run yet."""
        return self.plan.n_cells - len(self.records)

    def summary(self) -> dict[str, Any]:
        """What the seeds add up to, as ``summary.json`` holds it.

        Returns:
            ``main_measure``; ``settings``, for each what it is, ``failures`` and ``measures`` (see
            `agents.experiments.statistics.summarised`); ``comparisons`` of the best setting with every other
            one; the performance ``profile``.
        """
        measures = [name for name in self.plan.measures if name in LOWER_IS_BETTER | HIGHER_IS_BETTER]
        main = main_measure(measures)
        every = [self._values(number, main) for number in range(len(self.settings))]
        best = max(range(len(every)), key=lambda number: float(np.median(scores(main, every[number]))))
        comparisons = []
        for number, setting in enumerate(self.settings):
            if number != best:
                probability, limits = improvement(main, every[best], every[number])
                comparisons.append(
                    {"a": self.settings[best], "b": setting, "probability": probability, "interval": limits}
                )
        settings = []
        for number, setting in enumerate(self.settings):
            failures = sum(bool(record["error"]) for record in self._of(number))
            found = {name: summarised(self._values(number, name, failures=False)) for name in measures}
            cells = len(self._of(number))
            settings.append({"setting": setting, "cells": cells, "failures": failures, "measures": found})
        return {
            "cells": len(self.records),
            "failures": len(self.failures),
            "main_measure": main,
            "settings": settings,
            "comparisons": comparisons,
            "profile": profile(main, every),
        }

    def compare(
        self, a: Mapping[str, Any], b: Mapping[str, Any], measure: str | None = None
    ) -> dict[str, Any]:
        """How probable it is that a seed of one setting does better than one of another.

        Args:
            a: what tells the one setting, such as ``{"learning_rate": 0.01}``.
            b: what tells the other.
            measure: what is compared; max abs(Q - q*) on GridQ and the mean return elsewhere by default. A
                seed that has none, or failed, did worse than all that have.

        Returns:
            ``measure``, ``probability`` (a tie counts half) and its 95% ``interval``, None for one seed.

        Raises:
            ValueError: for words that name no setting or several, or an unknown measure.
        """
        measure = measure or main_measure(self.plan.measures)
        known = [name for name in self.plan.measures if name in LOWER_IS_BETTER | HIGHER_IS_BETTER]
        if measure not in known:
            raise ValueError(f"measure is {measure!r}; choose from {', '.join(known)}")
        values = [self._values(self._numbered(setting), measure) for setting in (a, b)]
        probability, limits = improvement(measure, *values)
        return {"measure": measure, "probability": probability, "interval": limits}

    def plot(self, path: str | os.PathLike[str], what: str = "curves") -> None:
        """Draws a picture into a file.

        Args:
            path: the file, which ends in ``.png``, ``.svg`` or ``.pdf``.
            what: ``"curves"``, how every setting learned; or ``"settings"``, what it came to.

        Raises:
            ValueError: for another ending or another picture.
            OSError: if it cannot be written.
        """
        kind = Path(path).suffix.lower()
        if kind not in PICTURE_KINDS:
            raise ValueError(
                f"{os.fspath(path)!r} ends in none of {', '.join(PICTURE_KINDS)}; choose one of them"
            )
        if what not in ("curves", "settings"):
            raise ValueError(f"what is {what!r}; give 'curves' or 'settings'")
        with replacing(path) as file:
            self._draw(file, what, kind[1:])

    def _draw(self, file: IO[bytes], what: str, kind: str) -> None:
        names = [name_of(setting, self.settings) for setting in self.settings]
        if what == "curves":
            limits = {(config["total_steps"], config["episodes"]) for config in self.plan.settings}
            total, label = 1, "part of the training"
            if len(limits) == 1:
                ((steps, episodes),) = limits
                total, label = (steps, "environment steps") if steps else (episodes, "episodes")
            x = total * np.arange(1, POINTS + 1) / POINTS
            curves = {name: self._curves[:, :, number] for number, name in enumerate(CURVES)}
            draw_sweep_curves(file, curves, x, label, names, kind)
            return
        measure = main_measure(self.plan.measures)
        values = [self._values(number, measure) for number in range(len(self.settings))]
        found = [
            summarised(self._values(number, measure, failures=False)) for number in range(len(self.settings))
        ]
        draw_sweep_settings(file, self.settings, names, values, found, profile(measure, values), kind)

    def _repr_html_(self) -> str:
        # Asked for by IPython, which therefore needs not be installed here.
        file = io.BytesIO()
        self._draw(file, "curves", "png")
        picture = base64.b64encode(file.getvalue()).decode()
        return (
            f'<pre>{html.escape(table_of(self.summary()))}</pre><img src="data:image/png;base64,{picture}">'
        )

    def _numbered(self, wanted: Mapping[str, Any]) -> int:
        found = [
            number
            for number, setting in enumerate(self.settings)
            if all(name in setting and setting[name] == value for name, value in wanted.items())
        ]
        if len(found) != 1:
            raise ValueError(
                f"{dict(wanted)!r} names {len(found)} settings of {self.settings!r:.400}; name one"
            )
        return found[0]

    def _of(self, setting: int) -> list[dict[str, Any]]:
        named = self.settings[setting].items()
        return [record for record in self.records if all(record[name] == value for name, value in named)]

    def _values(self, setting: int, measure: str, failures: bool = True) -> list[float | None]:
        return [record[measure] for record in self._of(setting) if failures or not record["error"]]

    def __repr__(self) -> str:
        return (
            f"Sweep({os.fspath(self.path)!r}: {len(self.records)} of {self.plan.n_cells} cells, "
            f"{len(self.settings)} settings, {len(self.failures)} failures)"
        )


def sweep(
    agent: str | Sequence[str] = "dqn",
    env_id: str | Sequence[str] = "GridQ-v0",
    seeds: int = 30,
    settings: Mapping[str, Any] | None = None,
    total_steps: int | None = None,
    env_kwargs: Mapping[str, Any] | None = None,
    jobs: int | None = None,
    backend: str = "loky",
    folder: str | os.PathLike[str] | None = None,
    *,
    episodes: int | None = None,
    num_envs: int | None = None,
    address: str | None = None,
    quiet: bool = False,
) -> Sweep:
    """Trains every agent on every environment with every setting and every seed.

    A cell is the same training as ``gridq train`` with these options, to the last bit, whichever worker ran
    it, in whatever order and company. Settings that were tuned for an environment hold where nothing else is
    said. Finished cells are on disk; the same call with the same folder goes on with what is missing.

    Args:
        agent: name of an agent, or several.
        env_id: as `gymnasium.make` takes it, or several. Worker processes know what Gymnasium and GridQ
            register; name the module of any other: ``"my_package:MyEnv-v0"``.
        seeds: the seeds are 0 to this number less one.
        settings: hyperparameters; a list is a list of values to try, so that
            ``{"hidden_sizes": [[64, 64], [128]]}`` tries two.
        total_steps: environment steps of each training; what was tuned by default.
        env_kwargs: arguments of the environment; a list is a list of values to try.
        jobs: trainings at a time; the number of cores by default, those of this machine or of the cluster.
        backend: ``"loky"``, processes of this machine; ``"ray"`` or ``"dask"``, a cluster.
        folder: where the results are, made if it is not there; by default a new one under ``runs/``.
        episodes: episodes of each training.
        num_envs: environments side by side.
        address: of a cluster that is there already, such as ``"auto"`` for Ray on its head node or
            ``"tcp://HOST:8786"`` for Dask; by default one of this machine's cores is started.
        quiet: show no progress.

    Returns:
        The finished cells, failures included.

    Raises:
        ValueError: for anything that a training would refuse, before the first one runs; or a folder that
            holds something else.
        BlockingIOError: if another process runs a sweep in the folder.
        ChildProcessError: if a worker has died whose work nobody took over; what is finished is kept.
        OSError: if something cannot be written, or nobody answers at the address.
    """
    check_backend(backend, address)
    plan = planned(
        [agent] if isinstance(agent, str) else list(agent),
        [env_id] if isinstance(env_id, str) else list(env_id),
        seeds,
        _as_lists(settings),
        _as_lists(env_kwargs),
        total_steps,
        episodes,
        num_envs,
    )
    with contextlib.closing(SweepFolder.made(folder, plan)) as opened:
        return run_missing(opened, jobs, backend, address, quiet)


def run_missing(
    folder: SweepFolder,
    jobs: int | None = None,
    backend: str = "loky",
    address: str | None = None,
    quiet: bool = False,
) -> Sweep:
    """Runs what a folder still lacks.

    Args:
        folder: the sweep.
        jobs: trainings at a time; None is the number of cores, of this machine or of the cluster.
        backend: where they run.
        address: of a cluster that is there already; None starts one on this machine.
        quiet: show no progress.

    Raises:
        ValueError: for a number of jobs or a backend that there is not.
        ChildProcessError: if a worker has died whose work nobody took over; what is finished is kept.
        OSError: if something cannot be written, or nobody answers at the address.
    """
    jobs = None if jobs is None else checked_count("jobs", jobs)
    check_backend(backend, address)
    plan = folder.plan
    cells = [(index, plan.cell(index)) for index in folder.missing]
    if cells:
        batches = Batches(cells, plan.setting_of)
        with (
            contextlib.closing(results_of(backend, batches, jobs, address)) as finished,
            progress_bar(plan.n_cells, len(folder.records), " cells", quiet) as advance,
        ):
            for results in finished:
                folder.add(results)
                batches.note(results)
                advance(len(results))
    found = Sweep(folder)
    folder.write_curves()
    found.plot(folder.path / "curves.png")
    found.plot(folder.path / "settings.png", "settings")
    folder.write_json("summary.json", found.summary())
    return found


def _as_lists(values: Mapping[str, Any] | None) -> dict[str, list[Any]]:
    return {name: value if isinstance(value, list) else [value] for name, value in (values or {}).items()}
