"""A learner that is right: what `check_learner` checks where no other is named."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

from gym_gridq.checks import DISCOUNT

__all__ = ["learn_by_table"]


def learn_by_table(
    env: gymnasium.Env[Any, Any],
    total_steps: int,
    discount: float = DISCOUNT,
    learning_rate: float = 0.1,
    seed: int = 0,
) -> npt.NDArray[np.float64]:
    """The reference learner: tabular Q-learning (Sutton & Barto, section 6.5) with falling exploration.

    Args:
        env: an environment with `Discrete` observations and actions.
        total_steps: environment steps.
        discount: in [0, 1].
        learning_rate: step size, in (0, 1].
        seed: seeds exploration.

    Returns:
        The learned Q-values, ``(S, A)``.
    """
    assert isinstance(env.observation_space, gymnasium.spaces.Discrete)
    assert isinstance(env.action_space, gymnasium.spaces.Discrete)
    random = np.random.default_rng(seed)
    n_actions = int(env.action_space.n)
    q = np.zeros((int(env.observation_space.n), n_actions))
    state, _ = env.reset()
    for step in range(total_steps):
        epsilon = 1 - 0.95 * step / total_steps
        explores = random.random() < epsilon
        action = int(random.integers(n_actions)) if explores else int(q[state].argmax())
        next_state, reward, terminated, truncated, _ = env.step(action)
        # Only a terminal state is worth nothing for certain; an episode cut short would have gone on.
        target = float(reward) + (0.0 if terminated else discount * q[next_state].max())
        q[state, action] += learning_rate * (target - q[state, action])
        state = env.reset()[0] if terminated or truncated else next_state
    return q
