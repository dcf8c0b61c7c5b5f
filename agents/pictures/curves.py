"""Pictures of a training. Matplotlib is imported when the first one is drawn; no window is ever opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from agents.plain_text import printable

__all__ = ["COLOURS", "draw_curves", "draw_runs", "figure_of"]

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
"""The palette of Okabe and Ito, told apart with every common form of colour blindness."""


def draw_curves(file: IO[bytes], metrics: Mapping[str, npt.NDArray[np.float64]], title: str) -> None:
    """Draws return and loss of every episode against environment steps, with a running mean.

    Args:
        file: where to write the picture.
        metrics: columns as `agents.training.metrics.read_metrics` gives them.
        title: what stands above.
    """
    figure = figure_of(6.4, 4.8)
    steps = metrics["steps"]
    return_axes, loss_axes = figure.subplots(2, 1, sharex=True)
    for axes, column, label, colour in (
        (return_axes, "return", "return", COLOURS[0]),
        (loss_axes, "loss", "loss", COLOURS[1]),
    ):
        known = np.isfinite(metrics[column])
        x, y = steps[known], metrics[column][known]
        thin = slice(None, None, max(1, len(x) // 4000))
        axes.plot(x[thin], y[thin], ".", markersize=2, alpha=0.35, color=colour)
        x, y = _running_mean(x, y)
        axes.plot(x, y, color=colour, linewidth=1.5)
        axes.set_ylabel(label)
        axes.grid(alpha=0.25)
    if np.nanmax(metrics["loss"], initial=0) > 0:
        loss_axes.set_yscale("log")
    loss_axes.set_xlabel("environment steps")
    return_axes.set_title(printable(title), parse_math=False)
    figure.subplots_adjust(left=0.13, right=0.97, top=0.93, bottom=0.1, hspace=0.08)
    figure.savefig(file)


def draw_runs(
    file: IO[bytes], runs: Mapping[str, Mapping[str, npt.NDArray[np.float64]]], kind: str = "png"
) -> None:
    """Draws return, loss, epsilon and max abs(Q - q*) of several runs over one another, against steps.

    Args:
        file: where to write the picture.
        runs: metrics as `agents.training.metrics.read_metrics` gives them, by the name of the run.
        kind: ``"png"``, ``"svg"`` or ``"pdf"``.
    """
    figure = figure_of(9.0, 6.4)
    columns = {"return": "return", "loss": "loss", "epsilon": "epsilon", "max_q_error": "max abs(Q - q*)"}
    for axes, (column, label) in zip(figure.subplots(2, 2, sharex=True).flat, columns.items(), strict=True):
        smallest = np.inf
        for number, metrics in enumerate(runs.values()):
            known = np.isfinite(metrics[column])
            x, y = metrics["steps"][known], metrics[column][known]
            if column in ("return", "loss"):
                x, y = _running_mean(x, y)
            axes.plot(x, y, color=COLOURS[number % len(COLOURS)], linewidth=1.4)
            smallest = min(smallest, y.min(initial=np.inf))
        if column in ("loss", "max_q_error") and 0 < smallest < np.inf:
            axes.set_yscale("log")
        axes.set_title(label, fontsize=10)
        axes.grid(alpha=0.25)
    for axes in figure.axes[2:]:
        axes.set_xlabel("environment steps")
    # Named afterwards: a label that begins with an underscore would leave its line out.
    lines = figure.axes[0].lines
    legend = figure.axes[0].legend(lines, [str(number) for number in range(len(lines))], fontsize=8)
    for text, name in zip(legend.get_texts(), runs, strict=True):
        text.set_text(printable(name))
        text.set_parse_math(False)
    figure.subplots_adjust(left=0.08, right=0.98, top=0.95, bottom=0.08, hspace=0.14, wspace=0.18)
    figure.savefig(file, format=kind)


def _running_mean(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Mean over a window of a fiftieth of the data, at the window's end."""
    window = max(1, len(y) // 50)
    sums = np.cumsum(np.concatenate([[0.0], y]))
    return x[window - 1 :], (sums[window:] - sums[:-window]) / window


def figure_of(width: float, height: float) -> Any:
    """An empty figure of so many inches, which no window will show."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=100)
    FigureCanvasAgg(figure)
    return figure
