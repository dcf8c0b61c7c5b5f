"""Canvas: pixels that NumPy and pygame share, so that a drawn frame is an array without being converted.

A pixel is four bytes, red, green, blue and one unused: pygame draws several times faster on these than on
three. Everything that is put on a canvas has its bytes in the same order, for the same reason.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pygame

__all__ = ["Pixels", "canvas", "fill", "matched", "new_pixels"]

Pixels = npt.NDArray[np.uint8]
"""``(height, width, 4)``."""


def new_pixels(size: tuple[int, int]) -> Pixels:
    """Black pixels for a picture of ``(width, height)``."""
    return np.zeros((size[1], size[0], 4), dtype=np.uint8)


def canvas(pixels: Pixels) -> pygame.Surface:
    """A surface that draws straight into pixels."""
    height, width, _ = pixels.shape
    return pygame.image.frombuffer(pixels.data, (width, height), "RGBX")


def fill(surface: pygame.Surface, colour: tuple[int, int, int], rect: pygame.Rect) -> None:
    """Fills a rectangle, several times faster than `pygame.Surface.fill`, which writes past the cache."""
    left, top, right, bottom = rect.left, rect.top, rect.right - 1, rect.bottom - 1
    pygame.draw.polygon(surface, colour, ((left, top), (right, top), (right, bottom), (left, bottom)))


def matched(surface: pygame.Surface) -> pygame.Surface:
    """The same picture with its bytes in the order of a canvas, transparency kept."""
    return surface.convert(_REFERENCE)


_REFERENCE = pygame.image.frombuffer(new_pixels((1, 1)).data, (1, 1), "RGBA")
