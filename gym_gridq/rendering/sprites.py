"""Sprites: the agent, its footprints, arrows and what lies in a cell, each drawn once and smoothly.

Shapes are drawn in a unit square four times too large, then shrunk: pygame has no smooth polygons.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import pygame

from gym_gridq.layout import Action
from gym_gridq.rendering import palette
from gym_gridq.rendering.canvas import matched
from gym_gridq.rendering.palette import Colour

__all__ = ["agent", "arrow", "bricks", "flag", "footprint", "hollow", "tagged"]

_OVERSAMPLING = 4

Point = tuple[float, float]

DIRECTION: dict[Action, tuple[int, int]] = {
    Action.UP: (0, -1),
    Action.DOWN: (0, 1),
    Action.LEFT: (-1, 0),
    Action.RIGHT: (1, 0),
}
"""Step of each action on the screen, ``(x, y)``."""


class _Sketch:
    """A square to draw on in units of its side."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.side = size * _OVERSAMPLING
        # Transparent, but of the colour of paper where shrinking mixes it in.
        self.surface = pygame.Surface((self.side, self.side), pygame.SRCALPHA)

    def circle(self, colour: Colour, centre: Point, radius: float) -> None:
        pygame.draw.circle(self.surface, colour, self._pixel(centre), radius * self.side)

    def ellipse(self, colour: Colour, centre: Point, width: float, height: float) -> None:
        rect = pygame.Rect(0, 0, round(width * self.side), round(height * self.side))
        rect.center = self._pixel(centre)
        pygame.draw.ellipse(self.surface, colour, rect)

    def polygon(self, colour: Colour, corners: Iterable[Point]) -> None:
        pygame.draw.polygon(self.surface, colour, [self._pixel(corner) for corner in corners])

    def line(self, colour: Colour, start: Point, end: Point, width: float) -> None:
        thickness = max(round(width * self.side), 1)
        pygame.draw.line(self.surface, colour, self._pixel(start), self._pixel(end), thickness)

    def finished(self) -> pygame.Surface:
        # Premultiplied, so that the black of what is transparent leaves no dark rim.
        shrunk = pygame.transform.smoothscale(self.surface.premul_alpha(), (self.size, self.size))
        return matched(_straight_alpha(shrunk))

    def _pixel(self, point: Point) -> tuple[int, int]:
        return round(point[0] * self.side), round(point[1] * self.side)


def _straight_alpha(surface: pygame.Surface) -> pygame.Surface:
    """Undoes the premultiplication of colours by their alpha."""
    colours = pygame.surfarray.pixels3d(surface)
    alpha = pygame.surfarray.array_alpha(surface).astype("uint16")[..., None]
    colours[...] = (colours.astype("uint16") * 255 // alpha.clip(min=1)).clip(max=255)
    del colours
    return surface


@lru_cache(maxsize=64)
def agent(size: int, heading: Action | None) -> pygame.Surface:
    """A drop with eyes: its tip and its look point to where it heads; without a heading it is round."""
    sketch = _Sketch(size)
    for colour, grow in ((palette.AGENT_EDGE, 0.045), (palette.AGENT, 0.0)):
        if heading is not None:
            (x, y), radius = DIRECTION[heading], 0.30 + grow
            tip = (0.5 + x * (0.45 + grow), 0.5 + y * (0.45 + grow))
            side = (0.5 + x * 0.14 - y * radius * 0.93, 0.5 + y * 0.14 - x * radius * 0.93)
            other = (0.5 + x * 0.14 + y * radius * 0.93, 0.5 + y * 0.14 + x * radius * 0.93)
            sketch.polygon(colour, [tip, side, other])
        sketch.circle(colour, (0.5, 0.5), 0.34 + grow)
    x, y = DIRECTION[heading] if heading is not None else (0, 0)
    for hand in (-1, 1):
        across = (-y if heading is not None else 1) * hand, x * hand
        eye = 0.5 + x * 0.12 + across[0] * 0.13, 0.5 + y * 0.12 + across[1] * 0.13
        sketch.circle(palette.WHITE, eye, 0.085)
        sketch.circle(palette.INK, (eye[0] + x * 0.035, eye[1] + y * 0.035), 0.045)
    return sketch.finished()


@lru_cache(maxsize=256)
def footprint(size: int, alpha: int) -> pygame.Surface:
    """A dot of the trail."""
    sketch = _Sketch(size)
    sketch.circle(palette.TRAIL, (0.5, 0.5), 0.5)
    surface = sketch.finished()
    surface.fill((255, 255, 255, alpha), special_flags=pygame.BLEND_RGBA_MULT)
    return surface


@lru_cache(maxsize=64)
def arrow(size: int, action: Action) -> pygame.Surface:
    """An arrow from the middle outwards, dark with a light rim, so that it is seen on any colour."""
    sketch = _Sketch(size)
    x, y = DIRECTION[action]

    def along(distance: float, aside: float) -> Point:
        return 0.5 + x * distance - y * aside, 0.5 + y * distance + x * aside

    start, neck, tip = 0.05, 0.28, 0.43
    for colour, rim in ((palette.WHITE, 0.03), (palette.INK, 0.0)):
        shaft, wing = 0.04 + rim, 0.12 + 1.6 * rim
        sketch.polygon(
            colour,
            [along(start - rim, shaft), along(start - rim, -shaft), along(neck, -shaft), along(neck, shaft)],
        )
        sketch.polygon(colour, [along(tip + 1.6 * rim, 0), along(neck - rim, wing), along(neck - rim, -wing)])
    finished = sketch.finished()
    finished.set_alpha(255, pygame.RLEACCEL)  # most of it is empty, which is passed over then
    return finished


@lru_cache(maxsize=16)
def flag(size: int) -> pygame.Surface:
    """The goal: a pennant on a pole."""
    sketch = _Sketch(size)
    sketch.ellipse(palette.LINE, (0.42, 0.88), 0.42, 0.10)
    sketch.line(palette.INK, (0.36, 0.10), (0.36, 0.88), 0.055)
    sketch.polygon(palette.GOOD, [(0.385, 0.10), (0.86, 0.295), (0.385, 0.49)])
    sketch.circle(palette.INK, (0.36, 0.09), 0.045)
    return sketch.finished()


@lru_cache(maxsize=32)
def hollow(size: int, is_pit: bool) -> pygame.Surface:
    """A pit or a hole; a ladder tells that one climbs out of the pit again."""
    sketch = _Sketch(size)
    rim, inside = (palette.BAD, (120, 48, 8)) if is_pit else ((110, 110, 116), palette.HOLE)
    sketch.ellipse(rim, (0.5, 0.58), 0.88, 0.52)
    sketch.ellipse(inside, (0.5, 0.605), 0.78, 0.42)
    if is_pit:
        for x in (0.44, 0.62):
            sketch.line(palette.INK, (x, 0.16), (x, 0.76), 0.04)
        for y in (0.26, 0.39, 0.52, 0.65):
            sketch.line(palette.INK, (0.44, y), (0.63, y), 0.035)
    return sketch.finished()


def tagged(picture: pygame.Surface) -> pygame.Surface:
    """A picture on a small sheet of paper, so that it is seen on any colour."""
    width, height = picture.get_size()
    tag = pygame.Surface((width + 4, height + 2), pygame.SRCALPHA)
    pygame.draw.rect(tag, (*palette.PAPER, 235), tag.get_rect(), border_radius=4)
    tag.blit(picture, (2, 1))
    return matched(tag)


@lru_cache(maxsize=16)
def bricks(size: int) -> pygame.Surface:
    """A wall; its courses meet those of the next cell."""
    surface = pygame.Surface((size, size))
    surface.fill(palette.WALL)
    if size >= 20:
        courses = 4
        for course in range(courses):
            y = size * course // courses
            pygame.draw.line(surface, palette.WALL_EDGE, (0, y), (size, y))
            for joint in (0, 1):
                x = round(size * (joint / 2 + (course % 2) / 4))
                pygame.draw.line(surface, palette.WALL_EDGE, (x, y), (x, y + size // courses))
    return matched(surface)
