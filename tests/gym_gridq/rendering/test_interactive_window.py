"""The window under the hands of a user: keys, clicks and pauses, with real events in a real window."""

from __future__ import annotations

import threading
import time

import gymnasium
import numpy as np
import pytest

import gym_gridq
from gym_gridq import LAYOUTS, Action, Dynamics
from gym_gridq.drawing import DrawingStyle, Track
from gym_gridq.rendering import Overlay, palette

BOOK = LAYOUTS["book"]
Q_STAR = gym_gridq.solve(Dynamics("book")).q
OVERLAY = Overlay.checked(BOOK, Q_STAR, status={"step": 1})


def opened(cell_size, **options):
    from gym_gridq.rendering.grid_window import GridWindow

    return GridWindow(Dynamics("book"), DrawingStyle(cell_size), pace=None, **options)


@pytest.fixture
def view(screen):
    view = opened(60)
    view.draw([Track([8])], OVERLAY)
    yield view
    view.close()


def post(view, kind, **details):
    import pygame

    pygame.event.post(pygame.event.Event(kind, window=view._window._window, **details))


def press(view, *keys):
    import pygame

    for key in keys:
        post(view, pygame.KEYDOWN, key=pygame.key.key_code(key), mod=0)


def click(view, state):
    import pygame

    x, y = view._scene.geometry.centres[state]
    left, top = view._corner
    post(view, pygame.MOUSEBUTTONDOWN, button=1, pos=(left + x, top + y))


def shown(view):
    """What the window shows, (height, width, 3)."""
    import pygame

    return pygame.surfarray.array3d(view._window._window.get_surface()).swapaxes(0, 1).copy()


def later(do):
    """Does something from another thread, while the view waits in this one."""
    thread = threading.Timer(0.05, do)
    thread.start()
    return thread


def test_a_pause_lasts_until_the_space_bar(view):
    press(view, "space")
    view.answer()
    assert view.controls.paused
    thread = later(lambda: press(view, "space"))
    view.draw([Track([4])], OVERLAY)  # comes back only because of the key
    thread.join()
    assert not view.controls.paused


def test_the_right_arrow_lets_one_step_through(view):
    press(view, "space")
    view.answer()
    for state in (4, 0):
        thread = later(lambda: press(view, "right"))
        view.draw([Track([state])], OVERLAY)
        thread.join()
        assert view.controls.paused
        assert view._tracks[0].state == state


def test_a_restart_and_the_close_button_end_a_pause(view):
    press(view, "space", "r")
    view.draw([Track([4])], OVERLAY)
    assert view.take_restart()
    assert not view.take_restart()
    thread = later(lambda: press(view, "escape"))
    view.draw([Track([0])], OVERLAY)
    thread.join()
    assert not view.is_open


def test_overlay_keys_change_the_picture(view):
    pictures = {"q": shown(view)}
    for key in ("v", "p", "p", "q"):
        press(view, key)
        view.answer()
        pictures[key + view.controls.mode] = shown(view)
    assert list(pictures) == ["q", "vv", "pp", "pnone", "qq"]
    assert (pictures["q"] == pictures["qq"]).all()
    different = [pictures[name].tobytes() for name in ("q", "vv", "pp", "pnone")]
    assert len(set(different)) == 4


def test_a_click_shows_the_backup_of_the_cell_and_leaves_it_in_sight(view):
    import pygame

    before = shown(view)
    click(view, 6)
    view.answer()
    assert view.controls.cell == 6
    picture = shown(view)
    left, top = view._corner
    x, y = view._scene.geometry.corners[6]
    assert tuple(picture[top + y, left + x + 30].tolist()) == palette.AGENT  # its rim
    assert ((picture == palette.AGENT).all(axis=2).sum()) > 500  # the rim of the card
    click(view, 6)
    view.answer()
    assert (shown(view) == before).all()
    click(view, 6)
    view.answer()
    post(view, pygame.MOUSEBUTTONDOWN, button=1, pos=(left + 1, top + 1))  # beside the board
    view.answer()
    assert (shown(view) == before).all()


def test_the_keys_are_shown_and_put_away(view):
    before = shown(view)
    press(view, "h")
    view.answer()
    assert (shown(view) != before).any(axis=2).mean() > 0.3
    press(view, "h")
    view.answer()
    assert (shown(view) == before).all()


def test_pictures_get_names_of_their_own(view, tmp_path, monkeypatch):
    from PIL import Image

    monkeypatch.chdir(tmp_path)
    press(view, "s", "s")
    view.answer()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gridq-001.png", "gridq-002.png"]
    with Image.open("gridq-001.png") as picture:
        frame = view._scene.frame(Track([8]), OVERLAY)
        assert (np.asarray(picture.convert("RGB")) == frame).all()


def test_a_picture_that_cannot_be_saved_is_told_and_harms_nothing(view, tmp_path, monkeypatch):
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    press(view, "s")
    view.answer()
    assert view.controls.notice[0].startswith("not saved")
    assert view.is_open


def test_speed_is_the_time_between_two_frames(view):
    press(view, "-")
    view.answer()
    assert view.controls.pace == 64.0
    start = time.monotonic()
    for _ in range(9):
        view.draw([Track([8])], OVERLAY)
    assert time.monotonic() - start >= 8 / 64


def test_moves_wait_in_line(screen):
    view = opened(40, steered=True)
    view.draw([Track([8])])
    press(view, "up", "w", "d")
    assert [view.ask() for _ in range(3)] == [Action.UP, Action.UP, Action.RIGHT]
    press(view, "a", "r", "d")  # what came before the restart is forgotten, what follows is not
    assert view.ask() is None
    assert view.take_restart()
    assert view.ask() == Action.RIGHT
    view.close()
    assert view.ask() is None


def test_curves_stand_beside_the_board(screen):
    view = opened(60, with_curves=True)
    curves = {"return": [0.0, 1.0, np.nan, 1.0], "loss": [1.0, 1e-4], "error": [2.0], "nothing": []}
    view.draw([Track([8])], OVERLAY, curves)
    picture = shown(view)
    beside = picture[:, round(picture.shape[1] * 0.62) :]
    assert (beside == palette.GOOD).all(axis=2).sum() > 50
    view.close()


def test_a_long_curve_is_drawn_as_means_of_neighbours():
    """A chart of 40 points: a number that stands 1,000 times looks as if it stood once."""
    import pygame

    from gym_gridq.rendering.panels import draw_curves

    def drawn(series):
        surface = pygame.Surface((92, 120))
        draw_curves(surface, surface.get_rect(), {"loss": series})
        return pygame.surfarray.array3d(surface)

    few = np.random.default_rng(0).random(40)
    few[7:9] = np.nan
    np.testing.assert_array_equal(drawn(np.repeat(few, 1000)), drawn(few))
    assert (drawn(np.repeat(few, 1000)[::-1]) != drawn(few)).any()


def test_an_environment_shows_every_step(screen):
    env = gymnasium.make("GridQ-v0", render_mode="human")
    env.unwrapped.metadata = {**env.metadata, "render_fps": 10_000.0}
    env.reset()
    before = shown(env.unwrapped.view)
    env.step(0)
    assert (shown(env.unwrapped.view) != before).any()
    env.close()


def test_a_restart_that_nobody_can_make_hurries_no_environment(screen):
    env = gymnasium.make("GridQ-v0", render_mode="human")
    env.unwrapped.metadata = {**env.metadata, "render_fps": 64.0}
    env.reset()
    press(env.unwrapped.view, "r")
    env.step(0)
    start = time.monotonic()
    for _ in range(8):
        env.step(0)
    assert time.monotonic() - start >= 7 / 64
    env.close()


@pytest.mark.parametrize(
    ("shown", "discount", "row"),
    [
        ({}, 0.9, ("Q(up) = 0.90", "backup  0 + 0.9 · 1.00 = 0.90")),
        (
            {"q_values": np.ones((12, 4)), "discount": 0.5},
            0.5,
            ("Q(up) = 1.00", "backup  0 + 0.5 · 1.00 = 0.50"),
        ),
        (
            {"values": np.full(12, 0.6), "discount": 0.5},
            0.5,
            ("Q(up) = 0.30", "backup  0 + 0.5 · 0.60 = 0.30"),
        ),
        (
            {"policy": np.eye(12)[:, :4], "discount": 0.5},
            0.5,
            ("Q(up) = 0.50", "backup  0 + 0.5 · 1.00 = 0.50"),
        ),
    ],
    ids=["nothing: the optimum", "Q-values", "values", "a policy: the optimum"],
)
def test_a_click_explains_what_is_shown_with_its_discount(screen, shown, discount, row):
    env = gymnasium.make("GridQ-v0", render_mode="human")
    env.unwrapped.metadata = {**env.metadata, "render_fps": 10_000.0}
    env.unwrapped.show(**shown)
    env.reset()
    _, title, rows = env.unwrapped.view._explained(6)
    assert title == f"cell (1, 2), state 6, discount {discount}"
    assert rows[0] == row
    env.close()
