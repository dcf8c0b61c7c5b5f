"""Learners for Gymnasium environments with a few actions, the network ones on DeZero.

Nothing heavy is imported here: an agent's own module, and DeZero with it, comes when `make` or `load` first
asks for it.
"""

from typing import TYPE_CHECKING

from agents.algorithms.base import Agent
from agents.algorithms.checkpoint import load
from agents.algorithms.registry import AGENTS
from agents.errors import DivergenceError
from agents.storage.checkpoint_file import CheckpointError
from agents.training.callbacks import PeriodicEvaluation, StopAtExactValues, TensorBoard
from agents.training.evaluation import Evaluation, evaluate
from agents.training.history import Episode, History
from agents.training.loop import Callback, Training
from agents.training.train import train

if TYPE_CHECKING:
    from agents.algorithms.typed_make import make  # with the settings of every agent
else:
    from agents.algorithms.registry import make

__all__ = [
    "AGENTS",
    "Agent",
    "Callback",
    "CheckpointError",
    "DivergenceError",
    "Episode",
    "Evaluation",
    "History",
    "PeriodicEvaluation",
    "StopAtExactValues",
    "TensorBoard",
    "Training",
    "evaluate",
    "load",
    "make",
    "train",
]


def __getattr__(name: str) -> str:
    if name == "__version__":
        from importlib.metadata import version

        return version("gym-gridq")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
