"""Single numbers drawn ahead are those that a generator draws one by one, and nobody can tell."""

import copy
import pickle

import gymnasium
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import agents
import gym_gridq  # noqa: F401 - registers the ids
from agents.algorithms.draws import Uniforms


@given(st.lists(st.sampled_from(["one", "many", "settle"]), max_size=200))
def test_whatever_is_drawn_between_them_they_are_the_generator_s_own(wishes):
    plain, drawn = np.random.default_rng(3), np.random.default_rng(3)
    uniforms = Uniforms(drawn)
    for wish in wishes:
        if wish == "one":
            assert uniforms() == plain.random()
        elif wish == "many":
            uniforms.settle()
            assert drawn.random(5).tolist() == plain.random(5).tolist()
        else:
            uniforms.settle()
            assert drawn.bit_generator.state == plain.bit_generator.state
    assert uniforms() == plain.random()


def test_looking_at_an_agent_in_the_middle_of_an_episode_changes_nothing():
    for name, settings in [
        ("sarsa", {"n_steps": 3}),
        ("expected-sarsa", {"n_steps": 3}),
        ("monte-carlo", {}),
        ("reinforce", {}),
        ("tabular", {}),
    ]:
        env = gymnasium.make("GridQ-v0", slip=0.2)
        alone, looked_at = (agents.make(name, env, seed=0, **settings) for _ in range(2))
        for agent in (alone, looked_at):
            state, _ = env.reset(seed=0)
            for step in range(300):
                action = agent.act(state)
                next_state, reward, terminated, truncated, _ = env.step(action)
                agent.learn(state, action, reward, next_state, terminated, truncated)
                state = env.reset()[0] if terminated or truncated else next_state
                if agent is looked_at and step % 7 == 0:
                    agent.state_description()
                    agent.state_arrays()
                    if step % 2:
                        agent = looked_at = copy.deepcopy(pickle.loads(pickle.dumps(agent)))
        assert alone.state_description() == looked_at.state_description()
        arrays, arrays_too = alone.state_arrays(), looked_at.state_arrays()
        assert arrays.keys() == arrays_too.keys()
        for key, array in arrays.items():
            np.testing.assert_array_equal(array, arrays_too[key], err_msg=f"{name} {key}")
