"""The optimum of any table of transitions, such as the ``P`` of Gymnasium's toy-text environments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gym_gridq.greedy import greedy_policy

__all__ = ["Table", "solve_table", "table_of"]

MOST_STATES = 3_000
"""Dense equations of more would take gigabytes."""

MOST_SWEEPS = 1_000_000


class Table(NamedTuple):
    """What happens, as arrays.

    Attributes:
        transition: ``(S, A, S)`` float64, the probability of going on in a state; what ends is not in it.
        reward: ``(S, A)`` float64, the expected reward.
        absorbing: ``(S,)``, states in which nothing is earned any more.
    """

    transition: npt.NDArray[np.float64]
    reward: npt.NDArray[np.float64]
    absorbing: npt.NDArray[np.bool_]


def table_of(env: Any) -> Table | None:
    """The table of an environment that has one as ``P``: ``{s: {a: [(p, s', r, terminated), ...]}}``.

    Raises:
        ValueError: for a table of another form, or a larger one than can be solved.
    """
    raw = getattr(getattr(env, "unwrapped", None), "P", None)
    if not isinstance(raw, Mapping) or not raw:
        return None
    n_states, n_actions = len(raw), len(next(iter(raw.values())))
    if n_states > MOST_STATES:
        raise ValueError(f"the table has {n_states} states; at most {MOST_STATES} can be solved")
    transition, reward = np.zeros((n_states, n_actions, n_states)), np.zeros((n_states, n_actions))
    ends = np.zeros((n_states, n_actions))
    try:
        for state, actions in raw.items():
            for action, outcomes in actions.items():
                for probability, next_state, gained, terminated in outcomes:
                    reward[state, action] += probability * gained
                    if terminated:
                        ends[state, action] += probability
                    else:
                        transition[state, action, next_state] += probability
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(
            f"the table P is not of the form {{s: {{a: [(p, s', r, terminated), ...]}}}}: {error}"
        ) from error
    total = transition.sum(axis=2) + ends
    if not np.allclose(total, 1, atol=1e-6):
        raise ValueError("the table P has probabilities that do not sum to 1")
    absorbing = (transition.sum(axis=2) == 0).all(axis=1) & (reward == 0).all(axis=1)
    return Table(transition, reward, absorbing)


def solve_table(
    table: Table, discount: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """v*, q* and the optimal policy, as `gym_gridq.solve` gives them: policy iteration, each step exact.

    With discount 1 it is value iteration, until nothing changes any more.

    Raises:
        ValueError: for discount 1 where returns have no bound.
    """
    v = _swept(table) if discount == 1 else _iterated(table, discount)
    q = table.reward + discount * (table.transition @ v)  # (S, A)
    return v, q, greedy_policy(q, table.absorbing)


def _iterated(table: Table, discount: float) -> npt.NDArray[np.float64]:
    states = np.arange(len(table.reward))
    choice = table.reward.argmax(axis=1)  # (S,)
    seen: set[bytes] = set()
    while choice.tobytes() not in seen:  # comes again only where rounding goes round in circles
        seen.add(choice.tobytes())
        followed = np.eye(len(states)) - discount * table.transition[states, choice]
        v: npt.NDArray[np.float64] = np.linalg.solve(followed, table.reward[states, choice])
        q = table.reward + discount * (table.transition @ v)  # (S, A)
        gain = q.max(axis=1) - q[states, choice]
        choice = np.where(gain > 1e-12 * np.maximum(1, abs(v)), q.argmax(axis=1), choice)
    return v


def _swept(table: Table) -> npt.NDArray[np.float64]:
    v: npt.NDArray[np.float64] = np.zeros(len(table.reward))
    for _ in range(MOST_SWEEPS):
        swept: npt.NDArray[np.float64] = (table.reward + table.transition @ v).max(axis=1)
        if np.abs(swept - v).max() <= 1e-14 * max(1.0, np.abs(swept).max()):
            return swept
        v = swept
        if np.abs(v).max() > 1e12:
            break
    raise ValueError("with discount 1 the returns of this table have no bound; take a discount below 1")
