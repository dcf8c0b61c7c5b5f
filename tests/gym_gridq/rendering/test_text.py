"""The board as text: exact strings, so that what a terminal shows is known to the letter."""

# ruff: noqa: RUF001 - the minus signs are meant

from __future__ import annotations

import io
import re
import sys

import gymnasium
import numpy as np
import pytest

import gym_gridq
from gym_gridq import LAYOUTS, Action, Layout
from gym_gridq.drawing import Track
from gym_gridq.rendering.overlay import NOTHING, Overlay
from gym_gridq.rendering.text import Terminal, draw_text

BOOK = LAYOUTS["book"]
PLAIN = Terminal(colours=0)


def exactly(text: str) -> str:
    """The lines of a picture between its first and last line."""
    return text.strip("\n")


def test_board_with_agent_and_trail():
    assert draw_text(BOOK, Track([8, 4, 0], Action.UP), NOTHING, PLAIN) == exactly("""
     0   1   2   3
   ┌───┬───┬───┬───┐
 0 │ ▲ │   │   │ G │
   ├───┼───┼───┼───┤
 1 │ · │███│   │ P │
   ├───┼───┼───┼───┤
 2 │ S │   │   │   │
   └───┴───┴───┴───┘
""")


@pytest.mark.parametrize(
    ("heading", "agent"),
    [(None, "●"), (Action.UP, "▲"), (Action.DOWN, "▼"), (Action.LEFT, "◀"), (Action.RIGHT, "▶")],
)
def test_the_agent_points_where_it_heads(heading, agent):
    assert f"│ {agent} │" in draw_text(BOOK, Track([8], heading), NOTHING, PLAIN)


def test_ascii_where_box_drawing_does_not_get_through():
    text = draw_text(BOOK, Track([8, 4, 0], Action.UP), NOTHING, Terminal(colours=0, unicode=False))
    assert text == exactly("""
     0   1   2   3
   +---+---+---+---+
 0 | ^ |   |   | G |
   +---+---+---+---+
 1 | . |###|   | P |
   +---+---+---+---+
 2 | S |   |   |   |
   +---+---+---+---+
""")


def test_q_values_stand_on_their_sides_and_every_tied_arrow_is_shown():
    solution = gym_gridq.solve(gym_gridq.Dynamics("book"))
    overlay = Overlay.checked(BOOK, q_values=solution.q, status={"episode": 12, "return": -0.5})
    assert draw_text(BOOK, Track([8, 4, 0], Action.UP), overlay, PLAIN) == exactly("""
            0                  1                  2                  3
   ┌──────────────────┬──────────────────┬──────────────────┬──────────────────┐
   │▲      0.73       │       0.81       │       0.90       │                  │
 0 │  0.73  →    0.81 │  0.73  →    0.90 │  0.81  →    1.00 │        G         │
   │       0.66       │       0.81       │       0.81       │                  │
   ├──────────────────┼──────────────────┼──────────────────┼──────────────────┤
   │·      0.73       │██████████████████│       0.90       │P      1.00       │
 1 │  0.66  ↑    0.66 │██████████████████│  0.81  ↑   −0.10 │  0.81  ↑   −0.10 │
   │       0.59       │██████████████████│       0.73       │       0.66       │
   ├──────────────────┼──────────────────┼──────────────────┼──────────────────┤
   │·      0.66       │       0.66       │       0.81       │      −0.10       │
 2 │  0.59  ↑→   0.66 │  0.59  →    0.73 │  0.66  ↑    0.66 │  0.73  ←    0.66 │
   │       0.59       │       0.66       │       0.73       │       0.66       │
   └──────────────────┴──────────────────┴──────────────────┴──────────────────┘
    episode 12 · return −0.5
""")


def test_values_with_a_policy():
    solution = gym_gridq.solve(gym_gridq.Dynamics("book"))
    overlay = Overlay.checked(BOOK, values=solution.v, policy=solution.policy)
    assert draw_text(BOOK, Track([8]), overlay, PLAIN) == exactly("""
         0           1           2           3
   ┌───────────┬───────────┬───────────┬───────────┐
 0 │ →    0.81 │ →    0.90 │ →    1.00 │     G     │
   ├───────────┼───────────┼───────────┼───────────┤
 1 │ ↑    0.73 │███████████│ ↑    0.90 │P↑    1.00 │
   ├───────────┼───────────┼───────────┼───────────┤
 2 │●↑→   0.66 │ →    0.73 │ ↑    0.81 │ ←    0.73 │
   └───────────┴───────────┴───────────┴───────────┘
""")


@pytest.mark.parametrize(("n_rows", "n_columns"), [(1, 2), (2, 5), (3, 6), (2, 13), (30, 30)])
def test_every_line_of_a_board_is_equally_wide(n_rows, n_columns):
    layout = Layout.from_rows(["S" + "." * (n_columns - 2) + "G"] * n_rows)
    q_values = np.random.default_rng(0).uniform(-30, 30, (layout.n_states, 4))
    for overlay in (NOTHING, Overlay.checked(layout, q_values=q_values)):
        _, *board = draw_text(layout, Track([0]), overlay, PLAIN).split("\n")
        assert len({len(line) for line in board}) == 1
        assert sum("┼" in line or "┬" in line for line in board) == n_rows


def test_colours_change_nothing_but_the_colours():
    overlay = Overlay.checked(BOOK, q_values=gym_gridq.solve(gym_gridq.Dynamics("book")).q)
    plain = draw_text(BOOK, Track([8]), overlay, PLAIN)
    for colours in (256, 2**24):
        painted = draw_text(BOOK, Track([8]), overlay, Terminal(colours))
        assert "\x1b[" in painted
        assert re.sub(r"\x1b\[[\d;]*m", "", painted) == plain
    assert "38;2;" in draw_text(BOOK, Track([8]), overlay, Terminal(2**24))
    assert "38;5;" in draw_text(BOOK, Track([8]), overlay, Terminal(256))


class Screen(io.StringIO):
    """A stream that may be a terminal."""

    def __init__(self, encoding: str, tty: bool) -> None:
        super().__init__()
        self._encoding, self._tty = encoding, tty

    @property
    def encoding(self) -> str:
        return self._encoding

    def isatty(self) -> bool:
        return self._tty


@pytest.mark.parametrize(
    ("environment", "tty", "colours"),
    [
        ({"TERM": "xterm"}, True, 256),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, True, 2**24),
        ({"TERM": "xterm", "NO_COLOR": "1"}, True, 0),
        ({"TERM": "dumb"}, True, 0),
        ({"TERM": "xterm"}, False, 0),
        ({"TERM": "xterm", "FORCE_COLOR": "1"}, False, 256),
        ({"TERM": "xterm", "FORCE_COLOR": "1", "NO_COLOR": "1"}, True, 0),
    ],
)
def test_colours_are_there_when_the_terminal_has_them(monkeypatch, environment, tty, colours):
    for name in ("TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert Terminal.of(Screen("utf-8", tty)) == Terminal(colours, unicode=True)


@pytest.mark.parametrize(("environment", "colours"), [({}, 0), ({"WT_SESSION": "1"}, 256)])
def test_the_old_console_of_windows_gets_no_codes(monkeypatch, environment, colours):
    for name in ("WT_SESSION", "ConEmuANSI", "ANSICON", "TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", "win32")
    assert Terminal.of(Screen("utf-8", True)).colours == colours


def test_a_terminal_without_unicode_gets_ascii():
    assert not Terminal.of(Screen("cp1252", False)).unicode
    assert not Terminal.of(Screen("ascii", False)).unicode


def test_the_environment_returns_text():
    env = gymnasium.make("GridQ-v0", render_mode="ansi")
    env.reset()
    env.step(0)
    text = env.render()
    assert isinstance(text, str)
    assert "▲" in text
    assert text == env.render()
