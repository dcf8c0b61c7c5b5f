"""FrameWindow: an interactive window on the frames of any environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pygame

from gym_gridq.drawing import Language
from gym_gridq.rendering import sprites
from gym_gridq.rendering.numerals import status_text
from gym_gridq.rendering.status import columns_of, draw_columns
from gym_gridq.rendering.windows.controls import GUEST_KEYS, Keys
from gym_gridq.rendering.windows.interactive_window import InteractiveWindow
from gym_gridq.rendering.windows.panels import Curve
from gym_gridq.rendering.windows.window import screen_size

__all__ = ["FrameWindow"]

_STATUS_HEIGHT = 48
_MARGIN = 12

_SHARE_OF_SCREEN = 0.6
"""How much of a screen's width and height a picture takes at first."""


class FrameWindow(InteractiveWindow):
    """Frames as large as the window allows, with a status below.

    Args:
        frame: the first one, ``(height, width, 3)`` uint8.
        pace: frames a second; None never waits.
        with_curves: whether to keep room for curves beside them.
        steering: keys with which a person makes the moves, by pygame's names, and the actions they mean.
        language: of the words.
        keys: what the window says of its keys.

    Raises:
        ValueError: for something else than a frame.
        DisplayUnavailable: where there is no screen.
    """

    def __init__(
        self,
        frame: Any,
        pace: float | None,
        with_curves: bool = False,
        steering: Mapping[str, int] | None = None,
        language: Language = "en",
        keys: Keys = GUEST_KEYS,
    ) -> None:
        width, height = screen_size()
        share = _SHARE_OF_SCREEN * (0.7 if with_curves else 1.0)
        self._frame, self._status = _surface_of(frame), tuple[tuple[str, str], ...]()
        first = self._size_in((round(width * share), round(height * _SHARE_OF_SCREEN)))
        moves = {pygame.key.key_code(key): action for key, action in (steering or {}).items()}
        super().__init__(first, sprites.agent(64, None), pace, with_curves, moves, language, keys)

    def draw(
        self,
        frame: Any,
        status: Mapping[str, Any],
        curves: Mapping[str, Curve] | None = None,
        seconds: float | None = None,
    ) -> None:
        """Shows a frame, or for as long as the user pauses.

        Args:
            frame: ``(height, width, 3)`` uint8.
            status: what to say below it.
            curves: what to draw beside it, by name.
            seconds: how long; None takes the time of the pace.

        Raises:
            ValueError: for something else than a frame.
        """
        self._frame = _surface_of(frame)
        self._status = tuple((name, status_text(value)) for name, value in status.items())
        self._present(curves or {}, seconds)

    def _paint(self, surface: pygame.Surface, room: tuple[int, int]) -> None:
        width, height = self._size_in(room)
        left, top = (room[0] - width) // 2, (room[1] - height) // 2
        inside = pygame.Rect(left, top, width, height - _STATUS_HEIGHT).inflate(-2 * _MARGIN, -2 * _MARGIN)
        surface.blit(pygame.transform.smoothscale(self._frame, inside.size), inside)
        strip = pygame.Rect(inside.left, inside.bottom, inside.width, _STATUS_HEIGHT)
        draw_columns(surface, strip, columns_of(strip, self._status, self._language))

    def _picture(self) -> pygame.Surface:
        return self._frame

    def _size_in(self, room: tuple[int, int]) -> tuple[int, int]:
        width, height = self._frame.get_size()
        aside, below = 2 * _MARGIN, 2 * _MARGIN + _STATUS_HEIGHT
        scale = max(min((room[0] - aside) / width, (room[1] - below) / height), 1 / min(width, height))
        return round(width * scale) + aside, round(height * scale) + below


def _surface_of(frame: Any) -> pygame.Surface:
    pixels: npt.NDArray[np.uint8] = np.ascontiguousarray(frame)
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or not pixels.size:
        raise ValueError(
            f"the environment drew an array of shape {pixels.shape} and type {pixels.dtype}; "
            "a frame is (height, width, 3) of type uint8"
        )
    surface = pygame.image.frombuffer(pixels.tobytes(), (pixels.shape[1], pixels.shape[0]), "RGB")
    copy = pygame.Surface(surface.get_size(), depth=32)
    copy.blit(surface, (0, 0))
    return copy
