"""FrozenLake in many lanes, as Gymnasium, EnvPool and gymnax have it: the peers of `benchmarks.world`."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import SyncVectorEnv

from benchmarks._measuring import Step, random_batches


def frozen_lakes(lanes: int) -> Step:
    envs: Any = SyncVectorEnv([lambda: gymnasium.make("FrozenLake-v1")] * lanes)
    envs.reset(seed=0)
    step: Step = envs.step
    return step


def envpool_lake(lanes: int) -> tuple[Step, list[Any], int]:
    import envpool

    envs = envpool.make_gymnasium("FrozenLake-v1", num_envs=lanes, num_threads=2)
    envs.reset()
    return envs.step, [batch.astype(np.int32) for batch in random_batches(lanes)], lanes


def gymnax_lake(lanes: int) -> tuple[Step, list[Any], int]:
    """A rollout of 100 steps, compiled as one program; random actions are drawn inside."""
    import gymnax
    import jax

    env, parameters = gymnax.make("FrozenLake-misc")
    length = 100

    def step(carry: Any, key: Any) -> Any:
        observations, states = carry
        action_key, step_key = jax.random.split(key)
        actions = jax.random.randint(action_key, (lanes,), 0, 4)
        keys = jax.random.split(step_key, lanes)
        observations, states, rewards, *_ = jax.vmap(env.step, (0, 0, 0, None))(
            keys, states, actions, parameters
        )
        return (observations, states), rewards.sum()

    @jax.jit
    def rollout(key: Any) -> Any:
        reset_key, steps_key = jax.random.split(key)
        carry = jax.vmap(env.reset, (0, None))(jax.random.split(reset_key, lanes), parameters)
        return jax.lax.scan(step, carry, jax.random.split(steps_key, length))

    def run(key: Any) -> None:
        jax.block_until_ready(rollout(key))

    return run, [jax.random.PRNGKey(0)], lanes * length
