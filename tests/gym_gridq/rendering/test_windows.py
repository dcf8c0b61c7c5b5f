"""Real windows on a virtual screen: what a user does to them, and what must not happen then."""

from __future__ import annotations

import signal
import subprocess
import sys

import gymnasium
import pytest

import gym_gridq  # noqa: F401 - registers GridQ-v0
from gym_gridq import LAYOUTS, Action
from gym_gridq.rendering import Renderer
from tests.gym_gridq.rendering import x11

BOOK = LAYOUTS["book"]
FAST = 10_000.0  # frames a second: no test waits for a person


def human(fps: float = FAST, cell_size: int | None = None) -> Renderer:
    renderer = Renderer(BOOK, "human", cell_size, fps)
    renderer.draw(8)
    return renderer


def window_of(renderer: Renderer):
    """Ours, and pygame's behind it."""
    ours = renderer.view._window
    return ours, ours._window


def post(kind: int, renderer: Renderer, **details) -> None:
    import pygame

    pygame.event.post(pygame.event.Event(kind, window=window_of(renderer)[1], **details))


def press(key: int, renderer: Renderer) -> None:
    import pygame

    post(pygame.KEYDOWN, renderer, key=key, mod=0, unicode="", scancode=0)


def test_the_window_shows_the_frame(screen):
    import pygame

    renderer = human(cell_size=60)
    renderer.draw(0, Action.UP, [8, 4, 0])
    frame = Renderer(BOOK, "rgb_array", 60).draw(0, Action.UP, [8, 4, 0])
    surface = window_of(renderer)[1].get_surface()
    assert surface.get_size() == (frame.shape[1], frame.shape[0])
    shown = pygame.surfarray.array3d(surface).swapaxes(0, 1)
    assert (shown == frame).all()
    renderer.close()


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
    second.draw(4)  # reads the event, which is not for it
    assert not window_of(first)[0].is_open
    assert window_of(second)[0].is_open
    first.draw(0)
    press(pygame.K_ESCAPE, second)
    second.draw(0)
    assert not window_of(second)[0].is_open


def test_closing_one_environment_leaves_the_window_of_another(screen):
    first, second = human(), human()
    first.close()
    second.draw(4)
    assert window_of(second)[0].is_open
    second.close()


def test_the_programs_own_display_and_its_events_survive(screen):
    import pygame

    pygame.display.init()
    own = pygame.display.set_mode((64, 48))
    own.fill((1, 2, 3))
    renderer = human()
    pygame.event.clear()
    pygame.event.post(pygame.event.Event(pygame.USEREVENT, number=1))
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_ESCAPE, mod=0, unicode="", window=None))
    pygame.event.post(pygame.event.Event(pygame.USEREVENT, number=2))
    post(pygame.WINDOWCLOSE, renderer)
    renderer.draw(4)
    mine = [event for event in pygame.event.get() if event.type in (pygame.USEREVENT, pygame.KEYDOWN)]
    assert [getattr(event, "number", "key") for event in mine] == [1, "key", 2]
    assert not window_of(renderer)[0].is_open
    assert pygame.display.get_surface() is own
    assert own.get_at((5, 5))[:3] == (1, 2, 3)
    pygame.display.flip()


def test_the_window_comes_back_when_another_environment_quits_pygame(screen):
    import pygame

    renderer = human()
    pygame.quit()  # as Gymnasium's own environments do in close()
    renderer.draw(4)
    ours, window = window_of(renderer)
    assert ours.is_open
    assert window.get_surface().get_size()[0] > 0
    renderer.close()


def test_the_board_follows_the_size_of_the_window(screen):
    renderer = human(cell_size=40)
    ours, window = window_of(renderer)
    small = ours.size
    window.size = (small[0] * 2, small[1] * 2)
    renderer.draw(4)
    assert ours.size == (small[0] * 2, small[1] * 2)
    assert renderer.view._scene.geometry.cell_size > 70
    renderer.close()


def test_events_nobody_reads_do_not_pile_up(screen):
    import pygame

    renderer = human()
    for number in range(50):
        post(pygame.MOUSEMOTION, renderer, pos=(number, 0), rel=(1, 0), buttons=(0, 0, 0))
        pygame.event.post(pygame.event.Event(pygame.USEREVENT))
    renderer.draw(4)
    assert not pygame.event.get()
    renderer.close()


def test_a_key_that_names_no_window_is_not_lost(screen):
    import pygame

    renderer = human()
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_ESCAPE, mod=0, window=None))
    renderer.draw(4)
    assert not window_of(renderer)[0].is_open


def test_without_a_display_the_error_says_what_to_do(no_screen):
    env = gymnasium.make("GridQ-v0", render_mode="human")
    with pytest.raises(gymnasium.error.Error, match=r"no display.*rgb_array.*xvfb-run"):
        env.reset()
    env.close()


def test_a_display_that_is_not_there_gives_the_same_error(no_screen, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":4242")
    with pytest.raises(gymnasium.error.Error, match="no display"):
        Renderer(BOOK, "human").draw(8)


def test_a_driver_that_was_asked_for_is_used(no_screen, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    renderer = human()
    assert window_of(renderer)[0].is_open
    renderer.close()
