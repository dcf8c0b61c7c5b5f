"""The view in human mode: a window that follows the scene at the pace of a person."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pygame

from gym_gridq.layout import Action
from gym_gridq.rendering.geometry import Geometry
from gym_gridq.rendering.overlay import Overlay
from gym_gridq.rendering.scene import Scene
from gym_gridq.rendering.window import Window

__all__ = ["HumanView"]

_LONGEST_NAP = 0.02
"""Seconds between two looks at the events: a click is answered at once."""


class HumanView:
    """A window on the scene; once it is closed, drawing does nothing and takes no time.

    Args:
        geometry: how large the scene is at first; it follows the size of the window.
        fps: frames a second that a person is to see.
    """

    def __init__(self, geometry: Geometry, fps: float) -> None:
        self._window = Window("GridQ", geometry.size)
        self._scene = Scene(geometry)
        self._pause = 1 / fps
        self._due = time.monotonic()

    def draw(self, state: int, heading: Action | None, trail: Sequence[int], overlay: Overlay) -> None:
        """Shows a frame and keeps it in sight for its time, answering the window meanwhile."""
        self._answer_events()
        if not self._window.is_open:
            return
        self._show(state, heading, trail, overlay)
        self._due = max(self._due, time.monotonic() - self._pause) + self._pause
        while self._window.is_open and (left := self._due - time.monotonic()) > 0:
            time.sleep(min(left, _LONGEST_NAP))
            if self._answer_events() and self._window.is_open:
                self._show(state, heading, trail, overlay)

    def close(self) -> None:
        """Closes the window; twice is fine."""
        self._window.close()

    def _show(self, state: int, heading: Action | None, trail: Sequence[int], overlay: Overlay) -> None:
        layout, size = self._scene.geometry.layout, self._window.size
        geometry = Geometry.fitting(layout, size)
        if geometry != self._scene.geometry:
            self._scene = Scene(geometry)
        self._window.show(self._scene.picture(state, heading, trail, overlay))

    def _answer_events(self) -> bool:
        """Answers what the user did; True if the window wants to be drawn anew."""
        if not self._window.is_open:
            return False
        stale = False
        for event in self._window.events():
            if event.type == pygame.KEYDOWN and event.key == pygame.K_ESCAPE:
                self._window.close()
            stale |= event.type in (pygame.WINDOWEXPOSED, pygame.WINDOWSIZECHANGED)
        return stale
