"""Labels: text as pixels, each drawn once."""

from __future__ import annotations

from functools import lru_cache

import pygame

from gym_gridq.rendering.canvas import matched
from gym_gridq.rendering.palette import Colour

__all__ = ["label"]


@lru_cache(maxsize=8192)
def label(text: str, height: int, colour: Colour) -> pygame.Surface:
    """A line of text on nothing.

    Args:
        text: what it says.
        height: height of the font, in pixels.
        colour: of the letters.
    """
    return matched(_font(height).render(text, True, colour))


def _font(height: int) -> pygame.font.Font:
    # Another program's pygame.quit() takes all fonts with it: they come back on the next use.
    if not pygame.font.get_init():
        pygame.font.init()
        _loaded_font.cache_clear()
    return _loaded_font(height)


@lru_cache(maxsize=64)
def _loaded_font(height: int) -> pygame.font.Font:
    return pygame.font.Font(None, height)
