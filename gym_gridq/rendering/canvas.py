"""Canvas: pixels that NumPy and pygame share, and the letters that are drawn on them.

A drawn frame is an array without being converted. A pixel is four bytes, red, green, blue and one unused:
pygame draws several times faster on these than on three. Everything that is put on a canvas has its bytes in
the same order, for the same reason.
"""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pygame

from gym_gridq.drawing import Language
from gym_gridq.rendering.numerals import printable
from gym_gridq.rendering.palette import Colour

__all__ = [
    "Pixels",
    "as_png",
    "canvas",
    "fill",
    "font_for",
    "label",
    "lacks",
    "matched",
    "new_pixels",
    "place",
]

Pixels = npt.NDArray[np.uint8]
"""``(height, width, 4)``."""


_FONTS = Path(__file__).with_name("fonts")
_CHINESE = _FONTS / "NotoSansCJKsc-Bold-subset.otf"
_JAPANESE = _FONTS / "NotoSansCJKjp-Bold-subset.otf"

_EM = 0.76
"""Size of their characters, as a share of a label's height: they look as tall as pygame's letters then."""

_EMPTY = 0.33
"""Room above the characters in a line of that font, as a share of its em; there is as much below."""

_OVERSAMPLING = 4
"""Letters are drawn so many times too large, then shrunk: a font places them on whole pixels, which shows as
uneven gaps between the digits of small numbers."""

_IN_NO_FONT = "\uffff"
"""A character that looks like this one is missing."""


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


def place(surface: pygame.Surface, sprite: pygame.Surface, centre: tuple[int, int]) -> None:
    """Blits a sprite centred on a pixel."""
    width, height = sprite.get_size()
    surface.blit(sprite, (centre[0] - width // 2, centre[1] - height // 2))


def matched(surface: pygame.Surface) -> pygame.Surface:
    """The same picture with its bytes in the order of a canvas, transparency kept."""
    return surface.convert(_REFERENCE)


_REFERENCE = pygame.image.frombuffer(new_pixels((1, 1)).data, (1, 1), "RGBA")


@lru_cache(maxsize=8192)
def label(text: str, height: int, colour: Colour, language: Language = "en") -> pygame.Surface:
    """A line of text on nothing.

    pygame's own font draws it, or, if that lacks more of its characters, one that knows Chinese and Japanese.

    Args:
        text: what it says.
        height: height of the font, in pixels.
        colour: of the letters.
        language: in whose shapes to draw characters that languages share.
    """
    text = printable(text)
    file = font_for(text, language)
    if file is None:
        return _shrunk(_line(_font(None, _OVERSAMPLING * height), text, colour))
    em = _OVERSAMPLING * max(round(_EM * height), 8)
    line = _line(_font(file, em), text, colour)
    return _shrunk(line.subsurface(0, round(_EMPTY * em), line.get_width(), em + _OVERSAMPLING))


def _line(font: pygame.font.Font, text: str, colour: Colour) -> pygame.Surface:
    try:
        return font.render(text, True, colour)
    except pygame.error:  # no character of it has a width, such as a lone variation selector
        return font.render("", True, colour)


def _shrunk(line: pygame.Surface) -> pygame.Surface:
    if min(line.get_size()) < _OVERSAMPLING:  # an empty text
        return matched(line)
    width, height = (round(side / _OVERSAMPLING) for side in line.get_size())
    return matched(pygame.transform.smoothscale(line, (width, height)))


def font_for(text: str, language: Language) -> Path | None:
    """The font that lacks the fewest characters of a text; None is pygame's own."""
    if text.isascii():
        return None
    is_japanese = language == "ja" or any("\u3040" <= character <= "\u30ff" for character in text)
    files = (None, _JAPANESE if is_japanese else _CHINESE)
    return min(files, key=lambda file: sum(lacks(file, character) for character in text))


@lru_cache(maxsize=8192)
def lacks(file: Path | None, character: str) -> bool:
    """Whether a font has no picture of a character. None is pygame's own font."""
    font = _font(file, 24)
    missing, drawn = (_line(font, text, (0, 0, 0)) for text in (_IN_NO_FONT, character))
    return pygame.image.tobytes(missing, "RGBA") == pygame.image.tobytes(drawn, "RGBA")


def _font(file: Path | None, size: int) -> pygame.font.Font:
    # pygame.quit() elsewhere takes all fonts with it, even where pygame is begun again: they come back
    # on the next use.
    if not pygame.font.get_init():
        pygame.font.init()
    try:
        _loaded_font(file, size).get_height()
    except pygame.error:
        _loaded_font.cache_clear()
    return _loaded_font(file, size)


@lru_cache(maxsize=128)
def _loaded_font(file: Path | None, size: int) -> pygame.font.Font:
    return pygame.font.Font(file, size)


def as_png(frame: npt.NDArray[np.uint8]) -> bytes:
    """A frame ``(height, width, 3)`` as the bytes of a PNG file."""
    size = frame.shape[1], frame.shape[0]
    file = io.BytesIO()
    pygame.image.save(pygame.image.frombuffer(frame.tobytes(), size, "RGB"), file, "x.png")
    return file.getvalue()
