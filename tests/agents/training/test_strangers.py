"""What is handed to the training that is nothing of ours: taken where it makes sense, else refused."""

import gymnasium
import pytest

import agents
import gym_gridq  # noqa: F401 - registers the ids


class OldGym(gymnasium.Env):
    """An environment that answers as those of Gym did."""

    observation_space = action_space = gymnasium.spaces.Discrete(2)

    def __init__(self, n_of_reset=2, n_of_step=5):
        self.n_of_reset, self.n_of_step = n_of_reset, n_of_step

    def reset(self, *, seed=None, options=None):
        return (0, {})[: self.n_of_reset] if self.n_of_reset > 1 else 0

    def step(self, action):
        return (0, 0.0, True, False, {})[-self.n_of_step :]


@pytest.mark.parametrize("env", [OldGym(n_of_step=4), OldGym(n_of_reset=1)])
@pytest.mark.parametrize("use", ["train", "evaluate"])
def test_an_environment_of_the_old_gym_is_named_as_what_is_wrong(env, use):
    agent = agents.make("tabular", env, seed=0)
    with pytest.raises(
        ValueError, match=r"does not answer as Gymnasium's environments do .*expected|iterable"
    ):
        agents.train(agent, env, total_steps=5) if use == "train" else agents.evaluate(agent, env)


def test_a_function_is_evaluated():
    env = gymnasium.make("GridQ-v0")
    path = iter([0, 0, 3, 3, 3])
    assert agents.evaluate(lambda state: next(path), env, episodes=1).mean_return == 1.0


@pytest.mark.parametrize("agent", [3, None, "dqn", agents.Agent])
def test_what_does_not_act_is_refused(agent):
    env = gymnasium.make("GridQ-v0")
    with pytest.raises(ValueError, match="give one that agents.make made"):
        agents.evaluate(agent, env)
    with pytest.raises(ValueError, match="give one that agents.make made"):
        agents.train(agent, env, total_steps=5)


@pytest.mark.parametrize("env", [3, None, gymnasium.make])
def test_what_is_no_environment_is_refused(env):
    agent = agents.make("tabular", gymnasium.make("GridQ-v0"), seed=0)
    for use in (agents.evaluate, lambda *given: agents.train(*given, total_steps=5)):
        with pytest.raises(ValueError, match=r"give what gymnasium\.make"):
            use(agent, env)


@pytest.mark.parametrize("callbacks", [3, print, [3], [agents.Callback], "progress"])
def test_what_is_no_callback_is_refused(callbacks):
    env = gymnasium.make("GridQ-v0")
    agent = agents.make("tabular", env, seed=0)
    with pytest.raises(ValueError, match=r"derives from agents\.Callback"):
        agents.train(agent, env, total_steps=5, callbacks=callbacks)


def test_one_callback_needs_no_list():
    class Count(agents.Callback):
        steps = 0

        def on_step(self, training):
            self.steps += 1

    env, count = gymnasium.make("GridQ-v0"), Count()
    agents.train(agents.make("tabular", env, seed=0), env, total_steps=5, callbacks=count)
    assert count.steps == 5
