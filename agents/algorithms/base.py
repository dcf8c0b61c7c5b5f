"""Agent: what every learner here can do, and what they share."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from agents.algorithms.draws import Uniforms
from agents.arguments import checked_seed
from agents.config import Config
from agents.experience.observations import Features, ObservationEncoder
from agents.experience.transitions import (
    FloatArray,
    IntArray,
    TransitionBatch,
    TransitionEncoder,
    one_row,
)
from agents.storage.checkpoint_file import SavedAgent, write_checkpoint
from agents.storage.plain_data import put_generator_state
from agents.storage.state import State

__all__ = ["Agent"]

STREAMS = ("exploration", "weights", "replay")
"""What an agent draws at random. Each has a generator of its own, so that one never disturbs another."""


class Agent(ABC):
    """A learner for environments with a discrete action space.

    What it learns with is declared in `_build`, how it learns in `_learn`, how it chooses in `_choose`,
    `_probabilities` and `_planned_epsilon`. Where one plain observation or transition is quicker dealt with
    than an array of one, it says how in `_choose_one` and `_learn_one`.

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
        epsilon_by_hand: what `epsilon` is by a person's will; None leaves it to the algorithm. Not saved.
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
    reward_type: ClassVar[type[np.floating[Any]]] = np.float32
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
        self._transitions = TransitionEncoder(self.encoder, action_space, self.reward_type)
        self._plain_states = self.encoder.numbers
        self._plain_actions = range(self._first_action, self._first_action + self.n_actions)
        self._largest_reward = float(np.finfo(self.reward_type).max)
        children = np.random.SeedSequence(self.seed).spawn(len(STREAMS))
        self._generators = {
            stream: np.random.default_rng(child) for stream, child in zip(STREAMS, children, strict=True)
        }
        self.epsilon_by_hand: float | None = None
        self._random = Uniforms(self._generators["exploration"])
        self.state = State() if state is None else state
        self._build()

    @abstractmethod
    def _build(self) -> None:
        """Makes what the agent learns with; configuration, encoder and generators are there by then.

        Whatever changes while it learns is asked of `state`. So it is saved, restored and copied exactly, and
        a checkpoint that does not bring it is refused before memory is taken.
        """

    @property
    def generators(self) -> dict[str, np.random.Generator]:
        """One random generator for each of `STREAMS`."""
        self._random.settle()
        return self._generators

    @property
    def epsilon(self) -> float:
        """Probability, in [0, 1], that the next exploring action is drawn uniformly at random."""
        by_hand = self.epsilon_by_hand
        return self._planned_epsilon() if by_hand is None else by_hand

    @abstractmethod
    def _planned_epsilon(self) -> float:
        """`epsilon` as the algorithm has it, where no person sets another."""

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
        # Scalars stay scalars: eight arrays of one number each take longer to make than a table to learn.
        if (
            type(observation) is int
            and type(action) is int
            and type(next_observation) is int
            and observation in self._plain_states
            and action in self._plain_actions
            and next_observation in self._plain_states
            and (type(reward) is float or type(reward) is int)
            and -self._largest_reward <= reward <= self._largest_reward
            and type(terminated) is bool
            and type(truncated) is bool
            and lanes is None
        ):
            first = self._plain_states.start
            state, next_state = observation - first, next_observation - first
            return self._learn_one(
                state, action - self._first_action, reward, next_state, terminated, truncated
            )
        batch = self._transitions.encode(observation, action, reward, next_observation, terminated, truncated)
        return self._learn(batch, lanes)

    @abstractmethod
    def _learn(self, batch: TransitionBatch, lanes: Any) -> float | None:
        """Takes in checked transitions; see `learn` for the lanes and what is returned."""

    def _learn_one(
        self, state: int, action: int, reward: float, next_state: int, terminated: bool, truncated: bool
    ) -> float | None:
        """`_learn` from one transition of numbered states, actions counted from 0."""
        batch = one_row(state, action, reward, next_state, terminated, truncated)
        return self._learn(batch._replace(rewards=batch.rewards.astype(self.reward_type)), None)

    @property
    def q_values(self) -> Callable[[Any], FloatArray]:
        """Action values of observations; see `agents.algorithms.values.ValueAgent`.

        Raises:
            AttributeError: for an agent that has none.
        """
        raise AttributeError(
            f"the agent {self.name!r} has no action values (q_values); ask for its action_probabilities"
        )

    @property
    def state_values(self) -> Callable[[Any], FloatArray]:
        """What states are worth under the policy; see `agents.algorithms.policies.PolicyAgent`.

        Raises:
            AttributeError: for an agent that learns none.
        """
        raise AttributeError(f"the agent {self.name!r} has no state values (state_values)")

    def action_probabilities(self, observations: Any, greedy: bool = False) -> npt.NDArray[np.float64]:
        """The policy: how probable each action is, (B, A); a single observation counts as a batch of one.

        Args:
            observations: one observation, or a batch.
            greedy: the policy of ``act(..., explore=False)`` instead of the one that it explores with.

        Raises:
            ValueError: for an observation that is not one of the space's.
            DivergenceError: if what the agent chooses by is not finite.
        """
        features, _ = self.encoder.encode(observations)
        if not greedy:
            return self._probabilities(features)
        one_hot: npt.NDArray[np.float64] = np.eye(self.n_actions)[self._choose(features, explore=False)]
        return one_hot

    @abstractmethod
    def _probabilities(self, features: Features) -> npt.NDArray[np.float64]:
        """The policy that it explores with, (B, A)."""

    def act(self, observation: Any, explore: bool = True) -> Any:
        """Chooses actions.

        Args:
            observation: one observation, or a batch.
            explore: draw from the policy that it learns with; else take the first of the best actions.

        Returns:
            ``int`` for one observation, int64 (B,) for a batch.

        Raises:
            ValueError: for an observation that is not one of the space's.
        """
        if type(observation) is int and observation in self._plain_states:
            return self._choose_one(observation - self._plain_states.start, explore) + self._first_action
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
            deterministic: as ``explore=False`` of `act`.

        Returns:
            Actions, int64 (B,), or () for one observation; and ``state``.
        """
        return np.asarray(self.act(observation, explore=not deterministic)), state

    @abstractmethod
    def _choose(self, features: Features, explore: bool) -> IntArray:
        """Actions counted from 0, (B,)."""

    def _choose_one(self, feature: Any, explore: bool) -> int:
        """`_choose` for one encoded observation."""
        return int(self._choose(np.asarray(feature)[np.newaxis], explore)[0])

    def __repr__(self) -> str:
        spaces_ = f"{self.observation_space} -> {self.action_space}"
        return f"{type(self).__name__}({spaces_}, seed={self.seed}, epsilon={self.epsilon:.3g})"

    def __reduce__(self) -> tuple[Any, ...]:
        # Rebuilt and restored: the parts of a network that share memory would come apart in a plain copy.
        return type(self).restored, (self.saved(),)

    # -- files -----------------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes everything an exact continuation needs into one file; `agents.load` reads it.

        Raises:
            OSError: if the file cannot be written; an earlier file of that name is then as it was.
            ValueError: if there is more to keep than a checkpoint may hold.
        """
        write_checkpoint(path, self.saved())

    def state_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything learned, as named arrays: the agent's own, not copies."""
        return self.state.kept_arrays()

    def state_description(self) -> dict[str, Any]:
        """The rest of the state, as JSON can hold it: random generators and counters."""
        generators = {name: generator.bit_generator.state for name, generator in self.generators.items()}
        return {"generators": generators, **self.state.kept_counters()}

    def saved(self) -> SavedAgent:
        """The agent taken apart; `restored` puts it together again."""
        config, state = self.config.to_dict(), self.state_description()
        spaces_ = self.observation_space, self.action_space
        return SavedAgent(self.name, self.seed, config, *spaces_, state, self.state_arrays())

    @classmethod
    def restored(cls, saved: SavedAgent) -> Agent:
        """The agent that was taken apart for a file, a pickle or a copy.

        Raises:
            ValueError: for a setting, an array or a counter that is missing, damaged, or does not fit.
        """
        for what, given in (("settings are", saved.config), ("state is", saved.state)):
            if not isinstance(given, Mapping):
                raise ValueError(f"its {what} {given!r:.80}; a JSON object was expected")
        config = cls.config_class.from_file(saved.config, saved.observation_space)
        counters = {name: value for name, value in saved.state.items() if name != "generators"}
        state = State(saved.arrays, counters)
        agent = cls(saved.observation_space, saved.action_space, config, saved.seed, state)
        state.complete()
        try:
            for name, generator in agent.generators.items():
                put_generator_state(generator, saved.state["generators"][name])
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"the state of random generator {name!r} is damaged") from error
        return agent
