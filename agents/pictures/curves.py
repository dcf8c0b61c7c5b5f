"""Pictures of a training. Matplotlib is imported when the first one is drawn; no window is ever opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from agents.plain_text import printable

__all__ = [
    "COLOURS",
    "DASHES",
    "PICTURE_KINDS",
    "draw_curves",
    "draw_runs",
    "figure_of",
    "look_of",
    "name_lines",
]

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
"""The palette of Okabe and Ito, told apart with every common form of colour blindness."""

PICTURE_KINDS = (".png", ".svg", ".pdf")
"""Endings of the files that can be drawn into."""

DASHES = ("-", "--", ":", "-.")
"""After seven colours come the same ones again, broken in another way."""

FloatArray = npt.NDArray[np.float64]
Metrics = Mapping[str, FloatArray]


class _Panel(NamedTuple):
    """A column of the metrics, and how it is drawn."""

    column: str
    label: str
    limit: str = ""  # another column, which this one cannot exceed
    per_episode: bool = False  # known of every episode, and so noisy
    logarithmic: bool = False


_PANELS = (
    _Panel("greedy_value", "value of the\ngreedy policy", limit="optimal_value"),
    _Panel("regret", "regret of the\ngreedy policy"),
    _Panel("greedy_return", "return of\ngreedy episodes"),
    _Panel("max_q_error", "max abs(Q - q*)", logarithmic=True),
    _Panel("return", "return while\nexploring", per_episode=True),
    _Panel("loss", "loss", per_episode=True, logarithmic=True),
)

_WORST, _BEST = 1e-9, 1e9  # beyond these a logarithmic axis shows only rounding


def draw_curves(file: IO[bytes], metrics: Metrics, title: str) -> None:
    """Draws what a learner knew and what it earned while it explored, against environment steps.

    The first panels show what it knew: the value of its greedy policy under the best there is, and how far
    its Q-values were from q*; then come return and loss of every episode, with a running mean. What there are
    no numbers of has no panel.

    Args:
        file: where to write the picture.
        metrics: columns as `agents.training.metrics.read_metrics` gives them.
        title: what stands above.
    """
    panels = _with_numbers([metrics])
    figure, axes_of = _panels(panels, 6.4)
    for number, (panel, axes) in enumerate(zip(panels, axes_of, strict=True)):
        colour = COLOURS[number % len(COLOURS)]
        if panel.per_episode:
            x, y = _known(metrics, panel.column)
            thin = slice(None, None, max(1, len(x) // 4000))
            axes.plot(x[thin], y[thin], ".", markersize=2, alpha=0.35, color=colour)
        x, y = _curve(metrics, panel)
        axes.plot(x, y, color=colour, linewidth=1.5, marker="." if len(x) < 3 else None)
        _finish(axes, panel, [metrics])
    _make_room_for_labels(figure)
    figure.axes[0].set_title(printable(title), parse_math=False)
    figure.savefig(file)


def draw_runs(file: IO[bytes], runs: Mapping[str, Sequence[Metrics]], kind: str = "png") -> None:
    """Draws several settings over one another: of each the mean over its runs, in a band from least to most.

    Args:
        file: where to write the picture.
        runs: metrics as `agents.training.metrics.read_metrics` gives them, of all runs of a setting, by what
            it is called.
        kind: ``"png"``, ``"svg"`` or ``"pdf"``.
    """
    everything = [metrics for group in runs.values() for metrics in group]
    panels = _with_numbers(everything)
    longest = max((len(name) for name in runs), default=0)
    columns = max(1, min(len(runs), 110 // (longest + 8), 4))
    rows = -(-len(runs) // columns)
    figure, axes_of = _panels(panels, 9.0, room_below=0.22 * rows + 0.1)
    for panel, axes in zip(panels, axes_of, strict=True):
        for number, group in enumerate(runs.values()):
            curves = [curve for metrics in group if len((curve := _curve(metrics, panel))[0])]
            if curves:
                _draw_group(axes, curves, number)
        _finish(axes, panel, everything)
    _make_room_for_labels(figure)
    lines = [_handle(number) for number in range(len(runs))]
    names = [name if len(group) == 1 else f"{name} ({len(group)} seeds)" for name, group in runs.items()]
    name_lines(figure, lines, names, loc="lower center", ncols=columns, frameon=False, handlelength=2.6)
    figure.savefig(file, format=kind)


def _draw_group(axes: Any, curves: list[tuple[FloatArray, FloatArray]], number: int) -> None:
    look = look_of(number)
    x, y = curves[0]
    if len(curves) > 1:
        # on the steps that all of them have seen
        ends = max(steps[0] for steps, _ in curves), min(steps[-1] for steps, _ in curves)
        shared = np.unique(np.concatenate([steps for steps, _ in curves]))
        shared = shared[(shared >= ends[0]) & (shared <= ends[1])]
        if len(shared):
            x = shared[:: max(1, len(shared) // 1000)]
            values = np.array([np.interp(x, steps, value) for steps, value in curves])  # (runs, X)
            axes.fill_between(
                x, values.min(axis=0), values.max(axis=0), color=look["color"], alpha=0.18, lw=0
            )
            y = values.mean(axis=0)
    axes.plot(x, y, linewidth=1.4, marker="." if len(x) < 3 else None, **look)


def _curve(metrics: Metrics, panel: _Panel) -> tuple[FloatArray, FloatArray]:
    x, y = _known(metrics, panel.column)
    return _running_mean(x, y) if panel.per_episode else (x, y)


def _known(metrics: Metrics, column: str) -> tuple[FloatArray, FloatArray]:
    """Steps and values, where there is a value."""
    if column not in metrics:
        return np.empty(0), np.empty(0)
    known = np.isfinite(metrics[column])
    return metrics["steps"][known], metrics[column][known]


def _with_numbers(runs: Sequence[Metrics]) -> list[_Panel]:
    """The panels that would not be empty; one of them in any case."""
    panels = [panel for panel in _PANELS if any(len(_known(metrics, panel.column)[0]) for metrics in runs)]
    return panels or [panel for panel in _PANELS if panel.column == "return"]


def _finish(axes: Any, panel: _Panel, runs: Sequence[Metrics]) -> None:
    """Labels, scale and the line that cannot be crossed."""
    axes.set_ylabel(panel.label, fontsize=9)
    axes.grid(alpha=0.25)
    if panel.logarithmic:
        values = np.concatenate([_known(metrics, panel.column)[1] for metrics in runs])
        above = values[values > _WORST]
        if len(above) and above.max() / above.min() > 30:
            axes.set_yscale("log")
            axes.set_ylim(bottom=max(above.min() / 2, _WORST))
    if panel.limit:
        limits = {float(value) for metrics in runs for value in np.unique(_known(metrics, panel.limit)[1])}
        for limit in sorted(limits)[:4]:
            axes.axhline(limit, color="0.35", linewidth=1, linestyle=(0, (4, 3)), zorder=1)
        if len(limits) == 1:
            axes.annotate(
                f"optimum {limits.pop():.4g}",
                (1, 1),
                xycoords="axes fraction",
                ha="right",
                va="bottom",
                fontsize=8,
            )


def _make_room_for_labels(figure: Any) -> None:
    """Moves the panels right by what would be cut off: a label stands left of numbers of any length."""
    leftmost = min(axes.get_tightbbox().x0 for axes in figure.axes)
    missing = max(0.0, 5.0 - leftmost)  # pixels
    figure.subplots_adjust(left=figure.subplotpars.left + missing / figure.bbox.width)


def _handle(number: int) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([], [], **look_of(number), linewidth=1.6)


def _running_mean(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean over a window of a fiftieth of the data, at the window's end."""
    window = max(1, len(y) // 50)
    sums = np.cumsum(np.concatenate([[0.0], y]))
    return x[window - 1 :], (sums[window:] - sums[:-window]) / window


def _panels(panels: Sequence[_Panel], width: float, room_below: float = 0.0) -> tuple[Any, list[Any]]:
    """A figure with the panels below one another, on one axis of steps, in inches.

    Args:
        panels: what they show.
        width: of the figure.
        room_below: for a legend.
    """
    top, bottom, gap = 0.35, 0.5 + room_below, 0.18
    each = 1.25 if len(panels) > 2 else 1.8
    height = top + bottom + len(panels) * (each + gap)
    figure = figure_of(width, height)
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    figure.subplots_adjust(
        left=1.0 / width, right=1 - 0.25 / width, top=1 - top / height, bottom=bottom / height, hspace=gap
    )
    axes[-1].set_xlabel("environment steps")
    figure.align_ylabels(axes)
    return figure, list(axes)


def look_of(number: int) -> dict[str, Any]:
    """Colour and dashes of one of many lines."""
    return {
        "color": COLOURS[number % len(COLOURS)],
        "linestyle": DASHES[number // len(COLOURS) % len(DASHES)],
    }


def name_lines(figure: Any, lines: Sequence[Any], names: Sequence[str], **place: Any) -> None:
    """A legend of a figure: what its lines are called, whatever is in the names."""
    # Named afterwards: a label that begins with an underscore would leave its line out.
    legend = figure.legend(lines, list(map(str, range(len(names)))), fontsize=8, **place)
    for text, name in zip(legend.get_texts(), names, strict=False):
        text.set_parse_math(False)
        text.set_text(printable(name))


def figure_of(width: float, height: float) -> Any:
    """An empty figure of so many inches, which no window will show."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=100)
    FigureCanvasAgg(figure)
    return figure
