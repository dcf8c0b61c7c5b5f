"""The board that is edited: strokes, undo, and what is saved, under the mouse of a real window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import gym_gridq
from gym_gridq import LAYOUTS, Action, Dynamics, Layout
from gym_gridq.drawing import DEFAULT_STYLE, Track
from gym_gridq.rendering.windows.editor import MapEditor

BOOK = LAYOUTS["book"]


def test_strokes_are_undone_and_made_again_as_a_whole():
    editor = MapEditor(BOOK)
    for state in (4, 5, 6):  # one stroke; the middle one is a wall already
        editor.paint(state)
    editor.end_stroke()
    assert editor.change_reward(7, -3) == ("P", -1.3)
    assert editor.layout.rows == ("...G", "###P", "S...")
    assert editor.undo()
    assert editor.layout.rewards["P"] == -1
    assert editor.undo()
    assert editor.layout == BOOK
    assert not editor.undo()
    assert editor.redo()
    assert editor.redo()
    assert not editor.redo()
    assert editor.layout.rewards["P"] == -1.3
    editor.undo()
    editor.paint(0)  # what was taken back is forgotten
    assert not editor.redo()


@pytest.mark.parametrize(("state", "what"), [(8, "no start"), (3, "no goal")])
def test_no_edit_leaves_a_map_that_cannot_be_played(state, what):
    editor = MapEditor(BOOK)
    with pytest.raises(ValueError, match=f"the layout has {what}"):
        editor.paint(state, "#")
    assert editor.layout == BOOK
    assert not editor.undo()


@pytest.mark.parametrize(
    ("side", "grown", "shrunk"),
    [
        (Action.UP, ("....", "...G", ".#.P", "S..."), "no goal"),
        (Action.DOWN, ("...G", ".#.P", "S...", "...."), "no start"),
        (Action.LEFT, ("....G", "..#.P", ".S..."), "no start"),
        (Action.RIGHT, ("...G.", ".#.P.", "S...."), "no goal"),
    ],
)
def test_a_map_grows_and_shrinks_at_every_side(side, grown, shrunk):
    editor = MapEditor(BOOK)
    assert editor.resize(side, grow=True)
    assert editor.layout.rows == grown
    assert editor.resize(side, grow=False)
    assert editor.layout == BOOK
    with pytest.raises(ValueError, match=f"the layout has {shrunk}"):
        editor.resize(side, grow=False)
    assert editor.undo()
    assert editor.layout.rows == grown  # each change is undone by itself


def test_a_map_keeps_a_row_and_does_not_grow_for_ever():
    editor = MapEditor(Layout.from_rows(["S" + 98 * "." + "G"], {".": -0.1}))
    with pytest.raises(ValueError, match="a map has 1 to 100 rows"):
        editor.resize(Action.UP, grow=False)
    with pytest.raises(ValueError, match="a map has 1 to 100 columns"):
        editor.resize(Action.LEFT, grow=True)
    assert editor.resize(Action.DOWN, grow=True)
    assert editor.layout.rows[1] == 100 * "."
    assert editor.layout.rewards["."] == -0.1


def test_a_wall_has_no_reward_to_change():
    assert MapEditor(BOOK).change_reward(5, 1) is None


def test_maps_are_saved_under_names_of_their_own(tmp_path):
    editor = MapEditor(BOOK)
    editor.paint(6)
    assert not editor.is_saved
    (tmp_path / "map-001.txt").write_text("mine")
    assert editor.save(tmp_path) == tmp_path / "map-002.txt"
    assert editor.is_saved
    assert editor.save(tmp_path) == tmp_path / "map-003.txt"
    assert (tmp_path / "map-001.txt").read_text() == "mine"
    assert Layout.from_text((tmp_path / "map-002.txt").read_text()) == editor.layout


@pytest.fixture
def window(screen, tmp_path, monkeypatch):
    from gym_gridq.rendering.windows.play_window import PlayWindow

    monkeypatch.chdir(tmp_path)
    window = PlayWindow(Dynamics("book"), DEFAULT_STYLE, 0.9)
    window.draw([Track([8])])
    yield window
    window.close()


def post(window, kind, **details):
    import pygame

    pygame.event.post(pygame.event.Event(kind, window=window._window._window, **details))
    window.answer()


def press(window, key, mod=0):
    import pygame

    post(window, pygame.KEYDOWN, key=pygame.key.key_code(key), mod=mod)


def drag(window, *states, button=1):
    """The mouse goes down on the first cell and over the others."""
    import pygame

    points = [window._outline(state).center for state in states]
    post(window, pygame.MOUSEBUTTONDOWN, button=button, pos=points[0])
    buttons = (button == 1, 0, button == 3)
    for point in points[1:]:
        post(window, pygame.MOUSEMOTION, pos=point, rel=(1, 0), buttons=buttons)
    post(window, pygame.MOUSEBUTTONUP, button=button, pos=points[-1])


def test_the_mouse_paints_and_the_optimum_follows(window):
    import pygame

    press(window, "e")
    drag(window, 6, 10)  # the wall's tool
    assert window.editor.layout.rows == ("...G", ".##P", "S.#.")
    expected = gym_gridq.solve(Dynamics(window.editor.layout)).q
    assert (window._overlay.q_values == expected).all()
    press(window, "3")
    drag(window, 0)
    drag(window, 6, button=3)
    assert window.editor.layout.rows == ("P..G", ".#.P", "S.#.")
    press(window, "z", pygame.KMOD_CTRL)
    press(window, "z", pygame.KMOD_CTRL)
    press(window, "y", pygame.KMOD_CTRL)
    assert window.editor.layout.rows == ("P..G", ".##P", "S.#.")
    assert (window._overlay.q_values == gym_gridq.solve(Dynamics(window.editor.layout)).q).all()


def test_tools_are_chosen_with_the_mouse(window):
    import pygame

    press(window, "e")
    tools = window._toolbar
    for number, letter in enumerate(".#PGHS"):
        at = tools.left + 16 + 40 * number + 20, tools.top + 36
        post(window, pygame.MOUSEBUTTONDOWN, button=1, pos=at)
        assert window.editor.tool == letter
    assert window.editor.layout == BOOK


def test_keys_make_the_map_larger_and_smaller(window):
    import pygame

    press(window, "e")
    before = window._scene.geometry.cell_size
    press(window, "up", pygame.KMOD_LCTRL)
    press(window, "right", pygame.KMOD_RCTRL)
    assert window.editor.layout.rows == (".....", "...G.", ".#.P.", "S....")
    assert (window._overlay.q_values == gym_gridq.solve(Dynamics(window.editor.layout)).q).all()
    assert window._scene.geometry.cell_size < before  # it stays in the window
    drag(window, 4)
    assert window.editor.layout.rows[0] == "....#"
    press(window, "up", pygame.KMOD_LSHIFT)
    assert window.editor.layout.rows == ("...G.", ".#.P.", "S....")
    press(window, "left", pygame.KMOD_LSHIFT)
    assert str(window.controls.notice[1][0]).startswith("the layout has no start")
    press(window, "z", pygame.KMOD_LCTRL)
    assert window.editor.layout.rows[0] == "....#"
    press(window, "e")
    assert window.ask() is None
    assert window.take_map().rows == ("....#", "...G.", ".#.P.", "S....")


def test_a_bad_map_is_said_in_words_and_not_made(window):
    press(window, "e")
    drag(window, 8)
    assert str(window.controls.notice[1][0]).startswith("the layout has no start")
    assert window.editor.layout == BOOK


def test_the_wheel_sets_the_reward_of_such_cells(window, monkeypatch):
    import pygame

    press(window, "e")
    monkeypatch.setattr(pygame.mouse, "get_pos", lambda: window._outline(7).center)
    post(window, pygame.MOUSEWHEEL, x=0, y=-2)
    assert window.editor.layout.rewards["P"] == -1.2
    assert window.controls.notice == ("reward of {}: {}", ("P", "\N{MINUS SIGN}1.2"))
    assert window._dynamics.reward[6, 3] == -1.2


def test_what_was_edited_is_played_on_and_can_be_made_again_from_its_file(window):
    press(window, "e")
    assert window.take_map() is None
    drag(window, 6)
    press(window, "s")
    assert window.saved == [Path("map-001.txt")]
    press(window, "e")
    assert window.ask() is None
    layout = window.take_map()
    assert layout == Layout.from_text(Path("map-001.txt").read_text())
    press(window, "up")
    assert window.ask() == 0


def test_keys_of_moving_do_nothing_while_editing(window):
    press(window, "e")
    for key in ("up", "w", "r"):
        press(window, key)
    assert not window._moves
    assert not window.take_restart()


def test_with_discount_1_a_map_of_infinite_worth_is_said(screen):
    from gym_gridq.rendering.windows.play_window import PlayWindow

    window = PlayWindow(Dynamics("book"), DEFAULT_STYLE, 1.0)
    window.draw([Track([8])])
    press(window, "e")
    window.show_map(Layout.from_rows(["...G", ".#.P", "S..."], {".": 1.0}))
    assert window.controls.notice is not None
    assert not window._overlay.has_numbers
    assert np.asarray(window._tracks[0].trail).tolist() == [8]
    window.close()
