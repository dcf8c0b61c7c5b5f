import gymnasium
import numpy as np
import pytest

import agents
import gym_gridq  # noqa: F401 - registers the ids
from agents.algorithms.tabular import TabularQAgent
from agents.algorithms.values import ValueAgent
from agents.config import RandomConfig, TabularConfig


class Spy(ValueAgent):
    """Acts as it is told and remembers what it is given to learn from."""

    name = "spy"
    config_class = RandomConfig

    def __init__(self, env, actions=()):
        super().__init__(*agents.algorithms.registry.single_spaces(env), RandomConfig(), 0)
        self.actions = list(actions)

    def _build(self):
        self.seen = []

    def act(self, observation, explore=True):
        return self.actions.pop(0)

    def learn(self, *transition):
        self.seen.append(transition[:6])
        return float(len(self.seen))

    def _planned_epsilon(self):
        return 0.0

    def _learn(self, batch, lanes):
        raise NotImplementedError

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
        ({"episodes": 1, "seed": True}, "seed is True; give an integer from 0 up, or leave it out"),
        ({"episodes": 1, "seed": -1}, "seed is -1"),
    ],
)
def test_bad_limits(limits, words):
    env = grid()
    with pytest.raises(ValueError, match=words):
        agents.train(agents.make("random", env), env, **limits)


def test_limits_may_be_numbers_of_numpy():
    env = grid()
    training = agents.Training(
        agents.make("random", env, seed=0), env, np.int64(37), np.int32(90), seed=np.uint8(1)
    )
    training.run()
    assert training.steps == 37


@pytest.mark.parametrize(
    ("env_id", "words"),
    [
        ("FrozenLake-v1", r"observation space Discrete\(16\), but .*GridQ-v0.* has Discrete\(12\)"),
        ("GridQ-OneHot-v0", r"observation space Box.*, but .*GridQ-v0.* has Discrete\(12\)"),
    ],
)
def test_an_agent_made_for_other_observations_is_refused(env_id, words):
    with pytest.raises(ValueError, match=words):
        agents.train(agents.make("random", gymnasium.make(env_id)), grid(), total_steps=1)


def test_an_agent_made_for_other_actions_is_refused():
    agent = TabularQAgent(gymnasium.spaces.Discrete(12), gymnasium.spaces.Discrete(3), TabularConfig())
    with pytest.raises(ValueError, match=r"action space Discrete\(3\), but .*GridQ-v0.* has Discrete\(4\)"):
        agents.train(agent, grid(), total_steps=1)
