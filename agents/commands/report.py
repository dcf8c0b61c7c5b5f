"""What a finished training leaves behind: judgement, summary, pictures, and the table on the screen."""

from __future__ import annotations

import contextlib
import os
from itertools import islice
from pathlib import Path
from typing import Any

import gymnasium

import gym_gridq
from agents.algorithms.base import Agent
from agents.commands.environments import make_env
from agents.commands.grids import (
    MAX_DRAWN_STATES,
    exact_figures,
    grid_of,
    grid_overlay,
    grid_policy,
    is_grid,
    shows_status,
)
from agents.commands.printing import print_aside, print_text
from agents.commands.runs import discount_of
from agents.pictures.curves import draw_curves
from agents.pictures.films import fps_of, greedy_frames, write_frames
from agents.storage.files import replacing
from agents.storage.run_folder import RunFolder
from agents.training.evaluation import evaluate
from agents.training.loop import Training
from agents.training.metrics import read_metrics

__all__ = ["judge", "judge_exactly", "table", "write_report"]

EPISODES = 100
MAX_STEPS = 10_000
MAX_GIF_STEPS = 200


def judge(
    agent: Agent, env: gymnasium.Env[Any, Any], config: dict[str, Any], episodes: int
) -> dict[str, Any]:
    """How good an agent is: sampled on any environment, exactly where the optimum is known.

    Returns:
        ``mean_return``, ``std_return``, ``mean_length``; of our grids also ``greedy_length`` (None if the
        greedy policy never ends), ``optimal_states``, ``n_states``, ``regret``, ``max_q_error`` (None of an
        agent without Q-values), and under ``exact`` what `exact_figures` gives.
    """
    result = evaluate(agent, env, episodes, seed=config["seed"], max_steps=MAX_STEPS)
    judged: dict[str, Any] = {
        "mean_return": result.mean_return,
        "std_return": result.std_return,
        "mean_length": result.mean_length,
    }
    if is_grid(env):
        judged |= _graded(agent, env, config) | {"exact": exact_figures(agent, env, MAX_STEPS)}
    return judged


def judge_exactly(agent: Agent, env: gymnasium.Env[Any, Any], config: dict[str, Any]) -> dict[str, Any]:
    """How good an agent is on one of our grids, without a sampled episode.

    Returns:
        What `judge` does, with the figures that it samples taken from `exact_figures`.

    Raises:
        ValueError: for an environment whose rules are unknown.
    """
    if not is_grid(env):
        raise ValueError(
            f"the rules of {config['env_id']} are unknown, only those of GridQ's environments are known; "
            "evaluate it by episodes, without --exact"
        )
    return exact_figures(agent, env, MAX_STEPS) | _graded(agent, env, config)


def _graded(agent: Agent, env: gymnasium.Env[Any, Any], config: dict[str, Any]) -> dict[str, Any]:
    """What is known of an agent's Q-values and of their greedy policy on one of our grids."""
    grade = gym_gridq.grade(env, grid_policy(agent, env), discount_of(config))
    return {
        "greedy_length": grade.greedy_length,
        "optimal_states": grade.optimal_states,
        "n_states": grade.n_states,
        "max_q_error": grade.max_q_error,
        "regret": grade.regret,
    }


def write_report(
    folder: RunFolder, config: dict[str, Any], training: Training, seconds: float, quiet: bool
) -> None:
    """Judges the trained agent and writes pictures and summary; the summary comes last.

    Args:
        folder: the run.
        config: its configuration.
        training: the finished training.
        seconds: how long it took in this process.
        quiet: print no table.
    """
    agent = training.agent
    with contextlib.closing(make_env(config["env_id"], config["env_kwargs"])) as env:
        judged = judge(agent, env, config, EPISODES)
        draws = "rgb_array" in env.metadata.get("render_modes", ())
        draws_grid = is_grid(env) and grid_of(env).layout.n_states <= MAX_DRAWN_STATES
    title = f"{config['agent']} on {config['env_id']}, seed {config['seed']}"
    with replacing(folder.curves_file) as file:
        draw_curves(file, read_metrics(folder.metrics_file), title)
    if draws_grid:
        _draw_grid(folder.q_values_file, agent, config)
    if draws:
        _write_episode(folder.gif_file, agent, config)
    files = {
        "checkpoint": folder.checkpoint_file,
        "config": folder.config_file,
        "metrics": folder.metrics_file,
        "curves": folder.curves_file,
        "q_values": folder.q_values_file,
        "greedy": folder.gif_file,
    }
    summary = {
        "seed": config["seed"],
        "steps": training.steps,
        "episodes": training.n_episodes,
        "seconds": round(seconds, 3),
        **judged,
        "paths": {name: os.fspath(path) for name, path in files.items() if path.exists()},
    }
    folder.write_summary(summary)
    if not quiet:
        print_text(table({**summary, "folder": os.fspath(folder.path)}))


def table(summary: dict[str, Any]) -> str:
    """The summary for people; what is not known is left out."""
    length = summary.get("greedy_length", "")
    exact = summary.get("exact", {})
    reached_goal = summary.get("reached_goal", exact.get("reached_goal"))
    rows = {
        "environment steps": summary.get("steps"),
        "episodes": summary.get("episodes"),
        "seconds": summary.get("seconds"),
        "mean return": f"{summary['mean_return']:.3f} +- {summary['std_return']:.3f} (greedy)",
        "mean length": f"{summary['mean_length']:.1f} steps",
        "expected return": f"{exact['mean_return']:.3f} +- {exact['std_return']:.3f} (exact)"
        if exact
        else None,
        "reaches the goal": None if reached_goal is None else f"{reached_goal:.2%} of the time (exact)",
        "greedy path": None if length == "" else "does not end" if length is None else f"{length} steps",
        "optimal states": f"{summary['optimal_states']} of {summary['n_states']}"
        if "n_states" in summary
        else None,
        "max abs(Q - q*)": f"{summary['max_q_error']:.4f}"
        if summary.get("max_q_error") is not None
        else None,
        "files": summary.get("folder"),
    }
    return "\n".join(f"{name:18} {value}" for name, value in rows.items() if value is not None)


def _draw_grid(path: Path, agent: Agent, config: dict[str, Any]) -> None:
    """Draws the board with the learned Q-values and the board with q*, side by side."""
    with contextlib.closing(make_env(config["env_id"], config["env_kwargs"], "rgb_array")) as env:
        env.reset(seed=config["seed"])
        boards = []
        for shown, overlay in (
            ("learned", grid_overlay(agent, env)),
            ("exact q*", {"q_values": gym_gridq.solve(env, discount_of(config)).q}),
        ):
            grid_of(env).show(**overlay, status={"shown": shown})
            boards.append(env.render())
    write_frames(path, boards)  # type: ignore[arg-type]


def _write_episode(path: Path, agent: Agent, config: dict[str, Any]) -> None:
    """Writes a greedy episode as an animation; where nothing can be drawn after all, says why."""
    try:
        with contextlib.closing(make_env(config["env_id"], config["env_kwargs"], "rgb_array")) as env:
            before = shows_status(env, grid_overlay(agent, env)) if is_grid(env) else None
            frames = list(islice(greedy_frames(agent, env, config["seed"], before), MAX_GIF_STEPS + 1))
            write_frames(path, frames, fps_of(env))
    except (gymnasium.error.Error, ImportError) as error:
        print_aside(f"no animation: {error}")
