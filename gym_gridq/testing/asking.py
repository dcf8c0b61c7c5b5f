"""What a learner returned, asked in every state: its policy as probabilities, its values as a table."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

from gym_gridq.checks import as_integer
from gym_gridq.dynamics import Dynamics
from gym_gridq.exact.grading import grade

__all__ = ["Asker", "FloatArray"]

FloatArray = npt.NDArray[np.float64]

ASKED = 8
"""How often a policy that may draw its actions is asked in each state."""


class Asker:
    """Asks a learner's functions in every state.

    Args:
        dynamics: of the world.
        one_hot: whether to show one-hot vectors.
    """

    def __init__(self, dynamics: Dynamics, one_hot: bool) -> None:
        self.dynamics = dynamics
        self.acting: list[int] = np.flatnonzero(~dynamics.absorbing).tolist()
        self._one_hot = one_hot

    def ask(self, name: str, function: Any, state: int, one_hot: bool | None = None) -> Any:
        """What it says of one state."""
        observation: Any = state
        if self._one_hot if one_hot is None else one_hot:
            observation = np.eye(1, self.dynamics.n_states, state, dtype=np.float32)[0]
        try:
            return function(observation)
        except Exception as error:
            raise RuntimeError(f"the {name} raised {error!r} in state {state}") from error

    def mixture(self, policy: Any, env: gymnasium.Env[Any, Any]) -> FloatArray:
        """How often the policy takes each action, ``(S, A)``."""
        n_states, n_actions = self.dynamics.n_states, self.dynamics.n_actions
        mixture = np.zeros((n_states, n_actions))
        if isinstance(policy, np.ndarray | list | tuple):
            grade(env, policy)  # refuses what is no policy
            array = np.asarray(policy)
            chosen = array.argmax(axis=1) if array.ndim == 2 else array.astype(np.int64)
            mixture[self.acting, chosen[self.acting]] = 1.0
            return mixture
        if hasattr(policy, "predict"):

            def act(observation: Any) -> Any:
                return policy.predict(observation, deterministic=True)[0]
        elif callable(policy):
            act = policy
        else:
            raise TypeError(
                f"the policy is {policy!r}; give an object with predict, a callable observation -> action, "
                "an array of actions or an array of Q-values"
            )
        space = getattr(policy, "observation_space", None)
        one_hot = None if space is None else space.shape == (n_states,)
        for state in self.acting:
            for _ in range(ASKED):
                given = self.ask("policy", act, state, one_hot)
                action = as_integer(given)
                if action is None or not 0 <= action < n_actions:
                    raise ValueError(
                        f"the policy's action in state {state} is {given!r}; expected an integer from 0 to 3"
                    )
                mixture[state, action] += 1 / ASKED
        return mixture

    def table(self, given: Any, width: int, name: str) -> FloatArray:
        """An array, or what a function says of every state, ``(S, width)``; zeros where nobody acts."""
        shape = (self.dynamics.n_states, width)
        if callable(given):
            table: FloatArray = np.zeros(shape)
            for state in self.acting:
                said: FloatArray = np.asarray(self.ask(name, given, state), dtype=np.float64)
                if said.size != width:
                    raise ValueError(
                        f"the {name} of state {state} have the shape {said.shape}; expected {width} numbers"
                    )
                table[state] = said.ravel()
        else:
            array = np.array(given, dtype=np.float64, ndmin=1)
            if array.size != shape[0] * width or len(array) != shape[0]:
                raise ValueError(f"the {name} are an array of shape {array.shape}; expected {shape}")
            table = array.reshape(shape)
        wrong = ~np.isfinite(table[self.acting]).all(axis=1)
        if wrong.any():
            state = self.acting[int(wrong.argmax())]
            raise ValueError(f"the {name} of state {state} are {table[state]}; they must be finite numbers")
        return table
