"""Learners for Gymnasium environments with a few actions, the network ones on DeZero.

Nothing heavy is imported here: an agent's own module, and DeZero with it, comes when `make` or `load` first
asks for it.
"""

from agents.base import Agent
from agents.callbacks import PeriodicEvaluation, StopAtExactValues, TensorBoard
from agents.checkpoint import CheckpointError, load
from agents.errors import DivergenceError
from agents.evaluation import Evaluation, evaluate
from agents.registry import AGENTS, make
from agents.training import Callback, Episode, History, Training, train

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
