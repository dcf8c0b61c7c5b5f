"""The figures of a sweep as text."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from agents.plain_text import in_columns

__all__ = ["name_of", "table_of", "table_of_best"]


def table_of(summary: Mapping[str, Any]) -> str:
    """A line for each setting: interquartile means with their 95% intervals.

    Args:
        summary: as `agents.experiments.findings.Sweep.summary` gives it.
    """
    settings = [each["setting"] for each in summary["settings"]]
    varied = _varied(settings)
    rows = [[*varied, "seeds", *summary["settings"][0]["measures"], "errors"]]
    for each in summary["settings"]:
        named = [str(each["setting"][name]).replace(" ", "") for name in varied]
        figures = [_figure(name, found) for name, found in each["measures"].items()]
        rows.append([*named, str(each["cells"]), *figures, str(each["failures"])])
    return f"{in_columns(rows)}\n\ninterquartile mean [95% interval]"


def table_of_best(best: Mapping[str, Any]) -> str:
    """The setting that was chosen: what it seemed to be worth, and what it is worth on fresh seeds.

    Args:
        best: as `agents.experiments.best.Best.to_json` gives it.
    """
    named = ", ".join(f"{name} {str(value).replace(' ', '')}" for name, value in best["setting"].items())
    first, last = best["seeds"]
    of = f"the best of {best['n_settings']}" if best["n_settings"] > 1 else "the only one"
    alike = f", with {best['n_as_good']} others as good" if best["n_as_good"] else ""
    errors = f" ({best['failures']} ended with an error)" if best["failures"] else ""
    return "\n".join(
        [
            f"{best['measure']}, {of}{alike}: {named}",
            f"  on the seeds that chose it, which flatter it: {_figure(best['measure'], best['chosen'])}",
            f"  on the fresh seeds {first} to {last}: {_figure(best['measure'], best['fresh'])}{errors}",
            f"  gridq train --config {shlex.quote(best['file'])}",
        ]
    )


def name_of(setting: Mapping[str, Any], settings: Sequence[Mapping[str, Any]]) -> str:
    """A setting in words, by what tells it from the others."""
    varied = _varied(settings) or ["agent", "env_id"]
    return ", ".join(f"{name} {str(setting[name]).replace(' ', '')}" for name in varied)


def _varied(settings: Sequence[Mapping[str, Any]]) -> list[str]:
    return [name for name in settings[0] if any(each[name] != settings[0][name] for each in settings)]


def _figure(measure: str, figures: Mapping[str, Any]) -> str:
    """A measure's entry; how many seeds have none of it stands behind."""
    none = "never" if measure.startswith("steps_to") else "none"
    if figures["iqm"] is None:
        return none
    limits = figures["iqm_interval"]
    shown = f"{figures['iqm']:.4g}" + (f" [{limits[0]:.4g}, {limits[1]:.4g}]" if limits else "")
    return shown + (f" ({figures['missing']} {none})" if figures["missing"] else "")
