"""DQNAgent: each behaviour worked out by hand on a network without hidden layers, which is a table."""

import numpy as np
import pytest
from gymnasium import spaces

import agents
from agents.algorithms.dqn import DQNAgent
from agents.config import DQNConfig
from agents.errors import DivergenceError


def agent_with(observation_space=None, action_space=None, seed=0, **settings):
    """A DQN whose Q-network is a table, unless told otherwise; 3 states, 2 actions."""
    settings = {"hidden_sizes": (), "learning_starts": 0, "batch_size": 4, "discount": 0.5} | settings
    observation_space = observation_space or spaces.Discrete(3)
    return DQNAgent(observation_space, action_space or spaces.Discrete(2), DQNConfig(**settings), seed)


def set_table(network, table):
    network.layers[0].W.data[...] = table
    network.layers[0].b.data[...] = 0


def learn_one(agent, state=0, action=0, reward=0.0, next_state=1, terminated=False, truncated=False):
    return agent.learn(state, action, reward, next_state, terminated, truncated)


ONLINE = [[1.0, 0.0], [3.0, 5.0], [0.0, 0.0]]
TARGET = [[0.0, 0.0], [8.0, 2.0], [0.0, 0.0]]


@pytest.mark.parametrize(
    ("settings", "end", "target"),
    [
        ({"double_q": False}, {}, 10 + 0.5 * 8),  # the target network's best
        ({"double_q": True}, {}, 10 + 0.5 * 2),  # what it says of the action that the network prefers
        ({"double_q": False}, {"truncated": True}, 10 + 0.5 * 8),  # a time limit bootstraps
        ({"double_q": False}, {"terminated": True}, 10),  # the end of the task does not
        ({"double_q": False}, {"terminated": True, "truncated": True}, 10),
    ],
)
def test_the_target_by_hand(settings, end, target):
    agent = agent_with(**settings)
    set_table(agent.network, ONLINE)
    set_table(agent.target_network, TARGET)
    assert learn_one(agent, reward=10.0, **end) == pytest.approx((1 - target) ** 2)


@pytest.mark.parametrize(("reward", "loss"), [(1.5, 0.125), (11.0, 9.5)])
def test_the_huber_loss_by_hand(reward, loss):
    agent = agent_with(loss="huber")
    set_table(agent.network, ONLINE)
    assert learn_one(agent, reward=reward, terminated=True) == pytest.approx(loss)


def test_an_update_moves_the_value_taken_and_no_other():
    agent = agent_with(learning_rate=0.25)
    set_table(agent.network, ONLINE)
    learn_one(agent, state=1, action=0, reward=100.0, terminated=True)
    # Adam's first step is the learning rate, whatever the gradient's size; the bias of action 0 moves too.
    expected = np.array(ONLINE)
    expected[1, 0] += 0.25
    np.testing.assert_allclose(agent.network.layers[0].W.data, expected, rtol=1e-6)
    np.testing.assert_allclose(agent.network.layers[0].b.data, [0.25, 0], rtol=1e-6)


def test_n_step_returns_by_hand():
    agent = agent_with(n_steps=3, train_frequency=3, batch_size=64)
    set_table(agent.network, np.zeros((3, 2)))
    set_table(agent.target_network, TARGET)
    learn_one(agent, 0, 0, 1.0, 1)
    learn_one(agent, 1, 0, 2.0, 2)
    loss = learn_one(agent, 2, 0, 4.0, 1, truncated=True)
    # The network prefers no action yet, so double Q-learning takes the first; the target network gives it 8.
    targets = np.array([1 + 2 / 2 + 4 / 4 + 8 / 8, 2 + 4 / 2 + 8 / 4, 4 + 8 / 2])
    drawn = np.random.default_rng(np.random.SeedSequence(0).spawn(3)[2]).random(64) * 3
    assert loss == pytest.approx(np.mean(targets[drawn.astype(int)] ** 2), rel=1e-5)


def test_the_target_network_is_copied_every_so_many_updates():
    agent = agent_with(target_update_interval=3, target_tau=1.0)
    start = agent.target_network.weights.copy()
    for update in range(1, 7):
        before = agent.target_network.weights.copy()
        learn_one(agent, reward=1.0)
        if update % 3:
            np.testing.assert_array_equal(agent.target_network.weights, before)
        else:
            np.testing.assert_array_equal(agent.target_network.weights, agent.network.weights)
    assert (agent.target_network.weights != start).any()


def test_the_target_network_follows_softly():
    agent = agent_with(target_update_interval=1, target_tau=0.25)
    for _ in range(3):
        before = agent.target_network.weights.copy()
        learn_one(agent, reward=1.0)
        np.testing.assert_allclose(
            agent.target_network.weights, 0.75 * before + 0.25 * agent.network.weights, rtol=1e-6
        )


def test_gradients_are_clipped():
    agent = agent_with(max_grad_norm=0.5)
    set_table(agent.network, ONLINE)
    learn_one(agent, reward=100.0, terminated=True)
    # Adam's first moment after one step is a tenth of the gradient.
    assert np.linalg.norm(agent.optimizer.state["m"]) == pytest.approx(0.05, rel=1e-4)


@pytest.mark.parametrize(
    ("settings", "lanes", "updates"),
    [
        ({}, 1, [1, 2, 3, 4, 5, 6]),
        ({"train_frequency": 2}, 1, [0, 1, 1, 2, 2, 3]),
        ({"train_frequency": 2, "gradient_steps": 3}, 1, [0, 3, 3, 6, 6, 9]),
        ({"train_frequency": 2, "gradient_steps": -1}, 1, [0, 2, 2, 4, 4, 6]),
        ({"gradient_steps": -1}, 4, [4, 8, 12, 16, 20, 24]),
        ({"learning_starts": 4}, 1, [0, 0, 0, 1, 2, 3]),
        ({"learning_starts": 5, "train_frequency": 2, "gradient_steps": -1}, 2, [0, 0, 0, 4, 4, 8]),
    ],
)
def test_when_and_how_much_is_trained(settings, lanes, updates):
    agent = agent_with(**settings)
    made, losses = [], []
    for _ in updates:
        zeros = np.zeros(lanes, np.int64)
        losses.append(agent.learn(zeros, zeros, np.ones(lanes), zeros, zeros > 0, zeros > 0))
        made.append(agent.updates)
    assert made == updates
    assert [loss is not None for loss in losses] == [b > a for a, b in zip([0, *made], made, strict=False)]
    assert agent.steps == lanes * len(updates)


def test_the_loss_of_several_gradient_steps_is_their_mean(monkeypatch):
    agent = agent_with(gradient_steps=3)
    losses, real = [], agent._update
    monkeypatch.setattr(agent, "_update", lambda: losses.append(real()) or losses[-1])
    set_table(agent.network, ONLINE)
    returned = learn_one(agent, reward=10.0)
    assert len(set(losses)) == 3
    assert returned == pytest.approx(sum(losses) / 3, rel=1e-15)


@pytest.mark.parametrize(("double_q", "values"), [(False, [0.0, 8.0, 0.0]), (True, [0.0, 2.0, 0.0])])
def test_each_observation_of_a_batch_has_a_value_of_its_own(double_q, values):
    agent = agent_with(double_q=double_q)
    set_table(agent.network, ONLINE)
    set_table(agent.target_network, TARGET)
    assert agent._values(np.array([0, 1, 2])).tolist() == values


def test_returns_over_several_steps_stay_in_their_lane():
    agent = agent_with(n_steps=2, learning_starts=1000)
    no = np.zeros(2, np.bool_)
    agent.learn(np.array([0, 1]), np.array([0, 0]), np.zeros(2), np.array([1, 2]), no, no)
    agent.learn(np.array([2]), np.array([0]), np.zeros(1), np.array([0]), no[:1], no[:1], np.array([1]))
    assert agent.replay.held()["successor"].tolist() == [-1, 2, -1]


def test_epsilon_follows_the_steps_of_all_lanes():
    agent = agent_with(epsilon=1.0, epsilon_final=0.2, epsilon_steps=8)
    zeros = np.zeros(2, np.int64)
    epsilons = []
    for _ in range(5):
        epsilons.append(agent.epsilon)
        agent.learn(zeros, zeros, zeros, zeros, zeros > 0, zeros > 0)
    assert epsilons == pytest.approx([1.0, 0.8, 0.6, 0.4, 0.2])


SPACES = [
    spaces.Discrete(5, start=1),
    spaces.Box(-1.0, 1.0, (3,), np.float32),
    spaces.Dict({"a": spaces.Discrete(3), "b": spaces.MultiBinary(2)}),
]


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_a_saved_agent_goes_on_bit_for_bit(space, tmp_path):
    def live(agent, episodes):
        rng = np.random.default_rng(episodes)
        for t in range(episodes):
            action = agent.act(space.sample())
            agent.learn(space.sample(), action, rng.normal(), space.sample(), t % 7 == 6, t % 5 == 4)

    settings = {
        "hidden_sizes": (8, 8),
        "replay_capacity": 20,
        "n_steps": 3,
        "target_tau": 0.3,
        "epsilon": 0.5,
    }
    settings |= {"train_frequency": 3, "gradient_steps": -1, "batch_size": 8}
    first = agent_with(space, spaces.Discrete(3, start=-1), **settings)
    space.seed(1)
    live(first, 31)
    first.save(tmp_path / "agent.npz")
    second = agents.load(tmp_path / "agent.npz")
    for agent in (first, second):
        space.seed(2)
        live(agent, 17)
    for name, array in first.state_arrays().items():
        np.testing.assert_array_equal(array, second.state_arrays()[name], err_msg=name)
    assert first.state_description() == second.state_description()


@pytest.mark.parametrize("bad", [{"steps": -1}, {"updates": 1.0}, {"replay_position": 3}, {"calls": None}])
def test_counters_that_cannot_be_are_refused(bad):
    agent = agent_with()
    learn_one(agent)
    saved = agent.saved()
    assert agent.restored(saved).steps == 1
    with pytest.raises(ValueError, match=r"counter|replay"):
        agent.restored(saved._replace(state={**saved.state, **bad}))


def test_sparse_adam_leaves_other_states_alone():
    agent = agent_with(spaces.Discrete(40), optimizer="sparse-adam", hidden_sizes=(8,))
    table = agent.network.l0.W.data
    start = table.copy()
    for _ in range(3):
        learn_one(agent, state=7, next_state=9, reward=1.0)
    moved = np.flatnonzero((table != start).any(axis=1))
    assert moved.tolist() == [7]


def test_sparse_adam_is_for_numbered_states():
    with pytest.raises(
        ValueError, match=r"optimizer is 'sparse-adam', .* Box.* are not numbered; use 'adam'"
    ):
        agent_with(spaces.Box(-1, 1, (2,), np.float32), optimizer="sparse-adam")


@pytest.mark.parametrize("n_states", [12, 128, 129, 300])
@pytest.mark.parametrize("optimizer", ["adam", "sparse-adam"])
def test_an_algorithm_is_the_same_for_every_number_of_states(n_states, optimizer):
    """States that are never visited change nothing for those that are."""
    agents_of_two_sizes = [
        agent_with(spaces.Discrete(n), optimizer=optimizer, hidden_sizes=()) for n in (5, n_states)
    ]
    for agent in agents_of_two_sizes:
        agent.network.weights[:] = 0
        agent.target_network.weights[:] = 0
        for t in range(30):
            learn_one(agent, t % 5, t % 2, float(t % 3), (t + 1) % 5)
    small, large = (agent.network.l0.W.data for agent in agents_of_two_sizes)
    np.testing.assert_allclose(large[:5], small, rtol=1e-4)
    assert not large[5:].any()


def test_the_same_seed_gives_the_same_bits():
    def weights(seed):
        agent = agent_with(hidden_sizes=(16,), seed=seed)
        for t in range(50):
            learn_one(agent, t % 3, agent.act(t % 3), float(t % 2), (t + 1) % 3)
        return agent.network.weights

    np.testing.assert_array_equal(weights(4), weights(4))
    assert (weights(4) != weights(5)).any()


@pytest.mark.parametrize("reward", [np.nan, np.inf, -np.inf])
def test_a_reward_that_is_no_number_stops_training(reward):
    agent = agent_with()
    with pytest.raises(DivergenceError, match="reward"):
        learn_one(agent, reward=reward)
    assert agent.replay.size == 0


def test_a_loss_that_is_no_number_stops_training_before_it_does_harm():
    agent = agent_with(hidden_sizes=(8,))
    before = agent.network.weights.copy()
    with pytest.raises(
        DivergenceError, match=r"loss is inf: the network has diverged; lower the learning rate \(0.002\)"
    ):
        learn_one(agent, reward=1e30)
    np.testing.assert_array_equal(agent.network.weights, before)


def test_an_observation_that_is_no_number_stops_training():
    agent = agent_with(spaces.Box(-1, 1, (2,), np.float32))
    bad = np.array([np.nan, 0.0], np.float32)
    with pytest.raises(ValueError, match=r"observation .*nan.* finite"):
        learn_one(agent, bad, 0, 0.0, bad)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"replay_capacity": 31, "batch_size": 32}, "replay_capacity is 31, below batch_size 32"),
        ({"gradient_steps": 0}, "gradient_steps is 0"),
        ({"target_update_interval": 100, "target_tau": 0.05}, "either copied now and then"),
        ({"epsilon": 0.1, "epsilon_final": 0.2}, "epsilon_final is 0.2, above epsilon 0.1"),
        ({"epsilon_schedule": "exponential", "epsilon_final": 0.0}, "exponential"),
        ({"target_tau": 0.0}, "target_tau"),
        ({"loss": "hubber"}, "hubber"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        DQNConfig(**settings)


def test_a_continuous_action_space_is_refused():
    with pytest.raises(ValueError, match="Discrete action space"):
        agent_with(action_space=spaces.Box(-1, 1, (2,)))


@pytest.mark.parametrize("part", range(6))
def test_a_batch_of_unequal_lengths_is_refused(part):
    zeros = np.zeros(3, np.int64)
    arguments = [zeros, zeros, zeros * 1.0, zeros, zeros > 0, zeros > 0]
    arguments[part] = arguments[part][:2]
    agent = agent_with()
    with pytest.raises(ValueError, match="equal lengths"):
        agent.learn(*arguments)
    assert agent.replay.size == 0
