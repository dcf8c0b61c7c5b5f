"""InteractiveWindow: a window that a person can pause, question and close, whatever it shows."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pygame

from gym_gridq.drawing import Language
from gym_gridq.rendering import palette
from gym_gridq.rendering.windows.controls import Controls, Keys
from gym_gridq.rendering.windows.panels import BAR_HEIGHT, Curve, draw_bar, draw_curves, fitted_card
from gym_gridq.rendering.windows.window import Window

__all__ = ["InteractiveWindow"]

_NAP = 0.005
"""Seconds between two looks at the events: a click is answered at once."""

_EXPLANATION = 17
"""Largest height of the font in which a cell is explained: the cells beside it are to stay large."""

_SMALLEST_WINDOW = (320, 160)
"""Room for the bar and a card, ``(width, height)`` in pixels."""


class InteractiveWindow:
    """Keys, pauses, cards and curves around a picture, which is for heirs to draw.

    An heir hands what it shows to `_present`, and draws it in `_paint`; where a click means something, it
    says what in `_cell_at`, `_outline` and `_explained`. Once the window is closed, everything here does
    nothing and takes no time.

    Args:
        size: ``(width, height)`` in pixels that the picture opens with.
        icon: what stands for the window among others.
        pace: frames a second; None never waits.
        with_curves: whether to keep room for curves beside the picture.
        steering: keys with which a person makes the moves, and the actions they mean; see `ask`.
        language: of the words.
        keys: what the window says of its keys.

    Attributes:
        controls: what the user has asked for.
        wanted: whether somebody still wants to see; where it says no, all waiting ends.

    Raises:
        DisplayUnavailable: where there is no screen.
    """

    def __init__(
        self,
        size: tuple[int, int],
        icon: pygame.Surface,
        pace: float | None,
        with_curves: bool,
        steering: Mapping[int, int],
        language: Language,
        keys: Keys,
    ) -> None:
        controls = self.controls = Controls(pace)
        self.wanted: Callable[[], bool] = lambda: True
        self._commands: dict[int, Callable[[], None]] = {
            pygame.K_ESCAPE: self.close,
            pygame.K_SPACE: controls.pause,
            pygame.K_RIGHT: controls.step,
            **dict.fromkeys((pygame.K_PLUS, pygame.K_EQUALS, pygame.K_KP_PLUS), controls.faster),
            **dict.fromkeys((pygame.K_MINUS, pygame.K_KP_MINUS), controls.slower),
            pygame.K_q: lambda: controls.switch("q"),
            pygame.K_v: lambda: controls.switch("v"),
            pygame.K_p: lambda: controls.switch("p"),
            pygame.K_r: self._restart,
            pygame.K_h: controls.switch_help,
            pygame.K_s: self._save_picture,
        }
        self._language, self._keys = language, keys
        self._steering = steering
        self._moves: deque[int] = deque()
        self._curves: Mapping[str, Curve] = {}
        self._curves_share = 0.4 if with_curves else 0.0
        width, height = round(size[0] / (1 - self._curves_share)), size[1] + BAR_HEIGHT
        first = max(width, _SMALLEST_WINDOW[0]), max(height, _SMALLEST_WINDOW[1])
        self._window = Window("GridQ", first, icon)
        self._surface = pygame.Surface((0, 0), depth=32)  # of the whole window, drawn on again and again
        self._has_picture = False
        self._due = time.monotonic()

    @property
    def is_open(self) -> bool:
        """Whether the user has not closed it."""
        return self._window.is_open

    def add_key(self, key: str, command: Callable[[], None]) -> None:
        """Makes a key, by its name in pygame ("up", "e"), do something."""
        self._commands[pygame.key.key_code(key)] = command

    def hold(self, seconds: float) -> None:
        """Keeps what is shown in sight for a while."""
        end = time.monotonic() + seconds
        self._wait(lambda: time.monotonic() < end)

    def ask(self) -> int | None:
        """Waits for the user to make a move; None if the window was closed or a restart is wanted."""
        self._wait(lambda: not self._moves)
        return self._moves.popleft() if self._moves and not self.controls.restart_wanted else None

    def take_restart(self) -> bool:
        """Whether the user has asked for a new episode since the last call."""
        wanted, self.controls.restart_wanted = self.controls.restart_wanted, False
        return wanted

    def answer(self) -> None:
        """Does what the user asked for meanwhile; to be called every now and then during long work."""
        if self.is_open:
            events = self._window.events()
            for event in events:
                self._answer(event)
            if events:
                self._show()

    def close(self) -> None:
        """Closes the window; twice is fine."""
        self._window.close()

    def _paint(self, surface: pygame.Surface, room: tuple[int, int]) -> None:
        """Draws the picture into the ``(width, height)`` of the surface that is left of all else."""
        raise NotImplementedError

    def _picture(self) -> pygame.Surface:
        """The picture alone, as it is saved."""
        raise NotImplementedError

    def _size_in(self, room: tuple[int, int]) -> tuple[int, int]:
        """``(width, height)`` of the picture where it has a room of that size."""
        raise NotImplementedError

    def _cell_at(self, x: int, y: int) -> int | None:
        """What lies under a pixel of the window, by number; None if that is nothing to be asked about."""

    def _outline(self, cell: int) -> pygame.Rect:
        """Where a cell stands in the window."""
        raise NotImplementedError

    def _explained(self, cell: int) -> tuple[str, Sequence[tuple[str, str]]]:
        """What the click on a cell shows: a title, and rows of two columns."""
        raise NotImplementedError

    def _present(self, curves: Mapping[str, Curve], seconds: float | None = None) -> None:
        """Shows what there is to see now for the time of a frame, or for as long as the user pauses.

        Args:
            curves: what to draw beside the picture, by name.
            seconds: the time of the frame; None takes that of the pace.
        """
        self._curves, self._has_picture = curves, True
        self.answer()
        self._show()
        if seconds is None and self.controls.pace is not None:
            seconds = 1 / self.controls.pace
        if seconds is not None:
            self._due = max(self._due, time.monotonic() - seconds) + seconds
            self._wait(lambda: time.monotonic() < self._due)
        self._wait(lambda: self.controls.paused and not self.controls.step_wanted)
        self.controls.step_wanted = False

    def _wait(self, while_true: Callable[[], bool]) -> None:
        while self.is_open and self.wanted() and not self.controls.restart_wanted and while_true():
            time.sleep(_NAP)
            self.answer()

    def _answer(self, event: pygame.event.Event) -> None:
        if event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            self.controls.click(self._cell_at(*self._pixel_of(event.pos)))
        elif event.type == pygame.KEYDOWN:
            self._press(event.key, with_control=bool(event.mod & pygame.KMOD_CTRL))

    def _pixel_of(self, point: tuple[int, int]) -> tuple[int, int]:
        """Where the mouse was; that is told in points, which are larger than pixels on some screens."""
        (width, height), (across, down) = self._window.size, self._window.points
        return point[0] * width // across, point[1] * height // down

    def _press(self, key: int, with_control: bool) -> None:
        self.controls.notice = None
        if key in self._steering and not with_control:
            self._moves.append(self._steering[key])
        elif key in self._commands:
            self._commands[key]()

    def _restart(self) -> None:
        self.controls.restart_wanted = True
        self._moves.clear()

    def _show(self) -> None:
        if self.is_open and self._has_picture:
            self._window.show(self._composed(self._window.size))

    def _composed(self, size: tuple[int, int]) -> pygame.Surface:
        """All that is seen in a window of a size."""
        if self._surface.get_size() != size:
            self._surface = pygame.Surface(size, depth=32)
        surface, controls, language = self._surface, self.controls, self._language
        height = max(size[1] - BAR_HEIGHT, 1)
        room = round(size[0] * (1 - self._curves_share)), height
        beside = pygame.Rect(room[0], 0, size[0] - room[0], height)
        surface.fill(palette.PAPER)
        if controls.cell is None:
            self._paint(surface, room)
        else:
            self._paint_explained(surface, room, beside, controls.cell)
        if self._curves and beside.width and controls.cell is None:
            draw_curves(surface, beside, self._curves, language)
        if controls.help:
            whole = pygame.Rect(0, 0, size[0], height)
            keys = fitted_card("Keys", self._keys, (size[0] - 8, height - 8), language)
            surface.blit(keys, keys.get_rect(center=whole.center))
        paused = "paused: right arrow makes a step, space goes on"
        notice = controls.notice or ((paused, ()) if controls.paused else None)
        draw_bar(surface, pygame.Rect(0, height, size[0], size[1] - height), notice, language)
        return surface

    def _paint_explained(
        self, surface: pygame.Surface, room: tuple[int, int], beside: pygame.Rect, cell: int
    ) -> None:
        """Draws the picture, a cell of it outlined, and what there is to say of the cell beside it or below.

        The picture makes room: the cells spoken of stay in sight.
        """
        title, rows = self._explained(cell)
        width, height = room[0] + beside.width, room[1]
        if beside.width:
            text = fitted_card(title, rows, beside.size, self._language, _EXPLANATION)
            right = room[0] if text.get_width() <= beside.width else max(width - text.get_width(), 0)
            left, below = (right, height), (0, 0)
        else:
            text = fitted_card(title, rows, (width // 2, height), self._language, _EXPLANATION)
            flat = fitted_card(title, rows, (width, height // 2), self._language, _EXPLANATION)
            left = max(width - text.get_width(), 0), height
            below = width, max(height - flat.get_height(), 0)
        if self._size_in(left) >= self._size_in(below):
            self._paint(surface, left)
            at = text.get_rect(topleft=(left[0] + max((width - left[0] - text.get_width()) // 2, 0), 0))
            at.centery = height // 2
        else:
            self._paint(surface, below)
            text = flat
            at = text.get_rect(midtop=(width // 2, below[1]))
        outline = self._outline(cell)
        pygame.draw.rect(surface, palette.AGENT, outline, width=max(outline.width // 20, 2))
        surface.blit(text, at)

    def _save_picture(self) -> None:
        """Saves the picture, without what the window adds to it, under the first free name."""
        if not self._has_picture:
            return
        number = 1
        while (path := Path(f"gridq-{number:03}.png")).exists():
            number += 1
        try:
            pygame.image.save(self._picture(), path)
            self.controls.notify("saved {}", path.absolute())
        except (pygame.error, OSError) as error:
            self.controls.notify("not saved: {}", error)
