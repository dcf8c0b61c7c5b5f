"""``gridq list``: runs with their settings and results, and sweeps, in one table."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from agents.commands.parser import Parser
from agents.commands.runs import read_config, shown
from agents.commands.terminal import print_json, print_text
from agents.experiments.plan import read_plan
from agents.experiments.sweep_folder import SweepFolder
from agents.plain_text import in_columns
from agents.storage.json_files import read_json
from agents.storage.run_folder import RunFolder
from agents.training.configuration import settings_of, usual_configuration

__all__ = ["run"]

RESULTS = (
    *("steps", "episodes", "seconds", "mean_return", "mean_length"),
    *("greedy_value", "optimal_value", "regret", "optimal_states", "n_states", "max_q_error"),
)
TABLE = {
    "run": "run",
    "agent": "agent",
    "environment": "environment",
    "seed": "seed",
    "settings": "settings other than the defaults",
    "steps": "steps",
    "mean_return": "mean return",
    "greedy_value": "value",
    "optimal_value": "optimum",
    "max_q_error": "max abs(Q - q*)",
    "state": "state",
}
"""Columns of the table, with their headings."""


def run(arguments: Sequence[str]) -> int:
    """Runs the command."""
    parser = Parser("gridq list", "List runs with their settings and results.")
    parser.add_argument(
        "folders", metavar="FOLDER", nargs="*", help="runs, or folders of runs (default: runs)"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="print every setting and result as CSV")
    form.add_argument("--json", action="store_true", help="print them as JSON")
    options = parser.parse(arguments)

    found = _found(options.get("folders") or ["runs"])
    runs = [_sweep(path) if SweepFolder.is_one(path) else _run(path) for path in found]
    if "json" in options:
        print_json(runs)
    elif "csv" in options:
        names = list(dict.fromkeys(name for each in runs for name in each))
        writer = csv.DictWriter(sys.stdout, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(runs)
    else:
        print_text(_table(runs))
    return 0


def _found(folders: Sequence[str]) -> Iterator[Path]:
    """The run folders that are meant.

    Raises:
        ValueError: for a folder that is not there, or holds no run.
    """
    for name in folders:
        folder = Path(name)
        if not name or not folder.is_dir():
            raise ValueError(f"there is no folder {name!r}; 'gridq train' makes runs under runs/")
        if (folder / "config.json").is_file():
            yield folder
            continue
        runs = sorted(path.parent for path in folder.glob("*/config.json") if path.parent.name[0] != ".")
        if not runs:
            raise ValueError(f"there is no run in {name!r}; 'gridq train' makes one")
        yield from runs


def _run(path: Path) -> dict[str, Any]:
    """What is known of a run; a damaged one says so."""
    known: dict[str, Any] = {"run": os.fspath(path), "state": "unfinished"}
    try:
        folder = RunFolder(path)
        config = read_config(folder)
        known |= {
            "agent": config["agent"],
            "environment": shown({"": config["env_id"]} | config["env_kwargs"]),
            "seed": config["seed"],
            "settings": shown(_unusual(config)),
        }
        known |= {f"env.{name}": value for name, value in config["env_kwargs"].items()}
        known |= {name: config[name] for name in ("num_envs", "total_steps")} | config["hyperparameters"]
        if folder.summary_file.exists():
            summary = read_json(folder.summary_file)
            known |= {name: summary[name] for name in RESULTS if name in summary} | {"state": "finished"}
    except ValueError as error:
        known["state"] = f"damaged: {error}"
    return known


def _sweep(path: Path) -> dict[str, Any]:
    """What is known of a sweep; its results stand in its own summary."""
    known: dict[str, Any] = {"run": os.fspath(path)}
    try:
        plan = read_plan(path / "config.json")
    except (OSError, ValueError) as error:
        return known | {"state": f"damaged: {error}"}
    over = f" over {', '.join(plan.varied)}" if plan.varied else ""
    return known | {
        "agent": ", ".join(dict.fromkeys(setting["agent"] for setting in plan.settings)),
        "environment": ", ".join(dict.fromkeys(setting["env_id"] for setting in plan.settings)),
        "seed": f"{plan.first_seed} to {plan.first_seed + plan.seeds - 1}",
        "settings": f"{plan.n_cells} trainings{over}",
        "state": "finished" if (path / "summary.json").is_file() else "unfinished",
    }


def _unusual(config: dict[str, Any]) -> dict[str, Any]:
    """The settings that differ from those which hold for this agent on this environment."""

    def flat(each: dict[str, Any]) -> dict[str, Any]:
        return settings_of(each).to_dict() | {name: each[name] for name in ("num_envs", "total_steps")}

    usual = flat(usual_configuration(config["env_id"], config["agent"]))
    return {name: value for name, value in flat(config).items() if value != usual[name]}


def _table(runs: Sequence[dict[str, Any]]) -> str:
    rows = [list(TABLE.values()), *([_as_text(each.get(name)) for name in TABLE] for each in runs)]
    kept = [column for column in zip(*rows, strict=True) if any(column[1:])]
    return in_columns(list(zip(*kept, strict=True)))


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
