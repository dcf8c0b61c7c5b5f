"""``gridq plot``: the curves of runs and of sweeps in one picture."""

from __future__ import annotations

import io
import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from agents.arguments import checked_ending
from agents.commands.drawing import need_display
from agents.commands.parser import Parser
from agents.commands.runs import differences, read_config
from agents.commands.terminal import print_text
from agents.experiments.cell import CURVES
from agents.experiments.curves import read_curves
from agents.experiments.sweep_folder import SweepFolder
from agents.pictures.curves import PICTURE_KINDS, draw_runs
from agents.storage.files import replacing
from agents.storage.run_folder import RunFolder
from agents.training.metrics import read_metrics

__all__ = ["run"]

DEFAULT_FILE = "gridq-plot.png"

Metrics = Mapping[str, npt.NDArray[np.float64]]


class Source(NamedTuple):
    """A setting to be drawn, and what is known of each of its trainings."""

    config: dict[str, Any]
    trainings: list[Metrics]


def run(arguments: Sequence[str]) -> int:
    """Runs the command."""
    parser = Parser(
        "gridq plot",
        "Draw what runs knew and earned against environment steps: value of the greedy policy,\n"
        "max abs(Q - q*), return, loss. Runs that differ only by their seed are one curve: their mean,\n"
        "in a band from the lowest to the highest. Of a sweep all runs are drawn, at a hundred points each.\n"
        "With a sweep among the folders, the value is drawn as regret, its distance from the optimum.",
    )
    parser.add_argument(
        "runs", metavar="FOLDER", nargs="+", help="run folders and sweep folders, such as runs/*"
    )
    parser.add_argument(
        "--output", metavar="FILE", help=f"{', '.join(PICTURE_KINDS)} file to write (default: {DEFAULT_FILE})"
    )
    parser.flag("--each", "a curve for every run (default: one for every setting)")
    parser.flag("--show", "show the picture in a window (default: write it only)")
    options = parser.parse(arguments)

    path = options.get("output", DEFAULT_FILE)
    kind = checked_ending(path, PICTURE_KINDS)
    if "show" in options:
        need_display("plot --show ...", "the picture is written without --show")
    names = list(dict.fromkeys(options["runs"]))
    sweeps = [name for name in names if SweepFolder.is_one(name)]
    if sweeps and "each" in options:
        raise ValueError(
            f"{sweeps[0]!r} is a sweep, whose trainings are too many to be drawn one by one; leave out --each"
        )
    groups = _each(names) if "each" in options else _by_setting(names, sweeps)
    with replacing(path) as file:
        draw_runs(file, groups, kind[1:])
    n_trainings = sum(map(len, groups.values()))
    what = "1 run" if n_trainings == 1 else f"{n_trainings} runs"
    print_text(f"{what} in {path}")
    if "show" in options:
        from gym_gridq.rendering.windows.window import show_picture

        picture = io.BytesIO()
        draw_runs(picture, groups)
        picture.seek(0)
        show_picture(picture, "GridQ runs")
    return 0


def _each(names: Sequence[str]) -> dict[str, list[Metrics]]:
    """Every run by the shortest end of its path that no other one has."""
    paths = {name: Path(os.path.abspath(name)).parts for name in names}  # noqa: PTH100 - "." has no parts
    for length in range(1, max(map(len, paths.values())) + 1):
        short = {name: "/".join(parts[-length:]) for name, parts in paths.items()}
        if len(set(short.values())) == len(names):
            break
    return {short[name]: [read_metrics(RunFolder(name).metrics_file)] for name in names}


def _by_setting(names: Sequence[str], sweeps: Collection[str]) -> dict[str, list[Metrics]]:
    """The runs of each setting, by what makes it another one than the rest."""
    sources: list[Source] = []
    for name in names:
        if name in sweeps:
            sources += _sweep(name)
        else:
            folder = RunFolder(name)
            metrics = read_metrics(folder.metrics_file)
            sources.append(Source(read_config(folder), [_as_regret(metrics) if sweeps else metrics]))
    groups: dict[str, list[Metrics]] = {}
    labels = differences([source.config for source in sources])
    for source, label in zip(sources, labels, strict=True):
        groups.setdefault(label, []).extend(source.trainings)
    return groups


def _sweep(name: str) -> list[Source]:
    """The settings of a sweep, as far as trainings of them are finished.

    Raises:
        ValueError: if none is yet.
    """
    plan, curves = read_curves(name)
    if not curves:
        raise ValueError(f"nothing is finished yet of the sweep {name!r}; draw it later, or go on with it")
    sources = [Source(setting, []) for setting in plan.settings]
    for index, curve in sorted(curves.items()):
        known = np.isfinite(curve[CURVES.index("steps")])
        columns = zip(CURVES, curve[:, known].astype(np.float64), strict=True)
        sources[plan.setting_of(index)].trainings.append(dict(columns))
    return [source for source in sources if source.trainings]


def _as_regret(metrics: Metrics) -> Metrics:
    """The worth of the greedy policy as sweeps have it."""
    regret = metrics["optimal_value"] - metrics["greedy_value"]
    kept = {name: column for name, column in metrics.items() if name not in ("optimal_value", "greedy_value")}
    return {**kept, "regret": regret}
