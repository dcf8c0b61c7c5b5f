"""A cell of a sweep: one training, judged. What it gives depends on its configuration alone."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from agents.algorithms.base import Agent
from agents.errors import DivergenceError
from agents.experiments.grids import GridJudge, exact_judgement, is_grid
from agents.training.configuration import (
    EPISODES,
    MAX_STEPS,
    discount_of,
    env_of,
    lanes_of,
    new_agent,
)
from agents.training.evaluation import evaluate
from agents.training.history import Episode
from agents.training.loop import Callback, Training
from agents.versions import versions

__all__ = [
    "CURVES",
    "EXACT_MEASURES",
    "POINTS",
    "SAMPLED_MEASURES",
    "Cell",
    "CellResult",
    "digest_of",
    "run_cell",
    "run_cells",
    "run_cells_elsewhere",
]

POINTS = 100
"""Points of a curve, equally far apart; the last one is the end of the training."""

CURVES = ("steps", "return", "max_q_error", "regret")
"""What a training is followed by: environment steps, mean return of the episodes since the last point, and
the exact figures."""

JUDGED = ("regret", "max_q_error", "optimal_states", "greedy_length")
"""Of the trained agent, as `agents.experiments.grids.exact_judgement` calls them."""

EXACT_MEASURES = ("total_steps", *JUDGED, "steps_to_exact", "steps_to_optimal", "episodes")
"""Of GridQ's environments, whose optimum is known."""

SAMPLED_MEASURES = ("total_steps", "mean_return", "area", "steps_to_threshold", "episodes")
"""Of all other environments."""

EXACT = 0.01
"""Largest abs(Q - q*) that counts as exact."""


Cell = tuple[int, Mapping[str, Any]]
"""Number and configuration."""


class CellResult(NamedTuple):
    """What became of a cell.

    Attributes:
        number: its number in the plan.
        measures: the figures, by name; None where there is none to give. Empty after an error.
        curves: float32 (len(CURVES), POINTS); NaN where nothing is known.
        digest: `digest_of` the trained agent; empty after an error.
        error: what went wrong, in one line; else empty.
        seconds: how long it took.
        worker: the process that ran it.
        finished: when, in UTC.
    """

    number: int
    measures: dict[str, float | None]
    curves: npt.NDArray[np.float32]
    digest: str
    error: str
    seconds: float
    worker: str
    finished: str


def digest_of(agent: Agent) -> str:
    """SHA-256 of all that an agent has learned: name, kind, shape and bytes of every array of its state.

    Two agents of one digest are equal to the last bit; that of a run is
    ``digest_of(agents.load("RUN/checkpoint.npz"))``.
    """
    digest = hashlib.sha256()
    for name, array in sorted(agent.state_arrays().items()):
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def run_cells(cells: Sequence[Cell]) -> list[CellResult]:
    """Runs cells one after another."""
    return [run_cell(number, config) for number, config in cells]


def run_cells_elsewhere(cells: Sequence[Cell], expected: Mapping[str, str | None]) -> list[CellResult]:
    """Runs cells on a machine that may not be the one that asks for them.

    Args:
        cells: the cells.
        expected: `agents.versions.versions` of who asks.

    Raises:
        ChildProcessError: if other releases compute here, whose results may differ in the last bits.
    """
    for name, here in versions().items():
        if here != expected[name]:
            raise ChildProcessError(
                f"{socket.gethostname()} has {name} {here}, but the sweep was begun with {expected[name]}; "
                "install the same on every machine"
            )
    with _ONE_AT_A_TIME:
        return run_cells(cells)


_ONE_AT_A_TIME = threading.Lock()
"""For workers with several threads: DeZero switches its gradients on and off for the whole process."""


def run_cell(number: int, config: Mapping[str, Any]) -> CellResult:
    """Trains and judges; whatever goes wrong is part of the result."""
    started = time.perf_counter()
    curves = np.full((len(CURVES), POINTS), np.nan, np.float32)
    measures: dict[str, float | None] = {}
    digest = error = ""
    try:
        measures, digest = _trained(config, curves)
    except DivergenceError as problem:
        error = f"diverged: {problem}"
    except Exception as problem:  # of the environment, or for want of memory: the other cells go on
        error = f"{type(problem).__name__}: {problem}"
    seconds = time.perf_counter() - started
    worker = f"{socket.gethostname()}:{os.getpid()}"
    finished = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    return CellResult(number, measures, curves, digest, " ".join(error.split()), seconds, worker, finished)


def _trained(
    config: Mapping[str, Any], curves: npt.NDArray[np.float32]
) -> tuple[dict[str, float | None], str]:
    """Measures and digest of a training, whose curves are filled in."""
    with env_of(config) as judged_env:
        follower = _Follower(GridJudge.of(judged_env, config) if is_grid(judged_env) else None, curves)
        with lanes_of(config) as env:
            agent = new_agent(config, env)
            training = Training(agent, env, config["total_steps"], config["episodes"], [follower])
            training.run()
        digest = digest_of(agent)
        measures: dict[str, float | None] = {"total_steps": training.steps}
        if is_grid(judged_env):
            judged = exact_judgement(agent, judged_env, discount_of(config))
            measures |= {name: judged.get(name) for name in JUDGED}
            measures |= {
                "steps_to_exact": follower.steps_to_exact(),
                "steps_to_optimal": follower.steps_to_optimal(),
            }
        else:
            found = evaluate(agent, judged_env, EPISODES, config["seed"], MAX_STEPS)
            threshold = judged_env.spec.reward_threshold if judged_env.spec is not None else None
            measures |= {
                "mean_return": found.mean_return,
                "area": follower.mean_return(),
                "steps_to_threshold": None if threshold is None else follower.steps_to_return(threshold),
            }
        measures["episodes"] = training.n_episodes
    return measures, digest


class _Follower(Callback):
    """Fills in the curves of a training, which it does not disturb."""

    def __init__(self, judge: GridJudge | None, curves: npt.NDArray[np.float32]) -> None:
        self._judge, self._curves = judge, curves
        self._return_sum, self._n_returns = 0.0, 0
        self._recent = np.nan
        self._n_points = 0
        self._steps = np.zeros(POINTS, np.int64)  # made when each point was taken

    def on_episode(self, training: Training, episode: Episode) -> None:
        """Keeps its return for the next point."""
        self._return_sum += episode.episode_return
        self._n_returns += 1

    def on_step(self, training: Training) -> None:
        """Takes the points that are due."""
        if training.total_steps is not None:
            made, total = training.steps, training.total_steps
        else:
            made, total = training.n_episodes, training.total_episodes or 1
        due = min(POINTS, made * POINTS // total)
        if due > self._n_points:
            if self._n_returns:
                self._recent = self._return_sum / self._n_returns
                self._return_sum, self._n_returns = 0.0, 0
            error = regret = np.nan
            if self._judge is not None:
                error, value = self._judge.look(training.agent)
                regret = self._judge.optimal_value - value
            points = slice(self._n_points, due)
            self._curves[:, points] = np.array([[training.steps], [self._recent], [error], [regret]])
            self._steps[points] = training.steps
            self._n_points = due

    def steps_to_exact(self) -> int | None:
        """Steps until the Q-values were exact for the first time."""
        return self._steps_when(self._curves[CURVES.index("max_q_error")] <= EXACT)

    def steps_to_optimal(self) -> int | None:
        """Steps until the greedy policy was worth the optimum, and stayed so to the end."""
        worse = np.flatnonzero(~(self._curves[CURVES.index("regret"), : self._n_points] <= 1e-6))
        first = worse[-1] + 1 if worse.size else 0
        return int(self._steps[first]) if first < self._n_points else None

    def steps_to_return(self, threshold: float) -> int | None:
        """Steps until the episodes between two points had this mean return for the first time."""
        return self._steps_when(self._curves[CURVES.index("return")] >= threshold)

    def mean_return(self) -> float | None:
        """Area under the curve of returns, divided by its length."""
        known = self._curves[CURVES.index("return"), : self._n_points]
        known = known[np.isfinite(known)]
        return float(known.mean(dtype=np.float64)) if known.size else None

    def _steps_when(self, reached: npt.NDArray[np.bool_]) -> int | None:
        points = np.flatnonzero(reached)
        return int(self._steps[points[0]]) if points.size else None
