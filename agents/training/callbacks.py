"""Callbacks that judge an agent while it trains: evaluation, an early end, TensorBoard."""

from __future__ import annotations

import math
import os
from importlib import import_module
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

from agents.arguments import checked_count, checked_seed
from agents.training.evaluation import Evaluation, evaluate
from agents.training.history import Episode
from agents.training.loop import Callback, Training

__all__ = ["PeriodicEvaluation", "StopAtExactValues", "TensorBoard"]


class _Periodic(Callback):
    """Does something every so many environment steps, at the first call after they are made."""

    def __init__(self, every_steps: int) -> None:
        self.every_steps = self._next = checked_count("every_steps", every_steps)

    def on_step(self, training: Training) -> None:
        """Does it when it is due."""
        if training.steps >= self._next:
            self._next = (training.steps // self.every_steps + 1) * self.every_steps
            self.on_due(training)

    def on_due(self, training: Training) -> None:
        """What to do."""
        raise NotImplementedError

    def state(self) -> Any:
        """When it is due next."""
        return self._next

    def load_state(self, state: Any) -> None:
        """Goes on where `state` was taken."""
        if type(state) is not int:
            raise TypeError(f"due at {state!r:.40}")
        self._next = state


class PeriodicEvaluation(_Periodic):
    """Evaluates the greedy policy while an agent trains, and may end the training when it is good enough.

    The agent's own random numbers are not touched: with this callback it learns what it learns without.

    Attributes:
        evaluations: steps made, and what was found then.

    Args:
        env: a scalar environment of its own, not the one that is trained on.
        every_steps: environment steps from one evaluation to the next.
        episodes: episodes in each.
        target_return: mean return at which to end the training; None goes on.
        seed: seed of every evaluation.

    Raises:
        ValueError: for numbers out of their range.
    """

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        every_steps: int,
        episodes: int = 10,
        target_return: float | None = None,
        seed: int | None = 0,
    ) -> None:
        super().__init__(every_steps)
        if target_return is not None and math.isnan(target_return):
            raise ValueError("target_return is nan, which nothing reaches; give a number, or leave it out")
        self.env, self.target_return = env, target_return
        self.episodes, self.seed = checked_count("episodes", episodes), checked_seed(seed)
        self.evaluations: list[tuple[int, Evaluation]] = []

    def on_due(self, training: Training) -> None:
        """Evaluates."""
        found = evaluate(training.agent, self.env, self.episodes, self.seed)
        self.evaluations.append((training.steps, found))
        if self.target_return is not None and found.mean_return >= self.target_return:
            training.stop(f"mean return {found.mean_return:g} reached {self.target_return:g}")

    def state(self) -> Any:
        """When it is due next, and what was found so far."""
        return {
            "next": super().state(),
            "steps": np.array([steps for steps, _ in self.evaluations], np.int64),  # (N,)
            "returns": np.array([found.returns for _, found in self.evaluations]),  # (N, E)
            "lengths": np.array([found.lengths for _, found in self.evaluations]),
        }

    def load_state(self, state: Any) -> None:
        """Goes on where `state` was taken."""
        if not isinstance(state, dict):  # of a release that kept no evaluations
            super().load_state(state)
            return
        super().load_state(state["next"])
        rows = zip(state["steps"].tolist(), state["returns"], state["lengths"], strict=True)
        self.evaluations = [(steps, Evaluation.of(returns, lengths)) for steps, returns, lengths in rows]


class StopAtExactValues(_Periodic):
    """Ends the training when the Q-values are as near to known ones as asked for.

    Attributes:
        max_error: the largest difference when it was last looked at; infinite at first.

    Args:
        q: the true action values, (S, A), where observations are the numbers from 0 to S - 1.
        states: the states that count; walls and terminal states have no values to learn. All by default.
        tolerance: largest absolute difference at which to end.
        every_steps: environment steps from one look to the next.

    Raises:
        ValueError: for values of another shape, or a number out of its range.
    """

    def __init__(
        self,
        q: npt.ArrayLike,
        states: npt.ArrayLike | None = None,
        tolerance: float = 0.01,
        every_steps: int = 100,
    ) -> None:
        super().__init__(every_steps)
        self.q = np.asarray(q, np.float64)
        if self.q.ndim != 2:
            raise ValueError(f"q has shape {self.q.shape}; give a table (S, A)")
        self.states = np.arange(len(self.q)) if states is None else np.asarray(states)
        if self.states.dtype.kind not in "iu" or self.states.ndim != 1 or not self.states.size:
            raise ValueError(f"states is {states!r}; give the numbers of some states")
        if self.states.min() < 0 or self.states.max() >= len(self.q):
            raise ValueError(f"states is {states!r}; q knows those from 0 to {len(self.q) - 1}")
        if not np.isfinite(self.q[self.states]).all():
            raise ValueError("q is not finite where it counts; nothing would ever be near to it")
        if not tolerance > 0:
            raise ValueError(f"tolerance is {tolerance!r}; give a number above 0")
        self.tolerance = tolerance
        self.max_error = math.inf

    def on_start(self, training: Training) -> None:
        """Refuses an agent of other actions."""
        if self.q.shape[1] != training.agent.n_actions:
            raise ValueError(
                f"q has {self.q.shape[1]} actions, but the agent {training.agent.n_actions}; "
                "give the values of the environment that is trained on"
            )

    def on_due(self, training: Training) -> None:
        """Looks."""
        differences = training.agent.q_values(self.states) - self.q[self.states]  # (S, A)
        self.max_error = float(np.abs(differences).max())
        if self.max_error <= self.tolerance:
            training.stop(f"max abs(Q - q*) is {self.max_error:.2g}")


class TensorBoard(Callback):
    """Writes return, length, loss and epsilon of every episode for TensorBoard.

    Args:
        directory: where; ``tensorboard --logdir`` takes it.

    Raises:
        ModuleNotFoundError: without TensorBoard, which the extra ``gym-gridq[tensorboard]`` brings.
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        try:
            writer_class = import_module("tensorboard.summary").Writer
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                "TensorBoard is not installed; pip install 'gym-gridq[tensorboard]' brings it"
            ) from error
        self._writer = writer_class(os.fspath(directory))

    def on_episode(self, training: Training, episode: Episode) -> None:
        """Writes a point of each curve."""
        curves = {
            "episode/return": episode.episode_return,
            "episode/length": episode.length,
            "training/loss": episode.loss,
            "training/epsilon": episode.epsilon,
        }
        for name, value in curves.items():
            if not math.isnan(value):
                self._writer.add_scalar(name, value, episode.steps)

    def on_end(self, training: Training) -> None:
        """Writes what is still in memory."""
        self._writer.flush()
