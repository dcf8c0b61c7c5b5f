"""Episodes inline in a notebook."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from itertools import islice
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

from agents.algorithms.base import Agent
from agents.experience.env_spaces import check_spaces
from agents.pictures.films import greedy_frames, write_gif
from agents.training.evaluation import Actor

__all__ = ["Animation", "animate"]


class Animation:
    """Frames that a notebook shows as an endless animation.

    Attributes:
        frames: ``(height, width, 3)`` each.
        fps: frames a second.
    """

    def __init__(self, frames: Sequence[npt.NDArray[np.uint8]], fps: float = 4.0) -> None:
        self.frames = list(frames)
        self.fps = fps

    def _repr_html_(self) -> str:
        # Asked for by IPython, which therefore needs not be installed here.
        file = io.BytesIO()
        write_gif(file, self.frames, round(1000 / self.fps))
        return f'<img src="data:image/gif;base64,{base64.b64encode(file.getvalue()).decode()}">'


def animate(
    agent: Actor, env: gymnasium.Env[Any, Any], seed: int | None = 0, fps: float = 4.0, max_steps: int = 200
) -> Animation:
    """Plays one episode without exploring; the last expression of a notebook's cell is shown inline.

    Args:
        agent: the agent.
        env: an environment made with ``render_mode="rgb_array"``.
        seed: seed of the reset.
        fps: frames a second.
        max_steps: steps after which the episode is broken off.

    Raises:
        ValueError: if the environment does not draw frames, or the agent was not made for it.
    """
    if env.render_mode != "rgb_array":
        raise ValueError(
            f"render_mode is {env.render_mode!r}; make the environment with render_mode='rgb_array'"
        )
    if isinstance(agent, Agent):
        check_spaces(agent, env)
    return Animation(list(islice(greedy_frames(agent, env, seed), max_steps + 1)), fps)
