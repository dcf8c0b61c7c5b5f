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
from gym_gridq.rendering.canvas import label
from gym_gridq.rendering.windows.panels import Curve

BOOK = LAYOUTS["book"]
Q_STAR = gym_gridq.solve(Dynamics("book")).q
OVERLAY = Overlay.checked(BOOK, Q_STAR, status={"step": 1})


def opened(cell_size, **options):
    from gym_gridq.rendering.windows.grid_window import GridWindow

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
    (left, top), geometry = view._corner, view._scene.geometry
    x, y = geometry.corners[6]
    assert tuple(picture[top + y, left + x + geometry.cell_size // 2].tolist()) == palette.AGENT  # its rim
    assert ((picture == palette.AGENT).all(axis=2).sum()) > 500  # the rim of the card
    click(view, 6)
    view.answer()
    assert (shown(view) == before).all()
    click(view, 6)
    view.answer()
    post(view, pygame.MOUSEBUTTONDOWN, button=1, pos=(left + 1, top + 1))  # beside the board
    view.answer()
    assert (shown(view) == before).all()


@pytest.mark.parametrize("with_curves", [False, True])
@pytest.mark.parametrize("slip", [0.0, 0.2])
def test_the_cells_that_an_explanation_speaks_of_stay_in_sight(screen, slip, with_curves):
    """The picture makes room: every cell is as it would be in a window of that size."""
    from gym_gridq.rendering.scene import Scene
    from gym_gridq.rendering.windows.grid_window import GridWindow

    view = GridWindow(Dynamics("book", slip), pace=None, with_curves=with_curves)
    view.draw([Track([8])], OVERLAY)
    click(view, 6)
    view.answer()
    geometry, (left, top) = view._scene.geometry, view._corner
    frame = Scene(geometry).frame(Track([8]), OVERLAY)
    outline = view._outline(6).move(-left, -top)
    seen = shown(view)[top : top + frame.shape[0], left : left + frame.shape[1]]
    different = (seen != frame).any(axis=2)
    rim = max(outline.width // 20, 2)
    different[outline.top : outline.bottom, outline.left : outline.right] = False
    assert not different.any()
    assert (seen != frame).any(axis=2).sum() == outline.width**2 - (outline.width - 2 * rim) ** 2
    assert geometry.cell_size >= 56  # its numbers can still be read
    view.close()


def test_a_notice_leaves_the_picture_and_the_keys_in_sight(view):
    press(view, "h")
    view.answer()
    before = shown(view)
    press(view, "space")
    view.answer()
    assert view.controls.paused
    different = np.nonzero((shown(view) != before).any(axis=2))[0]
    assert different.min() > before.shape[0] - 28  # the bar


BAR = {
    "en": "H: keys, Esc: close",
    "zh": "H：按键，Esc：关闭",  # noqa: RUF001
    "ja": "H：キー操作、Esc：閉じる",  # noqa: RUF001
}


@pytest.mark.parametrize("language", list(BAR))
def test_the_bar_says_how_to_see_the_keys(screen, monkeypatch, language):
    from gym_gridq.rendering.windows import panels
    from gym_gridq.rendering.windows.grid_window import GridWindow

    said = []
    monkeypatch.setattr(panels, "label", lambda text, *rest: said.append(text) or label(text, *rest))
    window = GridWindow(Dynamics("book"), DrawingStyle(60, language), pace=None)
    window.draw([Track([8])])
    assert set(said) == {BAR[language]}
    window.close()


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
    values = {"return": [0.0, 1.0, np.nan, 1.0], "loss": [1.0, 1e-4, 0.0], "error": [2.0], "nothing": []}
    curves = {name: Curve([*enumerate(series)], level=1.0) for name, series in values.items()}
    view.draw([Track([8])], OVERLAY, curves)
    picture = shown(view)
    beside = picture[:, round(picture.shape[1] * 0.62) :]
    assert (beside == palette.GOOD).all(axis=2).sum() > 50
    view.close()


def test_a_long_curve_is_drawn_as_means_of_neighbours():
    """A chart of 40 points: a number that stands 1,000 times looks as if it stood once."""
    import pygame

    from gym_gridq.rendering.numerals import status_text
    from gym_gridq.rendering.windows.panels import draw_curves

    margin = label(status_text(-0.00123), 15, palette.FAINT_INK).get_width() + 6

    def drawn(points):
        surface = pygame.Surface((16 + margin + 80, 120))
        draw_curves(surface, surface.get_rect(), {"loss": Curve(points)})
        return pygame.surfarray.array3d(surface)

    few = np.column_stack((np.arange(1.0, 41.0), np.random.default_rng(0).random(40)))
    many = np.repeat(few, 1000, axis=0)
    np.testing.assert_array_equal(drawn(many), drawn(few))
    many[:, 1] = many[::-1, 1]
    assert (drawn(many) != drawn(few)).any()


def test_what_is_not_known_counts_for_nothing_in_a_curve():
    """NaN may stand anywhere; the line goes on behind it as if it were not there."""
    import pygame

    from gym_gridq.rendering.windows.panels import draw_curves

    def drawn(points):
        surface = pygame.Surface((200, 120))
        draw_curves(surface, surface.get_rect(), {"loss": Curve(points)})
        return pygame.surfarray.array3d(surface)

    points = [(1, 0.5), (2, 0.7), (5, 0.1), (9, 0.3)]
    with_gaps = [(1, 0.5), (1, np.nan), (2, 0.7), (4, np.nan), (5, 0.1), (9, 0.3)]
    np.testing.assert_array_equal(drawn(with_gaps), drawn(points))


def test_a_curve_writes_nothing_on_itself():
    """Names and numbers stand around the chart; within it there are the line and the level alone."""
    import pygame

    from gym_gridq.rendering.windows import panels

    texts = []

    class Spy(pygame.Surface):
        def blit(self, picture, at):
            texts.append(picture.get_rect(topleft=at[:2]))

    room, table = pygame.Rect(10, 10, 380, 200), np.array([(1, 0.0), (9, 1.0)])
    chart = panels._draw_curve(Spy((400, 260)), room, pygame.Surface((60, 17)), table, 1.0, 9.0)
    assert len(texts) == 4  # the name, the last value, both ends
    assert chart.collidelist(texts) == -1


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
    title, rows = env.unwrapped.view._explained(6)
    assert title == f"cell (1, 2), state 6, discount {discount}"
    assert rows[0] == row
    env.close()
