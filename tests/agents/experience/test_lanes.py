"""Training in many lanes at once, in every autoreset mode. Needs Gymnasium 1.1."""

from functools import partial

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

import agents
import gym_gridq
from agents.experience.rollout import rollout_of


def grid(**kwargs):
    return gymnasium.make("GridQ-v0", **kwargs)


UP, DOWN, LEFT, RIGHT = range(4)
TO_GOAL = [UP, UP, RIGHT, RIGHT, RIGHT]
MODES = [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP, AutoresetMode.DISABLED]

WAY = np.array([RIGHT, RIGHT, RIGHT, UP, UP, UP, UP, UP, UP, UP, UP, UP])
"""By state: the way to the goal over the upper left corner."""


def walk(env, n_steps):
    """What an agent on its `WAY` is given to learn from, one row for each transition."""
    rollout = rollout_of(env)
    rollout.reset(0)
    rows, ended = [], []
    while len(rows) < n_steps:
        transition = rollout.step(WAY[rollout.observation])
        ended += rollout.ended
        assert rollout.n_moved == np.size(transition[1])
        rows += zip(*(np.atleast_1d(part).tolist() for part in transition[:6]), strict=True)
    return rows, ended


@pytest.mark.parametrize("limit", [100, 2, 5])
@pytest.mark.parametrize("mode", MODES)
def test_every_autoreset_mode_gives_the_transitions_of_the_scalar_environment(mode, limit):
    scalar = grid(max_episode_steps=limit)
    one_lane = gymnasium.vector.SyncVectorEnv([lambda: grid(max_episode_steps=limit)], autoreset_mode=mode)
    assert walk(one_lane, 13) == walk(scalar, 13)


@pytest.mark.parametrize("mode", MODES)
def test_lanes_that_end_at_different_times_do_not_mix(mode):
    limits = (2, 3, 100)
    env = gymnasium.vector.SyncVectorEnv(
        [lambda limit=limit: grid(max_episode_steps=limit) for limit in limits], autoreset_mode=mode
    )
    possible = {row for limit in limits for row in walk(grid(max_episode_steps=limit), 20)[0]}
    rows, ended = walk(env, 60)
    assert set(rows) == possible
    assert set(ended) == {(0.0, 2), (0.0, 3), (1.0, 5)}


def test_next_step_never_learns_from_the_reset_and_counts_no_step_for_it():
    env = gymnasium.vector.SyncVectorEnv([grid, grid], autoreset_mode=AutoresetMode.NEXT_STEP)
    rollout = rollout_of(env)
    rollout.reset(0)
    moved = []
    for step in range(7):
        action = TO_GOAL[step] if step < 5 else UP
        transition = rollout.step(np.array([action, LEFT]))
        lanes = None if transition.lanes is None else transition.lanes.tolist()
        moved.append((rollout.n_moved, len(transition.observation), lanes, rollout.ended))
    assert moved[4] == (2, 2, None, [(1.0, 5)])
    assert moved[5] == (1, 1, [1], [])  # lane 0 is only reset
    assert moved[6] == (2, 2, None, [])


def test_observations_in_parts_are_taken_apart_by_lane():
    envs = [lambda: gymnasium.make("Blackjack-v1")] * 3
    for mode in MODES:
        env = gymnasium.vector.SyncVectorEnv(envs, autoreset_mode=mode)
        agent = agents.make("q-learning", env, seed=0)
        history = agents.train(agent, env, total_steps=60)
        assert set(history.returns.tolist()) <= {-1.0, 0.0, 1.0}
        assert len(history.episodes) > 10


def test_one_lane_learns_exactly_as_the_scalar_environment():
    scalar, one_lane = (
        grid(slip=0.3),
        gymnasium.make_vec(
            "GridQ-v0",
            1,
            vectorization_mode="sync",
            vector_kwargs={"autoreset_mode": AutoresetMode.SAME_STEP},
            slip=0.3,
        ),
    )
    first, second = (agents.make("q-learning", env, seed=4) for env in (scalar, one_lane))
    history, history_too = agents.train(first, scalar, 500), agents.train(second, one_lane, 500)
    assert (first.network.weights == second.network.weights).all()
    assert list(history.episodes) == list(history_too.episodes)


def test_a_vector_environment_that_does_not_say_how_it_resets():
    env = gymnasium.make_vec("GridQ-v0", 2, vectorization_mode="sync")
    agent = agents.make("random", env)
    env.metadata = {}
    with pytest.raises(ValueError, match="autoreset mode as None"):
        agents.train(agent, env, 10)


def test_a_table_learns_exactly_from_many_lanes():
    envs = gymnasium.make_vec("GridQ-v0", 8, random_start=True)
    agent = agents.make("tabular", envs, seed=0, epsilon=1.0)
    agents.train(agent, envs, total_steps=20_000)
    assert gym_gridq.grade(grid(), agent.q_values(np.arange(12))).max_q_error < 1e-6


def test_evaluation_refuses_many_lanes():
    envs = gymnasium.make_vec("GridQ-v0", 2)
    with pytest.raises(ValueError, match="evaluation runs one environment"):
        agents.evaluate(agents.make("random", envs), envs)


class Countdown(gymnasium.Env):
    """Counts down from 3; what is observed comes in a dict of parts."""

    observation_space = gymnasium.spaces.Dict(
        {
            "left": gymnasium.spaces.Discrete(4),
            "pair": gymnasium.spaces.Tuple([gymnasium.spaces.MultiBinary(2)]),
        }
    )
    action_space = gymnasium.spaces.Discrete(2)

    def observe(self):
        return {"left": self.left, "pair": (np.array([self.left % 2, 1], np.int8),)}

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.left = 3
        return self.observe(), {}

    def step(self, action):
        self.left -= 1
        return self.observe(), 1.0, self.left == 0, False, {}


@pytest.mark.parametrize("mode", MODES)
def test_observations_in_a_dict_keep_their_last_one(mode):
    rollout = rollout_of(gymnasium.vector.SyncVectorEnv([Countdown, Countdown], autoreset_mode=mode))
    rollout.reset(0)
    seen = []
    while len(seen) < 6:
        transition = rollout.step(np.zeros(2, np.int64))
        if rollout.n_moved:
            seen.append(
                (transition.observation["left"].tolist(), transition.next_observation["left"].tolist())
            )
            parity = transition.next_observation["pair"][0][:, 0]
            assert parity.tolist() == [left % 2 for left in seen[-1][1]]
    assert seen == [([3, 3], [2, 2]), ([2, 2], [1, 1]), ([1, 1], [0, 0])] * 2


@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_an_agent_trains_in_the_workers_of_an_asynchronous_vector(context):
    # the id names its module, so that a fresh process knows the world without an import
    makers = [partial(gymnasium.make, "gym_gridq:GridQ-v0")] * 2
    envs = gymnasium.vector.AsyncVectorEnv(makers, context=context)
    learner = agents.make("tabular", envs, seed=0, learning_rate=0.5)
    agents.train(learner, envs, total_steps=3_000)
    envs.close()
    assert gym_gridq.grade(gymnasium.make("GridQ-v0"), learner).greedy_length == 5


@pytest.mark.parametrize("name", ["returns", "lengths", "resetting"])
def test_a_training_of_other_lanes_is_refused(name):
    def lanes():
        env = gym_gridq.GridQVectorEnv(3)
        return agents.Training(agents.make("tabular", env, seed=0), env, total_steps=30)

    one = lanes()
    one.run()
    state = one.state()
    state["rollout"][name] = state["rollout"][name][:2]
    with pytest.raises(ValueError, match=f"state of the training is damaged .*{name}"):
        lanes().load_state(state)
