"""returns: what an evaluation by sampled episodes must average to, and how far its samples spread."""

from __future__ import annotations

import math
from typing import Any, NamedTuple, SupportsFloat

import numpy as np

from gym_gridq.checks import as_discount, read_only
from gym_gridq.dynamics import Dynamics
from gym_gridq.exact.arguments import checked_horizon, dynamics_of
from gym_gridq.exact.distribution import return_distribution
from gym_gridq.exact.equations import Equations, FloatArray
from gym_gridq.exact.evaluation import ENDLESS, never_ending, reached_weights, refuse
from gym_gridq.exact.policies import read_policy

__all__ = ["Returns", "returns"]


class Returns(NamedTuple):
    """How the return and the length of an episode are distributed.

    Attributes:
        mean: expected return.
        std: its standard deviation, of one episode.
        mean_length: expected number of steps; infinite where an episode may never end.
        std_length: their standard deviation; infinite where the mean is.
        ended: probability that an episode ends by itself before the limit cuts it off; ending on the last
            step allowed counts.
        values: ``(K,)`` float64, the returns that occur, in ascending order; None where there are more than
            10,000 or too many to list (see `returns`).
        probabilities: ``(K,)`` float64, how likely each of them is; None where ``values`` is.
    """

    mean: float
    std: float
    mean_length: float
    std_length: float
    ended: float
    values: FloatArray | None
    probabilities: FloatArray | None


def returns(env: Any, policy: Any, horizon: int | None = None, discount: SupportsFloat = 1.0) -> Returns:
    """The exact distribution of an episode's return and length under the time limit, without sampling.

    Its mean is what evaluations such as Stable-Baselines3's ``evaluate_policy`` or `agents.evaluate` average
    to, and ``std / n ** 0.5`` how far n episodes may be from it.

    Equal sums of the same rewards count as one return, whatever the rounding on the way to them. Rewards
    and discount are taken for the simple fractions that they were written as, where they are within rounding
    of one. The list is given up where more than 10,000 returns occur, where a limit is missing and episodes
    earn in circles, and where a long limit and many returns would take more than seconds.

    Args:
        env: a GridQ environment (scalar or vector, wrapped or not) or its `Dynamics`.
        policy: ``(S, A)`` probabilities; ``(S,)`` actions; an object with
            ``action_probabilities(observation)`` or an actor-critic model of Stable-Baselines3, read by its
            distribution; an object with ``predict``, called with ``deterministic=True``; or a callable
            ``observation -> action``.
        horizon: steps an episode may take; None means the environment's own limit, and without one none.
        discount: in [0, 1]; 1 for plain sums, as evaluations print.

    Raises:
        TypeError: for an environment that is not GridQ's.
        ValueError: for a bad policy, discount or horizon; and without a limit for discount 1 with a policy
            that never ends the episode from a cell it comes to.
        RuntimeError: if the policy itself raises; its own error is the cause.
    """
    dynamics = dynamics_of(env)
    steps, gamma = checked_horizon(env, horizon), as_discount(discount)
    weights = reached_weights(dynamics, read_policy(env, dynamics, policy))
    never = never_ending(dynamics, weights)  # (S,)
    if steps is None and gamma == 1:
        refuse(dynamics, never, ENDLESS)
    mean, std = _moments(dynamics, weights, dynamics.reward, gamma, steps)
    mean_length, std_length = math.inf, math.inf
    if steps is not None or not never.any():
        mean_length, std_length = _moments(dynamics, weights, np.ones_like(weights), 1.0, steps)
    # From where an episode never ends nothing more is to be learned of whether it does.
    ending = np.where(never[:, np.newaxis], 0.0, weights)
    ended, _ = _moments(dynamics, ending, dynamics.terminated.astype(float), 1.0, steps)
    distribution = return_distribution(dynamics, weights, gamma, steps)
    values, probabilities = (None, None) if distribution is None else map(read_only, distribution)
    return Returns(mean, std, mean_length, std_length, ended, values, probabilities)


def _moments(
    dynamics: Dynamics, weights: FloatArray, reward: FloatArray, discount: float, horizon: int | None
) -> tuple[float, float]:
    """Mean and standard deviation of the sum of ``reward`` ``(S, 4)`` over an episode.

    The variance is that of the next step plus that of what follows (the law of total variance), a sum in
    which nothing cancels.
    """
    onward = ~dynamics.terminated  # (S, 4)

    def spread(mean: FloatArray, following: FloatArray) -> FloatArray:
        """Variance ``(S,)`` that the next step alone brings."""
        outcomes = reward + discount * onward * following[dynamics.next_state]  # (S, 4)
        deviations: FloatArray = np.einsum("sm,sm->s", weights, (outcomes - mean[:, np.newaxis]) ** 2)
        return deviations

    immediate = np.einsum("sm,sm->s", weights, reward)  # (S,)
    if horizon is None:
        mean = Equations(dynamics, discount).solve(weights, immediate)
        variance = Equations(dynamics, discount**2).solve(weights, spread(mean, mean))
    else:
        going_on = weights * onward
        mean, variance = np.zeros_like(immediate), np.zeros_like(immediate)
        for _ in range(horizon):
            following, variance_after = mean, variance
            mean = immediate + discount * np.einsum("sm,sm->s", going_on, following[dynamics.next_state])
            variance = spread(mean, following) + discount**2 * np.einsum(
                "sm,sm->s", going_on, variance_after[dynamics.next_state]
            )
            if np.array_equal(mean, following) and np.array_equal(variance, variance_after):
                break
    starts = dynamics.start_states
    return float(mean[starts].mean()), float(np.sqrt(variance[starts].mean() + mean[starts].var()))
