"""Agent: what every learner here can do, and what they share."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from agents.algorithms.choice import epsilon_greedy, greedy
from agents.arguments import checked_seed
from agents.config import Config
from agents.experience.observations import Features, ObservationEncoder
from agents.experience.transitions import FloatArray, IntArray, TransitionBatch, TransitionEncoder
from agents.storage.checkpoint_file import SavedAgent, write_checkpoint
from agents.storage.plain_data import put_generator_state
from agents.storage.state import State

__all__ = ["Agent"]

STREAMS = ("exploration", "weights", "replay")
"""What an agent draws at random. Each has a generator of its own, so that one never disturbs another."""


class Agent(ABC):
    """A learner for environments with a discrete action space.

    Attributes:
        name: what `agents.make` and ``--agent`` call it.
        config_class: its dataclass in `agents.config`.
        learns: whether there is a greedy policy to judge; else it is judged by the one that it explores with.
        observation_space: space of one observation.
        action_space: space of one action.
        config: the settings in force.
        seed: the seed everything random comes from.
        encoder: turns observations into features.
        n_actions: number of actions A.
        generators: one random generator for each of `STREAMS`.
        state: the arrays and counters it learns with.

    Args:
        observation_space: space of one observation (of one lane, for a vector environment).
        action_space: space of one action; discrete.
        config: settings.
        seed: integer >= 0 that fixes everything random, or None for a fresh one.
        state: what to restore the agent from; None for a new one.

    Raises:
        ValueError: for a space that cannot be handled, or a bad seed.
    """

    name: ClassVar[str]
    config_class: ClassVar[type[Config]]
    encoder_class: ClassVar[type[ObservationEncoder]] = ObservationEncoder
    learns: ClassVar[bool] = True

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        config: Config,
        seed: int | None = None,
        state: State | None = None,
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
        self.encoder = self.encoder_class(observation_space)
        self.n_actions = int(action_space.n)
        self._first_action = int(action_space.start)
        self._transitions = TransitionEncoder(self.encoder, action_space)
        children = np.random.SeedSequence(self.seed).spawn(len(STREAMS))
        self.generators = {
            stream: np.random.default_rng(child) for stream, child in zip(STREAMS, children, strict=True)
        }
        self.state = State() if state is None else state
        self._build()

    @abstractmethod
    def _build(self) -> None:
        """Makes what the agent learns with; configuration, encoder and generators are there by then.

        Whatever changes while it learns is asked of `state`. So it is saved, restored and copied exactly, and
        a checkpoint that does not bring it is refused before memory is taken.
        """

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
    def _learn(self, batch: TransitionBatch, lanes: Any) -> float | None:
        """Takes in checked transitions; see `learn` for the lanes and what is returned."""

    @abstractmethod
    def _q_of(self, features: Features) -> FloatArray:
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
            ValueError: for an observation that is not one of the space's.
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

    def _choose(self, features: Features, explore: bool) -> IntArray:
        """Actions counted from 0, (B,)."""
        if not explore:
            return greedy(self._q_of, features)
        rng = self.generators["exploration"]
        return epsilon_greedy(self._q_of, features, self.n_actions, self.epsilon, rng)

    def __repr__(self) -> str:
        spaces_ = f"{self.observation_space} -> {self.action_space}"
        return f"{type(self).__name__}({spaces_}, seed={self.seed}, epsilon={self.epsilon:.3g})"

    def __reduce__(self) -> tuple[Any, ...]:
        # Rebuilt and restored: the parts of a network that share memory would come apart in a plain copy.
        made_of = (type(self), self.observation_space, self.action_space, self.config, self.seed)
        return _rebuilt, (*made_of, self.state_arrays(), self.state_description())

    # -- files -----------------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes everything an exact continuation needs into one file; `agents.load` reads it.

        Raises:
            OSError: if the file cannot be written; an earlier file of that name is then as it was.
            ValueError: if there is more to keep than a checkpoint may hold.
        """
        write_checkpoint(path, self)

    def state_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything learned, as named arrays: the agent's own, not copies."""
        return self.state.kept_arrays()

    def state_description(self) -> dict[str, Any]:
        """The rest of the state, as JSON can hold it: random generators and counters."""
        generators = {name: generator.bit_generator.state for name, generator in self.generators.items()}
        return {"generators": generators, **self.state.kept_counters()}

    @classmethod
    def restored(cls, saved: SavedAgent) -> Agent:
        """The agent of a file.

        Raises:
            ValueError: for a setting, an array or a counter that is missing, damaged, or does not fit.
        """
        if not isinstance(saved.config, Mapping):
            raise ValueError(f"its settings are {saved.config!r:.80}; a JSON object was expected")
        space = saved.observation_space
        n_states = int(space.n) if isinstance(space, spaces.Discrete) else None
        config = cls.config_class.from_file(saved.config, n_states)
        return _rebuilt(cls, space, saved.action_space, config, saved.seed, saved.arrays, saved.state)


def _rebuilt(
    cls: type[Agent],
    observation_space: spaces.Space[Any],
    action_space: spaces.Space[Any],
    config: Config,
    seed: Any,
    arrays: Mapping[str, npt.NDArray[Any]],
    description: Any,
) -> Agent:
    """The agent that a file, pickle or copy took apart."""
    if not isinstance(description, Mapping):
        raise ValueError(f"its state is {description!r:.80}; a JSON object was expected")
    counters = {name: value for name, value in description.items() if name != "generators"}
    agent = cls(observation_space, action_space, config, seed, State(arrays, counters))
    agent.state.complete()
    try:
        for name, generator in agent.generators.items():
            put_generator_state(generator, description["generators"][name])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"the state of random generator {name!r} is damaged") from error
    return agent
