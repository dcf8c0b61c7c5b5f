"""What a finished training leaves behind: judgement, summary, pictures, and the table on the screen."""

from __future__ import annotations

import os
from collections.abc import Collection
from itertools import islice
from pathlib import Path
from typing import Any

import gymnasium

import gym_gridq
from agents.algorithms.base import Agent
from agents.commands.drawing import MAX_DRAWN_STATES, frames_of, grid_overlay, shows_status
from agents.commands.judging import judge
from agents.commands.terminal import print_aside, print_text
from agents.experiments.grids import grid_of, is_grid
from agents.pictures.curves import draw_curves
from agents.pictures.films import fps_of, greedy_frames, write_frames
from agents.storage.files import replacing
from agents.storage.run_folder import RunFolder
from agents.training.configuration import EPISODES, discount_of, env_of
from agents.training.loop import Training
from agents.training.metrics import read_metrics

__all__ = ["advice", "pictures_left_out", "table", "write_report"]

MAX_GIF_STEPS = 200
MAX_GIF_PIXELS = 30_000_000
"""Of all frames together; they take about two seconds."""


def pictures_left_out(config: dict[str, Any]) -> tuple[Collection[str], str]:
    """Names of the pictures that a run will not have, and why; to be said before the time is spent."""
    with env_of(config) as env:
        if is_grid(env) and grid_of(env).layout.n_states > MAX_DRAWN_STATES:
            n_states = grid_of(env).layout.n_states
            why = f"the map has {n_states} cells, more than the {MAX_DRAWN_STATES} that can be told apart"
            return ("q_values.png", "greedy.gif"), why
        if "rgb_array" not in env.metadata.get("render_modes", ()):
            return ("greedy.gif",), f"{config['env_id']} draws no pictures"
    try:
        with frames_of(config) as env:
            env.reset(seed=config["seed"])
            env.render()
    except (gymnasium.error.Error, ImportError) as error:
        return ("greedy.gif",), str(error)
    return (), ""


def write_report(
    folder: RunFolder,
    config: dict[str, Any],
    training: Training,
    seconds: float,
    quiet: bool,
    left_out: Collection[str],
) -> dict[str, Any]:
    """Judges the trained agent and writes pictures and summary; the summary comes last.

    Args:
        folder: the run.
        config: its configuration.
        training: the finished training.
        seconds: how long it took in this process.
        quiet: print no table.
        left_out: names of the pictures that are not drawn.

    Returns:
        The summary.
    """
    agent = training.agent
    with env_of(config) as env:
        judged = judge(agent, env, config, EPISODES)
        on_a_grid = is_grid(env)
    title = f"{config['agent']} on {config['env_id']}, seed {config['seed']}"
    if folder.curves_file.name not in left_out:
        with replacing(folder.curves_file) as file:
            draw_curves(file, read_metrics(folder.metrics_file), title)
    if on_a_grid and agent.learns and folder.q_values_file.name not in left_out:
        _draw_grid(folder.q_values_file, agent, config)
    if folder.gif_file.name not in left_out:
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
    return summary


def table(summary: dict[str, Any]) -> str:
    """The summary for people; what is not known is left out."""
    known, exact = summary.get, summary.get("exact", {})
    reached_goal = summary.get("reached_goal", exact.get("reached_goal"))
    rows: dict[str, Any] = {
        "environment steps": known("steps"),
        "episodes": known("episodes"),
        "seconds": known("seconds"),
        "mean return": f"{summary['mean_return']:.3f} +- {summary['std_return']:.3f} ({summary['policy']})",
        "mean length": f"{summary['mean_length']:.1f} steps",
        "expected return": f"{exact['mean_return']:.3f} +- {exact['std_return']:.3f} (exact)"
        if exact
        else None,
        "reaches the goal": None if reached_goal is None else f"{reached_goal:.2%} of the time (exact)",
    }
    if "optimal_value" in summary:
        value, best = summary["greedy_value"], summary["optimal_value"]
        shown = "none (it never ends, and the discount is 1)" if value is None else f"{value:.4f}"
        rows["discounted value"] = f"{shown}, the optimum is {best:.4f}"
    if known("regret") is not None:
        rows["regret"] = f"{max(0.0, summary['regret']):.4f}"  # below 0 by rounding alone
    if "greedy_length" in summary:
        length = summary["greedy_length"]
        rows["greedy path"] = "does not end" if length is None else f"{length} steps"
    if known("optimal_states") is not None:
        rows["optimal states"] = f"{summary['optimal_states']} of {summary['n_states']}"
    if known("max_q_error") is not None:
        error = summary["max_q_error"]
        rows["max abs(Q - q*)"] = f"{error:.4f}" if error >= 1e-3 else f"{error:.1e}"
    rows["files"] = known("folder")
    return "\n".join(f"{name:18} {value}" for name, value in rows.items() if value is not None)


def advice(summary: dict[str, Any], config: dict[str, Any], go_on: str) -> str | None:
    """What to try where a policy never reaches the goal though a better one is known, or None elsewhere.

    Args:
        summary: of the run.
        config: that of the run.
        go_on: the command that goes on with it.
    """
    known, regret = summary.get, summary.get("regret")
    never = known("policy") == "greedy" and known("exact", {}).get("reached_goal") == 0
    if not never or (regret is not None and regret <= 1e-9):
        return None
    if config["hyperparameters"].get("discount") == 1 and not config["env_kwargs"].get("step_reward"):
        return (
            "the goal is not reached: with discount 1 it is worth the same however late, so nothing tells a "
            "step towards it from standing still; a cost of every step does: --env-arg step_reward=-0.04"
        )
    return f"the goal is not reached yet; to train longer:\n    {go_on} --total-steps {4 * summary['steps']}"


def _draw_grid(path: Path, agent: Agent, config: dict[str, Any]) -> None:
    """Draws the board with the learned Q-values and the board with q*, side by side."""
    with frames_of(config) as env:
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
    """Writes an episode as an animation; says where it had to be cut short."""
    with frames_of(config) as env:
        shown = shows_status(env, grid_overlay(agent, env)) if is_grid(env) and agent.learns else None
        episode = greedy_frames(agent, env, config["seed"], shown)
        frames = [next(episode)]
        most = max(1, min(MAX_GIF_STEPS, MAX_GIF_PIXELS // (frames[0].shape[0] * frames[0].shape[1])))
        frames += islice(episode, most)
        cut = next(episode, None) is not None
        write_frames(path, frames, fps_of(env))
    if cut:
        print_aside(f"{path.name} shows the first {most} steps of a longer episode")
