"""GridQ: the 3x4 grid world of Q-learning, with its exact optimum, as a Gymnasium environment."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import gymnasium

from gym_gridq.dynamics import Dynamics
from gym_gridq.env import GridQEnv
from gym_gridq.exact.evaluation import evaluate_policy, visitation
from gym_gridq.exact.gradients import policy_gradient
from gym_gridq.exact.grading import Grade, grade
from gym_gridq.exact.planning import HorizonSolution, Solution, solve, solve_horizon
from gym_gridq.exact.returns import Returns, returns
from gym_gridq.generation import random_layout
from gym_gridq.layout import LAYOUTS, Action, Layout
from gym_gridq.wrappers import OneHotObservation

if TYPE_CHECKING:
    __version__: str
    from gym_gridq.vector_env import GridQVectorEnv
    from gym_gridq.vector_wrappers import VectorOneHotObservation

__all__ = [
    "LAYOUTS",
    "Action",
    "Dynamics",
    "Grade",
    "GridQEnv",
    "HorizonSolution",
    "Layout",
    "OneHotObservation",
    "Returns",
    "Solution",
    "evaluate_policy",
    "grade",
    "policy_gradient",
    "random_layout",
    "returns",
    "solve",
    "solve_horizon",
    "visitation",
]
if hasattr(gymnasium.vector, "AutoresetMode"):  # Gymnasium >= 1.1; on older ones asking for them says so
    __all__ += ["GridQVectorEnv", "VectorOneHotObservation"]

# The environment itself refuses wrong actions and a step before reset, with Gymnasium's own errors, and
# the tests put Gymnasium's checker on it. The two wrappers that would look again cost as much as the
# step does; `gymnasium.make(..., disable_env_checker=False)` brings the checker back.
for _id, _entry_point, _vector_entry_point in (
    ("GridQ-v0", "gym_gridq.env:GridQEnv", "gym_gridq.vector_env:GridQVectorEnv"),
    (
        "GridQ-OneHot-v0",
        "gym_gridq.wrappers:make_one_hot",
        "gym_gridq.vector_wrappers:make_vector_one_hot",
    ),
):
    gymnasium.register(
        _id,
        entry_point=_entry_point,
        vector_entry_point=_vector_entry_point,
        max_episode_steps=100,
        reward_threshold=1.0,
        order_enforce=False,
        disable_env_checker=True,
    )


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("gym-gridq")
    # Brought in when first asked for: on Gymnasium < 1.1 all else works without them.
    late = {"GridQVectorEnv": "vector_env", "VectorOneHotObservation": "vector_wrappers"}
    if name in late:
        return getattr(import_module(f"{__name__}.{late[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
