"""PlayWindow: a board on which a person makes the moves, and which the mouse turns into another map."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pygame

from gym_gridq.drawing import DrawingStyle, Track
from gym_gridq.dynamics import Dynamics
from gym_gridq.layout import Layout
from gym_gridq.rendering import palette
from gym_gridq.rendering.canvas import label
from gym_gridq.rendering.geometry import Geometry
from gym_gridq.rendering.layers import draw_cell
from gym_gridq.rendering.numerals import signed
from gym_gridq.rendering.overlay import Overlay
from gym_gridq.rendering.scene import Scene
from gym_gridq.rendering.windows.controls import EDITING_KEYS, STEERING_KEYS
from gym_gridq.rendering.windows.editor import TOOLS, MapEditor
from gym_gridq.rendering.windows.grid_window import ARROW_KEYS, GridWindow, optimum

__all__ = ["PlayWindow"]

_TOOL_SIZE = 40
_TOOLBAR = 64
"""Height of the row of tools below the board, in pixels."""

_TOOLS = Geometry(Layout.from_rows([TOOLS]), _TOOL_SIZE)


class PlayWindow(GridWindow):
    """A board to play on. E makes it one to edit: what is painted is solved at once, and then played on.

    Args:
        dynamics: the world.
        style: how to draw it.
        discount: of the optimum.

    Attributes:
        editor: the map, and what was done to it.
        saved: files that it was saved in.

    Raises:
        DisplayUnavailable: where there is no screen.
    """

    def __init__(self, dynamics: Dynamics, style: DrawingStyle, discount: float) -> None:
        super().__init__(dynamics, style, pace=None, steered=True)
        self.controls.mode = "none"  # the hint comes when asked for
        self.editor = MapEditor(dynamics.layout)
        self.saved: list[Path] = []
        self._discount = discount
        self._is_editing = False
        self._new_map: Layout | None = None
        self.add_key("e", self._switch_editing)
        self._toolbar = pygame.Rect(0, 0, 0, 0)

    def take_map(self) -> Layout | None:
        """The map to play on from now on, if it was edited since the last call."""
        layout, self._new_map = self._new_map, None
        return layout

    def ask(self) -> int | None:
        """Waits for the user to make a move; None for a restart, another map, or the end of the window."""
        self._wait(lambda: not self._moves and self._new_map is None)
        if self._new_map is not None or self.controls.restart_wanted or not self._moves:
            return None
        return self._moves.popleft()

    def show_map(self, layout: Layout) -> None:
        """Shows a map with its optimum, its agent on the first start."""
        before = self._dynamics
        self._dynamics = Dynamics(layout, before.slip, before.step_reward, before.random_start)
        self._tiles = self._tiles._replace(geometry=Geometry(layout, self._tiles.geometry.cell_size))
        self._scene = Scene(self._tiles.geometry, self._language)
        start = int(self._dynamics.start_states[0])
        self._tracks, self._overlay = [Track([start])], Overlay(discount=self._discount)
        try:
            q_star = optimum(self._dynamics, self._discount)
        except ValueError as error:  # with discount 1 some maps are worth infinitely much
            self.controls.notify("{}", error)
            return
        value = float(np.max(q_star[start]))
        self._overlay = Overlay.checked(layout, q_star, status={"value": value}, discount=self._discount)

    def _switch_editing(self) -> None:
        self._is_editing = not self._is_editing
        self.controls.cell = None
        self._moves.clear()
        if self._is_editing:
            self._keys = EDITING_KEYS
            self.controls.mode = "q"
            self.controls.notify("editing: paint with the mouse, S saves, E plays")
            self.show_map(self.editor.layout)
        else:
            self._keys = STEERING_KEYS
            self._new_map = self.editor.layout

    def _press(self, key: int, with_control: bool) -> None:
        if not self._is_editing:
            super()._press(key, with_control)
            return
        self.controls.notice = None
        number = key - pygame.K_1
        if key == pygame.K_z and with_control:
            self._changed(self.editor.undo())
        elif key == pygame.K_y and with_control:
            self._changed(self.editor.redo())
        elif key == pygame.K_s:
            self._save_map()
        elif 0 <= number < len(TOOLS):
            self.editor.tool = TOOLS[number]
        elif key in (pygame.K_q, pygame.K_v, pygame.K_p, pygame.K_h, pygame.K_e, pygame.K_ESCAPE):
            self._commands[key]()

    def _answer(self, event: pygame.event.Event) -> None:
        if not self._is_editing:
            super()._answer(event)
        elif event.type == pygame.KEYDOWN:
            if event.key in ARROW_KEYS and event.mod & (pygame.KMOD_CTRL | pygame.KMOD_SHIFT):
                self._edit(self.editor.resize, ARROW_KEYS[event.key], bool(event.mod & pygame.KMOD_CTRL))
            else:
                super()._answer(event)
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button in (1, 3):
            self.editor.end_stroke()
            self._paint_cell(event, erase=event.button == 3)
        elif event.type == pygame.MOUSEMOTION and (event.buttons[0] or event.buttons[2]):
            self._paint_cell(event, erase=not event.buttons[0])
        elif event.type == pygame.MOUSEWHEEL:
            self._change_reward(event.y)

    def _paint_cell(self, event: pygame.event.Event, erase: bool) -> None:
        x, y = self._pixel_of(event.pos)
        tool = _TOOLS.state_at(x - self._toolbar.left, y - self._toolbar.top)
        if tool is not None:
            self.editor.tool = TOOLS[tool]
            return
        cell = self._cell_at(x, y)
        if cell is not None:
            self._edit(self.editor.paint, cell, "." if erase else None)

    def _change_reward(self, n_steps: int) -> None:
        cell = self._cell_at(*self._pixel_of(pygame.mouse.get_pos()))
        if cell is None:
            return
        self.editor.end_stroke()
        changed = self._edit(self.editor.change_reward, cell, n_steps)
        if changed is not None:
            self.controls.notify("reward of {}: {}", changed[0], signed(changed[1]))

    def _edit(self, change: Callable[..., Any], *arguments: Any) -> Any:
        """Changes the map, or says why that makes none; returns what the editor says of the change."""
        try:
            told = change(*arguments)
        except ValueError as error:
            self.controls.notify("{}", error)
            return None
        self._changed(bool(told))
        return told

    def _changed(self, is_another: bool) -> None:
        if is_another:
            self.controls.notice = None
            self.show_map(self.editor.layout)

    def _save_map(self) -> None:
        try:
            self.saved.append(self.editor.save(Path()))
            self.controls.notify("saved {}", f"{self.saved[-1]}: --env-arg layout={self.saved[-1]}")
        except OSError as error:
            self.controls.notify("not saved: {}", error)

    def _paint(self, surface: pygame.Surface, room: tuple[int, int]) -> None:
        if not self._is_editing:
            self._toolbar = pygame.Rect(0, 0, 0, 0)
            super()._paint(surface, room)
            return
        super()._paint(surface, (room[0], max(room[1] - _TOOLBAR, 1)))
        self._toolbar = pygame.Rect((room[0] - _TOOLS.width) // 2, room[1] - _TOOLBAR, _TOOLS.width, _TOOLBAR)
        surface.fill(palette.PAPER, (0, self._toolbar.top, room[0], _TOOLBAR))
        tools = surface.subsurface(self._toolbar.clip(surface.get_rect()))
        with_rewards = Geometry(Layout.from_rows([TOOLS], self.editor.layout.rewards), _TOOL_SIZE)
        for number, letter in enumerate(TOOLS):
            draw_cell(tools, with_rewards, number, self._language)
            x, y = _TOOLS.corners[number]
            name = label(str(number + 1), 15, palette.FAINT_INK)
            tools.blit(name, name.get_rect(midbottom=(x + _TOOL_SIZE // 2, y - 1)))
            if letter == self.editor.tool:
                pygame.draw.rect(tools, palette.AGENT, (x, y, _TOOL_SIZE, _TOOL_SIZE), width=3)
