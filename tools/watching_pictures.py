"""Makes the pictures of docs/watching.md that show windows and frames: what is seen today.

xvfb-run -s "-screen 0 1600x1200x24" python -m tools.watching_pictures
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt
import pygame

import agents
import gym_gridq
from agents.commands.drawing import shows_status
from agents.commands.live_view import LiveView
from agents.experiments.grids import grid_of
from agents.pictures.films import greedy_frames, write_frames
from agents.settings import tuned_settings
from agents.training.loop import Callback, Training
from gym_gridq.drawing import DrawingStyle, Track
from gym_gridq.rendering import Overlay
from gym_gridq.rendering.windows.grid_window import GridWindow
from gym_gridq.rendering.windows.interactive_window import InteractiveWindow
from gym_gridq.rendering.windows.play_window import PlayWindow

IMAGES = Path(__file__).parents[1] / "docs" / "images"
CELL, LARGE_CELL = 110, 150


def main() -> None:
    """Makes them."""
    frames()
    backup()
    train()
    play()
    languages()
    strip()


def frames() -> None:
    """Pictures that need no window."""
    save("watching-board", [frame("book"), frame("book", "q", {"episode": 12, "epsilon": 0.1})])
    save("watching-overlays", [frame("book", "v"), frame("book", "p")])
    large = gym_gridq.random_layout(30, 30, seed=0)
    sizes = [frame(["SG"], "q"), frame("frozenlake-4x4", "q"), frame(large, "q", cell_size=12)]
    save("watching-sizes", sizes)


def backup() -> None:
    """A click on a cell where moves slip."""
    dynamics = gym_gridq.Dynamics("aima", slip=0.2, step_reward=-0.04)
    window = GridWindow(dynamics, DrawingStyle(LARGE_CELL), pace=None)
    window.draw([Track([8])], Overlay.checked(dynamics.layout, gym_gridq.solve(dynamics).q))
    window.controls.click(6)
    snap(window, "watching-backup")


def train() -> None:
    """A training that has found the way to the goal."""
    settings = tuned_settings("GridQ-v0", "dqn")
    env = gymnasium.make_vec("GridQ-v0", num_envs=settings["num_envs"])
    view = LiveView(gymnasium.make("GridQ-v0", render_mode="rgb_array", cell_size=CELL), 0.9, float("inf"))
    agent = agents.make("dqn", env, seed=0, **settings["hyperparameters"])

    class Snap(Callback):
        def on_step(self, training: Training) -> None:
            view._draw(training)

    agents.train(agent, env, total_steps=1_000, callbacks=[view, Snap()])
    snap(view._window, "watching-train")


def play() -> None:
    """A map that is being edited, and the keys."""
    window = PlayWindow(gym_gridq.Dynamics("book"), DrawingStyle(CELL), 0.9)
    window.draw([Track([8])])
    window._switch_editing()
    for state, letter in ((6, "#"), (9, "P")):
        window.editor.paint(state, letter)
    window.show_map(window.editor.layout)
    snap(window, "watching-play")
    window = PlayWindow(gym_gridq.Dynamics("book"), DrawingStyle(CELL), 0.9)
    window.draw([Track([8])])
    window.controls.switch_help()
    snap(window, "watching-keys")


def languages() -> None:
    """The same board in Chinese and in Japanese, with words of the user's own."""
    notes = {"zh": ("备注", "第一次成功"), "ja": ("備考", "初めて成功")}
    boards = []
    for language, (name, text) in notes.items():
        boards.append(
            frame("book", "q", language=language, status={"episode": 12, "return": 1.0, name: text})
        )
    save("watching-languages", boards)


def strip() -> None:
    """All frames of an episode side by side."""
    env = gymnasium.make("GridQ-v0", render_mode="rgb_array", cell_size=60)
    agent = agents.make("tabular", env, seed=0, learning_rate=1.0, epsilon=1.0)
    agents.train(agent, gymnasium.make("GridQ-v0"), total_steps=4_000)
    shown = shows_status(env, {"q_values": agent.q_values(range(12))})
    write_frames(IMAGES / "watching-strip.png", list(greedy_frames(agent, env, 0, shown)))


def frame(layout: Any, mode: str = "none", status: Any = None, **arguments: Any) -> npt.NDArray[np.uint8]:
    """A frame of a map, with what a mode shows of its optimum."""
    env = gymnasium.make("GridQ-v0", layout=layout, render_mode="rgb_array", **arguments)
    env.reset(seed=0)
    solution = gym_gridq.solve(env)
    shown: dict[str, dict[str, Any]] = {
        "none": {},
        "q": {"q_values": solution.q},
        "v": {"values": solution.v, "policy": solution.policy},
        "p": {"policy": solution.policy},
    }
    grid_of(env).show(**shown[mode], status=status)
    picture: npt.NDArray[np.uint8] = env.render()  # type: ignore[assignment]
    return picture


def save(name: str, pictures: list[npt.NDArray[np.uint8]]) -> None:
    """Writes pictures side by side."""
    height = max(len(picture) for picture in pictures)
    padded = [np.pad(p, ((0, height - len(p)), (0, 12), (0, 0)), constant_values=250) for p in pictures]
    pixels = np.concatenate(padded, axis=1)[:, :-12]
    pygame.image.save(pygame.surfarray.make_surface(pixels.swapaxes(0, 1)), IMAGES / f"{name}.png")


def snap(window: InteractiveWindow, name: str) -> None:
    """Writes what a window shows, and closes it."""
    pygame.image.save(window._composed(window._window.size), IMAGES / f"{name}.png")
    window.close()


if __name__ == "__main__":
    main()
