"""Pictures of a sweep: how its settings learned, and what they came to."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from agents.pictures.curves import figure_of, look_of, name_lines

__all__ = ["draw_sweep_curves", "draw_sweep_settings"]

FloatArray = npt.NDArray[np.float64]

MOST_DOTS = 60
"""Seeds of a setting that are drawn one by one."""

_LABELS = {"max_q_error": "max abs(Q - q*)", "mean_return": "mean return of the greedy policy"}


def draw_sweep_curves(
    file: IO[bytes],
    curves: Mapping[str, npt.NDArray[Any]],
    x: FloatArray,
    x_label: str,
    names: Sequence[str],
    kind: str = "png",
) -> None:
    """Draws the median of every setting, in a band that holds the middle half of its seeds.

    Args:
        file: where to write the picture.
        curves: (settings, seeds, points) each, by name; NaN where unknown. One that is unknown throughout is
            left out.
        x: where the points are, (points,).
        x_label: what that is.
        names: of the settings.
        kind: ``"png"``, ``"svg"`` or ``"pdf"``.
    """
    known = {name: curve for name, curve in curves.items() if np.isfinite(curve).any()}
    figure = figure_of(4.6 * max(1, len(known)) + 0.4, 4.2 + 0.2 * len(names))
    axes_of = figure.subplots(1, max(1, len(known)), squeeze=False)[0]
    for axes, (name, curve) in zip(axes_of, known.items(), strict=False):
        for number, seeds in enumerate(curve):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)  # points that no seed has
                low, middle, high = np.nanquantile(seeds.astype(np.float64), [0.25, 0.5, 0.75], axis=0)
            look = look_of(number)
            axes.plot(x, middle, **look, linewidth=1.5)
            axes.fill_between(x, low, high, color=look["color"], alpha=0.18, linewidth=0)
        if name == "max_q_error" and np.nanmin(curve) > 0:
            axes.set_yscale("log")
        axes.set_title(_LABELS.get(name, name), fontsize=10)
        axes.set_xlabel(x_label)
        axes.grid(alpha=0.25)
    _legend(figure, axes_of[0].lines, names)
    figure.savefig(file, format=kind)


def draw_sweep_settings(
    file: IO[bytes],
    settings: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    values: Sequence[Sequence[float | None]],
    summaries: Sequence[Mapping[str, Any]],
    profile: Mapping[str, Any],
    kind: str = "png",
) -> None:
    """Draws what the settings came to, beside their performance profile.

    One numeric setting is an axis, logarithmic where its values are; two are a heat map; anything else is a
    row for each setting. Where there are few seeds, each is a dot.

    Args:
        file: where to write the picture.
        settings: what tells each from the others, by name.
        names: what each is called.
        values: the seeds of each.
        summaries: `agents.experiments.statistics.summarised` of each.
        profile: as `agents.experiments.statistics.profile` gives it.
        kind: ``"png"``, ``"svg"`` or ``"pdf"``.
    """
    figure = figure_of(10.0, 4.2 + 0.2 * len(names))
    left, right = figure.subplots(1, 2)
    measure = profile["measure"]
    label = _LABELS.get(measure, measure)
    varied = [name for name in settings[0] if len({str(setting[name]) for setting in settings}) > 1]
    numeric = all(_is_number(setting[name]) for setting in settings for name in varied)
    if numeric and len(varied) == 1:
        x = np.array([setting[varied[0]] for setting in settings], np.float64)
        _draw_figures(left, x, values, summaries)
        if x.min() > 0 and x.max() >= 10 * x.min():
            left.set_xscale("log")
        left.set_xlabel(varied[0])
        left.set_ylabel(label)
        _scale(left.set_yscale, values)
    elif numeric and len(varied) == 2:
        _draw_heat_map(figure, left, varied, settings, summaries, label)
    else:
        rows = np.arange(len(settings), dtype=np.float64)
        _draw_figures(left, rows, values, summaries, upright=False)
        left.set_yticks(rows, [str(number + 1) for number in range(len(settings))])
        left.invert_yaxis()
        left.set_xlabel(label)
        _scale(left.set_xscale, values)
    for number, fractions in enumerate(profile["fractions"]):
        right.plot(profile["thresholds"], fractions, **look_of(number), linewidth=1.5)
    _scale(right.set_xscale, values)
    right.set_ylim(-0.03, 1.03)
    right.set_xlabel(label)
    right.set_ylabel("part of the seeds at least as good")
    right.grid(alpha=0.25)
    _legend(figure, right.lines, names)
    figure.savefig(file, format=kind)


def _draw_figures(
    axes: Any,
    positions: FloatArray,
    values: Sequence[Sequence[float | None]],
    summaries: Sequence[Mapping[str, Any]],
    upright: bool = True,
) -> None:
    """Interquartile means with their intervals, and the seeds as dots where they are few."""
    for number, (position, seeds, summary) in enumerate(zip(positions, values, summaries, strict=True)):
        colour = look_of(number)["color"]
        known = [value for value in seeds if value is not None]
        if len(known) <= MOST_DOTS:
            dots = ([position] * len(known), known)
            axes.plot(*(dots if upright else dots[::-1]), ".", color=colour, alpha=0.35, markersize=5)
        if summary["iqm"] is not None:
            limits = summary["iqm_interval"] or [summary["iqm"]] * 2
            line = ([position] * 2, limits)
            axes.plot(*(line if upright else line[::-1]), "-", color=colour, linewidth=2)
            middle = ([position], [summary["iqm"]])
            axes.plot(*(middle if upright else middle[::-1]), "o", color=colour, markersize=7)
    axes.grid(alpha=0.25)


def _draw_heat_map(
    figure: Any,
    axes: Any,
    varied: Sequence[str],
    settings: Sequence[Mapping[str, Any]],
    summaries: Sequence[Mapping[str, Any]],
    label: str,
) -> None:
    rows, columns = (sorted({setting[name] for setting in settings}) for name in varied)
    table = np.full((len(rows), len(columns)), np.nan)
    for setting, summary in zip(settings, summaries, strict=True):
        if summary["iqm"] is not None:
            table[rows.index(setting[varied[0]]), columns.index(setting[varied[1]])] = summary["iqm"]
    logarithmic = np.nanmin(table, initial=np.inf) > 0 and np.nanmax(table) > 100 * np.nanmin(table)
    image = axes.imshow(table, cmap="cividis", aspect="auto", norm="log" if logarithmic else "linear")
    middle = np.nanmedian(table)
    for row, column in np.ndindex(table.shape):
        if np.isfinite(table[row, column]):
            colour = "black" if table[row, column] > middle else "white"
            axes.text(
                column, row, f"{table[row, column]:.3g}", ha="center", va="center", fontsize=8, color=colour
            )
    axes.set_yticks(range(len(rows)), [f"{value:g}" for value in rows])
    axes.set_xticks(range(len(columns)), [f"{value:g}" for value in columns])
    axes.set_ylabel(varied[0])
    axes.set_xlabel(varied[1])
    axes.set_title(label, fontsize=10)
    figure.colorbar(image, ax=axes)


def _scale(set_scale: Any, values: Sequence[Sequence[float | None]]) -> None:
    """A logarithmic axis for values above zero that are far apart."""
    known = [value for seeds in values for value in seeds if value is not None]
    if known and min(known) > 0 and max(known) > 100 * min(known):
        set_scale("log")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _legend(figure: Any, lines: Sequence[Any], names: Sequence[str]) -> None:
    """The names of the settings below everything."""
    name_lines(figure, lines, [f"{number}  {name}" for number, name in enumerate(names, 1)], loc="lower left")
    height = figure.get_size_inches()[1]
    figure.tight_layout(rect=(0, (0.45 + 0.18 * len(names)) / height, 1, 1))
