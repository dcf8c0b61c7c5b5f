import gymnasium
import numpy as np
import pytest

import agents
import gym_gridq
from agents.commands.report import judge


@pytest.fixture
def optimal():
    env = gymnasium.make("GridQ-v0")
    agent = agents.make("tabular", env, seed=0)
    agent.table[:] = gym_gridq.solve(env).q
    return agent


def test_the_optimum_takes_five_steps(optimal):
    result = agents.evaluate(optimal, gymnasium.make("GridQ-v0"), episodes=7)
    assert result.mean_return == 1.0
    assert result.std_return == 0.0
    assert result.mean_length == 5.0
    assert result.returns.tolist() == [1.0] * 7
    assert result.lengths.tolist() == [5] * 7


def test_same_seed_same_result_and_nothing_learned(optimal):
    env = gymnasium.make("GridQ-v0", slip=0.4)
    table = optimal.table.copy()
    one, same, other = (agents.evaluate(optimal, env, 20, seed=seed) for seed in (3, 3, 4))
    assert one.lengths.tolist() == same.lengths.tolist() != other.lengths.tolist()
    assert (optimal.table == table).all()


def test_the_mean_return_is_the_exact_value():
    env = gymnasium.make("GridQ-v0", max_episode_steps=10_000)
    policy = np.full((12, 4), 0.25)

    class Uniform:
        rng = np.random.default_rng(0)

        def act(self, observation, explore=True):
            return int(self.rng.random() * 4)

    result = agents.evaluate(Uniform(), env, episodes=2000, seed=1)
    exact = gym_gridq.evaluate_policy(env, policy, discount=1.0)[8]
    assert exact == pytest.approx(-47 / 55, abs=1e-12)
    assert abs(result.mean_return - exact) < 4 * result.std_return / np.sqrt(2000)


def test_a_policy_that_never_ends_is_broken_off(optimal):
    optimal.table[:] = 0.0  # up for ever
    endless = gymnasium.make("GridQ-v0").unwrapped
    assert agents.evaluate(optimal, endless, episodes=2, max_steps=50).lengths.tolist() == [50, 50]


@pytest.mark.parametrize("name", ["episodes", "max_steps"])
@pytest.mark.parametrize("value", [0, -1, 1.5, True, "5"])
def test_numbers_that_are_none(optimal, name, value):
    with pytest.raises(ValueError, match=f"{name} is {value!r}; give an integer from 1 up"):
        agents.evaluate(optimal, gymnasium.make("GridQ-v0"), **{name: value})


@pytest.mark.parametrize("seed", [True, -1, 0.5, "0"])
def test_bad_seed(optimal, seed):
    with pytest.raises(ValueError, match=f"seed is {seed!r}; give an integer from 0 up, or leave it out"):
        agents.evaluate(optimal, gymnasium.make("GridQ-v0"), seed=seed)


def test_numbers_of_numpy_are_numbers(optimal):
    env = gymnasium.make("GridQ-v0", slip=0.4)
    theirs = agents.evaluate(optimal, env, np.int64(3), seed=np.uint8(2), max_steps=np.int32(7))
    ours = agents.evaluate(optimal, env, 3, seed=2, max_steps=7)
    np.testing.assert_array_equal(theirs.lengths, ours.lengths)


def test_only_the_first_episode_is_seeded(optimal):
    """With one seed for all, a hundred episodes would say no more than one."""
    lengths = agents.evaluate(optimal, gymnasium.make("GridQ-v0", slip=0.5), 20, seed=0).lengths
    assert len(set(lengths.tolist())) > 3


def test_an_agent_is_not_judged_where_it_knows_nothing():
    stranger = agents.make("tabular", gymnasium.make("FrozenLake-v1"))
    with pytest.raises(ValueError, match=r"space Discrete\(16\), but .*GridQ.* has Discrete\(12\)"):
        agents.evaluate(stranger, gymnasium.make("GridQ-v0"))


class Long(gymnasium.Env):
    """Ends after 10,001 steps."""

    observation_space = gymnasium.spaces.Discrete(12)
    action_space = gymnasium.spaces.Discrete(4)

    def reset(self, *, seed=None, options=None):
        self.n_left = 10_001
        return 0, {}

    def step(self, action):
        self.n_left -= 1
        return 0, 1.0, self.n_left == 0, False, {}


def test_by_default_an_episode_is_as_long_as_the_environment_lets_it_be(optimal):
    assert agents.evaluate(optimal, Long(), episodes=1).lengths.tolist() == [10_001]


def test_the_commands_break_an_episode_off_after_10_000_steps(optimal):
    judged = judge(optimal, Long(), {"seed": 0}, 1)
    assert judged == {
        "mean_return": 10_000.0,
        "std_return": 0.0,
        "mean_length": 10_000.0,
        "policy": "greedy",
    }
