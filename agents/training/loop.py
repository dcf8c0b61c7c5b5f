"""Training: the loop in which an agent acts, the environment answers, and the agent learns."""

from __future__ import annotations

import contextlib
import math
import sys
from collections import deque
from collections.abc import Iterable
from typing import Any

import gymnasium
import numpy as np

from agents.algorithms.base import Agent
from agents.arguments import checked_count, checked_seed
from agents.experience.env_spaces import answers_explained, check_spaces, env_checked
from agents.experience.rollout import rollout_of
from agents.experience.snapshots import NotRestorableError
from agents.training.history import EndedTogether, Episode, History

__all__ = ["Callback", "Training", "checked_callbacks"]


class Callback:
    """What hangs on the loop: progress bars, files, judgement, early ends. Override what you need."""

    def on_start(self, training: Training) -> None:
        """Called once before the first step."""

    def on_step(self, training: Training) -> None:
        """Called after every step of the environment, or of all its lanes."""

    def on_episode(self, training: Training, episode: Episode) -> None:
        """Called for every finished episode, before `on_step`."""

    def on_end(self, training: Training) -> None:
        """Called once when the loop has ended, however it ended."""

    def state(self) -> Any:
        """Plain data from which `load_state` goes on in a resumed training."""
        return None

    def load_state(self, state: Any) -> None:
        """Goes on where `state` was taken; called before `on_start`."""


class Training:
    """A training under way: everything that `run` needs to go on, and that a checkpoint must hold.

    Attributes:
        agent: the agent.
        rollout: the environment and its episodes.
        steps: environment steps made so far.
        n_episodes: episodes finished so far.
        total_steps: where to end, or None.
        total_episodes: where to end, or None.
        history: finished episodes of this process.
        last_loss: loss of the latest update, or None.
        stop_reason: why a callback asked to stop, or None.

    Args:
        agent: the agent.
        env: environment or vector environment.
        total_steps: environment steps to make in all, lanes counted one by one.
        episodes: episodes to finish in all; the first limit reached ends the training.
        callbacks: called in this order.
        seed: seed of the environment; the agent's own by default.

    Raises:
        ValueError: if neither limit is given, for a number out of its range, or an environment of other
            spaces than those the agent was made for.
    """

    def __init__(
        self,
        agent: Agent,
        env: gymnasium.Env[Any, Any] | gymnasium.vector.VectorEnv[Any, Any, Any],
        total_steps: int | None = None,
        episodes: int | None = None,
        callbacks: Iterable[Callback] | Callback = (),
        seed: int | None = None,
    ) -> None:
        if total_steps is None and episodes is None:
            raise ValueError("training needs an end: give total_steps, episodes, or both")
        if not isinstance(agent, Agent):
            raise ValueError(f"the agent is {agent!r:.80}; give one that agents.make made")
        env_checked(env)
        check_spaces(agent, env)
        self.agent = agent
        self.rollout = rollout_of(env)
        self._env = env
        self.total_steps = None if total_steps is None else checked_count("total_steps", total_steps)
        self.total_episodes = None if episodes is None else checked_count("episodes", episodes)
        self.callbacks = checked_callbacks(callbacks)
        self._watchers = [each for each in self.callbacks if type(each).on_step is not Callback.on_step]
        self._listeners = [
            each for each in self.callbacks if type(each).on_episode is not Callback.on_episode
        ]
        self.history = History()
        self.steps = 0
        self.n_episodes = 0
        self.last_loss: float | None = None
        self.stop_reason: str | None = None
        self._seed = agent.seed if seed is None else checked_seed(seed)
        self._loss_sum = 0.0
        self._n_losses = 0

    @property
    def finished(self) -> bool:
        """Whether a limit is reached."""
        return (self.total_steps is not None and self.steps >= self.total_steps) or (
            self.total_episodes is not None and self.n_episodes >= self.total_episodes
        )

    def stop(self, reason: str) -> None:
        """Ends the loop after the present step; for callbacks."""
        self.stop_reason = reason

    def run(self) -> History:
        """Trains until a limit is reached or a callback stops it.

        Raises:
            DivergenceError: if a reward or a loss is not finite.
        """
        agent, rollout = self.agent, self.rollout
        if rollout.observation is None:
            with answers_explained(self._env):
                rollout.reset(self._seed)
        most_steps = sys.maxsize if self.total_steps is None else self.total_steps
        most_episodes = sys.maxsize if self.total_episodes is None else self.total_episodes
        for callback in self.callbacks:
            callback.on_start(self)
        try:
            # Numbers that leave their range are reported by the agent, by name, instead of by NumPy.
            with np.errstate(over="ignore", invalid="ignore"), answers_explained(self._env):
                while (
                    self.steps < most_steps and self.n_episodes < most_episodes and self.stop_reason is None
                ):
                    transition = rollout.step(agent.act(rollout.observation))
                    if rollout.n_moved:
                        loss = agent.learn(*transition)
                        self.steps += rollout.n_moved
                        if loss is not None:
                            self.last_loss = loss
                            self._loss_sum += loss
                            self._n_losses += 1
                        if rollout.ended:
                            self._note_episodes()
                    for watcher in self._watchers:
                        watcher.on_step(self)
        except BaseException:
            for callback in self.callbacks:
                with contextlib.suppress(Exception):  # what went wrong first is what is told
                    callback.on_end(self)
            raise
        for callback in self.callbacks:
            callback.on_end(self)
        return self.history

    def _note_episodes(self) -> None:
        """Notes the episodes that ended in the step just made, and tells the callbacks."""
        mean_loss = self._loss_sum / self._n_losses if self._n_losses else math.nan
        self._loss_sum, self._n_losses = 0.0, 0
        ended, epsilon = self.rollout.ended, float(self.agent.epsilon)
        together = EndedTogether(self.n_episodes + 1, self.steps, ended, mean_loss, epsilon)
        self.n_episodes += len(ended)
        self.history.add(together)
        for listener in self._listeners:
            for episode in together.episodes():
                listener.on_episode(self, episode)

    def _lasting_callbacks(self) -> list[tuple[str, Callback]]:
        """Those with a state of their own, by the name of their class; a progress bar comes and goes."""
        lasting = (each for each in self.callbacks if type(each).state is not Callback.state)
        return [(type(each).__name__, each) for each in lasting]

    def _load_callbacks(self, states: Any) -> None:
        """Gives each callback the state that was saved of it; several of one class take theirs in order."""
        saved: dict[str, deque[Any]] = {}
        # a release kept one state for each class
        for name, state in states.items() if isinstance(states, dict) else states:
            saved.setdefault(name, deque()).append(state)
        for name, callback in self._lasting_callbacks():
            if name not in saved:
                raise ValueError(
                    f"the checkpoint holds no state of a callback {name}; go on with the callbacks that it "
                    "was saved with"
                )
            if saved[name]:
                callback.load_state(saved[name].popleft())

    def state(self) -> dict[str, Any]:
        """Plain data from which `load_state` goes on, between two steps."""
        return {
            "steps": self.steps,
            "n_episodes": self.n_episodes,
            "last_loss": self.last_loss,
            "loss_sum": self._loss_sum,
            "n_losses": self._n_losses,
            "rollout": None if self.rollout.observation is None else self.rollout.snapshot(),
            "callbacks": [[name, callback.state()] for name, callback in self._lasting_callbacks()],
        }

    def load_state(self, state: dict[str, Any]) -> str | None:
        """Goes on where `state` was taken, with the same callbacks.

        Returns:
            None if all goes on exactly. If the environment cannot, it begins a new episode, and this is why.

        Raises:
            ValueError: if the state is damaged.
        """
        try:
            self.steps, self.n_episodes = state["steps"], state["n_episodes"]
            self.last_loss = state["last_loss"]
            self._loss_sum, self._n_losses = state["loss_sum"], state["n_losses"]
            counters = (self.steps, self.n_episodes, self._n_losses)
            if any(type(counter) is not int or counter < 0 for counter in counters):
                raise TypeError(f"counters {counters}")
            if type(self._loss_sum) is not float or type(self.last_loss) not in (float, type(None)):
                raise TypeError(f"losses {self._loss_sum!r:.40}, {self.last_loss!r:.40}")
            self._load_callbacks(state["callbacks"])
            if state["rollout"] is not None:
                self.rollout.restore(state["rollout"])
        except NotRestorableError as error:
            self.rollout.reset(None if self._seed is None else self._seed + self.steps)
            return str(error)
        except (LookupError, TypeError, AttributeError) as error:
            raise ValueError(f"the saved state of the training is damaged ({error})") from error
        return None


def checked_callbacks(callbacks: Any) -> tuple[Callback, ...]:
    """The callbacks; one alone need not be in a list.

    Raises:
        ValueError: for anything that is none.
    """
    if isinstance(callbacks, Callback):
        return (callbacks,)
    listed = tuple(callbacks) if isinstance(callbacks, Iterable) else (callbacks,)
    for callback in listed:
        if not isinstance(callback, Callback):
            raise ValueError(
                f"a callback is {callback!r:.80}; give a list of objects whose class derives from "
                "agents.Callback and says in on_step or on_episode what to do"
            )
    return listed
