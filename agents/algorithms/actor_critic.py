"""ActorCriticAgent: the policy gradient from a few steps, judged by learned state values."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from agents.algorithms.advantages import generalized_advantages
from agents.algorithms.episodes import EpisodeClock, check_steps
from agents.algorithms.policies import PolicyAgent
from agents.algorithms.schedules import falling
from agents.config import ActorCriticConfig, Config
from agents.experience.transitions import TransitionBatch, checked_lanes

__all__ = ["ActorCriticAgent"]


class ActorCriticAgent(PolicyAgent):
    """Actor-critic (Sutton & Barto, section 13.5), from one step or several, in any number of lanes.

    The critic learns what states are worth under the policy; how much better than that things went is the
    advantage of an action, by which the actor moves its policy. Advantages look ahead as far as `gae_lambda`
    says (Schulman et al. 2016): 0 takes ``reward + discount * v(next_state) - v(state)``, 1 all rewards up to
    the update and v of the state reached then. Only `terminated` says that nothing follows.

    Attributes:
        value_network: the critic.
        steps: transitions taken in so far.
    """

    name: ClassVar[str] = "actor-critic"
    config_class: ClassVar[type[Config]] = ActorCriticConfig
    config: ActorCriticConfig
    steps: int
    _calls: int  # of `learn` since the last update

    def _build(self) -> None:
        self._build_networks(self.config.value_learning_rate)
        self._clock = EpisodeClock(self.encoder, self.state.within("lane_"))
        self._steps = self.state.within("step_").rows(
            {
                "features": self.encoder.column,
                "actions": ((), np.int64),
                "rewards": ((), np.float32),
                "next_features": self.encoder.column,
                "terminated": ((), np.bool_),
                "t": ((), np.int64),  # number of the step in its episode
                "lane": ((), np.int64),
                "call": ((), np.int64),
            }
        )
        self.state.counters(self, "steps", calls="_calls")
        self._check_steps(self._steps.held())

    def _learn(self, batch: TransitionBatch, lanes: Any) -> float | None:
        """Returns the losses of actor and critic together, or None while steps are gathered."""
        lanes = checked_lanes(lanes, len(batch.actions))
        self._remember(batch, lanes)
        self._calls += 1
        self.steps += len(lanes)
        if self._calls < self.config.n_steps:
            return None
        steps = {name: column.copy() for name, column in self._steps.held().items()}
        self._calls = self._steps.length = 0
        return self._update(steps)

    def _remember(self, batch: TransitionBatch, lanes: npt.NDArray[np.int64]) -> None:
        before = self._steps.length
        self._steps.lengthen(before + len(lanes))
        t = self._clock.begin(batch.features, lanes)
        for name, values in {**batch._asdict(), "t": t, "lane": lanes, "call": self._calls}.items():
            if name in self._steps.columns:
                self._steps.columns[name][before : self._steps.length] = values
        self._clock.advance(batch.next_features, lanes)
        self._clock.forget(lanes[batch.terminated | batch.truncated])

    def _check_steps(self, held: dict[str, npt.NDArray[Any]]) -> None:
        """Refuses restored steps that were not gathered one call after another."""
        check_steps(held, self.encoder, self.n_actions)
        lanes, calls = held["lane"], held["call"]
        in_order = (np.diff(calls, prepend=0, append=self._calls) >= 0).all() and (lanes >= 0).all()
        if not in_order or (lanes >= self._clock.n_lanes).any() or self._calls >= self.config.n_steps:
            raise ValueError(f"{len(calls)} steps in {self._calls} calls are not on the way to an update")

    def _update(self, steps: dict[str, npt.NDArray[Any]]) -> float:
        c = self.config
        self.optimizer.learning_rate = falling(c.learning_rate, c.learning_rate_steps)(self.steps)
        self.value_optimizer.learning_rate = falling(c.value_learning_rate, c.learning_rate_steps)(self.steps)
        values = self._values_of(steps["features"])  # (N,)
        # only the end of the task cuts bootstrapping; a time limit does not
        next_values = np.where(steps["terminated"], 0.0, self._values_of(steps["next_features"]))
        td_errors = steps["rewards"] + c.discount * next_values - values
        advantages = generalized_advantages(td_errors, steps, c.discount * c.gae_lambda)
        weights = advantages
        if c.normalize_advantages:
            weights = (weights - weights.mean()) / (weights.std() + 1e-8)
        if c.discount_states:
            weights = weights * c.discount ** steps["t"]
        loss = self._improve_policy(steps["features"], steps["actions"], weights)
        return loss + self._improve_values(steps["features"], values + advantages)
