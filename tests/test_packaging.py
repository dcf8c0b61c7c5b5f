"""What is built and shipped: the wheel, the sdist, and the command they install."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CLEAN = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def package_files() -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for package in ("gym_gridq", "agents")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_the_two_packages_and_nothing_else(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    assert wheel.name == "gym_gridq-0.1.0-py3-none-any.whl"
    names = set(zipfile.ZipFile(wheel).namelist())
    metadata = {name for name in names if name.startswith("gym_gridq-0.1.0.dist-info/")}
    assert names - metadata == package_files()
    assert {"gym_gridq/py.typed", "agents/py.typed", "gym_gridq/rendering/fonts/OFL.txt"} <= names
    assert {name.rpartition("/")[2] for name in names if name.endswith(".otf")} == {
        "NotoSansCJKsc-Bold-subset.otf", "NotoSansCJKjp-Bold-subset.otf",
    }  # fmt: skip
    assert {name.partition("/")[2] for name in metadata} == {
        "METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE",
        "licenses/gym_gridq/rendering/fonts/OFL.txt",
    }  # fmt: skip


def test_the_sdist_holds_the_sources_and_nothing_else(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {name.partition("/")[0] for name in names} == {
        "gym_gridq", "agents", "tests", "docs", "benchmarks", "tools", "Makefile", "README.md", "LICENSE",
        "README.zh.md", "CONTRIBUTING.md", "CHANGELOG.md", "CITATION.cff", "pyproject.toml", "PKG-INFO",
        ".gitignore",
    }  # fmt: skip
    assert package_files() <= names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]
    # checkpoints of earlier versions, which a test reads; no run of whoever built it
    assert {name.rpartition("/")[0] for name in names if name.endswith(".npz")} == {
        "tests/agents/algorithms/format_1"
    }


def test_every_extra_that_is_named_exists() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    section = project.partition("[project.optional-dependencies]")[2].partition("\n[")[0]
    extras = set(re.findall(r"^(\w+) = \[", section, re.MULTILINE))
    texts = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    texts += [path for package in ("gym_gridq", "agents") for path in (ROOT / package).rglob("*.py")]
    named = {
        extra
        for path in texts
        for group in re.findall(r"gym-gridq\[([\w,]+)\]", path.read_text(encoding="utf-8"))
        for extra in group.split(",")
    }
    assert {"tensorboard", "video"} <= named <= extras


def test_the_installed_command_works_from_another_folder(built: Path, tmp_path: Path) -> None:
    """In an environment that holds nothing else, as a user's does."""
    (wheel,) = built.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    python, gridq = tmp_path / "venv" / "bin" / "python", tmp_path / "venv" / "bin" / "gridq"
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel)]
    subprocess.run(install, check=True, env=CLEAN)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    solved = subprocess.run([str(gridq), "solve"], cwd=elsewhere, env=CLEAN, capture_output=True, text=True)
    assert solved.returncode == 0, solved.stderr
    assert "0.6561" in solved.stdout
    train = [str(gridq), "train", "--total-steps", "200", "--seed", "0", "--run-dir", "run", "--quiet"]
    trained = subprocess.run(train, cwd=elsewhere, env=CLEAN, capture_output=True, text=True)
    assert trained.returncode == 0, trained.stderr
    assert (elsewhere / "run" / "checkpoint.npz").is_file()
