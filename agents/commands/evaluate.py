"""``gridq evaluate``: judges the agent of a run."""

from __future__ import annotations

from collections.abc import Sequence

from agents.commands.judging import judge
from agents.commands.parser import Parser
from agents.commands.report import table
from agents.commands.runs import checkpoint_of, read_config
from agents.commands.terminal import print_json, print_text
from agents.commands.trust import add_own_words
from agents.storage.run_folder import RunFolder
from agents.training.configuration import EPISODES, env_of

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Runs the command."""
    parser = Parser(
        "gridq evaluate", "Judge the greedy policy of a run; exactly, where the optimum is known."
    )
    parser.add_argument("run", metavar="RUN", help="run folder")
    parser.count("--episodes", f"episodes to play (default: {EPISODES})")
    parser.flag(
        "--exact",
        "compute what episodes average to instead of playing any; only on GridQ, whose rules are known "
        "(default: play episodes)",
    )
    parser.flag("--json", "print JSON instead of a table")
    add_own_words(parser)
    options = parser.parse(arguments)
    if {"exact", "episodes"} <= options.keys():
        parser.error("--exact plays no episodes; leave out --episodes, or --exact")

    folder = RunFolder(options["run"])
    config = read_config(folder, options)
    agent = checkpoint_of(folder, config).agent
    with env_of(config) as env:
        judged = judge(agent, env, config, None if "exact" in options else options.get("episodes", EPISODES))
    if "json" in options:
        print_json(judged)
    else:
        print_text(table(judged))
    return 0
