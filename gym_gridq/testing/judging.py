"""What a learner returned, held against what is right: its policy, and the values it learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

from gym_gridq.dynamics import Dynamics
from gym_gridq.exact.evaluation import evaluate_policy
from gym_gridq.exact.grading import Grade, grade
from gym_gridq.exact.planning import Solution, solve
from gym_gridq.testing.asking import Asker, FloatArray
from gym_gridq.testing.watching import Record
from gym_gridq.testing.world import World

__all__ = ["Learned", "Verdict", "judge"]

OFTEN = 0.01
"""The part of all steps that a state or a pair is to have been tried for its value to be judged."""


@dataclass(frozen=True)
class Learned:
    """A policy together with what else was learned; all of it is judged.

    Each may be an array, or a callable of one observation; what is None is not judged.

    Attributes:
        policy: anything that `gym_gridq.grade` takes.
        q_values: action values, ``(S, A)``, or observation -> ``(A,)``.
        values: state values, ``(S,)``, or observation -> a number.
        probabilities: of the actions, ``(S, A)``, or observation -> ``(A,)``.
    """

    policy: Any
    q_values: Any = None
    values: Any = None
    probabilities: Any = None


@dataclass(frozen=True)
class Verdict:
    """What judging a learner came to.

    Attributes:
        problem: what is wrong, in words; None if nothing is.
        grade: what the policy is worth.
        actions: the policy's action in each state, ``(S,)``.
        value_error: the largest error of a learned value that was judged, as a part of the largest optimal
            value's size; None if no values were returned.
    """

    problem: str | None
    grade: Grade
    actions: npt.NDArray[np.int64]
    value_error: float | None = None


def judge(
    world: World, env: gymnasium.Env[Any, Any], record: Record, answer: Any, discount: float, one_hot: bool
) -> Verdict:
    """Judges what a learner returned.

    Args:
        world: where it learned.
        env: that world, as a scalar environment.
        record: what the learner did there.
        answer: what it returned: a policy, or `Learned`.
        discount: in (0, 1).
        one_hot: whether the learner sees one-hot vectors.

    Raises:
        TypeError: for an answer of no known kind.
        ValueError: for one of the wrong shape, or numbers that are not finite or no probabilities.
        RuntimeError: if what was returned raises when it is asked.
    """
    dynamics: Dynamics = env.unwrapped.dynamics  # type: ignore[attr-defined]
    asker = Asker(dynamics, one_hot)
    learned = answer if isinstance(answer, Learned) else _taken_apart(answer)
    optimum = solve(dynamics, discount)

    mixture = asker.mixture(learned.policy, env)  # (S, A)
    actions = mixture.argmax(axis=1)
    grade_ = grade(env, actions, discount)
    start_value = float(evaluate_policy(dynamics, mixture, discount)[dynamics.start_states].mean())
    problem: str | None
    allowed = world.tolerance * abs(grade_.optimal_value)
    if grade_.optimal_value - start_value > allowed:
        if grade_.regret <= allowed:
            problem = (
                "its policy answers the same question differently, and is worse for it: evaluate it greedily"
            )
        else:
            problem = f"its policy is worth {grade_.value:.4f}, the optimum {grade_.optimal_value:.4f}"
        return Verdict(problem, grade_, actions)

    if learned.probabilities is not None:
        _refuse_improbable(asker.table(learned.probabilities, 4, "probabilities"), dynamics)
    error, problem = _value_problem(world, asker, record, learned, optimum, discount)
    return Verdict(problem, grade_, actions, error)


def _taken_apart(answer: Any) -> Learned:
    """What else an answer holds: an array is Q-values, our agents and their like give theirs."""
    if isinstance(answer, np.ndarray | list | tuple):
        array = np.asarray(answer)
        return Learned(answer, q_values=array if array.ndim == 2 else None)
    return Learned(answer)


def _refuse_improbable(table: FloatArray, dynamics: Dynamics) -> None:
    wrong = ~dynamics.absorbing & ((table < 0).any(axis=1) | (np.abs(table.sum(axis=1) - 1) > 1e-4))
    if wrong.any():
        state = int(wrong.argmax())
        raise ValueError(f"the probabilities of state {state} are {table[state]}; they must sum to 1")


def _value_problem(
    world: World, asker: Asker, record: Record, learned: Learned, optimum: Solution, discount: float
) -> tuple[float | None, str | None]:
    """The largest error of the learned values as a part of the values' size, and what to say of it.

    A value may be that of the optimal policy, or of the one that the learner last followed: learners of
    either kind are right.
    """
    dynamics = asker.dynamics
    scale = float(np.abs(optimum.v).max())
    v = _value_of_behaviour(dynamics, record, discount)
    q = (
        dynamics.reward + discount * ~dynamics.terminated * v[dynamics.next_state]
    ) @ dynamics.move_probability.T
    worst, problem = None, None
    for name, given, tried, right, followed in (
        ("Q-value", learned.q_values, record.tried_lately, optimum.q, q),
        (
            "value",
            learned.values,
            record.tried_lately.sum(axis=1)[:, np.newaxis],
            optimum.v[:, np.newaxis],
            v[:, np.newaxis],
        ),
    ):
        if given is None:
            continue
        table = asker.table(given, right.shape[1], f"{name}s")
        errors = np.minimum(np.abs(table - right), np.abs(table - followed)) / scale
        errors[tried < OFTEN * record.tried_lately.sum()] = 0.0
        errors[dynamics.absorbing] = 0.0
        state, action = np.unravel_index(errors.argmax(), errors.shape)
        error = float(errors[state, action])
        if worst is None or error > worst:
            worst = error
        if error > world.value_tolerance:
            action_said = f", action {action}," if right.shape[1] > 1 else ""
            problem = (
                f"its policy is optimal, but the {name} of state {state}{action_said} is "
                f"{table[state, action]:.4f}, where {right[state, action]:.4f} is right"
            )
    return worst, problem


def _value_of_behaviour(dynamics: Dynamics, record: Record, discount: float) -> FloatArray:
    """Value ``(S,)`` of what the learner did in the last quarter of its steps."""
    counts = record.tried_lately + 1e-9
    return evaluate_policy(dynamics, counts / counts.sum(axis=1, keepdims=True), discount)
