"""Labels: text as pixels, each drawn once."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pygame

from gym_gridq.rendering.canvas import matched
from gym_gridq.rendering.language import Language
from gym_gridq.rendering.numerals import printable
from gym_gridq.rendering.palette import Colour

__all__ = ["font_for", "label", "lacks"]

_FONTS = Path(__file__).with_name("fonts")
_CHINESE = _FONTS / "NotoSansCJKsc-Bold-subset.otf"
_JAPANESE = _FONTS / "NotoSansCJKjp-Bold-subset.otf"

_EM = 0.76
"""Size of their characters, as a share of a label's height: they look as tall as pygame's letters then."""

_EMPTY = 0.33
"""Room above the characters in a line of that font, as a share of its em; there is as much below."""

_IN_NO_FONT = "\uffff"
"""A character that looks like this one is missing."""


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
        return matched(_font(None, height).render(text, True, colour))
    em = max(round(_EM * height), 8)
    line = _font(file, em).render(text, True, colour)
    return matched(line.subsurface(0, round(_EMPTY * em), line.get_width(), em + 1))


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
    missing, drawn = (font.render(text, True, (0, 0, 0)) for text in (_IN_NO_FONT, character))
    return pygame.image.tobytes(missing, "RGBA") == pygame.image.tobytes(drawn, "RGBA")


def _font(file: Path | None, size: int) -> pygame.font.Font:
    # Another program's pygame.quit() takes all fonts with it: they come back on the next use.
    if not pygame.font.get_init():
        pygame.font.init()
        _loaded_font.cache_clear()
    return _loaded_font(file, size)


@lru_cache(maxsize=128)
def _loaded_font(file: Path | None, size: int) -> pygame.font.Font:
    return pygame.font.Font(file, size)
