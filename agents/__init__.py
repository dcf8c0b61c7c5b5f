"""Learners for Gymnasium environments with a few actions, the network ones on DeZero.

Nothing heavy is imported here: an agent's own module, and DeZero with it, comes when `make` or `load` first
asks for it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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
    from agents.experiments.findings import Sweep
    from agents.experiments.sweep import sweep
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
    "Sweep",
    "TensorBoard",
    "Training",
    "evaluate",
    "load",
    "make",
    "sweep",
    "train",
]


def __getattr__(name: str) -> Any:
    """The experiments, which bring GridQ's worlds and more along, when they are first asked for."""
    if name in ("Sweep", "sweep"):
        room = "findings" if name == "Sweep" else "sweep"
        return getattr(import_module(f"agents.experiments.{room}"), name)
    if name == "__version__":
        return import_module("importlib.metadata").version("gym-gridq")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
