"""Gymnasium's own tools around rendering, with our environments in them."""

from __future__ import annotations

import itertools
import os
import select
import subprocess
import sys

import gymnasium
import numpy as np
import pytest
from gymnasium.wrappers import HumanRendering, RecordVideo, RenderCollection

import gym_gridq  # noqa: F401 - registers GridQ-v0
from tests.gym_gridq.rendering import x11

SHORTEST = (0, 0, 3, 3, 3)


@pytest.mark.parametrize("env_id", ["GridQ-v0", "GridQ-OneHot-v0"])
def test_render_collection_gives_all_frames(env_id):
    env = RenderCollection(gymnasium.make(env_id, render_mode="rgb_array"))
    env.reset()
    for action in SHORTEST:
        env.step(action)
    frames = env.render()
    assert len(frames) == 6
    assert len({frame.shape for frame in frames}) == 1
    assert all((first != second).any() for first, second in itertools.pairwise(frames))


def test_record_video_writes_a_film_of_every_frame(tmp_path):
    import imageio_ffmpeg

    env = gymnasium.make("GridQ-v0", render_mode="rgb_array", cell_size=33)
    env = RecordVideo(env, str(tmp_path / "films"), disable_logger=True)
    env.reset()
    env.unwrapped.show(q_values=np.zeros((12, 4)))
    for action in SHORTEST:
        env.step(action)
    env.close()
    (film,) = (tmp_path / "films").glob("*.mp4")
    assert imageio_ffmpeg.count_frames_and_secs(str(film))[0] == 6


def test_human_rendering_shows_our_frames(screen):
    import pygame

    env = HumanRendering(gymnasium.make("GridQ-v0", render_mode="rgb_array", cell_size=40))
    env.unwrapped.metadata = {**env.metadata, "render_fps": 10_000}
    env.reset()
    env.step(0)
    shown = pygame.surfarray.array3d(pygame.display.get_surface()).swapaxes(0, 1)
    assert (shown == env.env.render()).all()
    env.close()


PLAY = """
import gymnasium, gym_gridq, inspect
from gymnasium.utils.play import play

def tell(before, after, action, reward, terminated, truncated, info):
    print(action, after, flush=True)

# Where the world does not wait for the player, it runs into the edge beside the start meanwhile.
waiting = {"wait_on_player": True} if "wait_on_player" in inspect.signature(play).parameters else {"noop": 2}
play(gymnasium.make("GridQ-v0", render_mode="rgb_array"), callback=tell, seed=0, **waiting)
print("closed")
"""


def test_play_needs_no_mapping(screen):
    # Without OpenGL, which would make SDL open its first window twice.
    environment = {**os.environ, "SDL_FRAMEBUFFER_ACCELERATION": "0"}
    command = [sys.executable, "-c", PLAY]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        window = x11.window_of_process(process.pid)
        assert moves_while_holding("Up", process, window) == ["0 4\n", "0 0\n"]
        x11.escape(process, window)
        assert process.stdout.read().splitlines()[-1] == "closed"
        assert process.returncode == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def moves_while_holding(key, process, window):
    """The first two moves it makes, as `PLAY` tells them; a key is seen while it is down, once a frame."""
    x11.hold(window, key)
    idle = 0
    while True:
        if not select.select([process.stdout], [], [], 30)[0]:
            x11.hold(window, key)  # the first was lost while the window got the focus
            continue
        line = process.stdout.readline()
        if line != "2 8\n":
            return [line, process.stdout.readline()]
        idle += 1
        if idle % 20 == 0:
            x11.hold(window, key)
