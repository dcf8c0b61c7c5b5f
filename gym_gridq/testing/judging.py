"""What a learner returned, held against what is right: its policy, and the values it learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

from gym_gridq.checks import as_integer
from gym_gridq.dynamics import Dynamics
from gym_gridq.exact.evaluation import evaluate_policy
from gym_gridq.exact.grading import Grade, grade
from gym_gridq.exact.planning import Solution, solve
from gym_gridq.testing.watching import Record
from gym_gridq.testing.worlds import World

__all__ = ["Learned", "Verdict", "judge"]

FloatArray = npt.NDArray[np.float64]

ASKED = 8
"""How often a policy that may draw its actions is asked in each state."""

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
    asker = _Asker(dynamics, one_hot)
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


class _Asker:
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


def _refuse_improbable(table: FloatArray, dynamics: Dynamics) -> None:
    wrong = ~dynamics.absorbing & ((table < 0).any(axis=1) | (np.abs(table.sum(axis=1) - 1) > 1e-4))
    if wrong.any():
        state = int(wrong.argmax())
        raise ValueError(f"the probabilities of state {state} are {table[state]}; they must sum to 1")


def _value_problem(
    world: World, asker: _Asker, record: Record, learned: Learned, optimum: Solution, discount: float
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
