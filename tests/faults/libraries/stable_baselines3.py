"""Stable-Baselines3's DQN, PPO and A2C, with the settings of docs/interop/check_learner_settings.md."""

from __future__ import annotations

from functools import partial
from typing import Any

import gymnasium
import numpy as np

from gym_gridq.testing import Learned
from tests.faults.common import NOISE, SETTLED
from tests.faults.family import Family

__all__ = ["A2C", "DQN", "PPO"]


def dqn(env: Any, total_steps: int, fault: str = "") -> Any:
    """Stable-Baselines3's DQN."""
    import stable_baselines3 as sb3
    import torch

    from tests.faults.libraries.stable_baselines3_buffers import FaultyReplay

    class Algorithm(sb3.DQN):
        def _store_transition(
            self, replay_buffer: Any, actions: Any, new_obs: Any, rewards: Any, dones: Any, infos: Any
        ) -> None:
            if fault == "bootstraps from the next episode":
                for info in infos:
                    info.pop("terminal_observation", None)
            super()._store_transition(replay_buffer, actions, new_obs, rewards, dones, infos)

    settings = {
        "gamma": 0.9,
        "learning_rate": 2e-3,
        "learning_starts": 200,
        "batch_size": 128,
        "target_update_interval": 100,
        "exploration_fraction": 0.8,
    }
    match fault:
        case "the discount is left at its default":
            del settings["gamma"]
        case "the target network is never updated":
            settings["target_update_interval"] = 10**9
        case "exploration ends after 100 steps":
            settings |= {"exploration_fraction": 100 / total_steps, "exploration_final_eps": 0.0}
        case "only the first 200 transitions are kept":
            settings["buffer_size"] = 200
    torch.set_num_threads(1)
    model = Algorithm(
        "MlpPolicy",
        _with_fault(env, fault),
        replay_buffer_class=FaultyReplay,
        replay_buffer_kwargs={"fault": fault},
        seed=_seed(),
        **settings,
    )
    if fault == "mean instead of maximum":
        values = model.q_net_target.forward
        model.q_net_target.forward = lambda o: values(o).mean(1, keepdim=True).expand(-1, 4)
    model.learn(total_steps)
    with torch.no_grad():
        q = model.q_net(torch.arange(env.observation_space.n)).numpy()
    if fault == "evaluates with exploration":
        model.exploration_rate = 0.3
        return lambda state: int(model.predict(np.array(state))[0])
    return Learned(model, q_values=q)


def ppo(env: Any, total_steps: int, fault: str = "") -> Any:
    """Stable-Baselines3's PPO."""
    import stable_baselines3 as sb3

    settings = {"learning_rate": 3e-3, "n_steps": 256, "batch_size": 128, "n_epochs": 5}
    return _on_policy(sb3.PPO, env, total_steps, fault, settings)


def a2c(env: Any, total_steps: int, fault: str = "") -> Any:
    """Stable-Baselines3's A2C."""
    import stable_baselines3 as sb3

    settings = {"learning_rate": 3e-3, "n_steps": 32, "gae_lambda": 0.95}
    return _on_policy(sb3.A2C, env, total_steps, fault, settings)


def _on_policy(algorithm: Any, env: Any, total_steps: int, fault: str, settings: dict[str, Any]) -> Any:
    import torch

    from tests.faults.libraries.stable_baselines3_buffers import FaultyRollout

    torch.set_num_threads(1)
    rate = settings["learning_rate"]
    settings |= {"gamma": 0.9, "learning_rate": lambda left: rate * left}
    match fault:
        case "the discount is left at its default":
            del settings["gamma"]
        case "the critic is never trained":
            settings["vf_coef"] = 0.0
    model = algorithm(
        "MlpPolicy",
        _with_fault(env, fault),
        rollout_buffer_class=FaultyRollout,
        rollout_buffer_kwargs={"fault": fault},
        seed=_seed(),
        **settings,
    )
    sign = -1 if fault == "the sign of the entropy" else 1

    def fade(here: dict[str, Any], _: dict[str, Any]) -> bool:
        """The weight of the entropy falls to 0, so that near ties are seen and settled."""
        here["self"].ent_coef = sign * 0.2 * here["self"]._current_progress_remaining
        return True

    model.learn(total_steps, callback=fade)
    with torch.no_grad():
        values = model.policy.predict_values(torch.arange(env.observation_space.n)).numpy().ravel()
    if fault == "evaluates by sampling":
        return lambda state: int(model.predict(np.array(state), deterministic=False)[0])
    return Learned(model, values=values)


class _EndsAtTheLimit(gymnasium.Wrapper[Any, Any, Any, Any]):
    """One flag for both kinds of end, as environments had before Gymnasium."""

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, info = self.env.step(action)
        return observation, reward, terminated or truncated, False, info


def _with_fault(env: Any, fault: str) -> Any:
    match fault:
        case "the time limit is taken for an end":
            return _EndsAtTheLimit(env)
        case "rewards clipped to [-1, 1]":
            return gymnasium.wrappers.TransformReward(env, lambda reward: float(np.clip(reward, -1, 1)))
        case "rewards shifted by +0.1":
            return gymnasium.wrappers.TransformReward(env, lambda reward: reward + 0.1)
    return env


def _seed() -> int:
    return int(np.random.randint(2**31))  # noqa: NPY002 - check_learner seeds what it is drawn from


DQN = Family(
    dqn,
    (
        "the time limit is taken for an end",
        "terminal states are bootstrapped from",
        "bootstraps from the next episode",
        "rewards clipped to [-1, 1]",
        "rewards shifted by +0.1",
        "the discount is left at its default",
        "mean instead of maximum",
        "rewards of a batch shuffled",
        "observations kept as uint8",
        "the target network is never updated",
        "exploration ends after 100 steps",
        "evaluates with exploration",
    ),
    total_steps=3_000,
    needs="stable_baselines3",
    likely={
        "rewards clipped to [-1, 1]": "large-prizes",
        "observations kept as uint8": "far-apart",
        "terminal states are bootstrapped from": "two-doors",
        "the target network is never updated": "corridor",
        "exploration ends after 100 steps": "past-the-pit",
        "rewards of a batch shuffled": "two-doors",
    },
    missed={"exploration ends after 100 steps": "with some luck, 100 steps have found everything"},
)
ON_POLICY_FAULTS = (
    "the time limit is taken for an end",
    "terminal states are bootstrapped from",
    "rewards clipped to [-1, 1]",
    "the discount is left at its default",
    "the last value is missing",
    "the trace is never cut",
    "the sign of the advantages",
    "the critic learns the advantages",
    "advantages of the step before",
    "the sign of the entropy",
    "evaluates by sampling",
)
LIKELY = {
    "rewards clipped to [-1, 1]": "large-prizes",
    "terminal states are bootstrapped from": "two-doors",
    "the discount is left at its default": "corridor",
    "the critic learns the advantages": "corridor",
    "the last value is missing": "annuity",
    "the sign of the advantages": "two-doors",
    "evaluates by sampling": "two-doors",
    "advantages of the step before": "time-limit",
}
_of_rollouts = partial(
    Family,
    faults=ON_POLICY_FAULTS,
    equivalent={"the trace is never cut": NOISE},
    total_steps=12_000,
    needs="stable_baselines3",
    likely=LIKELY,
    missed={
        "evaluates by sampling": SETTLED,
        "the last value is missing": "one value in 256, the length of its rollouts",
        "advantages of the step before": "the trace carries credit one step back, so that it comes late but "
        "comes; only episodes of one step show it, and there luck can hide it",
    },
)
PPO = _of_rollouts(ppo)
A2C = _of_rollouts(a2c)
