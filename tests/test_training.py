import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

import agents
import gym_gridq  # noqa: F401 - registers the ids
from agents.base import Agent
from agents.config import RandomConfig
from agents.rollout import rollout_of


class Spy(Agent):
    """Acts as it is told and remembers what it is given to learn from."""

    name = "spy"
    config_class = RandomConfig
    epsilon = 0.0

    def __init__(self, env, actions=()):
        super().__init__(*agents.registry.single_spaces(env), RandomConfig(), 0)
        self.actions = list(actions)
        self.seen = []

    def act(self, observation, explore=True):
        return self.actions.pop(0)

    def learn(self, *transition):
        self.seen.append(transition[:6])
        return float(len(self.seen))

    def _q_of(self, features):
        raise NotImplementedError


def grid(**kwargs):
    return gymnasium.make("GridQ-v0", **kwargs)


UP, DOWN, LEFT, RIGHT = range(4)
TO_GOAL = [UP, UP, RIGHT, RIGHT, RIGHT]


def test_the_agent_is_told_what_happened_in_order():
    env = grid()
    spy = Spy(env, [*TO_GOAL, UP])
    history = agents.train(spy, env, total_steps=6)
    assert spy.seen == [
        (8, UP, 0.0, 4, False, False),
        (4, UP, 0.0, 0, False, False),
        (0, RIGHT, 0.0, 1, False, False),
        (1, RIGHT, 0.0, 2, False, False),
        (2, RIGHT, 1.0, 3, True, False),  # the goal itself, not the next episode's start
        (8, UP, 0.0, 4, False, False),
    ]
    episode = history.episodes[0]
    assert episode == (1, 5, 1.0, 5, 3.0, 0.0)  # mean of losses 1 to 5
    assert len(history.episodes) == 1


def test_a_time_limit_is_told_as_truncation_with_the_true_successor():
    env = grid(max_episode_steps=2)
    spy = Spy(env, [UP, UP, RIGHT])
    history = agents.train(spy, env, total_steps=3)
    assert spy.seen[1:] == [(4, UP, 0.0, 0, False, True), (8, RIGHT, 0.0, 9, False, False)]
    assert history.lengths.tolist() == [2]


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
        assert rollout.n_moved == np.size(transition.action)
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


def test_limits_end_the_training():
    env = grid()
    training = agents.Training(agents.make("random", env, seed=0), env, total_steps=37)
    training.run()
    assert training.steps == 37
    training = agents.Training(agents.make("random", env, seed=0), env, total_steps=10_000, episodes=3)
    assert len(training.run().episodes) == 3
    assert training.steps < 10_000


def test_callbacks_are_called_in_order_and_can_stop():
    calls = []

    class Recorder(agents.Callback):
        def __init__(self, name):
            self.name = name

        def on_start(self, training):
            calls.append((self.name, "start"))

        def on_step(self, training):
            calls.append((self.name, training.steps))
            if training.steps == 2:
                training.stop("enough")

        def on_end(self, training):
            calls.append((self.name, "end", training.stop_reason))

    env = grid()
    agents.train(
        agents.make("random", env, seed=0), env, total_steps=100, callbacks=[Recorder("a"), Recorder("b")]
    )
    assert calls == [
        *[("a", "start"), ("b", "start"), ("a", 1), ("b", 1), ("a", 2), ("b", 2)],
        *[("a", "end", "enough"), ("b", "end", "enough")],
    ]


def test_end_is_called_after_an_error_too():
    ended = []

    class Ends(agents.Callback):
        def on_end(self, training):
            ended.append(training.steps)

    env = gymnasium.wrappers.TransformReward(grid(), lambda reward: float("nan"))
    with pytest.raises(agents.DivergenceError, match="reward is nan"):
        agents.train(agents.make("tabular", env, seed=0), env, total_steps=5, callbacks=[Ends()])
    assert ended == [0]


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


def test_history_as_arrays():
    env = grid()
    history = agents.train(agents.make("random", env, seed=0), env, episodes=4)
    assert history.returns.shape == history.lengths.shape == (4,)
    assert np.isnan(history.losses).all()


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({}, "give total_steps, episodes, or both"),
        ({"total_steps": 0}, "total_steps is 0; give an integer from 1 up"),
        ({"total_steps": 1.5}, "total_steps is 1.5"),
        ({"episodes": -3}, "episodes is -3"),
        ({"episodes": True}, "episodes is True"),
    ],
)
def test_bad_limits(limits, words):
    env = grid()
    with pytest.raises(ValueError, match=words):
        agents.train(agents.make("random", env), env, **limits)


def test_a_vector_environment_that_does_not_say_how_it_resets():
    env = gymnasium.make_vec("GridQ-v0", 2, vectorization_mode="sync")
    agent = agents.make("random", env)
    env.metadata = {}
    with pytest.raises(ValueError, match="autoreset mode as None"):
        agents.train(agent, env, 10)
