"""Rollouts: one environment, or many lanes of one, stepped for ever.

Whatever a vector environment does when an episode ends, a rollout gives the loop the same: transitions with
their true successors, and the observation to act on next.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import gymnasium
import numpy as np
import numpy.typing as npt

from agents.experience.nested import equal, kept, rows_of, with_rows
from agents.experience.snapshots import NotRestorableError, restore, snapshot

__all__ = ["Rollout", "ScalarRollout", "Transition", "VectorRollout", "rollout_of"]


class Transition(NamedTuple):
    """One transition, or a batch of them: the arguments of `Agent.learn`."""

    observation: Any
    action: Any
    reward: Any
    next_observation: Any
    terminated: Any
    truncated: Any
    lanes: npt.NDArray[np.int64] | None = None


class ScalarRollout:
    """One environment, reset whenever its episode ends.

    Attributes:
        observation: what to act on next.
        n_moved: environment steps made by a call of `step`.
        ended: return and length of each episode that ended in the last one.
    """

    n_lanes = 1
    n_moved = 1

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        self.env = env
        self.observation: Any = None
        self.ended: Sequence[tuple[float, int]] = ()
        self._return = 0.0
        self._length = 0

    def reset(self, seed: int | None) -> None:
        """Begins the first episode."""
        first, _ = self.env.reset(seed=seed)
        self.observation = kept(first)

    def step(self, action: Any) -> tuple[Any, ...]:
        """Takes one action and begins a new episode if need be; returns the parts of a `Transition`."""
        # no more than a tuple, for a step is so short that a class around it is felt
        observation = self.observation
        seen, reward, terminated, truncated, _ = self.env.step(action)
        next_observation = seen if type(seen) is int else kept(seen)  # the quickest step is of a number
        self._return += float(reward)
        self._length += 1
        if terminated or truncated:
            self.ended = [(self._return, self._length)]
            self._return, self._length = 0.0, 0
            first, _ = self.env.reset()
            self.observation = kept(first)
        else:
            self.ended = ()
            self.observation = next_observation
        return observation, action, reward, next_observation, terminated, truncated

    def begins(self, lane: int) -> bool:
        """Whether the last `step` began an episode, so that no move led to the present observation."""
        return bool(self.ended)

    def snapshot(self) -> dict[str, Any]:
        """Plain data from which `restore` goes on, or which says why it cannot."""
        return _world(self.env, self.observation) | {"return": self._return, "length": self._length}

    def restore(self, taken: dict[str, Any]) -> None:
        """Goes on where `snapshot` was taken.

        Raises:
            NotRestorableError: if the environment cannot be put back; a `reset` begins a new episode then.
            TypeError: if the rest of the snapshot is damaged, as for a `KeyError`.
        """
        observation = _restored(self.env, taken)
        if type(taken["return"]) is not float or type(taken["length"]) is not int:
            raise TypeError(
                f"return {taken['return']!r:.40} and length {taken['length']!r:.40} of an episode"
            )
        self.observation = observation
        self._return, self._length = taken["return"], taken["length"]


class VectorRollout:
    """Many lanes, each reset when its episode ends, in whichever autoreset mode.

    Attributes:
        observation: what to act on next, one row a lane.
        n_moved: environment steps made by the last call of `step`; a reset is none.
        ended: return and length of each episode that ended in it, in the order of lanes.

    Raises:
        ValueError: if the vector environment does not say how it resets (Gymnasium before 1.1).
    """

    def __init__(self, envs: gymnasium.vector.VectorEnv[Any, Any, Any]) -> None:
        mode = envs.metadata.get("autoreset_mode")
        self._mode = getattr(mode, "value", mode)
        if self._mode not in ("NextStep", "SameStep", "Disabled"):
            raise ValueError(
                f"the vector environment's metadata give its autoreset mode as {mode!r}; training needs "
                "NextStep, SameStep or Disabled, which Gymnasium 1.1 and later provide"
            )
        self.envs = envs
        self.n_lanes = int(envs.num_envs)
        self.observation: Any = None
        self.n_moved = 0
        self.ended: list[tuple[float, int]] = []
        self._returns = np.zeros(self.n_lanes)
        self._lengths = np.zeros(self.n_lanes, np.int64)
        self._resetting = np.zeros(self.n_lanes, np.bool_)  # lanes whose next step is a mere reset
        self._begun = self._resetting  # lanes whose present observation is the first of an episode
        self._final: list[tuple[Any, Any]] = []  # last observations of the step before, and what they were

    def reset(self, seed: int | None) -> None:
        """Begins the first episode of every lane."""
        first, _ = self.envs.reset(seed=seed)
        self.observation = kept(first)

    def step(self, actions: npt.NDArray[np.int64]) -> Transition:
        """Takes one action a lane; the transitions are those of the lanes that really moved."""
        observation = self.observation
        seen, rewards, terminated, truncated, infos = self.envs.step(actions)
        self._check_final()
        self.observation = next_observation = kept(seen)
        over = terminated | truncated  # (B,)
        any_over = bool(over.any())
        if any_over and self._mode == "SameStep":
            final = infos["final_obs"]
            next_observation = with_rows(self.observation, over, final)
            self._final = [
                (final[lane], kept(final[lane]))
                for lane in np.flatnonzero(over)
                if not np.isscalar(final[lane])
            ]
        elif any_over and self._mode == "Disabled":
            first, _ = self.envs.reset(options={"reset_mask": over})
            self.observation = kept(first)

        moved = ~self._resetting
        self.n_moved = int(np.count_nonzero(moved))
        self._returns += rewards  # a mere reset is worth 0
        self._lengths += moved
        self.ended = []
        if any_over:
            self.ended = list(zip(self._returns[over].tolist(), self._lengths[over].tolist(), strict=True))
            self._returns[over] = 0.0
            self._lengths[over] = 0
        transition = Transition(observation, actions, rewards, next_observation, terminated, truncated)
        if self.n_moved < self.n_lanes:
            lanes = np.flatnonzero(moved)
            transition = Transition._make([*(rows_of(part, lanes) for part in transition[:-1]), lanes])
        self._begun = over
        if self._mode == "NextStep":
            self._begun, self._resetting = self._resetting, over
        return transition

    def _check_final(self) -> None:
        """Tells if the last observations of episodes, which lanes in SameStep hand on, change afterwards.

        Then they were lost before they came here: the lane reset its environment into the same array.
        """
        for handed_on, was in self._final:
            if not equal(handed_on, was):
                raise ValueError(
                    "the environment writes every observation into one array, and in the autoreset mode "
                    "SameStep the first one of an episode has overwritten the last one before it; use "
                    "NextStep, or let the environment return copies"
                )
        self._final = []

    def begins(self, lane: int) -> bool:
        """See `ScalarRollout.begins`; of one of the lanes."""
        return bool(self._begun[lane])

    def snapshot(self) -> dict[str, Any]:
        """See `ScalarRollout.snapshot`."""
        lanes = {"returns": self._returns, "lengths": self._lengths, "resetting": self._resetting}
        return _world(self.envs, self.observation) | lanes

    def restore(self, taken: dict[str, Any]) -> None:
        """See `ScalarRollout.restore`."""
        observation = _restored(self.envs, taken)
        lanes = {"returns": self._returns, "lengths": self._lengths, "resetting": self._resetting}
        for name, mine in lanes.items():
            if taken[name].shape != mine.shape or taken[name].dtype != mine.dtype:
                raise TypeError(f"{name} of {taken[name].dtype} {taken[name].shape}")
        self.observation = observation
        for name, mine in lanes.items():
            mine[:] = taken[name]


Rollout = ScalarRollout | VectorRollout


def rollout_of(env: gymnasium.Env[Any, Any] | gymnasium.vector.VectorEnv[Any, Any, Any]) -> Rollout:
    """The rollout for a scalar or a vector environment."""
    return VectorRollout(env) if isinstance(env, gymnasium.vector.VectorEnv) else ScalarRollout(env)


def _world(env: Any, observation: Any) -> dict[str, Any]:
    """The environment and what it returned last, as a snapshot or as a reason why there is none."""
    try:
        return {"world": snapshot(env, observation), "why_none": None}
    except NotRestorableError as error:
        return {"world": None, "why_none": str(error)}


def _restored(env: Any, taken: dict[str, Any]) -> Any:
    """Puts the environment back and returns the observation to act on.

    Raises:
        NotRestorableError: if it cannot be.
    """
    if "world" not in taken and "env" in taken:
        raise NotRestorableError("the checkpoint is of a release that kept environments in another way")
    if taken["world"] is None:
        raise NotRestorableError(str(taken["why_none"]))
    fresh, _ = env.reset()
    observation = restore(env, taken["world"])
    # a batch would be acted on as a batch
    if not isinstance(fresh, dict | tuple) and np.shape(observation) != np.shape(fresh):
        raise NotRestorableError(
            f"the saved observation {observation!r:.40} is not one that this environment gives"
        )
    return observation
