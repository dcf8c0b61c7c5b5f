"""What an agent knows: exactly on our own maps, by greedy episodes elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np

import gym_gridq
from agents.algorithms.base import Agent
from agents.commands.grids import (
    MAX_DRAWN_STATES,
    exact_figures,
    grid_of,
    grid_policy,
    grid_q_values,
    has_action_values,
    is_grid,
    judged_policy,
)
from agents.commands.runs import discount_of
from agents.training.evaluation import evaluate
from agents.training.metrics import Judge
from gym_gridq.exact.evaluation import policy_value

__all__ = [
    "EPISODES",
    "EVALUATE_EVERY",
    "MAX_STEPS",
    "exact_judgement",
    "judge",
    "judge_exactly",
    "judge_while_training",
]

EPISODES = 100
MAX_STEPS = 10_000
"""An episode is broken off after these, where the environment has no limit."""

EVALUATE_EVERY = 10_000
"""Environment steps between two greedy evaluations, where the optimum is not known."""

EVALUATION_EPISODES = 5

JUDGED_GROWTH = 1.02
"""Steps between two exact judgements, as a factor: some 500 in a million steps."""

JUDGED_GROWTH_OF_LARGE_MAPS = 1.1
"""Where a judgement takes longer than a millisecond."""

LARGE_MAP = 500


def judge(
    agent: Agent, env: gymnasium.Env[Any, Any], config: dict[str, Any], episodes: int
) -> dict[str, Any]:
    """How good an agent is: sampled on any environment, exactly where the optimum is known.

    Returns:
        ``mean_return``, ``std_return``, ``mean_length``, ``policy`` (which one was followed); of our grids
        also what `exact_judgement` gives.
    """
    result = evaluate(agent, env, episodes, seed=config["seed"], max_steps=MAX_STEPS)
    judged: dict[str, Any] = {
        "mean_return": result.mean_return,
        "std_return": result.std_return,
        "mean_length": result.mean_length,
        "policy": "greedy" if agent.learns else "random",
    }
    if not is_grid(env):
        return judged
    judged |= exact_judgement(agent, env, discount_of(config))
    return judged | {"exact": exact_figures(agent, env, MAX_STEPS)}


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
    known = {"policy": "greedy" if agent.learns else "random"}
    return known | exact_figures(agent, env, MAX_STEPS) | exact_judgement(agent, env, discount_of(config))


def exact_judgement(agent: Agent, env: gymnasium.Env[Any, Any], discount: float) -> dict[str, Any]:
    """What a policy is worth on a grid: ``greedy_value``, ``optimal_value``, ``regret``, ``n_states``.

    Of an agent that learns also ``greedy_length`` (None if its policy never ends), ``optimal_states`` and
    ``max_q_error``; one that learns nothing is judged by the random policy that it follows.
    """
    if not agent.learns:
        grade = gym_gridq.grade(env, discount=discount, probabilities=judged_policy(agent, env))
        return {
            "greedy_value": grade.value,
            "optimal_value": grade.optimal_value,
            "regret": grade.regret,
            "n_states": grade.n_states,
        }
    grade = gym_gridq.grade(env, grid_policy(agent, env), discount)
    return {
        "greedy_value": grade.value,
        "optimal_value": grade.optimal_value,
        "regret": grade.regret,
        "greedy_length": grade.greedy_length,
        "optimal_states": grade.optimal_states,
        "n_states": grade.n_states,
        "max_q_error": grade.max_q_error,
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
        small_enough = grid_of(env).dynamics.n_states <= MAX_DRAWN_STATES
        return _ExactJudge(env, discount_of(config)) if small_enough else None
    every = config.get("evaluate_every")
    return _SampledJudge(env, every, config["seed"]) if every else None


class _ExactJudge:
    """The exact worth of the greedy policy, and how far the Q-values are from q*."""

    def __init__(self, env: gymnasium.Env[Any, Any], discount: float) -> None:
        self._env, self._dynamics, self._discount = env, grid_of(env).dynamics, discount
        self._optimum = gym_gridq.solve(self._dynamics, discount)
        self._optimal_value = float(self._optimum.v[self._dynamics.start_states].mean())
        large = self._dynamics.n_states > LARGE_MAP
        self._growth = JUDGED_GROWTH_OF_LARGE_MAPS if large else JUDGED_GROWTH

    def due(self, steps: int, judged_at: int) -> bool:
        return steps >= self._growth * judged_at

    def judge(self, agent: Agent) -> Mapping[str, float]:
        known = {"optimal_value": self._optimal_value}
        if not agent.learns:
            return known
        try:
            policy = judged_policy(agent, self._env)  # (S, A)
            known["greedy_value"] = policy_value(self._dynamics, policy, self._discount)
        except ValueError:  # without a discount, a policy that never ends has no value
            known["greedy_value"] = np.nan
        if has_action_values(agent):
            difference = grid_q_values(agent, self._env) - self._optimum.q  # (S, A)
            known["max_q_error"] = float(np.abs(difference)[~self._dynamics.absorbing].max())
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
