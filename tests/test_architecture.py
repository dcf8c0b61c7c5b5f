"""Who may import whom (docs/design.md): read from the sources, and seen in a fresh process."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted([*(ROOT / "gym_gridq").rglob("*.py"), *(ROOT / "agents").rglob("*.py")])
HEAVY = {"dezero", "matplotlib", "pygame", "PIL", "scipy", "tqdm", "agents"}


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Modules a file imports, and whether at import time (outside of functions and TYPE_CHECKING)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    late = set()
    for node in ast.walk(tree):
        lazy = isinstance(node, ast.FunctionDef) or (
            isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        )
        if lazy:
            late.update(map(id, ast.walk(node)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) not in late
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield node.module or "", id(node) not in late
            for alias in node.names:
                yield f"{node.module}.{alias.name}", id(node) not in late


def of(package: str) -> list[Path]:
    return [path for path in SOURCES if path.is_relative_to(ROOT / package)]


def test_the_world_knows_nothing_of_agents() -> None:
    for path in of("gym_gridq"):
        for module, _ in imports(path):
            assert module.split(".")[0] not in {"agents", "dezero", "matplotlib"}, f"{path} imports {module}"


def test_pygame_is_known_to_rendering_alone() -> None:
    for path in SOURCES:
        if not path.is_relative_to(ROOT / "gym_gridq" / "rendering"):
            assert "pygame" not in {module.split(".")[0] for module, _ in imports(path)}, path


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("checks", set()),
        ("greedy", set()),
        ("layout", {"checks"}),
        ("dynamics", {"checks", "layout"}),
        ("exact/equations", {"dynamics"}),
        ("exact/search", {"dynamics"}),
        ("exact/evaluation", {"checks", "dynamics", "exact.equations", "exact.search"}),
        (
            "exact/planning",
            {"checks", "greedy", "layout", "exact.equations", "exact.search", "exact.evaluation"},
        ),
        ("exact/grading", {"checks", "dynamics", "exact.evaluation", "exact.planning"}),
        ("drawing", {"layout", "rendering"}),
        ("env", {"checks", "layout", "dynamics", "drawing", "exact", "rendering"}),
        (
            "vector_env",
            {"checks", "layout", "dynamics", "drawing", "env", "vector_arguments", "lane_drawing"},
        ),
    ],
)
def test_the_core_points_one_way(name: str, allowed: set[str]) -> None:
    for module, _ in imports(ROOT / "gym_gridq" / f"{name}.py"):
        if module.startswith("gym_gridq."):
            below = module.removeprefix("gym_gridq.")
            assert any(f"{below}.".startswith(f"{name}.") for name in allowed), f"{name} imports {module}"


def test_rendering_is_imported_when_something_is_drawn() -> None:
    for path in of("gym_gridq"):
        if not path.is_relative_to(ROOT / "gym_gridq" / "rendering"):
            early = {module for module, at_import in imports(path) if at_import}
            assert not any(f"{module}.".startswith("gym_gridq.rendering.") for module in early), path


AGENTS_THAT_KNOW_MORE = {
    "gym_gridq": {"commands"},
    "dezero": {"networks"},
    "tqdm": {"training"},
}


@pytest.mark.parametrize("library", AGENTS_THAT_KNOW_MORE)
def test_agents_know_no_more_than_they_need(library: str) -> None:
    """They are for any environment; the commands bring ours in."""
    for path in of("agents"):
        room = path.relative_to(ROOT / "agents").parts[0]
        known = {module.split(".")[0] for module, _ in imports(path)}
        assert library not in known or room in AGENTS_THAT_KNOW_MORE[library], path


def test_importing_the_world_is_cheap() -> None:
    program = (
        "import sys, gymnasium; before = set(sys.modules);"
        "import gym_gridq; gymnasium.make('GridQ-v0').reset();"
        "print(*sorted({m.split('.')[0] for m in set(sys.modules) - before}))"
    )
    loaded = set(subprocess.check_output([sys.executable, "-c", program], text=True).split())
    assert not loaded & HEAVY


def test_a_small_map_is_solved_without_scipy() -> None:
    program = (
        "import sys, gym_gridq; env = gym_gridq.GridQEnv(slip=0.2);"
        "gym_gridq.grade(env, gym_gridq.solve(env).q); print('scipy' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "False"
