"""Pictures of a training. Matplotlib is imported when the first one is drawn; no window is ever opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, Any

import numpy as np
import numpy.typing as npt

__all__ = ["draw_curves", "draw_q_values", "draw_runs"]

_CORNERS = {
    # Corners of a cell's triangles, (x, y) from its upper left corner, y downwards; the centre is the third.
    0: ((0, 0), (1, 0)),  # up
    1: ((0, 1), (1, 1)),  # down
    2: ((0, 0), (0, 1)),  # left
    3: ((1, 0), (1, 1)),  # right
}
_RUN_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
"""The palette of Okabe and Ito, told apart with every common form of colour blindness."""

_NUMBER_AT = np.array([(0.5, 0.17), (0.5, 0.83), (0.2, 0.5), (0.8, 0.5)])
MAX_NUMBERED_CELLS = 150


def draw_curves(file: IO[bytes], metrics: Mapping[str, npt.NDArray[np.float64]], title: str) -> None:
    """Draws return and loss of every episode against environment steps, with a running mean.

    Args:
        file: where to write the picture.
        metrics: columns as `agents.loggers.read_metrics` gives them.
        title: what stands above.
    """
    figure = _figure(6.4, 4.8)
    steps = metrics["steps"]
    return_axes, loss_axes = figure.subplots(2, 1, sharex=True)
    for axes, column, label, colour in (
        (return_axes, "return", "return", "#0072b2"),
        (loss_axes, "loss", "loss", "#d55e00"),
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
    return_axes.set_title(title)
    figure.subplots_adjust(left=0.13, right=0.97, top=0.93, bottom=0.1, hspace=0.08)
    figure.savefig(file)


def draw_runs(
    file: IO[bytes], runs: Mapping[str, Mapping[str, npt.NDArray[np.float64]]], kind: str = "png"
) -> None:
    """Draws return, loss, epsilon and max abs(Q - q*) of several runs over one another, against steps.

    Args:
        file: where to write the picture.
        runs: metrics as `agents.loggers.read_metrics` gives them, by the name of the run.
        kind: ``"png"``, ``"svg"`` or ``"pdf"``.
    """
    figure = _figure(9.0, 6.4)
    columns = {"return": "return", "loss": "loss", "epsilon": "epsilon", "max_q_error": "max abs(Q - q*)"}
    for axes, (column, label) in zip(figure.subplots(2, 2, sharex=True).flat, columns.items(), strict=True):
        smallest = np.inf
        for number, (name, metrics) in enumerate(runs.items()):
            known = np.isfinite(metrics[column])
            x, y = metrics["steps"][known], metrics[column][known]
            if column in ("return", "loss"):
                x, y = _running_mean(x, y)
            axes.plot(x, y, color=_RUN_COLOURS[number % len(_RUN_COLOURS)], linewidth=1.4, label=name)
            smallest = min(smallest, y.min(initial=np.inf))
        if column in ("loss", "max_q_error") and 0 < smallest < np.inf:
            axes.set_yscale("log")
        axes.set_title(label, fontsize=10)
        axes.grid(alpha=0.25)
    for axes in figure.axes[2:]:
        axes.set_xlabel("environment steps")
    figure.axes[0].legend(fontsize=8)
    figure.subplots_adjust(left=0.08, right=0.98, top=0.95, bottom=0.08, hspace=0.14, wspace=0.18)
    figure.savefig(file, format=kind)


def draw_q_values(
    file: IO[bytes],
    panels: Mapping[str, npt.NDArray[Any]],
    n_columns: int,
    wall: npt.NDArray[np.bool_],
    absorbing: npt.NDArray[np.bool_],
    letters: Sequence[str],
) -> None:
    """Draws Q-values on a grid, four triangles a cell, one panel for each table, all in one colour scale.

    Args:
        file: where to write the picture.
        panels: tables (S, A) by title; the actions are up, down, left, right.
        n_columns: width of the grid.
        wall: which cells are walls, (S,).
        absorbing: which cells have no Q-values, (S,); walls are among them.
        letters: what stands in each cell that has none, length S.
    """
    n_states = len(wall)
    n_rows = n_states // n_columns
    acting = np.flatnonzero(~absorbing)
    scale = max(float(np.abs(q[acting]).max(initial=0.0)) for q in panels.values()) or 1.0
    size = min(1.0, 12 / n_columns)
    width, height = (n_columns * size + 0.3) * len(panels) + 0.9, n_rows * size + 0.6
    figure = _figure(width, height)
    figure.subplots_adjust(
        left=0.2 / width,
        right=1 - 0.9 / width,
        bottom=0.2 / height,
        top=1 - 0.4 / height,
        wspace=0.3 / n_columns / size,
    )
    corners = np.array(
        [(state % n_columns, state // n_columns) for state in range(n_states)], float
    )  # (S, 2)
    all_axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, (title, q) in zip(all_axes, panels.items(), strict=True):
        drawn = _draw_triangles(axes, q[acting], corners[acting], scale)
        _draw_other_cells(axes, np.flatnonzero(absorbing), corners, wall, letters)
        if n_states <= MAX_NUMBERED_CELLS:
            _write_numbers(axes, q[acting], corners[acting], scale)
        axes.set(xlim=(0, n_columns), ylim=(n_rows, 0), aspect="equal", xticks=[], yticks=[], title=title)
    bar = figure.add_axes((1 - 0.75 / width, 0.2 / height, 0.15 / width, 1 - 0.6 / height))
    figure.colorbar(drawn, cax=bar)
    figure.savefig(file)


def _draw_triangles(axes: Any, q: npt.NDArray[Any], corners: npt.NDArray[Any], scale: float) -> Any:
    from matplotlib.collections import PolyCollection

    shape = np.array([[*_CORNERS[action], (0.5, 0.5)] for action in range(4)])  # (A, 3, 2)
    triangles = corners[:, np.newaxis, np.newaxis] + shape  # (S, A, 3, 2)
    collection = PolyCollection(
        triangles.reshape(-1, 3, 2), array=q.ravel(), cmap="PuOr_r", edgecolors="white", linewidths=0.6
    )
    collection.set_clim(-scale, scale)  # zero is white
    axes.add_collection(collection)
    return collection


def _draw_other_cells(
    axes: Any,
    cells: npt.NDArray[np.int64],
    corners: npt.NDArray[Any],
    wall: npt.NDArray[np.bool_],
    letters: Sequence[str],
) -> None:
    from matplotlib.patches import Rectangle

    for state in cells:
        colour = "#4d4d4d" if wall[state] else "#e8e8e8"
        axes.add_patch(Rectangle(tuple(corners[state]), 1, 1, facecolor=colour, edgecolor="white"))
        if not wall[state]:
            axes.text(*(corners[state] + 0.5), letters[state], ha="center", va="center", fontsize=14)


def _write_numbers(axes: Any, q: npt.NDArray[Any], corners: npt.NDArray[Any], scale: float) -> None:
    for corner, values in zip(corners, q, strict=True):
        best = values.max()
        for place, value in zip(corner + _NUMBER_AT, values, strict=True):
            axes.text(
                *place,
                f"{value:.2f}",
                ha="center",
                va="center",
                fontsize=6.5,
                fontweight="bold" if value == best else "normal",
                color="white" if abs(value) > 0.65 * scale else "black",
            )


def _running_mean(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Mean over a window of a fiftieth of the data, at the window's end."""
    window = max(1, len(y) // 50)
    sums = np.cumsum(np.concatenate([[0.0], y]))
    return x[window - 1 :], (sums[window:] - sums[:-window]) / window


def _figure(width: float, height: float) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=100)
    FigureCanvasAgg(figure)
    return figure
