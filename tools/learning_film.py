"""Makes the animation of the start pages: the default training, then the greedy way that it found.

python -m tools.learning_film
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import gymnasium
import numpy as np
import numpy.typing as npt

import agents
import gym_gridq
from agents.pictures.films import greedy_frames, write_frames
from agents.settings import tuned_settings
from agents.training.loop import Callback, Training

IMAGES = Path(__file__).parents[1] / "docs" / "images"
CELL = 72
FPS = 5.0
LOOKS = np.unique(np.geomspace(64, 4_800, 26).astype(int))
"""Steps at which there is a picture: closer together at the beginning, where most is learned."""


class Camera(Callback):
    """Takes a picture of the board with the Q-values whenever one is due."""

    def __init__(self, env: Any) -> None:
        self.frames: list[npt.NDArray[np.uint8]] = []
        self._env, self._due = env, list(LOOKS)
        self._best = gym_gridq.solve(env).q

    def on_start(self, training: Training) -> None:
        """What a network says that has learned nothing yet."""
        self.look(training)

    def on_step(self, training: Training) -> None:
        """Looks if it is time, and forgets the looks that one step of many lanes passed over."""
        if self._due and training.steps >= self._due[0]:
            self._due = [look for look in self._due if look > training.steps]
            self.look(training)

    def look(self, training: Training) -> None:
        """Draws the board; colours mean the same from the first picture to the last."""
        q_values = training.agent.q_values(range(12))  # type: ignore[attr-defined]
        acting = ~self._env.unwrapped.dynamics.absorbing
        error = float(np.abs(q_values - self._best)[acting].max())
        status = {"step": training.steps, "max abs(Q - q*)": error}
        self._env.unwrapped.show(q_values=q_values, status=status, scale=1.0)
        self.frames.append(self._env.render())


def film(language: str) -> list[npt.NDArray[np.uint8]]:
    """The pictures, their words in one language."""
    settings = tuned_settings("GridQ-v0", "dqn")
    env = gymnasium.make("GridQ-v0", render_mode="rgb_array", cell_size=CELL, language=language)
    env.reset(seed=0)
    lanes = gymnasium.make_vec("GridQ-v0", num_envs=settings["num_envs"])
    agent = agents.make("dqn", lanes, seed=0, **settings["hyperparameters"])
    camera = Camera(env)
    agents.train(agent, lanes, total_steps=int(LOOKS[-1]), callbacks=[camera])
    return camera.frames + list(greedy_frames(agent, env, seed=0))[1:]


def main() -> None:
    """Writes one for each language."""
    for language in ("en", "zh", "ja"):
        path = IMAGES / f"learning-{language}.gif"
        n_frames = write_frames(path, film(language), FPS)
        print(f"{path.name}: {n_frames} frames, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
