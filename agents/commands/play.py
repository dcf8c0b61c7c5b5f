"""``gridq play``: a person makes the moves; on a map of GridQ with the optimum as a hint, and an editor."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import gymnasium

import gym_gridq
from agents.commands.drawing import drawn_env_of, need_display, options_of_drawing
from agents.commands.env_args import environment_arguments
from agents.commands.parser import Parser, number
from agents.experiments.grids import grid_of, is_grid
from agents.training.configuration import env_of
from agents.training.evaluation import Moment
from gym_gridq.checks import DISCOUNT
from gym_gridq.drawing import Language

if TYPE_CHECKING:
    from gym_gridq.rendering.windows.interactive_window import InteractiveWindow

__all__ = ["run"]

ARROWS = {
    "Acrobot": {"left": 0, "down": 1, "right": 2},
    "CartPole": {"left": 0, "right": 1},
    "CliffWalking": {"up": 0, "right": 1, "down": 2, "left": 3},
    "FrozenLake": {"left": 0, "down": 1, "right": 2, "up": 3},
    "FrozenLake8x8": {"left": 0, "down": 1, "right": 2, "up": 3},
    "LunarLander": {"down": 0, "left": 1, "up": 2, "right": 3},
    "MountainCar": {"left": 0, "down": 1, "right": 2},
    "Taxi": {"down": 0, "up": 1, "right": 2, "left": 3},
}
"""Actions that arrow keys stand for, by the name of an environment without its version."""


def run(arguments: Sequence[str]) -> int:
    """Runs the command."""
    parser = Parser(
        "gridq play",
        "Play with the arrow keys or WASD. Q, V and P show the exact optimum as a hint, E edits the map\n"
        "with the mouse; H shows all keys. In other environments the digit keys are the numbers of actions.",
    )
    parser.add_argument("--env-id", help="environment (default: GridQ-v0)")
    parser.env_arg()
    parser.count("--seed", "seed (default: a fresh one)", low=0, metavar="S")
    parser.add_argument(
        "--discount", type=number, metavar="G", help=f"discount of the optimum (default: {DISCOUNT})"
    )
    parser.language()
    options = parser.parse(arguments)

    env_id = options.get("env_id", "GridQ-v0")
    config = {"env_id": env_id, "env_kwargs": environment_arguments(env_id, options.get("env_arg", []))}
    seed = options.get("seed")
    with drawn_env_of(config, options) as env:
        if is_grid(env):
            need_display("play ...", "'gridq solve' prints the map's optimum")
            config["env_kwargs"] |= options_of_drawing(options)
            _play_on_maps(env, config, seed, options.get("discount", DISCOUNT))
        else:
            _play_as_guest(env, env_id, seed, options.get("language", "en"))
    return 0


def _play_on_maps(
    env: gymnasium.Env[Any, Any], config: dict[str, Any], seed: int | None, discount: float
) -> None:
    """Plays until the window is closed, on whatever map the window makes of the first."""
    from gym_gridq.rendering import Overlay
    from gym_gridq.rendering.windows.play_window import PlayWindow

    window = PlayWindow(grid_of(env).dynamics, grid_of(env).style, discount)
    with contextlib.closing(window), contextlib.ExitStack() as made:
        q_star = gym_gridq.solve(env, discount).q

        def draw(moment: Moment) -> None:
            grid = grid_of(env)
            status = grid.track.status()
            window.draw([grid.track], Overlay.checked(grid.layout, q_star, status=status, discount=discount))

        for number in itertools.count(1):
            _play_episode(window, env, number, seed, draw)
            if not window.is_open:
                break
            seed, layout = None, window.take_map()
            if layout is not None and layout != grid_of(env).layout:
                env = made.enter_context(env_of(config, "rgb_array", {"layout": layout}))
                q_star = gym_gridq.solve(env, discount).q
    for path in window.saved:
        print(f"{path}: gridq train --env-arg layout={path}")
    if not window.editor.is_saved:
        print(
            f"the map as it was edited last, which stands in no file:\n{window.editor.layout.to_text()}",
            end="",
        )


def _play_as_guest(env: gymnasium.Env[Any, Any], env_id: str, seed: int | None, language: Language) -> None:
    """Plays until the window is closed, in a world of which only frames are known."""
    from gym_gridq.rendering.windows.controls import GUEST_KEYS
    from gym_gridq.rendering.windows.frame_window import FrameWindow
    from gym_gridq.rendering.windows.window import open_display

    space = env.action_space
    if not isinstance(space, gymnasium.spaces.Discrete):
        raise ValueError(f"play takes a key for each action, and the actions of {env_id} are {space}")
    need_display("play ...", "'gridq train' leaves an animation")
    first, n_keys = int(space.start), min(int(space.n), 10)
    arrows = ARROWS.get(env_id.rpartition(":")[2].rpartition("-")[0], {})
    steering = {str(number): first + number for number in range(n_keys)} | arrows
    arrows_row = (("arrows", "move"),) if arrows else ()
    keys = ((f"0 - {n_keys - 1}", "actions by number"), *arrows_row, *GUEST_KEYS[3:])
    open_display()  # before the environment draws and does it its own way
    env.reset(seed=seed)
    with contextlib.closing(
        FrameWindow(env.render(), None, steering=steering, language=language, keys=keys)
    ) as window:

        def draw(moment: Moment) -> None:
            window.draw(env.render(), moment.status())

        for number in itertools.count(1):
            if not window.is_open:
                break
            _play_episode(window, env, number, seed, draw)
            seed = None


def _play_episode(
    window: InteractiveWindow,
    env: gymnasium.Env[Any, Any],
    number: int,
    seed: int | None,
    draw: Callable[[Moment], None],
) -> None:
    """Plays until the episode has ended and another is wanted, or the user wants something else."""
    env.reset(seed=seed)
    moment = Moment()
    while window.is_open:
        draw(moment)
        action = window.ask()
        if action is None or moment.over:
            break
        _, reward, terminated, truncated, _ = env.step(action)
        so_far = moment.episode_return + float(reward)
        moment = Moment(moment.step + 1, so_far, float(reward), terminated or truncated)
        if moment.over:
            result = moment.episode_return, moment.step
            window.controls.notify("return {:g} in {} steps: any move plays again", *result)
            print("episode {}: return {:g} in {} steps".format(number, *result), flush=True)
    window.take_restart()
