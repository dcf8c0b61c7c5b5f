"""InteractiveWindow: a window that a person can pause, question and close, whatever it shows."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy.typing as npt
import pygame

from gym_gridq.drawing import Language
from gym_gridq.rendering import palette
from gym_gridq.rendering.controls import KEYS, STEERING_KEYS, Controls
from gym_gridq.rendering.panels import draw_card, draw_curves, draw_notice
from gym_gridq.rendering.window import Window

__all__ = ["Explained", "InteractiveWindow"]

_NAP = 0.005
"""Seconds between two looks at the events: a click is answered at once."""


class Explained(NamedTuple):
    """What a click asked for.

    Attributes:
        outline: where it stands in the window.
        title: what it is.
        rows: what there is to say of it, in two columns.
    """

    outline: pygame.Rect
    title: str
    rows: Sequence[tuple[str, str]]


class InteractiveWindow:
    """Keys, pauses, cards and curves around a picture, which is for heirs to draw.

    An heir hands what it shows to `_present`, and draws it in `_paint`; where a click means something, it
    says what in `_cell_at` and `_explained`. Once the window is closed, everything here does nothing and
    takes no time.

    Args:
        size: ``(width, height)`` in pixels that the picture opens with.
        icon: what stands for the window among others.
        pace: frames a second; None never waits.
        with_curves: whether to keep room for curves beside the picture.
        steering: keys with which a person makes the moves, and the actions they mean; see `ask`.
        language: of the words.

    Attributes:
        controls: what the user has asked for.

    Raises:
        DisplayUnavailable: where there is no screen.
    """

    def __init__(
        self,
        size: tuple[int, int],
        icon: pygame.Surface,
        pace: float | None = 4.0,
        with_curves: bool = False,
        steering: Mapping[int, int] | None = None,
        language: Language = "en",
    ) -> None:
        controls = self.controls = Controls(pace)
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
        self._language = language
        self._steering = steering or {}
        self._moves: deque[int] = deque()
        self._curves: Mapping[str, npt.ArrayLike] = {}
        self._curves_share = 0.4 if with_curves else 0.0
        self._window = Window("GridQ", (max(round(size[0] / (1 - self._curves_share)), 240), size[1]), icon)
        self._surface = pygame.Surface((0, 0), depth=32)  # of the whole window, drawn on again and again
        self._has_picture = False
        self._due = time.monotonic()

    @property
    def is_open(self) -> bool:
        """Whether the user has not closed it."""
        return self._window.is_open

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
        """Draws the picture into the ``(width, height)`` of the surface that is left of the curves."""
        raise NotImplementedError

    def _picture(self) -> pygame.Surface:
        """The picture alone, as it is saved."""
        raise NotImplementedError

    def _cell_at(self, x: int, y: int) -> int | None:
        """What lies under a pixel of the window, by number; None if that is nothing to be asked about."""

    def _explained(self, cell: int) -> Explained | None:
        """What the click on a cell shows."""

    def _present(self, curves: Mapping[str, npt.ArrayLike]) -> None:
        """Shows what there is to see now for the time of a frame, or for as long as the user pauses."""
        self._curves, self._has_picture = curves, True
        self.answer()
        self._show()
        if self.controls.pace is not None:
            pause = 1 / self.controls.pace
            self._due = max(self._due, time.monotonic() - pause) + pause
            self._wait(lambda: time.monotonic() < self._due)
        self._wait(lambda: self.controls.paused and not self.controls.step_wanted)
        self.controls.step_wanted = False

    def _wait(self, while_true: Callable[[], bool]) -> None:
        while self.is_open and not self.controls.restart_wanted and while_true():
            time.sleep(_NAP)
            self.answer()

    def _answer(self, event: pygame.event.Event) -> None:
        if event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            size, points = self._window.size, self._window.points
            x, y = event.pos  # in points, which are larger than pixels on some screens
            self.controls.click(self._cell_at(x * size[0] // points[0], y * size[1] // points[1]))
        elif event.type == pygame.KEYDOWN:
            self._press(event.key, with_control=bool(event.mod & pygame.KMOD_CTRL))

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
        surface, room = self._surface, round(size[0] * (1 - self._curves_share))
        surface.fill(palette.PAPER)
        self._paint(surface, (room, size[1]))
        if self._curves and self._curves_share:
            beside = pygame.Rect(room, 0, size[0] - room, size[1])
            draw_curves(surface, beside, self._curves, self._language)
        self._draw_cards(surface)
        return surface

    def _draw_cards(self, surface: pygame.Surface) -> None:
        controls, language = self.controls, self._language
        if controls.help:
            draw_card(surface, "Keys", STEERING_KEYS if self._steering else KEYS, language=language)
        elif controls.cell is not None and (explained := self._explained(controls.cell)) is not None:
            outline, title, rows = explained
            pygame.draw.rect(surface, palette.AGENT, outline, width=max(outline.width // 20, 2))
            draw_card(surface, title, rows, beside=outline.centery, language=language)
        if controls.notice is not None:
            draw_notice(surface, *controls.notice, language=language)
        elif controls.paused:
            paused = "paused: right arrow makes a step, space goes on"
            draw_notice(surface, paused, language=language)

    def _save_picture(self) -> None:
        """Saves what the window shows, without its cards, under the first free name."""
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
