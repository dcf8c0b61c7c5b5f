"""``gridq sweep``: many settings and seeds at once, of which no finished training is lost."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
from collections.abc import Iterable, Sequence
from typing import Any

from agents.algorithms.registry import AGENTS, agent_class
from agents.arguments import suggestion
from agents.commands.env_args import environment_arguments
from agents.commands.parser import Parser
from agents.commands.terminal import print_aside, print_json, print_text
from agents.commands.trust import check_trust
from agents.experiments.backends import BACKENDS, check_backend
from agents.experiments.best import rerun_best
from agents.experiments.findings import Sweep
from agents.experiments.plan import Plan, planned
from agents.experiments.statistics import checked_measure
from agents.experiments.sweep import run_missing
from agents.experiments.sweep_folder import SweepFolder
from agents.experiments.table import table_of, table_of_best
from agents.fields import field_types, parse_setting
from agents.training.configuration import DEFAULT_AGENT, DEFAULT_ENV

__all__ = ["run"]

DEFAULT_SEEDS = 30
DEFAULT_BACKEND = "loky"

OPTIONS_OF_A_RESUME = {"resume", "import", "jobs", "backend", "address", "best", "json", "quiet"}

_COMMA_OUTSIDE_OF_BRACKETS = re.compile(r",(?![^\[]*\])")


def run(arguments: Sequence[str]) -> int:
    """Runs the command."""
    parser = _parser()
    options = parser.parse(arguments)
    backend, address = options.get("backend", DEFAULT_BACKEND), options.get("address")
    check_backend(backend, address)
    if "resume" in options:
        parser.check_resume(options, OPTIONS_OF_A_RESUME, "sweep")
        folder = SweepFolder(options["resume"])
    else:
        if "import" in options:
            parser.error("--import is for a sweep's folder; --env-id MODULE:ID names a module for a new one")
        folder = _new_folder(options)
    with contextlib.closing(folder):
        if "resume" in options:
            file = repr(os.fspath(folder.config_file))
            check_trust(folder.plan.settings, file, options.get("import", ()), {})
            _check_best(options, folder.plan)
        measure, quiet = options.get("best"), "quiet" in options
        where = options.get("jobs"), backend, address, quiet
        try:
            sweep = run_missing(folder, *where)
            best = None if measure is None else rerun_best(sweep, measure, *where)
        except (KeyboardInterrupt, ChildProcessError) as error:
            done = len(folder.records)
            kept = [
                word
                for name in ("backend", "address", "best")
                if name in options
                for word in (f"--{name}", options[name])
            ]
            go_on = shlex.join(["gridq", "sweep", "--resume", os.fspath(folder.path), *kept])
            print_aside(f"stopped after {done} of {folder.plan.n_cells} cells; go on with:\n    {go_on}")
            if isinstance(error, KeyboardInterrupt):
                return 130
            raise
    summary = sweep.summary()
    if "json" in options:
        chosen = {} if best is None else {"best": best.to_json()}
        print_json({"folder": os.fspath(sweep.path), **summary, **chosen})
    elif not quiet:
        print_text(f"{table_of(summary)}; files in {os.fspath(sweep.path)}")
        if best is not None:
            print_text(f"\n{table_of_best(best.to_json())}")
    failed = _tell_failures(sweep)
    return 1 if best is not None and best.failures else failed


def _parser() -> Parser:
    parser = Parser(
        "gridq sweep",
        "Train every agent with every setting and every seed, and leave a line for each in results.csv.\n"
        "Settings tuned for an environment are used unless you give others, as in gridq train.",
    )
    add, repeated = parser.add_argument, parser.repeated
    add(
        "--agent",
        action="append",
        choices=sorted(AGENTS),
        help=f"which agent; may be repeated (default: {DEFAULT_AGENT})",
    )
    add(
        "--env-id",
        action="append",
        help=f"environment to train on; may be repeated (default: {DEFAULT_ENV})",
    )
    parser.count("--seeds", f"every setting is run with the seeds 0 to N-1 (default: {DEFAULT_SEEDS})")
    repeated(
        "--set",
        "NAME=V1,V2",
        "values of a setting to try; a list as a value stands in brackets: "
        "hidden_sizes=[64,64],[128]; may be repeated (default: none)",
    )
    repeated(
        "--env-arg",
        "NAME=V1,V2",
        "values of an argument of the environment to try, such as slip=0,0.2; may be repeated "
        "(default: none)",
    )
    parser.count("--total-steps", "environment steps of each training (default: as gridq train)")
    parser.count(
        "--jobs", "trainings at a time (default: the number of cores, of this machine or of the cluster)"
    )
    add(
        "--backend",
        choices=sorted(BACKENDS),
        help=f"where they run: loky is this machine, ray and dask are clusters (default: {DEFAULT_BACKEND})",
    )
    add(
        "--address",
        metavar="ADDRESS",
        help="address of a running cluster: auto for Ray on its head node, tcp://HOST:8786 for Dask "
        "(default: one is started on this machine)",
    )
    add("--out", metavar="DIR", help="new folder for the results (default: a new one under runs/)")
    add("--resume", metavar="DIR", help="run what is missing of a sweep (default: none)")
    repeated(
        "--import",
        "MODULE",
        "installed module that the environments of a resumed sweep come from, since no folder may "
        "choose what is imported; may be repeated (default: none)",
    )
    add(
        "--best",
        metavar="MEASURE",
        help="run the setting that is best by this measure again, on as many fresh seeds, since the best of "
        "several is partly the luckiest, and write it for gridq train --config (default: do not)",
    )
    parser.flag("--json", "print one JSON object (default: a table)")
    parser.flag("--quiet", "show no progress and no table (default: show both)")
    return parser


def _new_folder(options: dict[str, Any]) -> SweepFolder:
    """A folder with the plan that the options ask for, all of which are checked first."""
    agents = options.get("agent", [DEFAULT_AGENT])
    env_ids = options.get("env_id", [DEFAULT_ENV])
    for env_id in env_ids:
        environment_arguments(env_id, ())  # says what is wrong with the id
    plan = planned(
        agents,
        env_ids,
        options.get("seeds", DEFAULT_SEEDS),
        dict(_setting(text, agents) for text in options.get("set", ())),
        dict(_argument(text, env_ids) for text in options.get("env_arg", ())),
        options.get("total_steps"),
    )
    _check_best(options, plan)
    out = options.get("out")
    if out is not None and os.path.lexists(os.path.join(out, "config.json")):  # noqa: PTH118
        raise ValueError(
            f"the folder {out!r} holds a sweep or a run; choose another, "
            f"or go on with it: gridq sweep --resume {shlex.quote(out)}"
        )
    return SweepFolder.made(out, plan)


def _check_best(options: dict[str, Any], plan: Plan) -> None:
    if "best" in options:
        checked_measure(options["best"], plan.measures)


def _setting(text: str, agents: Iterable[str]) -> tuple[str, list[Any]]:
    """Name and values of ``NAME=V1,V2``."""
    name, parts = _split(text, "a setting")
    name = name.replace("-", "_")
    for agent in agents:
        kinds = field_types(agent_class(agent).config_class)
        if name not in kinds:
            raise ValueError(f"{agent} has no setting {name!r}; {suggestion(name, kinds)}")
        try:
            values = [parse_setting(kinds[name], part.strip(" []")) for part in parts]
        except ValueError as error:
            raise ValueError(f"--set {text}: {error}") from error
    return name, [list(value) if isinstance(value, tuple) else value for value in values]


def _argument(text: str, env_ids: Iterable[str]) -> tuple[str, list[Any]]:
    """Name and values of ``NAME=V1,V2``, as ``gridq train --env-arg`` reads each."""
    name, parts = _split(text, "an argument of the environment")
    for env_id in env_ids:
        values = [environment_arguments(env_id, [f"{name}={part}"])[name] for part in parts]
    return name, values


def _split(text: str, what: str) -> tuple[str, list[str]]:
    name, equals, values = text.partition("=")
    if not (name.replace("-", "_").isidentifier() and equals and values):
        raise ValueError(f"{text!r} does not set {what}; write NAME=VALUE, or NAME=VALUE,VALUE")
    return name, _COMMA_OUTSIDE_OF_BRACKETS.split(values)


def _tell_failures(sweep: Sweep) -> int:
    """The exit code; of the cells that failed, the first is told."""
    if not sweep.failures:
        return 0
    first = sweep.failures[0]
    named = ", ".join(f"{name}={first[name]}" for name in ("agent", "env_id", "seed", *sweep.plan.varied))
    print_aside(
        f"gridq: error: {len(sweep.failures)} of {len(sweep.records)} cells ended with an error; "
        f"the first ({named}): {first['error']}"
    )
    return 1
