"""Windows of our own, which close when asked to and leave every other window of the program alone.

pygame has one display; `pygame.Window` is a window beside it. All windows share one queue of events, so it
is read in one place here: each event goes to the window it names, and what belongs to nobody here goes back
for the program that owns it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import gymnasium
import pygame

from gym_gridq.drawing import has_screen

__all__ = ["DisplayUnavailable", "Window", "open_display", "screen_size", "show_picture"]

_MOST_FOREIGN_EVENTS = 1024
"""Events kept for a program that has a display but does not read its events."""

_windows: list[Window] = []
"""Ours that are open."""

_destroyed: list[pygame.Window] = []
"""Those that somebody's `pygame.quit` has destroyed. Python destroys one again when it lets go of it, and by
then another one may stand at the same address."""


class DisplayUnavailable(gymnasium.error.Error):
    """There is no screen to open a window on."""


class Window:
    """A window that shows a picture.

    Args:
        title: what its title bar says.
        size: ``(width, height)`` it opens with, in points (pixels, but for screens of high density).
        icon: what stands for it among other windows.

    Attributes:
        is_open: False once the user or the program closed it; it stays closed then.

    Raises:
        DisplayUnavailable: where there is no screen.
    """

    def __init__(self, title: str, size: tuple[int, int], icon: pygame.Surface) -> None:
        self._title, self._first_size, self._icon = title, size, icon
        self._events: list[pygame.event.Event] = []
        self._create()
        self.is_open = True
        _windows.append(self)

    @property
    def size(self) -> tuple[int, int]:
        """``(width, height)`` of what it shows, in pixels."""
        size: tuple[int, int] = self._surface().get_size()
        return size

    @property
    def points(self) -> tuple[int, int]:
        """The same in points, in which events tell where the mouse is."""
        self._surface()
        size: tuple[int, int] = self._window.size
        return size

    def show(self, picture: pygame.Surface) -> None:
        """Shows a picture of its `size`."""
        self._surface().blit(picture, (0, 0))
        self._window.flip()

    def events(self) -> list[pygame.event.Event]:
        """What happened to this window since the last call; it is closed now if that was asked for."""
        self._surface()
        _dispatch_events()
        events, self._events = self._events, []
        return events

    def close(self) -> None:
        """Closes the window; twice is fine."""
        if self.is_open:
            self.is_open = False
            _windows.remove(self)
            self._window.destroy()

    def owns(self, event: pygame.event.Event) -> bool:
        """Whether an event names this window."""
        return getattr(event, "window", None) is self._window

    def take(self, event: pygame.event.Event) -> None:
        """Keeps an event for `events`, or closes the window if the event says so."""
        if event.type in (pygame.WINDOWCLOSE, pygame.QUIT):
            self.close()
        else:
            self._events.append(event)

    def _create(self) -> None:
        open_display()
        self._window = pygame.Window(
            self._title, self._first_size, resizable=True, allow_high_dpi=True, hidden=True
        )
        self._window.set_icon(self._icon)
        # Our pictures are drawn by the processor, and reach the screen sooner without a detour over OpenGL.
        with _sdl_hint("SDL_FRAMEBUFFER_ACCELERATION", "0"):
            self._window.get_surface()
        self._window.show()

    def _surface(self) -> pygame.Surface:
        # Another part of the program may have called pygame.quit(), which destroys every window there is.
        try:
            return self._window.get_surface()
        except pygame.error:
            _destroyed.append(self._window)
            self._create()
            return self._window.get_surface()


def screen_size() -> tuple[int, int]:
    """``(width, height)`` of the smallest screen, in points.

    Raises:
        DisplayUnavailable: where there is none.
    """
    open_display()
    return min(pygame.display.get_desktop_sizes())


def show_picture(file: IO[bytes], title: str) -> None:
    """Shows a picture in a window of its own until the user closes it.

    Args:
        file: a PNG.
        title: what the title bar says.

    Raises:
        DisplayUnavailable: where there is no screen.
    """
    picture = pygame.image.load(file, "picture.png")
    window = Window(title, picture.get_size(), icon=pygame.transform.smoothscale(picture, (64, 64)))
    window.show(picture)
    while window.is_open:
        for event in window.events():
            if event.type == pygame.KEYDOWN and event.key == pygame.K_ESCAPE:
                window.close()
            elif event.type in (pygame.WINDOWEXPOSED, pygame.WINDOWSIZECHANGED):
                window.show(pygame.transform.smoothscale(picture, window.size))
        time.sleep(0.02)


def _dispatch_events() -> None:
    """Reads the queue: ours to our windows, the rest back to the program's own display."""
    has_display = pygame.display.get_surface() is not None
    foreign = []
    for event in pygame.event.get():
        owner = next((window for window in _windows if window.owns(event)), None)
        if owner is not None:
            owner.take(event)
        elif has_display:
            foreign.append(event)
        elif getattr(event, "window", None) is None:
            # An event may name no window, for instance a key pressed before the focus has quite arrived.
            # Where there is no display it is meant for ours.
            for window in _windows.copy():
                window.take(event)
    for event in foreign[-_MOST_FOREIGN_EVENTS:]:
        pygame.event.post(event)


def open_display() -> None:
    """Connects to the screens, if that has not been done; signals still end the program then.

    Raises:
        DisplayUnavailable: where there is none.
    """
    if pygame.display.get_init():
        return
    if not has_screen():
        raise _no_display()
    try:
        # SDL would catch SIGTERM and turn `kill` into an event that nobody reads.
        with _sdl_hint("SDL_NO_SIGNAL_HANDLERS", "1"):
            pygame.display.init()
    except pygame.error as error:
        raise _no_display() from error
    if pygame.display.get_driver() in ("dummy", "offscreen") and not os.environ.get("SDL_VIDEODRIVER"):
        pygame.display.quit()  # SDL's last resort, a window that nobody sees
        raise _no_display()


def _no_display() -> DisplayUnavailable:
    return DisplayUnavailable(
        "there is no display to open a window on; use render_mode='rgb_array' for frames or 'ansi' for "
        "text, forward a display (ssh -X), or run under a virtual one (xvfb-run)"
    )


@contextmanager
def _sdl_hint(hint: str, value: str) -> Iterator[None]:
    """Tells SDL something for as long as it looks, unless the user has told it already."""
    before = os.environ.get(hint)
    os.environ.setdefault(hint, value)
    try:
        yield
    finally:
        if before is None:
            del os.environ[hint]
