"""The window on frames of any environment."""

from __future__ import annotations

import numpy as np
import pytest


def opened(frame, **options):
    from gym_gridq.rendering.windows.frame_window import FrameWindow

    return FrameWindow(frame, None, **options)


def shown(window):
    import pygame

    return pygame.surfarray.array3d(window._window._window.get_surface()).swapaxes(0, 1)


@pytest.mark.parametrize("size", [(84, 84), (400, 600), (1, 1), (4000, 30)])
def test_a_frame_of_any_size_is_seen_whole_and_keeps_its_shape(screen, size):
    frame = np.full((*size, 3), (200, 30, 90), np.uint8)
    window = opened(frame)
    window.draw(frame, {"step": 3, "return": 0.5})
    seen = shown(window).astype(int)  # a frame that was made smaller is rounded
    rows, columns = np.nonzero((abs(seen - (200, 30, 90)) <= 3).all(axis=2))
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    assert width <= 1600
    assert height <= 1200
    assert width == pytest.approx(height * size[1] / size[0], abs=2)
    assert len(rows) == height * width  # nothing lies on it
    window.close()


def test_the_status_stands_below_the_frame(screen):
    frame = np.zeros((100, 100, 3), np.uint8)
    window = opened(frame)
    window.draw(frame, {})
    before = shown(window).copy()
    window.draw(frame, {"return": 0.5})
    rows = np.nonzero((shown(window) != before).any(axis=2))[0]
    assert rows.min() > np.nonzero((before == 0).all(axis=2))[0].max()
    window.close()


@pytest.mark.parametrize(
    "frame", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8), "text"]
)
def test_what_is_no_frame_is_refused(screen, frame):
    with pytest.raises(ValueError, match=r"the environment drew an array of shape .* a frame is"):
        opened(frame)
