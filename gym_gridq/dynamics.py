"""Dynamics: what happens, as arrays. The one home of p(s', r | s, a).

An action asks for a move; a slip turns the move to one of the two perpendicular directions. So the whole
model is two small facts: where each *move* leads (three ``(S, 4)`` tables), and how likely each move is under
each *action* (one ``(4, 4)`` table). The scalar environment, the vector environment and the solvers all read
these tables and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from gym_gridq.checks import as_float, as_reward, read_only
from gym_gridq.layout import Action, Layout

__all__ = ["Dynamics", "Outcome"]

Outcome = tuple[float, int, float, bool]
"""``(probability, next_state, reward, terminated)``, the toy-text convention."""

_TURNS = np.array(
    [
        [Action.UP, Action.LEFT, Action.RIGHT],
        [Action.DOWN, Action.RIGHT, Action.LEFT],
        [Action.LEFT, Action.DOWN, Action.UP],
        [Action.RIGHT, Action.UP, Action.DOWN],
    ],
    dtype=np.int64,
)
"""Moves an action may become, ``(A, 3)``: straight on, to its left hand, to its right hand."""


class Dynamics:
    """The finite Markov decision process of a layout (Sutton & Barto, section 3.1), read-only.

    In state ``s`` under action ``a``, move ``m`` is made with probability ``move_probability[a, m]``; it
    leads to ``next_state[s, m]`` with ``reward[s, m]``, and ends the episode if ``terminated[s, m]``. The
    Bellman equation for ``q`` is therefore one line::

        q = (reward + discount * ~terminated * v[next_state]) @ move_probability.T    # (S, A)

    Terminal states absorb: every move stays, earns 0 and is terminated. Walls, which nothing reaches, have
    rows of the same kind.

    Args:
        layout: a named layout, text rows, or a `Layout`.
        slip: probability, in [0, 1], that a move goes to one of the two perpendicular directions, half each.
        step_reward: number up to 1e100 either way, added to the reward of every step.
        random_start: start on any cell that is neither wall nor terminal, instead of on the ``S`` cells.

    Attributes:
        layout: the map.
        slip: as given.
        step_reward: as given.
        random_start: as given.
        next_state: ``(S, 4)`` int64, the cell a move ends on; walls and the edge stop it.
        reward: ``(S, 4)`` float64, the reward of the cell entered plus ``step_reward``; 0 where absorbed.
        terminated: ``(S, 4)`` bool, whether the cell entered is terminal.
        turned_move: ``(A, K)`` int64, the moves an action may become; K is 1 without slip, else 3.
        turn_probability: ``(K,)`` float64, how likely each of them is.
        turn_cumulative: ``(K,)`` float64, running sum of ``turn_probability``; the last is exactly 1.
        move_probability: ``(A, 4)`` float64, the same by move: ``p(move | action)``.
        start_states: ``(N,)`` int64, the cells an episode starts on, each with probability 1/N.

    Raises:
        ValueError: for a bad layout, slip, step reward or start rule.
    """

    def __init__(
        self,
        layout: str | Iterable[str] | Layout = "book",
        slip: float = 0.0,
        step_reward: float = 0.0,
        random_start: bool = False,
    ) -> None:
        self.layout = Layout.resolve(layout)
        self.slip = as_float(slip)
        if not 0.0 <= self.slip <= 1.0:
            raise ValueError(f"slip is {slip!r}; it is a probability, give a number from 0 to 1")
        self.step_reward = as_reward(step_reward, "step_reward")
        if not isinstance(random_start, bool | np.bool_):
            raise ValueError(f"random_start is {random_start!r}; give True or False")
        self.random_start = bool(random_start)
        self.start_states = self.layout.free_states if self.random_start else self.layout.start_states

        absorbing = self.layout.terminal | self.layout.wall  # (S,)
        self.next_state = read_only(_next_state(self.layout, absorbing))
        self.terminated = read_only(absorbing[self.next_state])
        reward_of_entering = np.zeros(self.layout.n_states)
        for letter, reward in self.layout.rewards.items():
            reward_of_entering[self.layout.cells == letter] = reward
        reward = reward_of_entering[self.next_state] + self.step_reward  # (S, 4)
        reward[absorbing] = 0.0
        self.reward = read_only(reward)

        probability = [1.0 - self.slip, self.slip / 2, self.slip / 2] if self.slip > 0 else [1.0]
        self.turn_probability = read_only(np.array(probability))
        self.turned_move = read_only(_TURNS[:, : len(probability)].copy())
        cumulative = np.cumsum(probability)
        cumulative[-1] = 1.0  # a draw is below 1, so that one always finds its place
        self.turn_cumulative = read_only(cumulative)
        move_probability = np.zeros((len(Action), len(Action)))
        np.put_along_axis(move_probability, self.turned_move, self.turn_probability, axis=1)
        self.move_probability = read_only(move_probability)

    @property
    def n_states(self) -> int:
        """Number of states S, walls included."""
        return self.layout.n_states

    @property
    def n_actions(self) -> int:
        """Number of actions A."""
        return len(Action)

    @property
    def absorbing(self) -> npt.NDArray[np.bool_]:
        """Which states are terminal or walls, ``(S,)``: v, q and every policy are 0 there."""
        return self.layout.terminal | self.layout.wall

    def outcomes(self, state: int, action: int) -> list[Outcome]:
        """What may follow ``action`` in ``state``, each with its probability.

        Outcomes of a slip that lead to the same cell stay separate; impossible ones are left out. This is
        the order in which a draw is looked up.
        """
        if self.layout.terminal[state] or self.layout.wall[state]:
            return [(1.0, int(state), 0.0, True)]
        return [
            (
                float(probability),
                int(self.next_state[state, move]),
                float(self.reward[state, move]),
                bool(self.terminated[state, move]),
            )
            for move, probability in zip(self.turned_move[action], self.turn_probability, strict=True)
            if probability > 0
        ]

    @cached_property
    def P(self) -> dict[int, dict[int, list[Outcome]]]:  # noqa: N802 - the toy-text environments' name
        """The toy-text dictionary ``{s: {a: [(p, s', r, terminated)]}}``; changing it changes no rule."""
        return {
            state: {int(action): self.outcomes(state, action) for action in Action}
            for state in range(self.n_states)
        }

    def __reduce__(self) -> tuple[Any, ...]:
        # Rebuilt from its arguments: arrays would come back writable out of pickle.
        return type(self), (self.layout, self.slip, self.step_reward, self.random_start)

    def __deepcopy__(self, memo: dict[int, Any]) -> Dynamics:
        return self  # read-only, so one copy serves all

    def __repr__(self) -> str:
        return (
            f"Dynamics({self.layout.name or self.layout.rows!r}, slip={self.slip}, "
            f"step_reward={self.step_reward}, random_start={self.random_start})"
        )


def _next_state(layout: Layout, absorbing: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Where each move leads, ``(S, 4)``."""
    here = np.arange(layout.n_states).reshape(layout.n_rows, layout.n_columns)
    there = np.repeat(here[:, :, np.newaxis], len(Action), axis=2)  # (rows, columns, 4)
    there[1:, :, Action.UP] = here[:-1]
    there[:-1, :, Action.DOWN] = here[1:]
    there[:, 1:, Action.LEFT] = here[:, :-1]
    there[:, :-1, Action.RIGHT] = here[:, 1:]
    there = there.reshape(layout.n_states, len(Action))
    stays = layout.wall[there] | absorbing[:, np.newaxis]
    np.copyto(there, here.reshape(-1, 1), where=stays)
    return there
