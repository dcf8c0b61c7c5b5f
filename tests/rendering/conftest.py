"""A screen that nobody needs to own: a virtual one, started once for all tests that open a window."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def virtual_screen() -> Iterator[str]:
    """The name of an X display of our own."""
    if shutil.which("Xvfb") is None:
        pytest.fail("these tests open real windows on a virtual screen; install Xvfb")
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
