"""Runs the recipes of docs/interop, each in an environment of its own, and keeps the table of their results.

``python tests/interop/run.py [PAGE ...]`` takes the install lines and the examples out of the pages, so that
what is tested is what is written. An example passes if `gym_gridq.grade` finds that its greedy policy takes 5
steps to return 1, or if what it asserts of a report of `check_learner` holds. The programs of
`tests.interop.programs` judge themselves, and have no row in the table. Needs Python and the network only.
Environments stay under ``.cache/interop``.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.interop.pages import PAGES, ROOT, Page
from tests.interop.programs import Program

CACHE = ROOT / ".cache" / "interop"
RESULTS = PAGES / "results.md"
COLUMNS = ("recipe", "version", "Gymnasium", "id", "lines", "steps", "seconds", "grade")
INTRODUCTION = """\
# What the recipes reached

Written by `make interop`. Steps are environment steps; seconds are CPU seconds of the whole example, with its
imports. The grade is the length of the greedy episode from the start, its regret, and in how many of the 10
states the action is optimal; where `check_learner` judges, how many of its worlds are passed.

"""


def main(arguments: list[str] | None = None) -> int:
    """Runs the pages and programs named, or all; returns the exit code."""
    pages = {page.name: page for page in Page.all()}
    programs = Program.all()
    parser = argparse.ArgumentParser(description="Run the recipes of docs/interop.")
    parser.add_argument("page", nargs="*", help=f"one of {', '.join((*pages, *programs))}; all if none")
    parser.add_argument("--discard", action="store_true", help="delete each environment after its run")
    parser.add_argument("--no-table", action="store_true", help="leave docs/interop/results.md alone")
    options = parser.parse_args(arguments)
    unknown = set(options.page) - {*pages, *programs}
    if unknown:
        parser.error(f"no page named {min(unknown)!r}; choose from {', '.join((*pages, *programs))}")

    passed = failed = 0
    for name in options.page or (*pages, *programs):
        python = install(pages.get(name) or programs[name])
        if name in programs:
            well = run_program(python, programs[name])
            passed, failed = passed + well, failed + (not well)
            print(f"{'passed' if well else 'FAILED'} {name}", flush=True)
            continue
        page = pages[name]
        for recipe, example in page.examples.items():
            result = run_example(python, page, example)
            if result is None:
                failed += 1
                print(f"FAILED {recipe}", flush=True)
                continue
            passed += 1
            print(f"passed {recipe}: " + ", ".join(f"{k} {v}" for k, v in result.items()), flush=True)
            if not options.no_table:
                write_row(f"[{recipe}]({page.name}.md)", result)
        if options.discard:
            shutil.rmtree(CACHE / name)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def install(page: Page | Program) -> Path:
    """Makes the environment of a page or program, unless it stands already; returns its Python."""
    folder = CACHE / page.name
    python = folder / "bin" / "python"
    receipt = folder / "installed.txt"
    wanted = "\n".join(page.install)
    if receipt.exists() and receipt.read_text() == wanted:
        return python
    print(f"installing {page.name}", flush=True)
    venv.create(folder, clear=True, with_pip=True)
    for line in page.install:
        pip(python, *shlex.split(line)[1:])
    # The library brought its own Gymnasium and NumPy, which is all that the world needs.
    pip(python, "install", "--no-deps", "--editable", str(ROOT))
    receipt.write_text(wanted)
    return python


def pip(python: Path, *arguments: str) -> None:
    """Runs pip in an environment."""
    command = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def run_example(python: Path, page: Page, example: str) -> dict[str, str] | None:
    """Runs one example in an empty folder; returns its row of the table, or None if it failed."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "example.py")
        script.write_text(example)
        environment = {
            **os.environ,
            "MINARI_DATASETS_PATH": folder,
            "CUDA_VISIBLE_DEVICES": "",
            "OMP_NUM_THREADS": "1",  # nets this small only lose time between threads
        }
        report = Path(folder, "report.json")
        judge = Path(__file__).with_name("judge.py")
        command = [python, judge, script, report, *page.distributions]
        subprocess.run(command, cwd=folder, env=environment, check=False, stdin=subprocess.DEVNULL)
        return json.loads(report.read_text()) if report.exists() else None


def run_program(python: Path, program: Program) -> bool:
    """Runs a program in an empty folder; returns whether all that it asserts holds."""
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run([python, program.path], cwd=folder, check=False).returncode == 0


def write_row(recipe: str, result: dict[str, str]) -> None:
    """Adds a row to the table, or replaces the one of the same recipe."""
    lines = RESULTS.read_text().splitlines() if RESULTS.exists() else []
    rows = {line.split(" | ")[0]: line for line in lines if line.startswith("| [")}
    cells = (recipe, *(result[column] for column in COLUMNS[1:]))
    rows[f"| {recipe}"] = f"| {' | '.join(cells)} |"
    head = [f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
    RESULTS.write_text(INTRODUCTION + "\n".join([*head, *(rows[key] for key in sorted(rows))]) + "\n")


if __name__ == "__main__":
    sys.exit(main())
