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
        if isinstance(node, ast.FunctionDef) or is_typing_only(node):
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


def is_typing_only(node: ast.AST) -> bool:
    """Whether only a type checker goes in here."""
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def name_of(path: Path) -> str:
    """The module that a file is."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


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
        ("named_layouts", set()),
        ("layout", {"checks", "named_layouts"}),
        ("dynamics", {"checks", "layout"}),
        ("exact/equations", {"dynamics"}),
        ("exact/search", {"dynamics"}),
        ("exact/arguments", {"checks", "dynamics"}),
        ("exact/policies", {"checks", "dynamics", "exact.equations"}),
        (
            "exact/evaluation",
            {
                "checks",
                "dynamics",
                *(f"exact.{room}" for room in ("arguments", "equations", "policies", "search")),
            },
        ),
        (
            "exact/planning",
            {
                "checks",
                "dynamics",
                "greedy",
                "layout",
                "rendering.tables",
                *(f"exact.{room}" for room in ("arguments", "equations", "search", "evaluation", "toy_text")),
            },
        ),
        *(
            (
                f"exact/{name}",
                {
                    "checks",
                    "dynamics",
                    *(
                        f"exact.{room}"
                        for room in ("arguments", "equations", "policies", "search", "evaluation")
                    ),
                    *others,
                },
            )
            for name, others in (
                ("gradients", ()),
                ("distribution", ()),
                ("returns", ("exact.distribution",)),
                ("grading", ("exact.planning", "rendering.tables")),
            )
        ),
        ("exact/toy_text", {"greedy"}),
        ("drawing", {"checks", "layout"}),
        ("arguments", {"checks", "dynamics"}),
        ("snapshots", {"checks", "arguments", "dynamics"}),
        ("world", {"layout", "dynamics", "drawing", "rendering"}),
        *(
            (
                name,
                {"checks", "layout", "dynamics", "drawing", "arguments", "snapshots", "world", "rendering"},
            )
            for name in ("env", "vector_env")
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


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("window", set()),
        ("controls", set()),
        ("panels", {"palette", "canvas", "language", "numerals"}),
        (
            "interactive_window",
            {"palette", *(f"windows.{room}" for room in ("controls", "panels", "window"))},
        ),
    ],
)
def test_a_window_knows_no_board(name: str, allowed: set[str]) -> None:
    """So that it may show whatever else there will be."""
    for module, _ in imports(ROOT / "gym_gridq" / "rendering" / "windows" / f"{name}.py"):
        if module.startswith("gym_gridq.rendering."):
            below = module.removeprefix("gym_gridq.rendering.")
            assert any(f"{below}.".startswith(f"{room}.") for room in allowed), module


def test_a_picture_needs_no_window() -> None:
    """But for the renderer, which chooses between them when it is made."""
    for path in (ROOT / "gym_gridq" / "rendering").glob("*.py"):
        late = {module for module in own_imports(path) if module.startswith("gym_gridq.rendering.windows")}
        assert not late or path.name == "renderer.py", path


# The rooms of `agents` from the ground up: each may import from the floors below it, and from its own room.
FLOORS = [
    {"errors", "arguments", "plain_text", "versions", "environments"},
    {"fields"},
    {"config"},
    {"settings", "storage"},
    {"experience"},
    {"networks"},
    {"algorithms"},
    {"adapters", "training"},
    {"pictures"},
    {"experiments"},
    {"commands"},
    {"cli"},
    {"__main__"},
]
FLOOR_OF = {room: height for height, rooms in enumerate(FLOORS) for room in rooms}
ALGORITHM_FREE = {"experience", "storage", "networks", "pictures"}
LIBRARIES = {
    "gym_gridq": {"commands", "experiments", "environments.py"},
    "dezero": {"networks"},
    "tqdm": {"training"},
    "joblib": {"experiments"},
    "ray": {"experiments"},
    "distributed": {"experiments"},
}


MODULES = {name_of(path) for path in SOURCES}


def room_of(module: str) -> str:
    return module.split(".")[1]


def own_imports(path: Path) -> set[str]:
    """Files of `agents` or `gym_gridq` that a file imports, sooner or later, apart from TYPE_CHECKING."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {id(inner) for node in ast.walk(tree) if is_typing_only(node) for inner in ast.walk(node)}
    found = set()
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            named = {f"{node.module}.{alias.name}" for alias in node.names}
            # `from package import module` asks for the module; anything else is in the file itself
            found |= {name if name in MODULES else node.module or "" for name in named}
    return found & MODULES


@pytest.mark.parametrize("path", of("agents"), ids=lambda path: str(path.relative_to(ROOT)))
def test_agents_import_from_the_floors_below(path: Path) -> None:
    if path == ROOT / "agents" / "__init__.py":
        return  # the public names, from every floor
    room = room_of(name_of(path))
    for module in own_imports(path):
        if module.startswith("agents."):
            other = room_of(module)
            below = FLOOR_OF[other] < FLOOR_OF[room]
            assert other == room or below, f"{path} imports {module}, which is not below it"


def test_rooms_that_know_no_algorithm() -> None:
    """They may know what an agent is, not which there are."""
    for path in of("agents"):
        if room_of(name_of(path) + ".") in ALGORITHM_FREE:
            for module in own_imports(path):
                assert not module.startswith("agents.algorithms.") or module == "agents.algorithms.base", path


def test_commands_are_imported_by_the_entry_point_alone() -> None:
    for path in SOURCES:
        if not path.is_relative_to(ROOT / "agents" / "commands") and path.name != "cli.py":
            assert not any(module.startswith("agents.commands") for module in own_imports(path)), path


def test_no_file_imports_itself_in_a_circle() -> None:
    """Also among imports inside functions."""
    graph = {name_of(path): own_imports(path) - {name_of(path)} for path in SOURCES}
    while ends := [name for name, imported in graph.items() if not imported & graph.keys()]:
        for name in ends:
            del graph[name]
    assert graph == {}


@pytest.mark.parametrize("library", LIBRARIES)
def test_agents_know_no_more_than_they_need(library: str) -> None:
    """They are for any environment; the commands bring ours in."""
    for path in of("agents"):
        room = path.relative_to(ROOT / "agents").parts[0]
        known = {module.split(".")[0] for module, _ in imports(path)}
        assert library not in known or room in LIBRARIES[library], path


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
