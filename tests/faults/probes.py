"""Five probe environments, as AgileRL's guide to debugging describes them: what another check would notice.

Each is over after one or two steps and has a right answer that is known; what a learner returns may be off by
`TOLERANCE`, as there. Ours have four actions instead of one or two, since our learners have.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import gymnasium
import numpy as np

from gym_gridq.testing import Learned
from tests.faults.common import DISCOUNT, N_ACTIONS
from tests.faults.family import Family

__all__ = ["PROBES", "Probe", "act", "failed"]

TOLERANCE = 0.1
STEPS = 4_000
"""Environment steps for each."""


@dataclass(frozen=True)
class Probe:
    """A tiny environment.

    Attributes:
        name: what it is called there.
        q: right action values, ``(S, A)``.
        n_starts: the first states, one of which is drawn.
        length: steps an episode takes; the last one earns the reward.
        judges_policy: whether the action matters.
    """

    name: str
    q: np.ndarray
    n_starts: int = 1
    length: int = 1
    judges_policy: bool = False

    def make(self) -> gymnasium.Env[Any, Any]:
        """The environment."""
        return _ProbeEnv(self)


ODD = np.arange(N_ACTIONS) % 2 == 1
PROBES = (
    Probe("constant reward", np.ones((1, N_ACTIONS))),
    Probe("reward by observation", np.repeat([[-1.0], [1.0]], N_ACTIONS, axis=1), n_starts=2),
    Probe("discounted reward", np.repeat([[DISCOUNT], [1.0]], N_ACTIONS, axis=1), length=2),
    Probe("reward by action", np.where(ODD, 1.0, -1.0)[np.newaxis], judges_policy=True),
    Probe(
        "reward by both", np.where([~ODD, ODD], 1.0, -1.0), n_starts=2, judges_policy=True
    ),
)  # fmt: skip


class _ProbeEnv(gymnasium.Env[Any, Any]):
    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self.observation_space = gymnasium.spaces.Discrete(len(probe.q))
        self.action_space = gymnasium.spaces.Discrete(N_ACTIONS)

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[int, dict[str, Any]]:
        super().reset(seed=seed)
        self._time = 0
        self._state = int(self.np_random.integers(self.probe.n_starts))
        return self._state, {}

    def step(self, action: Any) -> tuple[int, float, bool, bool, dict[str, Any]]:
        self._time += 1
        over = self._time == self.probe.length
        reward = float(self.probe.q[self._state, action]) if over else 0.0
        if not over:
            self._state += 1
        return self._state, reward, over, False, {}


def failed(family: Family, fault: str, seed: int) -> dict[str, str]:
    """The probes that a learner fails, with ``"policy"`` or ``"values"``: what is wrong there."""
    wrong = {}
    for probe in PROBES:
        np.random.seed(seed)  # noqa: NPY002 - what learners seed themselves from
        env: Any
        if "num_envs" in family.arguments:
            mode = gymnasium.vector.AutoresetMode(family.arguments.get("autoreset_mode", "NextStep"))
            makers = [probe.make] * family.arguments["num_envs"]
            env = gymnasium.vector.SyncVectorEnv(makers, autoreset_mode=mode)
        else:
            env = probe.make()
        env.reset(seed=seed)
        problem = _judge(probe, partial(family.learner, fault=fault)(env, STEPS))
        if problem:
            wrong[probe.name] = problem
    return wrong


def _judge(probe: Probe, answer: Any) -> str | None:
    learned = answer if isinstance(answer, Learned) else Learned(answer)
    q = learned.q_values
    if isinstance(answer, np.ndarray) and answer.ndim == 2:
        q = answer
    if probe.judges_policy:
        actions = [act(learned.policy, state) for state in range(len(probe.q))]
        if (probe.q[range(len(probe.q)), actions] < probe.q.max(axis=1)).any():
            return "policy"
    for given, right in ((q, probe.q), (learned.values, probe.q.max(axis=1))):
        if given is not None and not np.allclose(np.asarray(given), right, atol=TOLERANCE):
            return "values"
    return None


def act(policy: Any, state: int) -> int:
    """The action of any policy that a learner may return."""
    if isinstance(policy, Learned):
        policy = policy.policy
    if isinstance(policy, np.ndarray):
        return int(policy[state].argmax() if policy.ndim == 2 else policy[state])
    if hasattr(policy, "predict"):
        return int(policy.predict(state, deterministic=True)[0])
    return int(policy(state))
