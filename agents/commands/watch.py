"""``gridq watch``: greedy episodes of a run's agent in a window."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from agents.commands.drawing import drawn_env_of, need_display
from agents.commands.parser import Parser, speed
from agents.commands.runs import checkpoint_of, read_config
from agents.commands.stages import stage_for
from agents.commands.trust import add_own_words
from agents.experience.env_spaces import check_spaces
from agents.pictures.films import fps_of
from agents.storage.run_folder import RunFolder
from agents.training.configuration import discount_of

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Runs the command."""
    parser = Parser(
        "gridq watch",
        "Watch greedy episodes of a run's agent in a window, on GridQ's maps with its Q-values.\n"
        "H shows the keys, Esc closes the window.",
    )
    parser.add_argument("run", metavar="RUN", help="run folder")
    parser.count("--episodes", "episodes to show (default: until the window is closed)")
    parser.add_argument(
        "--speed", type=speed, metavar="X", help="steps a second, or max (default: as the environment says)"
    )
    parser.language()
    add_own_words(parser)
    options = parser.parse(arguments)

    folder = RunFolder(options["run"])
    config = read_config(folder, options)
    agent = checkpoint_of(folder, config).agent
    need_display("watch ...", "the run folder's greedy.gif shows an episode")
    with drawn_env_of(config, options) as env:
        check_spaces(agent, env)
        pace, language = options.get("speed", fps_of(env)), options.get("language", "en")
        stage = stage_for(env, discount_of(config), language, pace)
        with contextlib.closing(stage.window):
            shown = stage.show_episodes(agent, config["seed"], options.get("episodes"))
    if shown:
        returns, lengths = zip(*shown, strict=True)
        mean_return, mean_length = sum(returns) / len(shown), sum(lengths) / len(shown)
        print(f"mean return {mean_return:.3f}, mean length {mean_length:.1f} steps")
    return 0
