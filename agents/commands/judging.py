"""What an agent knows: exactly on our own maps, by greedy episodes elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium

import gym_gridq
from agents.algorithms.base import Agent
from agents.experiments.grids import (
    GridJudge,
    exact_judgement,
    grid_of,
    has_action_values,
    is_grid,
    judged_policy,
)
from agents.training.configuration import MAX_STEPS, discount_of
from agents.training.evaluation import evaluate
from agents.training.metrics import Judge
from gym_gridq.exact.arguments import checked_horizon

__all__ = ["judge", "judge_while_training"]

EVALUATION_EPISODES = 5

JUDGED_GROWTH = 1.02
"""Steps between two exact judgements, as a factor: some 500 in a million steps."""

JUDGED_GROWTH_OF_LARGE_MAPS = 1.1
"""Where a judgement takes longer than a millisecond."""

LARGE_MAP = 500


def judge(
    agent: Agent, env: gymnasium.Env[Any, Any], config: dict[str, Any], episodes: int | None
) -> dict[str, Any]:
    """How good an agent is: sampled on any environment, exactly where the optimum is known.

    Args:
        agent: the agent.
        env: like those that it was trained on.
        config: that of the run.
        episodes: how many to sample; None samples none.

    Returns:
        ``policy`` (which one was followed), ``mean_return``, ``std_return``, ``mean_length``; of our grids
        also what `exact_judgement` gives, and under ``exact`` (in their place, if nothing is sampled) what
        such an evaluation averages to: these figures, ``std_length``, and the probabilities ``ended`` and
        ``reached_goal`` that an episode ends before the limit, and that it does so on a goal.

    Raises:
        ValueError: where nothing is sampled, for an environment whose rules are unknown.
    """
    judged: dict[str, Any] = {"policy": "greedy" if agent.learns else "random"}
    if episodes is not None:
        result = evaluate(agent, env, episodes, seed=config["seed"], max_steps=MAX_STEPS)
        sampled = ("mean_return", "std_return", "mean_length")
        judged = {**{name: getattr(result, name) for name in sampled}, **judged}
    if not is_grid(env):
        if episodes is None:
            raise ValueError(
                f"the rules of {config['env_id']} are unknown, only those of GridQ's environments are known; "
                "evaluate it by episodes, without --exact"
            )
        return judged
    exact, known = _exact_figures(agent, env), exact_judgement(agent, env, discount_of(config))
    return judged | (exact | known if episodes is None else known | {"exact": exact})


def _exact_figures(agent: Agent, env: gymnasium.Env[Any, Any]) -> dict[str, float]:
    """What an evaluation of an agent on a grid averages to, without a sampled episode."""
    dynamics = grid_of(env).dynamics
    policy = judged_policy(agent, env)  # (S, A)
    horizon = checked_horizon(env, None) or MAX_STEPS
    exact = gym_gridq.returns(env, policy, horizon)
    visits = gym_gridq.visitation(env, policy, discount=1.0, horizon=horizon)  # (S,)
    scores = (dynamics.layout.cells == "G")[dynamics.next_state] & dynamics.terminated  # (S, 4)
    chance = (policy @ dynamics.move_probability * scores).sum(axis=1)  # (S,)
    return {
        "mean_return": exact.mean,
        "std_return": exact.std,
        "mean_length": exact.mean_length,
        "std_length": exact.std_length,
        "ended": exact.ended,
        "reached_goal": float(visits @ chance),
    }


def judge_while_training(env: gymnasium.Env[Any, Any], config: dict[str, Any]) -> Judge | None:
    """What fills the columns of ``metrics.csv`` that say what the learner knows.

    Args:
        env: a scalar environment of its own, like those trained on.
        config: that of the run.

    Returns:
        None where nothing is to be known: a map too large to solve again and again, no evaluation asked for.
    """
    if is_grid(env):
        grid = GridJudge.of(env, config)
        large = grid_of(env).dynamics.n_states > LARGE_MAP
        growth = JUDGED_GROWTH_OF_LARGE_MAPS if large else JUDGED_GROWTH
        return None if grid is None else _ExactJudge(grid, growth)
    every = config.get("evaluate_every")
    return _SampledJudge(env, every, config["seed"]) if every else None


class _ExactJudge:
    """The exact worth of the greedy policy, and how far the Q-values are from q*."""

    def __init__(self, grid: GridJudge, growth: float) -> None:
        self._grid, self._growth = grid, growth

    def due(self, steps: int, judged_at: int) -> bool:
        return steps >= self._growth * judged_at

    def judge(self, agent: Agent) -> Mapping[str, float]:
        known = {"optimal_value": self._grid.optimal_value}
        if agent.learns:
            error, known["greedy_value"] = self._grid.look(agent)
            if has_action_values(agent):
                known["max_q_error"] = error
        return known


class _SampledJudge:
    """The mean return of greedy episodes."""

    def __init__(self, env: gymnasium.Env[Any, Any], every: int, seed: int) -> None:
        self._env, self._every, self._seed = env, every, seed

    def due(self, steps: int, judged_at: int) -> bool:
        return steps // self._every > judged_at // self._every

    def judge(self, agent: Agent) -> Mapping[str, float]:
        found = evaluate(agent, self._env, EVALUATION_EPISODES, self._seed, MAX_STEPS)
        return {"greedy_return": found.mean_return}
