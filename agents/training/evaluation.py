"""Evaluation: how well an agent does when it does not explore."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple, Protocol
from weakref import WeakKeyDictionary

import gymnasium
import numpy as np
import numpy.typing as npt

from agents.algorithms.base import Agent
from agents.arguments import checked_count, checked_seed
from agents.experience.env_spaces import answers_explained, check_spaces, env_checked

__all__ = ["Actor", "Evaluation", "Moment", "evaluate", "greedy_episode", "policy_of"]

_followers: WeakKeyDictionary[Agent, Agent] = WeakKeyDictionary()
"""The copies that `policy_of` made, by the agents they are of."""


class Actor(Protocol):
    """Anything that chooses actions as `agents.algorithms.base.Agent` does."""

    def act(self, observation: Any, explore: bool = True) -> Any:
        """Chooses an action."""


class Evaluation(NamedTuple):
    """What `evaluate` found.

    Attributes:
        mean_return: mean undiscounted return.
        std_return: standard deviation of the returns.
        mean_length: mean number of steps.
        returns: float64 (episodes,).
        lengths: int64 (episodes,).
    """

    mean_return: float
    std_return: float
    mean_length: float
    returns: npt.NDArray[np.float64]
    lengths: npt.NDArray[np.int64]

    @classmethod
    def of(cls, returns: npt.NDArray[np.float64], lengths: npt.NDArray[np.int64]) -> Evaluation:
        """What episodes of these returns and lengths amount to."""
        return cls(float(returns.mean()), float(returns.std()), float(lengths.mean()), returns, lengths)


def policy_of(agent: Actor | Callable[[Any], Any], seed: int | None) -> Callable[[Any], Any]:
    """How an agent is judged and shown: without exploring.

    One that learns nothing, and so has no other policy than the one it explores with, follows that; on a
    copy, for the agent's own random numbers are its training's.

    Args:
        agent: what acts.
        seed: of the random numbers of that copy; None goes on with those it has, as `reset` does.

    Returns:
        observation -> action.

    Raises:
        ValueError: for what does not act.
    """
    if isinstance(agent, Agent) and not agent.learns:
        follower = _followers.get(agent)
        if follower is None or seed is not None:
            follower = _followers[agent] = copy.deepcopy(agent)
            fresh = np.random.default_rng(seed).bit_generator.state
            follower.generators["exploration"].bit_generator.state = fresh
        return follower.act
    if hasattr(agent, "act") and not isinstance(agent, type):
        return lambda observation: agent.act(observation, explore=False)
    if isinstance(agent, type) or not callable(agent):
        raise ValueError(
            f"the agent is {agent!r:.80}; give one that agents.make made, or a function from an "
            "observation to an action"
        )
    return agent


class Moment(NamedTuple):
    """Where an episode stands.

    Attributes:
        step: steps made in it.
        episode_return: undiscounted sum of its rewards.
        reward: the last one; None before the first step.
        over: whether it has ended.
    """

    step: int = 0
    episode_return: float = 0.0
    reward: float | None = None
    over: bool = False

    def status(self) -> dict[str, Any]:
        """What a status line says of it."""
        return {"step": self.step, "return": self.episode_return, "reward": self.reward}


def greedy_episode(
    agent: Actor | Callable[[Any], Any], env: gymnasium.Env[Any, Any], seed: int | None = None
) -> Iterator[Moment]:
    """Plays one episode without exploring; stops at its beginning and after every step, to be looked at.

    Args:
        agent: what acts.
        env: the environment.
        seed: seed of the reset.
    """
    act = policy_of(agent, seed)
    observation, _ = env.reset(seed=seed)
    moment = Moment()
    yield moment
    while not moment.over:
        observation, reward, terminated, truncated, _ = env.step(act(observation))
        so_far = moment.episode_return + float(reward)
        moment = Moment(moment.step + 1, so_far, float(reward), terminated or truncated)
        yield moment


def evaluate(
    agent: Actor | Callable[[Any], Any],
    env: gymnasium.Env[Any, Any],
    episodes: int = 100,
    seed: int | None = 0,
    max_steps: int | None = None,
) -> Evaluation:
    """Runs whole episodes without exploring or learning; the agent is left as it was.

    Args:
        agent: the agent, or a function from an observation to an action.
        env: a scalar environment; a half-trained policy may never end without its time limit.
        episodes: number of episodes, at least 1.
        seed: seed of the first reset.
        max_steps: steps after which an episode is broken off, where the environment has no limit.

    Raises:
        ValueError: for a number out of its range, an agent that does not act, a vector environment, one of
            other spaces than those the agent was made for, or one that does not answer as Gymnasium's do.
    """
    episodes, seed = checked_count("episodes", episodes), checked_seed(seed)
    if max_steps is not None:
        max_steps = checked_count("max_steps", max_steps)
    if isinstance(env, gymnasium.vector.VectorEnv):
        raise ValueError(
            f"evaluation runs one environment, but {env} is a vector of them; use gymnasium.make"
        )
    env_checked(env)
    if isinstance(agent, Agent):
        check_spaces(agent, env)
    most_moments = None if max_steps is None else max_steps + 1
    returns, lengths = np.zeros(episodes), np.zeros(episodes, np.int64)
    with answers_explained(env):
        for episode in range(episodes):
            for moment in islice(greedy_episode(agent, env, seed if episode == 0 else None), most_moments):
                last = moment
            returns[episode], lengths[episode] = last.episode_return, last.step
    return Evaluation.of(returns, lengths)
