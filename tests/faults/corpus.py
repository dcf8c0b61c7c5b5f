"""Every fault that check_learner is held against: in which learner, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from gym_gridq.testing import WORLDS, LearnerReport, check_learner
from tests.faults import learners

__all__ = ["FAMILIES", "Family"]


@dataclass(frozen=True)
class Family:
    """A correct learner and the faults it can have.

    Attributes:
        learner: ``learner(env, total_steps, fault)``.
        faults: the phrases it knows.
        equivalent: those that change nothing that matters, each with the reason.
        total_steps: environment steps for each world.
        arguments: of `check_learner`.
    """

    learner: Callable[[Any, int, str], Any]
    faults: tuple[str, ...]
    equivalent: dict[str, str] = field(default_factory=dict)
    total_steps: int = 8_000
    arguments: dict[str, Any] = field(default_factory=dict)

    def check(self, fault: str = "", **arguments: Any) -> LearnerReport:
        """What check_learner says of the learner with a fault, or without any."""
        given = {"total_steps": self.total_steps, **self.arguments, **arguments}
        return check_learner(partial(self.learner, fault=fault), **given)


REWARDS = (
    "reward sign flipped",
    "rewards clipped to [-1, 1]",
    "rewards replaced by their sign",
    "rewards scaled by 2",
    "rewards scaled by 0.1",
    "rewards shifted by +0.1",
    "a penalty of 0.1 each step",
    "terminal reward doubled",
    "terminal reward halved",
    "terminal reward lost",
    "reward lost at truncation",
    "penalty of 1 at truncation",
    "rewards rounded to integers",
    "rewards kept as uint8",
    "negative rewards dropped",
    "absolute value of rewards",
    "return so far instead of the reward",
    "reward of the step before",
    "rewards only at the end of an episode",
    "reward divided by the running mean of its size",
)
DISCOUNTS = tuple(learners.DISCOUNTS)
ENDS = (
    "terminal states are bootstrapped from",
    "the time limit is taken for an end",
    "terminated and truncated exchanged",
    "bootstraps from the next episode",
    "the last step is thrown away",
    "the first observation of an episode is missed",
)
TYPES = (
    "observations kept as uint8",
    "observations kept as int8",
    "values kept as integers",
)
EVALUATION = (
    "evaluates with exploration",
    "evaluates by sampling from a softmax",
    "evaluates without the encoding it trained with",
    "evaluates the worst action",
    "actions numbered from 1 at evaluation",
    "evaluates the values of the start",
)
EXPLORATION = (
    "explores for 100 steps only",
    "never explores",
    "explores for ever",
    "exploration grows",
    "explores with one action only",
    "the last action is never drawn",
)
OFF_POLICY = (
    "Q-learning learns the greedy policy's values whatever policy acts, as long as it tries everything"
)
SARSA_FAULTS = (
    *ENDS[:2], "the last step is thrown away", *EVALUATION[:2],
    "explores for ever", "never explores", "exploration stays at 0.5",
)  # fmt: skip

LANE_FAULTS = (
    *ENDS[:2],
    "lanes that end are not learned from",
    "one lane's end ends them all",
    "an end counts only when all lanes end",
    "rewards of the neighbouring lane",
    "actions of the neighbouring lane",
    "ends of the neighbouring lane",
    "successors of the neighbouring lane",
    "rewards averaged over the lanes",
    "observations overwritten in place",
    "only the first lane is learned from",
)
ON_POLICY = tuple(world for world in WORLDS if world.name != "cliff")
"""SARSA keeps away from the cliff until it has stopped exploring; then it tries the edge no more."""
MODE_FAULTS = {
    "NextStep": ("the step that begins an episode is learned from",),
    "SameStep": ("the final observation is not used", "the final observation is acted on"),
    "Disabled": ("all lanes are reset when one ends",),
}

FAMILIES: dict[str, Family] = {
    "Q-learning, a table, online": Family(
        learners.online,
        (
            *REWARDS,
            *DISCOUNTS,
            *ENDS,
            *TYPES,
            *EVALUATION,
            *EXPLORATION,
            "ties go to the first action",
            "an end only where the reward is 1",
            "bootstraps only at the end",
            "every second step is taken for an end",
            "bootstraps from the state left",
            "mean instead of maximum",
            "minimum instead of maximum",
            "bootstraps with the same action",
            "bootstraps with the first action",
            "maximum over the whole table",
            "the second best action bootstraps",
            "a softmax of temperature 1 bootstraps",
            "the action of the step before is credited",
            "the state of the step before is credited",
            "step size 1",
            "the target is added, not the error",
            "the sign of the error is learned from",
            "errors clipped from below at 0",
            "the first step is thrown away",
            "gradient through the target",
            "the visited state's whole row is updated",
        ),
        {
            "explores for ever": OFF_POLICY,
            "exploration grows": OFF_POLICY,
            "ties go to the first action": "exploration reaches everything all the same",
            "the visited state's whole row is updated": "its fixed point is the same",
        },
    ),
    "Q-learning, a table, replay and target": Family(
        learners.replay,
        (
            "reward sign flipped",
            "rewards clipped to [-1, 1]",
            "reward lost at truncation",
            "terminal reward doubled",
            "return so far instead of the reward",
            *DISCOUNTS[:5],
            *ENDS,
            *TYPES[:2],
            *EVALUATION[:2],
            *EXPLORATION[:3],
            "the replay keeps the oldest 200 only",
            "the replay keeps the next observation as the observation",
            "the replay keeps one array for both observations",
            "the flag of the step before is kept",
            "the replay gives the newest 32 only",
            "the replay never gives the newest half",
            "the replay gives one transition for all of a batch",
            "rewards of a batch shuffled",
            "next observations of a batch shuffled",
            "rewards from a second sample",
            "no target table",
            "the behaviour's action bootstraps",
            "mean instead of maximum",
            "double: both from the target table swapped with the minimum",
            "double: the target table chooses, the table values",
            "(B, 1) against (B,): targets averaged over the batch",
            "the discount is left out of the target",
            "the end also cuts the reward",
            "the target is clipped to [-1, 1]",
            "errors clipped to [-0.1, 0.1]",
            "gradient through the target",
            "the target table is never updated",
            "the target table drifts from its own past",
            "the target table's copy goes the wrong way",
            "the target table is renewed once in 2,000 updates",
            "the target table is returned",
        ),
        {
            "explores for ever": OFF_POLICY,
            "no target table": "a table needs none: what it learns of one state moves no other",
            "the replay gives the newest 32 only": "online Q-learning with the last few steps repeated",
            "the replay never gives the newest half": "older steps of the same world teach the same, later",
            "the replay gives one transition for all of a batch": "a larger step, still an average",
            "double: the target table chooses, the table values": "another right double Q-learning",
            "errors clipped to [-0.1, 0.1]": "the Huber loss: smaller steps towards the same fixed point",
            "the target table is returned": "a copy 50 updates old; the same once it has converged",
        },
    ),
    "SARSA, a table": Family(
        learners.sarsa,
        (
            *SARSA_FAULTS,
            "reward sign flipped",
            "terminal reward doubled",
            "no discount",
            "discount 0.93",
            "bootstraps with the same action",
            "bootstraps with a random action",
            "bootstraps with the next episode's action",
            "another action is taken than was bootstrapped with",
            "the action is not chosen anew after a reset",
        ),
        {
            "another action is taken than was bootstrapped with": "drawn from the same policy: the same mean",
            "the action is not chosen anew after a reset": "exploration, not a wrong target",
        },
        15_000,
        {"worlds": ON_POLICY},
    ),
    "expected SARSA, a table": Family(
        partial(learners.sarsa, expected=True),
        (
            *SARSA_FAULTS[:3],
            "the expectation leaves exploration out",
            "the expectation is uniform",
            "the weights do not sum to 1",
            "the expectation is weighted by the Q-values",
        ),
        {"the expectation leaves exploration out": "that is Q-learning, and as right"},
        15_000,
    ),
    "n-step SARSA, a table": Family(
        learners.n_step,
        (
            *ENDS[:2],
            "reward sign flipped",
            "rewards clipped to [-1, 1]",
            "reward lost at truncation",
            "no discount",
            "discount 0.93",
            "discount 0.87",
            "rewards within the window are not discounted",
            "the value behind the window is discounted once",
            "the value behind the window is discounted n - 1 times",
            "the value behind the window is discounted n + 1 times",
            "the value behind the window is not discounted",
            "the window always counts as full",
            "rewards within the window in reverse order",
            "only the last reward of the window counts",
            "only the first reward of the window counts",
            "the newest pair is credited instead of the oldest",
            "bootstraps from the window's first state",
            "no bootstrapping at all",
            "the window goes on into the next episode",
            "the window is dropped at the end of an episode",
            "the window is dropped at the time limit",
            "only the oldest pair is learned at the end",
        ),
        {},
        15_000,
        {"worlds": ON_POLICY},
    ),
    **{
        f"Q-learning in lanes, {mode}{', Sync' if sync else ''}": Family(
            learners.lanes,
            (*MODE_FAULTS[mode], *(ENDS[:2] if sync else LANE_FAULTS)),
            {"only the first lane is learned from": "a quarter of the experience, but none of it wrong"},
            8_000,
            {
                "num_envs": 4,
                "autoreset_mode": mode,
                "vectorization_mode": "sync" if sync else "vector_entry_point",
            },
        )
        for sync in (False, True)
        for mode in MODE_FAULTS
    },
    "actor-critic with GAE, tables": Family(
        learners.actor_critic,
        (
            *ENDS[:2],
            "the step that begins an episode is learned from",
            "reward sign flipped",
            "rewards clipped to [-1, 1]",
            "terminal reward doubled",
            "terminal reward lost",
            "reward lost at truncation",
            "rewards of the neighbouring lane",
            "return so far instead of the reward",
            *DISCOUNTS[:5],
            "the end of the step before cuts",
            "the last value is missing",
            "bootstraps from the state left",
            "the trace is cut by the wrong flag",
            "the trace is never cut",
            "the trace is cut by the flag of the next step",
            "the trace is not discounted",
            "the critic learns the advantages",
            "the critic learns the rewards",
            "the critic is never trained",
            "the critic learns undiscounted returns",
            "the sign of the advantages",
            "returns instead of advantages",
            "advantages of the neighbouring lane",
            "advantages in reverse order",
            "negative advantages dropped",
            "advantages are not scaled",
            "the gradient forgets the other actions",
            "the sign of the entropy",
            "the entropy counts 100 times",
            "no entropy",
            "acts greedily while it learns",
            "evaluates by sampling",
            "returns the first policy",
        ),
        {
            "advantages are not scaled": "a smaller step size",
            "no entropy": "the bonus only speeds exploration up",
            "negative advantages dropped": "moves towards what went better than expected, and nothing else",
        },
        20_000,
        {"num_envs": 8},
    ),
}
