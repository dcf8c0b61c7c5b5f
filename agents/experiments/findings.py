"""What a sweep found: records, what they add up to, pictures."""

from __future__ import annotations

import base64
import html
import io
import os
from collections.abc import Mapping
from typing import IO, Any

import numpy as np

from agents.arguments import checked_ending
from agents.experiments.cell import CURVES, POINTS
from agents.experiments.statistics import (
    checked_measure,
    comparable,
    improvement,
    main_measure,
    profile,
    summarised,
    worth,
)
from agents.experiments.sweep_folder import SweepFolder
from agents.experiments.table import name_of, table_of
from agents.pictures.curves import PICTURE_KINDS
from agents.pictures.sweeps import draw_sweep_curves, draw_sweep_settings
from agents.storage.files import replacing

__all__ = ["Sweep"]


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
        self.settings = [folder.plan.named(number) for number in range(len(folder.plan.settings))]
        self.records: list[dict[str, Any]] = []
        self._of: list[list[dict[str, Any]]] = [[] for _ in self.settings]
        for index, record in sorted(folder.records.items()):
            self.records.append(record)
            self._of[folder.plan.setting_of(index)].append(record)
        self._curves = folder.curves()

    @property
    def failures(self) -> list[dict[str, Any]]:
        """The cells that ended with an error."""
        return [record for record in self.records if record["error"]]

    def summary(self) -> dict[str, Any]:
        """What the seeds add up to, as ``summary.json`` holds it.

        Returns:
            ``main_measure``; ``settings``, for each what it is, ``failures`` and ``measures`` (see
            `agents.experiments.statistics.summarised`); ``comparisons`` of the best setting with every other
            one; the performance ``profile``.
        """
        measures = comparable(self.plan.measures)
        main = main_measure(measures)
        every, best = self._every(main), self.best(main)
        comparisons = []
        for number, setting in enumerate(self.settings):
            if number != best:
                probability, limits = improvement(main, every[best], every[number])
                comparisons.append(
                    {"a": self.settings[best], "b": setting, "probability": probability, "interval": limits}
                )
        settings = []
        for number, (setting, records) in enumerate(zip(self.settings, self._of, strict=True)):
            failures = sum(bool(record["error"]) for record in records)
            found = {name: summarised(self.values(number, name, failures=False)) for name in measures}
            cells = len(records)
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
        measure = checked_measure(measure or main_measure(self.plan.measures), self.plan.measures)
        values = [self.values(self._numbered(setting), measure) for setting in (a, b)]
        probability, limits = improvement(measure, *values)
        return {"measure": measure, "probability": probability, "interval": limits}

    def best(self, measure: str) -> int:
        """The number of the setting that came out best; of several as good as one another, the first.

        It may owe that to luck: `agents.experiments.best.rerun_best` tells by fresh seeds.

        Raises:
            ValueError: for an unknown measure.
        """
        checked_measure(measure, self.plan.measures)
        worths = [worth(measure, values) for values in self._every(measure)]
        return worths.index(max(worths))

    def plot(self, path: str | os.PathLike[str], what: str = "curves") -> None:
        """Draws a picture into a file.

        Args:
            path: the file, which ends in ``.png``, ``.svg`` or ``.pdf``.
            what: ``"curves"``, how every setting learned; or ``"settings"``, what it came to.

        Raises:
            ValueError: for another ending or another picture.
            OSError: if it cannot be written.
        """
        kind = checked_ending(path, PICTURE_KINDS)
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
            curves = {
                name: self._curves[:, :, number] for number, name in enumerate(CURVES) if name != "steps"
            }
            draw_sweep_curves(file, curves, x, label, names, kind)
            return
        measure = main_measure(self.plan.measures)
        values = self._every(measure)
        found = [
            summarised(self.values(number, measure, failures=False)) for number in range(len(self.settings))
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

    def values(self, setting: int, measure: str, failures: bool = True) -> list[float | None]:
        """A measure of every seed of a setting.

        Args:
            setting: its number.
            measure: which.
            failures: whether those count that ended with an error, and so have none.
        """
        return [record[measure] for record in self._of[setting] if failures or not record["error"]]

    def _every(self, measure: str) -> list[list[float | None]]:
        return [self.values(number, measure) for number in range(len(self.settings))]

    def __repr__(self) -> str:
        return (
            f"Sweep({os.fspath(self.path)!r}: {len(self.records)} of {self.plan.n_cells} cells, "
            f"{len(self.settings)} settings, {len(self.failures)} failures)"
        )
