"""``gridq plot``: the curves of one or several runs in one picture."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path

from agents.commands.environments import need_display
from agents.commands.parser import Parser
from agents.commands.printing import print_text
from agents.pictures.curves import draw_runs
from agents.storage.files import replacing
from agents.storage.run_folder import RunFolder
from agents.training.metrics import read_metrics

__all__ = ["run"]

KINDS = (".png", ".svg", ".pdf")
DEFAULT_FILE = "gridq-plot.png"


def run(arguments: Sequence[str]) -> int:
    """Runs the command."""
    parser = Parser(
        "gridq plot", "Draw return, loss, epsilon and max abs(Q - q*) of runs against environment steps."
    )
    parser.add_argument("runs", metavar="RUN", nargs="+", help="run folders")
    parser.add_argument(
        "--output", metavar="FILE", help=f"{', '.join(KINDS)} file to write (default: {DEFAULT_FILE})"
    )
    parser.add_argument(
        "--show", action="store_true", help="show the picture in a window (default: write it only)"
    )
    options = vars(parser.parse(arguments))

    path = Path(options.get("output", DEFAULT_FILE))
    if path.suffix.lower() not in KINDS:
        raise ValueError(f"{os.fspath(path)!r} ends in none of {', '.join(KINDS)}; choose one of them")
    if "show" in options:
        need_display("plot --show ...", "the picture is written without --show")
    runs = {name: read_metrics(RunFolder(name).metrics_file) for name in options["runs"]}
    with replacing(path) as file:
        draw_runs(file, runs, path.suffix.lower()[1:])
    print_text(f"{len(runs)} runs in {os.fspath(path)}")
    if "show" in options:
        from gym_gridq.rendering.window import show_picture

        picture = io.BytesIO()
        draw_runs(picture, runs)
        picture.seek(0)
        show_picture(picture, "GridQ runs")
    return 0
