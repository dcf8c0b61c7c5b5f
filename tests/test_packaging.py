"""What is built and shipped: the wheel, the sdist, and the command they install."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tools.long_description import with_absolute_links
from tools.try_package import try_package

pytestmark = pytest.mark.xdist_group("packaging")  # one process builds, for all

ROOT = Path(__file__).parents[1]
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
VERSION = re.findall(r"^version = \"(.+)\"$", PROJECT, re.MULTILINE)[0]


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
    assert wheel.name == f"gym_gridq-{VERSION}-py3-none-any.whl"
    names = set(zipfile.ZipFile(wheel).namelist())
    metadata = {name for name in names if name.startswith(f"gym_gridq-{VERSION}.dist-info/")}
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
    # checkpoints of earlier versions, which a test reads, and what a page draws; no run of whoever built it
    archives = {name for name in names if name.endswith(".npz")}
    assert {name.rpartition("/")[0] for name in archives} == {"tests/agents/algorithms/format_1", "docs"}
    assert {name for name in archives if name.startswith("docs/")} == {"docs/how_many_seeds.npz"}


def test_the_long_description_is_the_readme_with_links_into_the_repository(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(f"gym_gridq-{VERSION}.dist-info/METADATA").decode()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert metadata.partition("\n\n")[2].rstrip() == readme.rstrip()  # no repository is named so far
    text = with_absolute_links(readme, "https://example.org/gridq/", "v1")
    relative = re.findall(r"\]\((?!https?://|#)(.*?)\)", readme)
    assert relative
    for path in relative:
        assert (ROOT / path.partition("#")[0]).exists()
        assert re.search(rf"\]\(https://example\.org/gridq/(blob|raw)/v1/{re.escape(path)}\)", text)
    assert not re.findall(r"\]\((?!https?://|#)", text)


def test_every_extra_that_is_named_exists() -> None:
    section = PROJECT.partition("[project.optional-dependencies]")[2].partition("\n[")[0]
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


def test_the_installed_package_works_outside_of_the_clone(built: Path, tmp_path: Path) -> None:
    """In an environment that holds nothing else, as a user's does."""
    (wheel,) = built.glob("*.whl")
    assert try_package(wheel, tmp_path) == f"gym-gridq {VERSION}"


def test_the_version_is_the_same_wherever_it_stands() -> None:
    assert f"\nversion: {VERSION}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    latest = re.search(r"^## \[(.+?)\]", changelog, re.MULTILINE)
    assert latest is not None
    assert latest[1] == VERSION
