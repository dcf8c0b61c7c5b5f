"""Epsilon set by a person while an agent learns, noted so exactly that the training can be told again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from agents.training.loop import Callback, Training

__all__ = ["EpsilonByHand", "Note"]

Note = Callable[[Sequence[dict[str, Any]]], None]


class EpsilonByHand(Callback):
    """Sets epsilon where a person asks for it, and where one did when the training ran before.

    Such a training is no longer that of its seed alone: it is that of its seed and of these changes.

    Args:
        changes: those made so far, ``{"step": environment step, "epsilon": number from 0 to 1, or None}``
            each, in order; None is what the agent would do by itself.
        note: is told all changes whenever there is a new one.

    Attributes:
        changes: the same, new ones included.

    Raises:
        ValueError: for something that is no list of such changes.
    """

    def __init__(self, changes: Any = (), note: Note | None = None) -> None:
        if not isinstance(changes, list | tuple) or not all(map(_is_change, changes)):
            raise ValueError(
                f"epsilon_by_hand is {changes!r:.80}; expected a list of changes, each with step and epsilon"
            )
        self.changes: list[dict[str, Any]] = [dict(change) for change in changes]
        self._note = note
        self._done = 0  # how many of them are in force
        self._wish: tuple[float | None] | None = None

    def set(self, epsilon: float | None) -> None:
        """Sets epsilon from the next step on; None leaves it to the agent again."""
        self._wish = (epsilon,)

    def on_start(self, training: Training) -> None:
        """Takes up the changes of an interrupted training."""
        self._repeat(training)

    def on_step(self, training: Training) -> None:
        """Makes the changes that are due."""
        self._repeat(training)
        # A step in which every lane only began anew counts for nothing, and could not be told from the next.
        if self._wish is not None and training.rollout.n_moved:
            training.agent.epsilon_by_hand = epsilon = self._wish[0]
            self._wish = None
            del self.changes[self._done :]
            self.changes.append({"step": training.steps, "epsilon": epsilon})
            self._done += 1
            if self._note is not None:
                self._note(self.changes)

    def _repeat(self, training: Training) -> None:
        while self._done < len(self.changes) and self.changes[self._done]["step"] <= training.steps:
            training.agent.epsilon_by_hand = self.changes[self._done]["epsilon"]
            self._done += 1


def _is_change(change: Any) -> bool:
    if not isinstance(change, dict) or set(change) != {"step", "epsilon"}:
        return False
    step, epsilon = change["step"], change["epsilon"]
    is_number = type(epsilon) in (int, float) and 0 <= epsilon <= 1
    return type(step) is int and step >= 0 and (epsilon is None or is_number)
