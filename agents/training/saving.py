"""Checkpoints while an agent trains, and going on from them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from agents.algorithms.checkpoint import Checkpoint
from agents.storage.checkpoint_file import write_checkpoint
from agents.storage.plain_data import pack, unpack
from agents.training.loop import Callback, Training

__all__ = ["Checkpointing", "continue_from", "save_training"]


class Checkpointing(Callback):
    """Saves the training again and again. It must come after every callback that writes files.

    When it saves plays no part in what the training computes.

    Args:
        path: the checkpoint.
        every_steps: environment steps between two checkpoints; None saves every `EVERY_SECONDS`, which keeps
            the cost far below 2% of the time whatever the agent's size and speed.
        run: what tells the run from others, kept in the checkpoint; None keeps nothing.
    """

    EVERY_SECONDS = 30.0

    def __init__(self, path: Path, every_steps: int | None = None, run: str | None = None) -> None:
        self.path = path
        self.run = run
        self.every_steps = every_steps
        self._saved_at_step = 0
        self._saved_at_time = 0.0

    def on_start(self, training: Training) -> None:
        """Saves before the first step, so that there is something to go on from at any time."""
        if training.steps == 0:
            self.save(training)
        self._saved_at_step, self._saved_at_time = training.steps, time.monotonic()

    def on_step(self, training: Training) -> None:
        """Saves when it is time to."""
        if self.every_steps is not None:
            due = training.steps - self._saved_at_step >= self.every_steps
        else:
            due = time.monotonic() - self._saved_at_time >= self.EVERY_SECONDS
        if due:
            self.save(training)

    def save(self, training: Training) -> None:
        """Saves now."""
        save_training(self.path, training, self.run)
        self._saved_at_step, self._saved_at_time = training.steps, time.monotonic()


def save_training(path: Path, training: Training, run: str | None = None) -> None:
    """Writes agent and training into one checkpoint, between two steps.

    Args:
        path: the checkpoint.
        training: the training.
        run: what tells the run from others, if it is to be kept.

    Raises:
        OSError: if the file cannot be written; an earlier one is then as it was.
    """
    arrays: dict[str, Any] = {}
    state = pack(training.state() | ({} if run is None else {"run": run}), arrays)
    write_checkpoint(path, training.agent.saved(), state, arrays)


def continue_from(checkpoint: Checkpoint, training: Training) -> str | None:
    """Puts a training of the checkpoint's agent where the checkpoint was taken.

    Returns:
        None if all goes on exactly; else why the environment begins a new episode instead.

    Raises:
        ValueError: if the checkpoint holds no training, or one that does not fit.
    """
    if checkpoint.training is None:
        raise ValueError("the checkpoint holds an agent but no training to go on with")
    state = unpack(checkpoint.training, checkpoint.arrays)
    return training.load_state(state)
