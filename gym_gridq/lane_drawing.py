"""The lanes of a vector environment as pictures, remembered and drawn only if one asks for them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from gym_gridq.drawing import TRAIL_LENGTH
from gym_gridq.layout import Action, Layout

if TYPE_CHECKING:
    from gym_gridq.rendering import Renderer
    from gym_gridq.rendering.language import Language
    from gym_gridq.rendering.mosaic import Mosaic

__all__ = ["LaneDrawing"]


class LaneDrawing:
    """What a vector environment remembers and opens only to draw its lanes.

    Args:
        layout: the map.
        num_envs: number of lanes.
        render_mode: ``"human"``, ``"rgb_array"`` or ``"ansi"``.
        cell_size: side of a cell in pixels; None chooses one.
        fps: frames a second in the window.
        language: of the words.
    """

    def __init__(
        self,
        layout: Layout,
        num_envs: int,
        render_mode: str,
        cell_size: int | None,
        fps: float,
        language: Language,
    ) -> None:
        self._arguments = layout, render_mode, cell_size, fps, language
        self._trails = [deque([0], maxlen=TRAIL_LENGTH) for _ in range(num_envs)]
        self._headings: list[Action | None] = [None] * num_envs
        self._renderer: Renderer | None = None
        self._mosaic: Mosaic | None = None

    def begin(self, lanes: npt.NDArray[np.int64], states: npt.NDArray[np.int64]) -> None:
        """Episodes start in some lanes."""
        for lane in lanes.tolist():
            self._trails[lane] = deque([int(states[lane])], maxlen=TRAIL_LENGTH)
            self._headings[lane] = None

    def go_on(self, actions: npt.NDArray[Any], states: npt.NDArray[np.int64]) -> None:
        """A move was made in every lane."""
        for lane, (action, state) in enumerate(zip(actions.tolist(), states.tolist(), strict=True)):
            self._trails[lane].append(state)
            self._headings[lane] = Action(action)

    def draw(self) -> tuple[npt.NDArray[np.uint8] | str, ...] | None:
        """Frames or texts of all lanes, or None if a window shows them."""
        layout, render_mode, cell_size, fps, language = self._arguments
        boards = [
            (trail[-1], heading, trail) for trail, heading in zip(self._trails, self._headings, strict=True)
        ]
        if render_mode == "human":
            if self._mosaic is None:
                from gym_gridq.rendering.mosaic import Mosaic

                self._mosaic = Mosaic(layout, len(boards), cell_size, fps, language)
            self._mosaic.draw(boards)
            return None
        if self._renderer is None:
            from gym_gridq.rendering import Renderer

            self._renderer = Renderer(layout, render_mode, cell_size, language=language)
        pictures = [self._renderer.draw(*board) for board in boards]
        return tuple(picture for picture in pictures if picture is not None)

    def close(self) -> None:
        """Closes the window, if there is one."""
        if self._mosaic is not None:
            self._mosaic.close()
