"""View: a window on the world that a person can pause, question and close."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy.typing as npt
import pygame

from gym_gridq.layout import Action, Layout
from gym_gridq.rendering import palette, sprites
from gym_gridq.rendering.backup import Explanation
from gym_gridq.rendering.cards import draw_card, draw_notice
from gym_gridq.rendering.controls import KEYS, STEERING_KEYS, Controls
from gym_gridq.rendering.curves import draw_curves
from gym_gridq.rendering.geometry import Geometry, checked_cell_size
from gym_gridq.rendering.language import Language, translated
from gym_gridq.rendering.overlay import NOTHING, Overlay
from gym_gridq.rendering.scene import Scene
from gym_gridq.rendering.window import Window

__all__ = ["STEERING", "View"]

_NAP = 0.005
"""Seconds between two looks at the events: a click is answered at once."""

STEERING = {
    pygame.K_UP: Action.UP,
    pygame.K_w: Action.UP,
    pygame.K_DOWN: Action.DOWN,
    pygame.K_s: Action.DOWN,
    pygame.K_LEFT: Action.LEFT,
    pygame.K_a: Action.LEFT,
    pygame.K_RIGHT: Action.RIGHT,
    pygame.K_d: Action.RIGHT,
}
"""The keys of those who make the moves themselves."""


class _Drawn(NamedTuple):
    """What was drawn last, to draw it again."""

    state: int
    heading: Action | None
    trail: Sequence[int]
    overlay: Overlay
    curves: Mapping[str, npt.ArrayLike]


class View:
    """A window on a layout. Once it is closed, everything here does nothing and takes no time.

    Args:
        layout: the map.
        cell_size: side of a cell in pixels at first; None suits it to the map. The board then follows the
            size of the window.
        pace: frames a second; None never waits.
        explain: what a click on a cell shows; None shows nothing.
        with_curves: whether to keep room for curves beside the board.
        steered: whether a person makes the moves, see `ask`.
        language: of the words.

    Attributes:
        controls: what the user has asked for.

    Raises:
        DisplayUnavailable: where there is no screen.
    """

    def __init__(
        self,
        layout: Layout,
        cell_size: int | None = None,
        pace: float | None = 4.0,
        explain: Callable[[int], Explanation] | None = None,
        with_curves: bool = False,
        steered: bool = False,
        language: Language = "en",
    ) -> None:
        geometry = Geometry(layout, checked_cell_size(layout, cell_size))
        self.controls = Controls(pace, language=language)
        self._explain, self._language = explain, language
        self._curves_share = 0.4 if with_curves else 0.0
        self._steered = steered
        self._moves: deque[Action] = deque()
        width = max(round(geometry.width / (1 - self._curves_share)), 240)
        self._window = Window("GridQ", (width, geometry.height), icon=sprites.agent(64, None))
        self._scene = Scene(geometry, self._language)
        self._picture = pygame.Surface((0, 0), depth=32)  # of the whole window, drawn on again and again
        self._drawn: _Drawn | None = None
        self._overlay_seen: tuple[Overlay, str, Overlay] | None = None
        self._due = time.monotonic()

    @property
    def is_open(self) -> bool:
        """Whether the user has not closed it."""
        return self._window.is_open

    def draw(
        self,
        state: int,
        heading: Action | None = None,
        trail: Sequence[int] = (),
        overlay: Overlay = NOTHING,
        curves: Mapping[str, npt.ArrayLike] | None = None,
    ) -> None:
        """Shows the world for the time of a frame, or for as long as the user pauses.

        Args:
            state: where the agent stands.
            heading: the move it made last, or None.
            trail: cells it has stood on, the oldest first and the present one last.
            overlay: what to lay over the board.
            curves: what to draw beside the board, by name.
        """
        self._drawn = _Drawn(state, heading, tuple(trail), overlay, curves or {})
        self.answer()
        self._show()
        if self.controls.pace is not None:
            pause = 1 / self.controls.pace
            self._due = max(self._due, time.monotonic() - pause) + pause
            self._wait(lambda: time.monotonic() < self._due)
        self._wait(lambda: self.controls.paused and not self.controls.step_wanted)
        self.controls.step_wanted = False

    def hold(self, seconds: float) -> None:
        """Keeps what is shown in sight for a while."""
        end = time.monotonic() + seconds
        self._wait(lambda: time.monotonic() < end)

    def ask(self) -> Action | None:
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

    def _wait(self, while_true: Callable[[], bool]) -> None:
        while self.is_open and not self.controls.restart_wanted and while_true():
            time.sleep(_NAP)
            self.answer()

    def _answer(self, event: pygame.event.Event) -> None:
        if event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            self.controls.click(self._cell_at(*event.pos))
        elif event.type == pygame.KEYDOWN:
            self._press(event.key, with_control=bool(event.mod & pygame.KMOD_CTRL))

    def _press(self, key: int, with_control: bool) -> None:
        controls = self.controls
        controls.notice = None
        if self._steered and key in STEERING and not with_control:
            self._moves.append(STEERING[key])
        elif key == pygame.K_ESCAPE:
            self.close()
        elif key == pygame.K_SPACE:
            controls.pause()
        elif key == pygame.K_RIGHT:
            controls.step()
        elif key in (pygame.K_PLUS, pygame.K_EQUALS, pygame.K_KP_PLUS):
            controls.faster()
        elif key in (pygame.K_MINUS, pygame.K_KP_MINUS):
            controls.slower()
        elif key == pygame.K_q:
            controls.switch("q")
        elif key == pygame.K_v:
            controls.switch("v")
        elif key == pygame.K_p:
            controls.switch("p")
        elif key == pygame.K_r:
            controls.restart_wanted = True
            self._moves.clear()
        elif key == pygame.K_h:
            controls.help = not controls.help
        elif key == pygame.K_s:
            self._save_picture()

    def _cell_at(self, x: int, y: int) -> int | None:
        size, (left, top) = self._window.size, self._picture_corner()
        points = self._window.points  # events tell points, which are larger than pixels on some screens
        return self._scene.geometry.state_at(x * size[0] // points[0] - left, y * size[1] // points[1] - top)

    def _picture_corner(self) -> tuple[int, int]:
        """Where the board's picture lies in the window, in pixels."""
        width, height = self._window.size
        room = round(width * (1 - self._curves_share))
        geometry = self._scene.geometry
        return max((room - geometry.width) // 2, 0), max((height - geometry.height) // 2, 0)

    def _show(self) -> None:
        if not self.is_open or self._drawn is None:
            return
        picture = self._composed(self._window.size)
        self._window.show(picture)

    def _composed(self, size: tuple[int, int]) -> pygame.Surface:
        """The whole picture of the window."""
        assert self._drawn is not None
        state, heading, trail, overlay, curves = self._drawn
        room = round(size[0] * (1 - self._curves_share))
        geometry = Geometry.fitting(self._scene.geometry.layout, (room, size[1]))
        if geometry.cell_size != self._scene.geometry.cell_size:
            self._scene = Scene(geometry, self._language)
        if self._picture.get_size() != size:
            self._picture = pygame.Surface(size, depth=32)
        picture = self._picture
        picture.fill(palette.PAPER)
        board = self._scene.picture(state, heading, trail, self._seen(overlay))
        picture.blit(board, self._picture_corner())
        if curves and self._curves_share:
            beside = pygame.Rect(room, 0, size[0] - room, size[1])
            draw_curves(picture, beside, curves, self._language)
        self._draw_cards(picture)
        return picture

    def _seen(self, overlay: Overlay) -> Overlay:
        """The overlay in the chosen mode; the same object for the same input, so that it is laid once."""
        mode = self.controls.mode
        if self._overlay_seen is None or self._overlay_seen[:2] != (overlay, mode):
            self._overlay_seen = overlay, mode, self.controls.seen(overlay)
        return self._overlay_seen[2]

    def _draw_cards(self, picture: pygame.Surface) -> None:
        controls, language = self.controls, self._language
        if controls.help:
            keys = [
                (translated(key, language), translated(what, language))
                for key, what in (STEERING_KEYS if self._steered else KEYS)
            ]
            draw_card(picture, translated("Keys", language), keys, language=language)
        elif controls.cell is not None and self._explain is not None:
            (left, top), (x, y) = self._picture_corner(), self._scene.geometry.corners[controls.cell]
            size = self._scene.geometry.cell_size
            pygame.draw.rect(
                picture, palette.AGENT, (left + x, top + y, size, size), width=max(size // 20, 2)
            )
            title, rows = self._explain(controls.cell)
            draw_card(picture, title, rows, beside=top + y + size // 2, language=language)
        if controls.notice is not None:
            draw_notice(picture, controls.notice, language)
        elif controls.paused:
            paused = translated("paused: right arrow makes a step, space goes on", language)
            draw_notice(picture, paused, language)

    def _save_picture(self) -> None:
        """Saves what the window shows, without its cards, under the first free name."""
        if self._drawn is None:
            return
        state, heading, trail, overlay, _ = self._drawn
        number = 1
        while (path := Path(f"gridq-{number:03}.png")).exists():
            number += 1
        try:
            pygame.image.save(self._scene.picture(state, heading, trail, self._seen(overlay)), path)
            self.controls.notice = translated("saved {}", self._language).format(path.absolute())
        except (pygame.error, OSError) as error:
            self.controls.notice = translated("not saved: {}", self._language).format(error)
