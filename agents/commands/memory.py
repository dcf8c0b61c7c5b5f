"""How much memory a training will take, told before it is taken."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from gymnasium import spaces

from agents.algorithms.registry import agent_class
from agents.experience.env_spaces import single_spaces
from agents.training.configuration import settings_of

__all__ = ["MAX_GIB", "check_memory"]

MAX_GIB = 4.0
"""What a training may take where nothing else is said."""

COPIES_OF_WEIGHTS = 8
"""Two networks, their gradient, what Adam remembers, and what it computes with."""


def check_memory(config: Mapping[str, Any], env: Any, max_gib: float) -> None:
    """Refuses an agent that would take more memory than it may.

    Args:
        config: that of the run.
        env: what it is to be trained on.
        max_gib: the memory it may take, in GiB.

    Raises:
        ValueError: if it would take more.
    """
    gib = _bytes_of(config, env) / 2**30
    if gib > max_gib:
        raise ValueError(
            f"{config['agent']} would take {gib:,.3g} GiB of memory with these settings, more than the "
            f"{max_gib:g} it may; make it smaller, or allow more with --max-memory"
        )


def _bytes_of(config: Mapping[str, Any], env: Any) -> int:
    observation_space, action_space = single_spaces(env)
    cls, settings = agent_class(config["agent"]), settings_of(config)
    if not isinstance(action_space, spaces.Discrete) or not cls.learns:
        return 0
    encoder = cls.encoder_class(observation_space)
    n_features, n_actions = encoder.n_features, int(action_space.n)
    hidden = getattr(settings, "hidden_sizes", None)
    if hidden is None:
        return 8 * n_features * n_actions
    layers = pairwise([n_features, *hidden, n_actions])
    weights = sum((n_inputs + 1) * n_outputs for n_inputs, n_outputs in layers)
    remembered = getattr(settings, "replay_capacity", 0)
    if config["total_steps"] is not None:
        remembered = min(remembered, config["total_steps"])
    features = 1 if encoder.is_index else n_features
    n_bytes: int = 4 * COPIES_OF_WEIGHTS * weights + remembered * (8 * features + 16)
    return n_bytes
