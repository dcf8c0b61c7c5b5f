"""Makes the pictures of docs/watching.md that show windows, and the board of the README: what is seen today.

    xvfb-run -s "-screen 0 1600x1200x24" python -m tools.watching_pictures
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import gymnasium
import numpy as np
import pygame

import agents
import gym_gridq
from agents.commands.live_view import LiveView
from agents.training.loop import Callback, Training
from gym_gridq.drawing import DEFAULT_STYLE, DrawingStyle, Track
from gym_gridq.rendering import Overlay
from gym_gridq.rendering.grid_window import GridWindow
from gym_gridq.rendering.interactive_window import InteractiveWindow
from gym_gridq.rendering.play_window import PlayWindow

IMAGES = Path(__file__).parents[1] / "docs" / "images"
CELL = 110


def main() -> None:
    """Makes them."""
    frames()
    backup()
    train()
    play()
    languages()


def frames() -> None:
    """Pictures that need no window."""
    bare = frame("book")
    optimum = {"status": {"episode": 12, "epsilon": 0.1}}
    save("watching-board", [bare, frame("book", "q", **optimum)])
    save("gridq", [frame("book", "q", status={"discount": 0.9})])
    save("watching-overlays", [frame("book", "v"), frame("book", "p")])
    large = gym_gridq.random_layout(30, 30, seed=0)
    sizes = [frame(["SG"], "q"), frame("frozenlake-4x4", "q"), frame(large, "q", cell_size=12)]
    save("watching-sizes", sizes)


def backup() -> None:
    """A click on a cell where moves slip."""
    dynamics = gym_gridq.Dynamics("aima", slip=0.2, step_reward=-0.04)
    window = GridWindow(dynamics, DrawingStyle(CELL), pace=None)
    window.draw([Track([8])], Overlay.checked(dynamics.layout, gym_gridq.solve(dynamics).q))
    window.controls.click(6)
    snap(window, "watching-backup")


def train() -> None:
    """A training that has found the way to the goal."""
    env = gymnasium.make_vec("GridQ-v0", num_envs=32)
    view = LiveView(gymnasium.make("GridQ-v0", render_mode="rgb_array", cell_size=CELL), 0.9, float("inf"))
    agent = agents.make("dqn", env, seed=0, **SETTINGS)

    class Snap(Callback):
        def on_step(self, training: Training) -> None:
            view._draw(training)

    agents.train(agent, env, total_steps=1_000, callbacks=[view, Snap()])
    snap(view._window, "watching-train")


SETTINGS: Mapping[str, object] = {
    "learning_rate": 0.01,
    "batch_size": 256,
    "gradient_steps": 4,
    "target_tau": 0.07,
    "double_q": False,
    "learning_starts": 128,
    "epsilon_schedule": "constant",
}
"""Those of `gridq train`."""


def play() -> None:
    """A map that is being edited, and the keys."""
    window = PlayWindow(gym_gridq.Dynamics("book"), DrawingStyle(CELL), 0.9)
    window.draw([Track([8])])
    window._switch_editing()
    for state, letter in ((6, "#"), (0, "P")):
        window.editor.paint(state, letter)
    window.show_map(window.editor.layout)
    snap(window, "watching-play")
    window = PlayWindow(gym_gridq.Dynamics("book"), DrawingStyle(CELL), 0.9)
    window.draw([Track([8])])
    window.controls.switch_help()
    snap(window, "watching-keys")


def languages() -> None:
    """The same board in Chinese and in Japanese."""
    status = {"zh": {"episode": 12, "return": 1.0, "备注": "第一次成功"}, "ja": {"episode": 12, "return": 1.0, "備考": "初めて成功"}}
    save("watching-languages", [frame("book", "q", language=name, status=status[name]) for name in status])


def frame(layout: object, mode: str = "none", cell_size: int | None = None, language: str = "en", status: object = None) -> np.ndarray:  # type: ignore[type-arg]
    """A frame of a map, with what a mode shows of its optimum."""
    arguments = {"render_mode": "rgb_array", "cell_size": cell_size, "language": language}
    env = gymnasium.make("GridQ-v0", layout=layout, **arguments)
    env.reset(seed=0)
    solution = gym_gridq.solve(env)
    shown = {"q": {"q_values": solution.q}, "v": {"values": solution.v, "policy": solution.policy}, "p": {"policy": solution.policy}}
    env.unwrapped.show(**shown.get(mode, {}), status=status)
    return env.render()


def save(name: str, pictures: list[np.ndarray]) -> None:  # type: ignore[type-arg]
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
