"""train: a whole training in a call."""

from __future__ import annotations

from collections.abc import Iterable

from agents.algorithms.base import Agent
from agents.environments import AnyEnv, opened
from agents.training.history import History
from agents.training.loop import Callback, Training, checked_callbacks
from agents.training.progress import ProgressBar

__all__ = ["train"]


def train(
    agent: Agent,
    env: AnyEnv | str,
    total_steps: int | None = None,
    episodes: int | None = None,
    callbacks: Iterable[Callback] | Callback = (),
    seed: int | None = None,
    progress: bool = False,
) -> History:
    """Trains an agent; see `Training` for the other arguments.

    Args:
        agent: the agent.
        env: environment, vector environment, or the id of one.
        total_steps: environment steps to make in all.
        episodes: episodes to finish in all.
        callbacks: called in this order; one alone needs no list.
        seed: seed of the environment; the agent's own by default.
        progress: show a bar on standard error.

    Returns:
        The finished episodes.

    Raises:
        ValueError: for limits out of their range, or an environment that the agent was not made for.
        DivergenceError: if a reward or a loss is not finite.
    """
    called = checked_callbacks(callbacks)
    if progress:
        called = (*called, ProgressBar())
    with opened(env) as trained_on:
        return Training(agent, trained_on, total_steps, episodes, called, seed).run()
