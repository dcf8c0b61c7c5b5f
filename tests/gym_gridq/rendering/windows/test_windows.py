"""Real windows on a virtual screen: what a user does to them, and what must not happen then."""

from __future__ import annotations

import signal
import subprocess
import sys

import gymnasium
import pytest

import gym_gridq  # noqa: F401 - registers GridQ-v0
from gym_gridq import LAYOUTS, Action, Dynamics
from gym_gridq.drawing import DrawingStyle, Track
from gym_gridq.rendering.geometry import Geometry
from gym_gridq.rendering.windows.panels import BAR_HEIGHT
from tests.gym_gridq.rendering import x11

BOOK = LAYOUTS["book"]
FAST = 10_000.0  # frames a second: no test waits for a person


def human(cell_size: int | None = None):
    from gym_gridq.rendering.windows.grid_window import GridWindow

    window = GridWindow(Dynamics("book"), DrawingStyle(cell_size), FAST)
    window.draw([Track([8])])
    return window


def window_of(ours):
    """What stands on the desktop, and pygame's behind it."""
    return ours._window, ours._window._window


def post(kind: int, shown, **details) -> None:
    import pygame

    pygame.event.post(pygame.event.Event(kind, window=window_of(shown)[1], **details))


def press(key: int, shown) -> None:
    import pygame

    post(pygame.KEYDOWN, shown, key=key, mod=0, unicode="", scancode=0)


def test_the_window_shows_the_frame(screen):
    import pygame

    from gym_gridq.rendering.scene import Scene

    shown = human(cell_size=60)
    shown.draw([Track([8, 4, 0], Action.UP)])
    frame = Scene(Geometry(BOOK, 60)).frame(Track([8, 4, 0], Action.UP))
    surface = window_of(shown)[1].get_surface()
    (height, width, _), (left, top) = frame.shape, shown._corner
    picture = pygame.surfarray.array3d(surface).swapaxes(0, 1)
    assert (picture[top : top + height, left : left + width] == frame).all()
    assert surface.get_height() == height + BAR_HEIGHT  # which says how to see the keys
    shown.close()


@pytest.mark.parametrize("layout", ["book", "dyna-maze", "four-rooms"])
def test_a_window_of_no_chosen_size_suits_the_screen(screen, layout):
    """Most of one side of the screen, none of it beyond; a few cells do not become giants."""
    from gym_gridq.rendering.windows.grid_window import GridWindow

    window = GridWindow(Dynamics(layout), pace=FAST)
    width, height = (have / most for have, most in zip(window._window.size, (1600, 1200), strict=True))
    assert max(width, height) <= 0.8
    assert max(width, height) > (0.4 if layout == "book" else 0.7)
    window.close()


def test_the_close_button_closes_the_window_and_the_program_goes_on(screen):
    import pygame

    env = gymnasium.make("GridQ-v0", render_mode="human")
    env.unwrapped.metadata = {**env.unwrapped.metadata, "render_fps": FAST}
    env.reset()
    window = env.unwrapped.view._window
    pygame.event.post(pygame.event.Event(pygame.WINDOWCLOSE, window=window._window))
    for action in (0, 0, 3, 3, 3):
        _, reward, terminated, _, _ = env.step(action)
    assert terminated
    assert reward == 1.0
    assert not window.is_open
    env.reset()
    env.close()
    env.close()


SCRIPT = """
import gymnasium, gym_gridq
env = gymnasium.make("GridQ-v0", render_mode="human")
env.unwrapped.metadata = {**env.metadata, "render_fps": 1 / 3600}
env.reset()  # one frame an hour
env.step(0)
print("the program goes on", flush=True)
env.close()
"""


@pytest.fixture
def program(screen):
    """A program of its own that shows one frame for an hour, and the number of its window."""
    process = subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, text=True)
    yield process, x11.window_of_process(process.pid)
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.parametrize("way", ["the close button", "Escape"])
def test_a_user_closes_the_window_while_it_waits(program, screen, way):
    process, window = program
    if way == "Escape":
        x11.escape(process, window)
    else:
        x11.press_close_button(screen, window)
    assert process.stdout.read() == "the program goes on\n"
    assert process.wait() == 0


def test_sigterm_still_ends_the_program(program):
    process, _ = program
    process.terminate()
    assert process.wait() == -signal.SIGTERM


def test_two_windows_do_not_disturb_one_another(screen):
    import pygame

    first, second = human(), human()
    post(pygame.WINDOWCLOSE, first)
    second.draw([Track([4])])  # reads the event, which is not for it
    assert not window_of(first)[0].is_open
    assert window_of(second)[0].is_open
    first.draw([Track([0])])
    press(pygame.K_ESCAPE, second)
    second.draw([Track([0])])
    assert not window_of(second)[0].is_open


def test_closing_one_environment_leaves_the_window_of_another(screen):
    first, second = human(), human()
    first.close()
    second.draw([Track([4])])
    assert window_of(second)[0].is_open
    second.close()


def test_the_programs_own_display_and_its_events_survive(screen):
    import pygame

    pygame.display.init()
    own = pygame.display.set_mode((64, 48))
    own.fill((1, 2, 3))
    shown = human()
    pygame.event.clear()
    pygame.event.post(pygame.event.Event(pygame.USEREVENT, number=1))
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_ESCAPE, mod=0, unicode="", window=None))
    pygame.event.post(pygame.event.Event(pygame.USEREVENT, number=2))
    post(pygame.WINDOWCLOSE, shown)
    shown.draw([Track([4])])
    mine = [event for event in pygame.event.get() if event.type in (pygame.USEREVENT, pygame.KEYDOWN)]
    assert [getattr(event, "number", "key") for event in mine] == [1, "key", 2]
    assert not window_of(shown)[0].is_open
    assert pygame.display.get_surface() is own
    assert own.get_at((5, 5))[:3] == (1, 2, 3)
    pygame.display.flip()


def test_the_window_comes_back_when_another_environment_quits_pygame(screen):
    import pygame

    shown = human()
    pygame.quit()  # as Gymnasium's own environments do in close()
    shown.draw([Track([4])])
    ours, window = window_of(shown)
    assert ours.is_open
    assert window.get_surface().get_size()[0] > 0
    shown.close()


def test_the_board_follows_the_size_of_the_window(screen):
    shown = human(cell_size=40)
    ours, window = window_of(shown)
    small = ours.size
    window.size = (small[0] * 2, small[1] * 2)
    shown.draw([Track([4])])
    assert ours.size == (small[0] * 2, small[1] * 2)
    assert shown._scene.geometry.cell_size > 70
    shown.close()


def test_events_nobody_reads_do_not_pile_up(screen):
    import pygame

    shown = human()
    for number in range(50):
        post(pygame.MOUSEMOTION, shown, pos=(number, 0), rel=(1, 0), buttons=(0, 0, 0))
        pygame.event.post(pygame.event.Event(pygame.USEREVENT))
    shown.draw([Track([4])])
    assert not pygame.event.get()
    shown.close()


def test_a_key_that_names_no_window_is_not_lost(screen):
    import pygame

    shown = human()
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_ESCAPE, mod=0, window=None))
    shown.draw([Track([4])])
    assert not window_of(shown)[0].is_open


def test_without_a_display_the_error_says_what_to_do(no_screen):
    env = gymnasium.make("GridQ-v0", render_mode="human")
    with pytest.raises(gymnasium.error.Error, match=r"no display.*rgb_array.*xvfb-run"):
        env.reset()
    env.close()


def test_a_display_that_is_not_there_gives_the_same_error(no_screen, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":4242")
    with pytest.raises(gymnasium.error.Error, match="no display"):
        human()


def test_a_driver_that_was_asked_for_is_used(no_screen, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    shown = human()
    assert window_of(shown)[0].is_open
    shown.close()
