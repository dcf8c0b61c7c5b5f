"""Every episode there is, one by one: the slow and certain way to whatever is known of a policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gym_gridq import Dynamics


class Episode(NamedTuple):
    probability: float
    rewards: tuple[float, ...]
    states: tuple[int, ...]  # in which an action was taken
    ended: bool

    def discounted(self, discount: float) -> float:
        return sum(discount**time * reward for time, reward in enumerate(self.rewards))


def random_policy(world: Dynamics, seed: int) -> npt.NDArray[np.float64]:
    """Probabilities ``(S, A)``, many of them zero."""
    rng = np.random.default_rng(seed)
    policy = rng.dirichlet(np.full(4, 0.4), world.n_states)
    policy[policy < 0.15] = 0
    return policy / policy.sum(axis=1, keepdims=True)


def episodes(world: Dynamics, policy: npt.NDArray[np.float64], horizon: int) -> Iterator[Episode]:
    """All episodes under a limit, by the dictionary of the dynamics."""
    starts = world.start_states.tolist()
    unfinished = [(1 / len(starts), (), (), start) for start in starts]
    while unfinished:
        probability, rewards, states, state = unfinished.pop()
        for action in range(4):
            for chance, next_state, reward, terminated in world.P[state][action]:
                p = probability * float(policy[state, action]) * chance
                if p == 0:
                    continue
                so_far = (p, (*rewards, reward), (*states, state))
                if terminated or len(so_far[1]) == horizon:
                    yield Episode(*so_far, terminated)
                else:
                    unfinished.append((*so_far, next_state))
