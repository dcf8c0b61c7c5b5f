"""Agent: what every learner here can do, and what they share."""

from __future__ import annotations

import math
import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from agents.arguments import checked_seed
from agents.config import Config
from agents.errors import DivergenceError
from agents.experience.observations import ObservationEncoder
from agents.experience.transitions import FloatArray, IntArray, TransitionEncoder, Transitions
from agents.storage.plain_data import put_generator_state

__all__ = ["Agent", "restored"]

STREAMS = ("exploration", "weights", "replay")
"""What an agent draws at random. Each has a generator of its own, so that one never disturbs another."""


class Agent(ABC):
    """A learner for environments with a discrete action space.

    Attributes:
        name: what `agents.make` and ``--agent`` call it.
        config_class: its dataclass in `agents.config`.
        observation_space: space of one observation.
        action_space: space of one action.
        config: the settings in force.
        seed: the seed everything random comes from.
        encoder: turns observations into features.
        n_actions: number of actions A.
        generators: one random generator for each of `STREAMS`.

    Args:
        observation_space: space of one observation (of one lane, for a vector environment).
        action_space: space of one action; discrete.
        config: settings.
        seed: integer >= 0 that fixes everything random, or None for a fresh one.

    Raises:
        ValueError: for a space that cannot be handled, or a bad seed.
    """

    name: ClassVar[str]
    config_class: ClassVar[type[Config]]

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        config: Config,
        seed: int | None = None,
    ) -> None:
        if not isinstance(action_space, spaces.Discrete):
            raise ValueError(
                f"the action space is {action_space}; these agents choose one of a few actions, "
                "so use an environment with a Discrete action space"
            )
        self.observation_space = observation_space
        self.action_space = action_space
        self.config = config
        self.seed = checked_seed(seed)
        self.encoder = ObservationEncoder(observation_space)
        self.n_actions = int(action_space.n)
        self._first_action = int(action_space.start)
        self._transitions = TransitionEncoder(self.encoder, action_space)
        children = np.random.SeedSequence(self.seed).spawn(len(STREAMS))
        self.generators = {
            stream: np.random.default_rng(child) for stream, child in zip(STREAMS, children, strict=True)
        }
        self._build()

    @abstractmethod
    def _build(self) -> None:
        """Makes what the agent learns with; configuration, encoder and generators are there by then."""

    @property
    @abstractmethod
    def epsilon(self) -> float:
        """Probability, in [0, 1], that the next exploring action is drawn uniformly at random."""

    def learn(
        self,
        observation: Any,
        action: Any,
        reward: Any,
        next_observation: Any,
        terminated: Any,
        truncated: Any,
        lanes: Any = None,
    ) -> float | None:
        """Takes in one transition, or a batch with a leading axis B.

        Args:
            observation: one observation, or a batch.
            action: action taken there; int or int (B,).
            reward: float or float (B,); finite.
            next_observation: the true successor, not the first observation of the next episode.
            terminated: whether the task ended; this alone cuts bootstrapping. bool or bool (B,).
            truncated: whether a limit ended the episode. bool or bool (B,).
            lanes: which lane of a vector environment each transition comes from, int (B,), if lanes are
                missing; None means that transition i is of lane i. Only returns over several steps need it.

        Returns:
            Loss of the update, or None if there was none.

        Raises:
            ValueError: for arguments that make no transitions.
            DivergenceError: if an observation, a reward or the loss is not finite.
        """
        batch = self._transitions.encode(observation, action, reward, next_observation, terminated, truncated)
        return self._learn(batch, lanes)

    @abstractmethod
    def _learn(self, batch: Transitions, lanes: Any) -> float | None:
        """Takes in checked transitions; see `learn` for the lanes and what is returned."""

    @abstractmethod
    def _q_of(self, features: npt.NDArray[Any]) -> FloatArray:
        """Action values of encoded observations, (B, A)."""

    def q_values(self, observations: Any) -> FloatArray:
        """Action values, float32 (B, A); a single observation counts as a batch of one."""
        features, _ = self.encoder.encode(observations)
        return self._q_of(features)

    def act(self, observation: Any, explore: bool = True) -> Any:
        """Chooses actions.

        Args:
            observation: one observation, or a batch.
            explore: epsilon-greedy, ties broken uniformly at random; else the first of the best actions.

        Returns:
            ``int`` for one observation, int64 (B,) for a batch.

        Raises:
            ValueError: for an observation that is none of the space's.
        """
        features, batched = self.encoder.encode(observation)
        actions = self._choose(features, explore) + self._first_action
        return actions if batched else int(actions[0])

    def predict(
        self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = False
    ) -> tuple[Any, Any]:
        """`act` with the signature and shapes of Stable-Baselines3, for its evaluation tools.

        Args:
            observation: one observation, or a batch.
            state: handed back as it came; these agents remember nothing between steps.
            episode_start: ignored, for the same reason.
            deterministic: greedy instead of epsilon-greedy.

        Returns:
            Actions, int64 (B,), or () for one observation; and ``state``.
        """
        return np.asarray(self.act(observation, explore=not deterministic)), state

    def _choose(self, features: npt.NDArray[Any], explore: bool) -> IntArray:
        """Actions counted from 0, (B,)."""
        rng, n_lanes = self.generators["exploration"], len(features)
        if n_lanes == 1:
            if explore and rng.random() < self.epsilon:
                return np.array([int(rng.random() * self.n_actions)])
            q = self._q_of(features)[0].tolist()  # a list, as NumPy takes longer to begin than this to end
            if not math.isfinite(sum(q)):
                raise _diverged(q)
            highest = max(q)
            if not explore or q.count(highest) == 1:
                return np.array([q.index(highest)])
            best = [action for action, value in enumerate(q) if value == highest]
            return np.array([best[int(rng.random() * len(best))]])
        if not explore:
            greedy: IntArray = self._finite_q_of(features).argmax(axis=1)
            return greedy
        exploring = rng.random(n_lanes) < self.epsilon
        if exploring.all():
            return (rng.random(n_lanes) * self.n_actions).astype(np.int64)
        q = self._finite_q_of(features)  # (B, A)
        best = q == q.max(axis=1, keepdims=True)
        # break ties uniformly at random; where there is none, argmax alone decides
        tied = np.count_nonzero(best) > n_lanes
        lottery = best * (1.0 - rng.random(best.shape)) if tied else best
        actions: IntArray = lottery.argmax(axis=1)
        if exploring.any():
            actions[exploring] = rng.random(np.count_nonzero(exploring)) * self.n_actions
        return actions

    def _finite_q_of(self, features: npt.NDArray[Any]) -> FloatArray:
        """Action values to choose by, (B, A): diverged ones would make the first action look best."""
        q = self._q_of(features)
        if not np.isfinite(q).all():
            raise _diverged(q)
        return q

    def __reduce__(self) -> tuple[Any, ...]:
        # Rebuilt and put back: the parts of a network that share memory would come apart in a plain copy.
        arrays = {name: array.copy() for name, array in self.state_arrays().items()}
        made_of = (self.observation_space, self.action_space, self.config, self.seed)
        return _rebuilt, (type(self), made_of, arrays, self.state_description())

    # -- files -----------------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes everything an exact continuation needs into one file; `agents.load` reads it.

        Raises:
            OSError: if the file cannot be written; an earlier file of that name is then as it was.
        """
        from agents.algorithms.checkpoint import write_checkpoint

        write_checkpoint(path, self)

    def state_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything learned, as named arrays; no object arrays. Agents that learn extend it."""
        return {}

    def state_description(self) -> dict[str, Any]:
        """The rest of the state, as JSON can hold it; agents with more (counters) extend it."""
        return {
            "generators": {name: generator.bit_generator.state for name, generator in self.generators.items()}
        }

    @classmethod
    def n_numbers(
        cls, observation_space: spaces.Space[Any], action_space: spaces.Space[Any], config: Config
    ) -> int:
        """How many numbers `state_arrays` holds at least, known before any memory is taken.

        A file that calls for more than it brings is refused on this ground.
        """
        return 0

    def load_state(self, arrays: Mapping[str, npt.NDArray[Any]], description: Mapping[str, Any]) -> None:
        """Puts back what `state_arrays` and `state_description` gave; agents with more extend it.

        Raises:
            ValueError: for an array or an entry that is missing or does not fit; the agent is then not to
                be used.
        """
        try:
            for name, generator in self.generators.items():
                put_generator_state(generator, description["generators"][name])
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"the state of random generator {name!r} is damaged") from error


def _diverged(q: Any) -> DivergenceError:
    return DivergenceError(f"the action values are {q!r:.200}: training has diverged")


def _rebuilt(
    cls: type[Agent],
    made_of: tuple[Any, ...],
    arrays: dict[str, npt.NDArray[Any]],
    description: dict[str, Any],
) -> Agent:
    """The agent that pickle or copy took apart."""
    agent = cls(*made_of)
    agent.load_state(arrays, description)
    return agent


def restored(arrays: Mapping[str, npt.NDArray[Any]], name: str, like: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The array ``name``, of the shape and dtype of ``like``.

    Raises:
        ValueError: if it is missing or different.
    """
    array = arrays.get(name)
    if array is None:
        raise ValueError(f"array {name!r} is missing")
    if array.shape != like.shape or array.dtype != like.dtype:
        raise ValueError(
            f"array {name!r} is {array.dtype} {array.shape}, but this agent holds {like.dtype} {like.shape}"
        )
    return array
