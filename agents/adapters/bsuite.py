"""Our agents in bsuite's experiments (Osband et al. 2020): ``experiment.run(BsuiteAgent(...), env, n)``.

bsuite asks for two methods and no base class, so nothing of it is imported.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces

from agents.algorithms.registry import agent_class

__all__ = ["BsuiteAgent"]


class BsuiteAgent:
    """Plays and learns in dm_env's terms.

    Attributes:
        agent: the agent within.

    Args:
        observation_spec: of the dm_env environment; an array of any shape.
        action_spec: of the dm_env environment; discrete.
        name: one of `agents.AGENTS`.
        seed: integer that fixes everything random, or None.
        **hyperparameters: settings that differ from their defaults, see `agents.config`.

    Raises:
        ValueError: for an action spec that is not discrete, and as `agents.make` does.
    """

    def __init__(
        self,
        observation_spec: Any,
        action_spec: Any,
        name: str = "dqn",
        seed: int | None = None,
        **hyperparameters: Any,
    ) -> None:
        if not hasattr(action_spec, "num_values"):
            raise ValueError(
                f"the action spec is {action_spec!r}; these agents choose one of a few actions, "
                "so use an environment with a DiscreteArray"
            )
        cls = agent_class(name)
        self.agent = cls(
            spaces.Box(-np.inf, np.inf, observation_spec.shape, np.float32),
            spaces.Discrete(int(action_spec.num_values)),
            cls.config_class.from_mapping(hyperparameters),
            seed,
        )

    def select_action(self, timestep: Any) -> int:
        """An exploring action for what ``timestep`` shows."""
        action: int = self.agent.act(np.asarray(timestep.observation, np.float32))
        return action

    def update(self, timestep: Any, action: int, new_timestep: Any) -> None:
        """Learns from one transition; a discount of 0, not the last step, says that the task ended."""
        over = bool(new_timestep.last())
        terminated = over and new_timestep.discount == 0
        self.agent.learn(
            np.asarray(timestep.observation, np.float32),
            action,
            float(new_timestep.reward),
            np.asarray(new_timestep.observation, np.float32),
            terminated,
            over and not terminated,
        )
