"""What the benchmarks share: clocks, candidates that take turns, tuned agents, options and files."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np

if TYPE_CHECKING:
    from agents import Agent
    from agents.environments import AnyEnv

Step = Callable[[Any], Any]
"""Takes a step of many environments, given their actions."""

BATCHES = 16


class Stopwatch:
    """Wall-clock and CPU seconds of a block."""

    def __enter__(self) -> Stopwatch:
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *exception: object) -> None:
        self.seconds = time.perf_counter() - self._wall
        self.cpu_seconds = time.process_time() - self._cpu
        self.figures = {"seconds": self.seconds, "cpu_seconds": self.cpu_seconds}


def best_of_turns(
    candidates: Mapping[str, Callable[[], object]],
    rounds: int,
    repeats: int = 1,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, float]:
    """Seconds of one call of each candidate, in its best round of so many calls.

    They take turns, so that a busy moment hits none alone; whatever else runs on a machine only adds time.
    """
    best = dict.fromkeys(candidates, float("inf"))
    for _ in range(rounds):
        for name, call in candidates.items():
            start = clock()
            for _ in range(repeats):
                call()
            best[name] = min(best[name], (clock() - start) / repeats)
    return best


def random_batches(lanes: int) -> list[Any]:
    """Actions for some steps of so many lanes, drawn beforehand."""
    rng = np.random.default_rng(0)
    return [rng.integers(0, 4, lanes) for _ in range(BATCHES)]


def tuned(env_id: str, agent: str, seed: int) -> tuple[Agent, AnyEnv, int]:
    """A new agent with the settings tuned for an environment, the environment, and the steps to train."""
    # the world's benchmarks do without
    from agents.training.configuration import new_agent, usual_configuration

    config = {**usual_configuration(env_id, agent), "seed": seed}
    n_lanes = config["num_envs"]
    env = gymnasium.make(env_id) if n_lanes == 1 else gymnasium.make_vec(env_id, num_envs=n_lanes)
    return new_agent(config, env), env, config["total_steps"]


def parser_of(words: str | None) -> argparse.ArgumentParser:
    """A command line that says what the script's docstring says, and can write the figures down."""
    parser = argparse.ArgumentParser(description=words, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    return parser


def write_json(path: Path | None, figures: Any) -> None:
    """Writes the figures, where a file was asked for."""
    if path:
        path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
