"""Every fault that check_learner is held against: in which learner, and what becomes of it."""

from __future__ import annotations

from tests.faults.family import Family
from tests.faults.libraries import cleanrl, ours, stable_baselines3
from tests.faults.tables.actor_critic import ACTOR_CRITIC
from tests.faults.tables.lanes import LANES
from tests.faults.tables.n_step import N_STEP
from tests.faults.tables.online import ONLINE
from tests.faults.tables.replay import REPLAY
from tests.faults.tables.sarsa import EXPECTED_SARSA, SARSA

__all__ = ["FAMILIES"]

FAMILIES: dict[str, Family] = {
    "Q-learning, a table, online": ONLINE,
    "Q-learning, a table, replay and target": REPLAY,
    "SARSA, a table": SARSA,
    "expected SARSA, a table": EXPECTED_SARSA,
    "n-step SARSA, a table": N_STEP,
    **LANES,
    "actor-critic with GAE, tables": ACTOR_CRITIC,
    "our DQN": ours.DQN,
    "Stable-Baselines3's DQN": stable_baselines3.DQN,
    "Stable-Baselines3's PPO": stable_baselines3.PPO,
    "Stable-Baselines3's A2C": stable_baselines3.A2C,
    "DQN in CleanRL's manner": cleanrl.DQN,
    "PPO in CleanRL's manner": cleanrl.PPO,
}
