"""``gridq plot``: the curves of one or several runs in one picture."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from agents.commands.environments import need_display
from agents.commands.parser import Parser
from agents.commands.printing import print_text
from agents.commands.runs import differences, read_config
from agents.pictures.curves import draw_runs
from agents.storage.files import replacing
from agents.storage.run_folder import RunFolder
from agents.training.metrics import read_metrics

__all__ = ["run"]

KINDS = (".png", ".svg", ".pdf")
DEFAULT_FILE = "gridq-plot.png"

Metrics = Mapping[str, npt.NDArray[np.float64]]


def run(arguments: Sequence[str]) -> int:
    """Runs the command."""
    parser = Parser(
        "gridq plot",
        "Draw what runs knew and earned against environment steps: value of the greedy policy,\n"
        "max abs(Q - q*), return, loss. Runs that differ by their seed alone are one curve: their mean,\n"
        "in a band from the least to the most.",
    )
    parser.add_argument("runs", metavar="RUN", nargs="+", help="run folders")
    parser.add_argument(
        "--output", metavar="FILE", help=f"{', '.join(KINDS)} file to write (default: {DEFAULT_FILE})"
    )
    parser.add_argument(
        "--each", action="store_true", help="a curve for every run (default: one for every setting)"
    )
    parser.add_argument(
        "--show", action="store_true", help="show the picture in a window (default: write it only)"
    )
    options = vars(parser.parse(arguments))

    path = Path(options.get("output", DEFAULT_FILE))
    if path.suffix.lower() not in KINDS:
        raise ValueError(
            f"{os.fspath(path)!r} cannot be written as a picture; let the name end in {', '.join(KINDS)}"
        )
    if "show" in options:
        need_display("plot --show ...", "the picture is written without --show")
    names = list(dict.fromkeys(options["runs"]))
    groups = _each(names) if "each" in options else _by_setting(names)
    with replacing(path) as file:
        draw_runs(file, groups, path.suffix.lower()[1:])
    runs = "1 run" if len(names) == 1 else f"{len(names)} runs"
    print_text(f"{runs} in {os.fspath(path)}")
    if "show" in options:
        from gym_gridq.rendering.window import show_picture

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


def _by_setting(names: Sequence[str]) -> dict[str, list[Metrics]]:
    """The runs of each setting, by what makes it another one than the rest."""
    configs: list[dict[str, Any]] = [read_config(RunFolder(name)) for name in names]
    labels = differences(configs)
    groups: dict[str, list[Metrics]] = {}
    for name, label in zip(names, labels, strict=True):
        groups.setdefault(label, []).append(read_metrics(RunFolder(name).metrics_file))
    return groups
