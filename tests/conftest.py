"""What every test shares: no clocks, no screen but the tests' own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

import gymnasium
import pytest
from hypothesis import Phase, settings

from tests.tried import counts

# A busy machine fails no property test.
settings.register_profile("no-clock", deadline=None)
settings.load_profile("no-clock")
# `make mutants` runs the tests a thousand times, and wants to know only whether they fail.
settings.register_profile(
    "mutants", deadline=None, derandomize=True, database=None, max_examples=40, phases=[Phase.generate]
)

HAS_LANES = hasattr(gymnasium.vector, "AutoresetMode")
IS_LINUX = sys.platform.startswith("linux")
HAS_SCREEN = shutil.which("Xvfb") is not None
HAS_NODE = shutil.which("node") is not None
HAS_BROWSER = shutil.which("chromium") is not None

# The vector environment and training in lanes need Gymnasium 1.1; test_env.py and test_cli.py check that
# asking for them on an older one says so. These files are about nothing else and import what is not there:
collect_ignore = (
    []
    if HAS_LANES
    else [
        "gym_gridq/test_vector_env.py",
        "gym_gridq/test_vector_wrappers.py",
        "gym_gridq/rendering/test_lanes.py",
        "agents/experience/test_lanes.py",
    ]
)


def pytest_configure() -> None:
    """Tests send signals, which whoever runs them in the background may have set to be ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what this Gymnasium or this machine lacks; `make test` says what that is."""
    fixtures = {"virtual_screen": HAS_SCREEN, "no_screen": IS_LINUX, "node": HAS_NODE, "browser": HAS_BROWSER}
    missing = {name for name, there in fixtures.items() if not there}
    markers = {name for name, there in {"lanes": HAS_LANES, "linux": IS_LINUX}.items() if not there}
    left_out = [
        item
        for item in items
        if any(item.get_closest_marker(name) for name in markers)
        or not missing.isdisjoint(getattr(item, "fixturenames", ()))
    ]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Hands what a test tried to its report, which also comes back from another process."""
    if call.when == "call":
        item.user_properties.extend(counts.items())
        counts.clear()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints what all tests that passed tried."""
    totals: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed"):
        for what, times in report.user_properties:
            totals[what] += times
    if totals:
        terminalreporter.section("tried")
        for what, times in sorted(totals.items()):
            terminalreporter.write_line(f"{times:9,}  {what}")


@pytest.fixture(scope="session")
def virtual_screen() -> Iterator[str]:
    """The name of an X display of our own."""
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1600x1200x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=[writer],
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    with os.fdopen(reader) as answer:
        name = f":{answer.readline().strip()}"
    yield name
    server.terminate()
    server.wait()


@pytest.fixture
def screen(virtual_screen: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Opens this process's windows on the virtual screen, and leaves pygame as it was found."""
    import pygame

    pygame.quit()
    monkeypatch.setenv("DISPLAY", virtual_screen)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("SDL_VIDEODRIVER", raising=False)
    yield virtual_screen
    pygame.quit()


@pytest.fixture
def no_screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without a display."""
    import pygame

    pygame.quit()
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    yield
    pygame.quit()
