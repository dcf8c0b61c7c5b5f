"""``gridq watch``: greedy episodes of a run's agent in a window."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from agents.checkpoint import load
from agents.cli import Parser
from agents.commands.common import integer_from, make_env, need_display
from agents.evaluation import evaluate
from agents.runs import RunFolder

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Runs the command."""
    parser = Parser("gridq watch", "Watch greedy episodes of a run's agent in a window.")
    parser.add_argument("run", metavar="RUN", help="run folder")
    parser.add_argument("--episodes", type=integer_from(1), metavar="N", help="episodes to show (default: 5)")
    options = vars(parser.parse(arguments))

    folder = RunFolder(options["run"])
    config = folder.read_config()
    agent = load(folder.checkpoint_file)
    need_display()
    with contextlib.closing(make_env(config["env_id"], config["env_kwargs"], "human")) as env:
        result = evaluate(agent, env, options.get("episodes", 5), seed=config["seed"])
    print(f"mean return {result.mean_return:.3f}, mean length {result.mean_length:.1f} steps")
    return 0
