"""Controls: what the keys of a window do. Knows no pygame, so that every one of them is tested by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gym_gridq.drawing import Mode

__all__ = ["EDITING_KEYS", "GUEST_KEYS", "KEYS", "SPEEDS", "STEERING_KEYS", "Controls", "Keys"]

Keys = tuple[tuple[str, str], ...]
"""What a window says when asked for its keys: each key, and what it does."""

KEYS: Keys = (
    ("space", "pause, go on"),
    ("right arrow", "one step, while paused"),
    ("+  -", "faster, slower"),
    ("Q", "Q-values, or nothing"),
    ("V", "values, or nothing"),
    ("P", "policy, or nothing"),
    ("click", "Bellman backup of a cell"),
    ("R", "restart the episode"),
    ("S", "save a picture"),
    ("H", "these keys"),
    ("Esc", "close"),
)
"""Those of a window on a board."""

GUEST_KEYS: Keys = (*KEYS[:3], *KEYS[7:])
"""Those of a window on a world of others, of which we know nothing but its pictures."""

STEERING_KEYS: Keys = (
    ("arrows, WASD", "move"),
    *KEYS[3:8],
    ("E", "edit the map"),
    ("Ctrl+S", "save a picture"),
    *KEYS[9:],
)
"""Those of a board where a person steers."""

EDITING_KEYS: Keys = (
    ("1 - 6", "floor, wall, pit, goal, hole, start"),
    ("click, drag", "paint"),
    ("right button", "erase"),
    ("wheel", "reward of such cells"),
    ("Ctrl+arrows", "a row or column more"),
    ("Shift+arrows", "a row or column less"),
    ("Ctrl+Z, Ctrl+Y", "undo, redo"),
    *KEYS[3:6],
    ("S", "save the map"),
    ("E", "play on this map"),
    *KEYS[9:],
)
"""Those of a board that is being edited."""

SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)


@dataclass
class Controls:
    """What the user of a window has asked for.

    Attributes:
        pace: frames a second, or whatever the unit says; None for as fast as it goes.
        paused: whether to stand still.
        mode: what to lay over the board: Q-values, values, the policy, or nothing.
        help: whether the keys are shown.
        cell: the cell whose backup is shown, or None.
        notice: a line to show until the next key, in English, and what fills in its braces; or None.
        step_wanted: whether to make one step although paused; the step takes it back.
        restart_wanted: whether to begin a new episode; whoever does so takes it back.
        speeds: the paces that faster and slower go through, ascending.
        unit: what is said of a pace, in English, with braces for the number.
    """

    pace: float | None = 4.0
    paused: bool = False
    mode: Mode = "q"
    help: bool = False
    cell: int | None = None
    notice: tuple[str, tuple[Any, ...]] | None = None
    step_wanted: bool = False
    restart_wanted: bool = False
    speeds: tuple[float, ...] = SPEEDS
    unit: str = "{:g} steps a second"

    def pause(self) -> None:
        """Stands still, or goes on."""
        self.paused = not self.paused

    def step(self) -> None:
        """Makes one step; while paused only."""
        self.step_wanted = self.paused

    def faster(self) -> None:
        """Goes to the next higher speed; beyond the last there is no waiting at all."""
        if self.pace is not None:
            self.pace = next((speed for speed in self.speeds if speed > self.pace), None)
        self._tell_speed()

    def slower(self) -> None:
        """Goes to the next lower speed."""
        pace = float("inf") if self.pace is None else self.pace
        self.pace = next((speed for speed in reversed(self.speeds) if speed < pace), self.speeds[0])
        self._tell_speed()

    def switch(self, mode: Mode) -> None:
        """Chooses what to lay over the board; choosing it again takes it away."""
        self.mode = "none" if self.mode == mode else mode

    def switch_help(self) -> None:
        """Shows the keys, or puts them away."""
        self.help = not self.help

    def click(self, cell: int | None) -> None:
        """Chooses the cell whose backup is shown; clicking it again, or beside the board, takes it away."""
        self.cell = None if cell == self.cell else cell

    def notify(self, text: str, *values: Any) -> None:
        """Shows a line until the next key, translated if it is one of ours."""
        self.notice = text, values

    def _tell_speed(self) -> None:
        if self.pace is None:
            self.notify("full speed")
        else:
            self.notify(self.unit, self.pace)
