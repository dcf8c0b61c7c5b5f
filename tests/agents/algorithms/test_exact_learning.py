"""Proofs, not curves: what each algorithm converges to, or is on average, against exact numbers."""

import functools

import gymnasium
import numpy as np
import pytest

import agents
import gym_gridq
from agents.algorithms.actor_critic import ActorCriticAgent
from agents.config import ActorCriticConfig
from agents.networks import losses

UP, DOWN, LEFT, RIGHT = range(4)
FLAGS = {"terminated": False, "truncated": False}


def q_of_policy(env, probabilities, discount=0.9):
    """Exact action values of a policy, (S, A)."""
    dynamics = env.unwrapped.dynamics
    v = gym_gridq.evaluate_policy(env, probabilities, discount)
    q = np.zeros((dynamics.n_states, 4))
    for state in np.flatnonzero(~dynamics.absorbing):
        for action in range(4):
            for p, next_state, reward, terminated in env.unwrapped.P[state][action]:
                q[state, action] += p * (reward + (not terminated) * discount * v[next_state])
    return q


@functools.cache
def best_epsilon_greedy(slip, epsilon):
    """Action values of the best policy that explores with epsilon, by policy iteration; and q*."""
    env = gymnasium.make("GridQ-v0", slip=slip)
    q = gym_gridq.solve(env).q
    for _ in range(20):
        best = np.isclose(q, q.max(axis=1, keepdims=True), atol=1e-9)
        probabilities = (1 - epsilon) * best / best.sum(axis=1, keepdims=True) + epsilon / 4
        q, before = q_of_policy(env, probabilities), q
    assert np.abs(q - before).max() < 1e-12
    return q, gym_gridq.solve(env).q


def test_expected_sarsa_converges_to_its_own_policy_s_values_and_not_to_the_optimum():
    q, q_star = best_epsilon_greedy(0.0, 0.3)
    agent = agents.make("expected-sarsa", gymnasium.make("GridQ-v0"), seed=0, learning_rate=1.0, epsilon=0.3)
    agents.train(agent, gymnasium.make("GridQ-v0", random_start=True), total_steps=20_000)
    assert np.abs(agent.table - q).max() < 1e-9
    assert np.abs(agent.table - q_star).max() > 0.1


@pytest.mark.lanes
@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("sarsa", {}),
        ("sarsa", {"n_steps": 3}),
        ("sarsa", {"n_steps": 8, "return_lambda": 0.5}),
        ("expected-sarsa", {"n_steps": 2}),
    ],
)
def test_sarsa_converges_to_its_own_policy_s_values_and_not_to_the_optimum(name, settings):
    q, q_star = best_epsilon_greedy(0.0, 0.3)
    envs = gymnasium.make_vec("GridQ-v0", 64, random_start=True)
    agent = agents.make(name, envs, seed=0, learning_rate=0.02, epsilon=0.3, **settings)
    training = agents.Training(agent, envs, total_steps=100_000)
    training.run()
    tables = []
    for steps in range(101_000, 160_000, 1_000):  # it goes on to waver about its mean
        training.total_steps = steps
        training.run()
        tables.append(agent.table.copy())
    mean = np.mean(tables, axis=0)
    assert np.abs(mean - q).max() < 0.04
    assert np.abs(mean - q_star).max() > 0.1


@pytest.mark.lanes
def test_monte_carlo_is_the_mean_of_first_visit_returns():
    env = gymnasium.make("GridQ-v0", slip=0.2)
    q = q_of_policy(env, np.full((12, 4), 0.25))
    envs = gymnasium.make_vec("GridQ-v0", 32, slip=0.2, random_start=True, max_episode_steps=1_000)
    agent = agents.make("monte-carlo", envs, seed=0, step_size="1/n", epsilon=1.0)
    agents.train(agent, envs, total_steps=300_000)
    acting = agent.values.visits > 0
    assert acting.sum() == 40
    # a return's deviation is below 1.2 everywhere
    errors = np.abs(agent.table - q)[acting] / (1.2 / np.sqrt(agent.values.visits[acting]))
    assert errors.max() < 4
    assert np.abs(agent.table - q)[acting].max() < 0.05


def test_monte_carlo_counts_the_first_visit_only():
    agent = agents.make("monte-carlo", gymnasium.make("GridQ-v0"), seed=0, step_size="1/n", epsilon=0.0)
    agent.learn(8, UP, 1.0, 4, **FLAGS)
    agent.learn(4, DOWN, 2.0, 8, **FLAGS)
    assert not agent.table.any()
    agent.learn(8, UP, 3.0, 4, terminated=True, truncated=False)
    assert agent.table[8, UP] == 1.0 + 0.9 * (2.0 + 0.9 * 3.0)
    assert agent.table[4, DOWN] == 2.0 + 0.9 * 3.0
    assert agent.values.visits.sum() == 2


def test_monte_carlo_takes_its_table_where_a_limit_cut_the_episode():
    agent = agents.make("monte-carlo", gymnasium.make("GridQ-v0"), seed=0, learning_rate=0.5, epsilon=0.2)
    agent.table[4] = [1.0, 2.0, 3.0, 6.0]
    agent.learn(8, UP, 1.0, 4, terminated=False, truncated=True)
    assert agent.table[8, UP] == pytest.approx(0.5 * (1.0 + 0.9 * (0.8 * 6.0 + 0.2 * 3.0)), rel=1e-15)


# -- SARSA by hand -----------------------------------------------------------------------------------------


def test_sarsa_waits_for_the_next_action():
    agent = agents.make("sarsa", gymnasium.make("GridQ-v0"), seed=0, learning_rate=0.5, epsilon=0.2)
    agent.table[4] = [1.0, 2.0, 3.0, 6.0]
    assert agent.learn(8, UP, 1.0, 4, **FLAGS) is None
    loss = agent.learn(4, DOWN, -1.0, 8, **FLAGS)
    assert agent.table[8, UP] == 0.5 * (1.0 + 0.9 * 2.0)
    assert loss == (1.0 + 0.9 * 2.0) ** 2
    agent.table[8] = 0.0
    # both targets are of the table before the step
    agent.learn(8, RIGHT, 5.0, 4, terminated=False, truncated=True)  # no action follows: its mean does
    assert agent.table[4, DOWN] == 2.0 + 0.5 * (-1.0 + 0.9 * 0.0 - 2.0)
    mean = 0.8 * 6.0 + 0.2 * (1.0 + 2.0 + 3.0 + 6.0) / 4
    assert agent.table[8, RIGHT] == pytest.approx(0.5 * (5.0 + 0.9 * mean), rel=1e-15)
    agent.learn(4, UP, 1.0, 0, terminated=True, truncated=False)
    assert agent.table[4, UP] == 1.0


def test_sarsa_over_three_steps():
    agent = agents.make(
        "sarsa", gymnasium.make("GridQ-v0"), seed=0, learning_rate=1.0, n_steps=3, discount=0.5
    )
    agent.table[2, RIGHT] = 16.0
    for state, action in [(8, UP), (4, UP), (0, RIGHT)]:
        assert agent.learn(state, action, 1.0, {8: 4, 4: 0, 0: 2}[state], **FLAGS) is None
    agent.learn(2, RIGHT, 8.0, 3, terminated=True, truncated=False)
    assert agent.table[8, UP] == 1.0 + 0.5 + 0.25 + 0.125 * 16.0
    assert agent.table[4, UP] == 1.0 + 0.5 + 0.25 * 8.0
    assert agent.table[0, RIGHT] == 1.0 + 0.5 * 8.0
    assert agent.table[2, RIGHT] == 8.0


def test_sarsa_lambda_over_three_steps():
    settings = {"learning_rate": 1.0, "n_steps": 3, "discount": 0.5, "return_lambda": 0.25}
    agent = agents.make("sarsa", gymnasium.make("GridQ-v0"), seed=0, **settings)
    agent.table[4, UP], agent.table[0, RIGHT], agent.table[2, RIGHT] = 4.0, 8.0, 16.0
    for state, action in [(8, UP), (4, UP), (0, RIGHT)]:
        assert agent.learn(state, action, 1.0, {8: 4, 4: 0, 0: 2}[state], **FLAGS) is None
    agent.learn(2, RIGHT, 8.0, 3, terminated=True, truncated=False)
    from_0 = 1.0 + 0.5 * 16.0  # cut after three steps, the table speaks for the rest
    from_4 = 1.0 + 0.5 * (0.25 * from_0 + 0.75 * 8.0)
    assert agent.table[8, UP] == 1.0 + 0.5 * (0.25 * from_4 + 0.75 * 4.0)
    from_0 = 1.0 + 0.5 * (0.25 * 8.0 + 0.75 * 16.0)  # by now the end is known
    assert agent.table[4, UP] == 1.0 + 0.5 * (0.25 * from_0 + 0.75 * 8.0)
    assert agent.table[0, RIGHT] == from_0
    assert agent.table[2, RIGHT] == 8.0


def test_expected_sarsa_over_two_steps():
    settings = {"learning_rate": 1.0, "n_steps": 2, "discount": 0.5, "epsilon": 0.5, "return_lambda": 0.5}
    agent = agents.make("expected-sarsa", gymnasium.make("GridQ-v0"), seed=0, **settings)
    agent.table[4], agent.table[0] = [0.0, 0.0, 0.0, 8.0], [0.0, 4.0, 0.0, 0.0]
    worth_of_4, worth_of_0 = 0.5 * 8.0 + 0.5 * 2.0, 0.5 * 4.0 + 0.5 * 1.0
    assert agent.learn(8, UP, 1.0, 4, **FLAGS) is None
    # the second step is enough: no next action is waited for
    assert agent.learn(4, UP, 1.0, 0, **FLAGS) is not None
    from_4 = 1.0 + 0.5 * worth_of_0
    assert agent.table[8, UP] == 1.0 + 0.5 * (0.5 * from_4 + 0.5 * worth_of_4)
    assert agent.table[4, UP] == 0.0
    agent.learn(0, RIGHT, 2.0, 1, terminated=True, truncated=False)
    assert agent.table[0, RIGHT] == 2.0
    assert agent.table[4, UP] == 1.0 + 0.5 * (0.5 * 2.0 + 0.5 * worth_of_0)


def test_an_episode_given_up_is_forgotten():
    env = gymnasium.make("GridQ-v0")
    for name, settings in (("sarsa", {}), ("expected-sarsa", {"n_steps": 4}), ("monte-carlo", {})):
        agent = agents.make(name, env, seed=0, learning_rate=1.0, **settings)
        agent.learn(8, UP, 7.0, 4, **FLAGS)
        agent.learn(2, RIGHT, 1.0, 3, terminated=True, truncated=False)  # not where the first one led
        assert agent.table.sum() == 1.0


@pytest.mark.parametrize("name", ["tabular", "sarsa", "expected-sarsa", "monte-carlo"])
@pytest.mark.parametrize("settings", [{}, {"step_size": "1/n"}, {"epsilon_schedule": "linear"}])
def test_scalars_and_arrays_learn_the_same(name, settings):
    over_steps = [{"n_steps": 3}, {"n_steps": 4, "return_lambda": 0.5}]
    more = {"sarsa": over_steps, "expected-sarsa": over_steps, "tabular": [{"double_q": True}]}.get(name, [])
    for extra in [{}, *more]:
        env = gymnasium.make("GridQ-v0", slip=0.3, step_reward=-0.04, max_episode_steps=20)
        scalar, array = (agents.make(name, env, seed=1, **settings, **extra) for _ in range(2))
        observation, _ = env.reset(seed=0)
        for _ in range(600):
            action = scalar.act(observation)
            assert array.act(np.array([observation])) == action
            next_observation, reward, terminated, truncated, _ = env.step(action)
            row = observation, action, reward, next_observation, terminated, truncated
            first = scalar.learn(*row)
            second = array.learn(*(np.array([value]) for value in row), lanes=np.array([0]))
            assert (first is None) == (second is None)
            if name != "sarsa" and "n_steps" not in extra:  # of which one step may move a pair twice
                assert first is None or first == pytest.approx(second, rel=1e-9)
            observation = env.reset()[0] if terminated or truncated else next_observation
        np.testing.assert_allclose(scalar.table, array.table, rtol=1e-12, atol=1e-12)
        assert scalar.state_description() == array.state_description()


# -- the cliff ---------------------------------------------------------------------------------------------


def greedy_path(agent, env):
    state, _ = env.reset()
    path, over = [state], False
    while not over and len(path) < 60:
        state, _, over, _, _ = env.step(agent.act(state, explore=False))
        path.append(int(state))
    return path


EDGE = [36, *range(24, 36), 47]


def best_path(env, epsilon):
    """The path of the best policy among those that explore with epsilon, by value iteration, discount 1."""
    outcomes = env.unwrapped.P
    q = np.zeros((48, 4))
    for _ in range(2_000):
        v = (1 - epsilon) * q.max(axis=1) + epsilon * q.mean(axis=1)
        q = np.array(
            [
                [sum(p * (r + (not t) * v[s]) for p, s, r, t in outcomes[state][a]) for a in range(4)]
                for state in range(48)
            ]
        )
    path = [36]
    while path[-1] != 47:
        path.append(int(outcomes[path[-1]][int(q[path[-1]].argmax())][0][1]))
    return path


@pytest.mark.parametrize(("name", "epsilon"), [("tabular", 0.0), ("sarsa", 0.1), ("expected-sarsa", 0.1)])
def test_on_the_cliff_the_one_takes_the_edge_and_the_others_the_safe_way(name, epsilon):
    """All three explore; only Q-learning values what would be if they did not."""
    env = gymnasium.make("CliffWalking-v1" if "CliffWalking-v1" in gymnasium.registry else "CliffWalking-v0")
    agent = agents.make(name, env, seed=0, discount=1.0, learning_rate=0.1, epsilon=0.1)
    agents.train(agent, env, episodes=3_000)
    path = best_path(env, epsilon)
    assert greedy_path(agent, env) == path
    assert (path == EDGE) == (name == "tabular")


# -- policy gradients --------------------------------------------------------------------------------------

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(0, 0.7, (12, 4)).astype(np.float32)
STILL = 1e-12
"""A step size too small to change a float32."""


def softmax_of(logits):
    odds = np.exp(logits.astype(np.float64))
    return odds / odds.sum(axis=1, keepdims=True)


def with_exact_values(name, env, **settings):
    """An agent of the policy `LOGITS` that stays as it is, and whose values are exact."""
    if name == "actor-critic":
        settings = {"value_learning_rate": STILL, **settings}
    else:
        settings = {"baseline_learning_rate": STILL, **settings}
    agent = agents.make(name, env, seed=0, hidden_sizes=(), learning_rate=STILL, **settings)
    agent.network.layer_views[0][0][:] = LOGITS
    if agent.value_network is not None:
        v = gym_gridq.evaluate_policy(env, softmax_of(LOGITS), 0.9)
        agent.value_network.layer_views[0][0][:, 0] = v
    return agent


def exact_gradient(env, limit):
    """The part of `gym_gridq.policy_gradient` that is of the states before a limit; all of it without one."""
    policy = softmax_of(LOGITS)
    v, q = gym_gridq.evaluate_policy(env, policy, 0.9), q_of_policy(env, policy)
    visits = gym_gridq.visitation(env, policy, 0.9, horizon=limit)
    return visits[:, np.newaxis] * policy * (q - v[:, np.newaxis])


def test_the_parts_of_the_exact_gradient_make_up_the_whole():
    env = gymnasium.make("GridQ-v0", slip=0.2)
    whole = gym_gridq.policy_gradient(env, LOGITS, 0.9)
    np.testing.assert_allclose(exact_gradient(env, 400), whole, atol=1e-12)


def deviations(agent, env, episodes, limit):
    """How many standard errors the mean estimate of each entry is from the exact gradient, (N,)."""
    estimates = []
    for episode in range(episodes):
        observation, _ = env.reset(seed=7 if episode == 0 else None)
        estimate, over = np.zeros((12, 4)), False
        while not over:
            action = agent.act(observation)
            next_observation, reward, terminated, truncated, _ = env.step(action)
            if agent.learn(observation, action, reward, next_observation, terminated, truncated) is not None:
                estimate -= agent.network.gradient[:48].reshape(12, 4)  # of the loss, which is minus
            observation, over = next_observation, terminated or truncated
        estimates.append(estimate)
    exact = exact_gradient(env, limit)
    errors = np.std(estimates, axis=0) / np.sqrt(episodes)
    seen = errors > 0
    assert (exact[~seen] == 0).all()
    return (np.mean(estimates, axis=0) - exact)[seen] / errors[seen]


def estimator(name, limit, **settings):
    env = gymnasium.make("GridQ-v0", slip=0.2, max_episode_steps=limit)
    return with_exact_values(name, env, **settings), env, 1_500, limit


@pytest.mark.parametrize(
    ("name", "limit", "settings"),
    [
        ("reinforce", 400, {"baseline": False}),
        ("reinforce", 12, {}),
        ("actor-critic", 12, {}),
    ],
)
def test_the_mean_gradient_is_the_exact_one(name, limit, settings):
    assert np.abs(deviations(*estimator(name, limit, **settings))).max() < 4


@pytest.mark.parametrize(
    ("name", "limit", "settings"),
    [
        ("reinforce", 12, {"discount_states": False}),
        ("actor-critic", 12, {"discount_states": False}),
        ("reinforce", 5, {"baseline": False}),  # nothing stands for what the limit cut off
    ],
)
def test_a_wrong_gradient_is_seen_to_be_wrong(name, limit, settings):
    assert np.abs(deviations(*estimator(name, limit, **settings))).max() > 5


def test_a_gradient_of_the_wrong_sign_is_seen_to_be_wrong(monkeypatch):
    monkeypatch.setattr("agents.networks.losses._PolicyLossFunction.backward", _backward_of_wrong_sign)
    assert np.abs(deviations(*estimator("reinforce", 12))).max() > 6


_backward = losses._PolicyLossFunction.backward


def _backward_of_wrong_sign(self, gradient):
    right = _backward(self, gradient)
    right.data = -right.data
    return right


@pytest.mark.lanes
@pytest.mark.parametrize("gae_lambda", [0.0, 0.9])
def test_the_critic_learns_the_exact_values_of_the_present_policy(gae_lambda):
    env = gymnasium.make("GridQ-v0", slip=0.2)
    envs = gymnasium.make_vec("GridQ-v0", 16, slip=0.2, random_start=True, max_episode_steps=20)
    settings = {"learning_rate": STILL, "value_learning_rate": 2e-3, "n_steps": 16, "gae_lambda": gae_lambda}
    agent = agents.make("actor-critic", envs, seed=0, hidden_sizes=(), **settings)
    agent.network.layer_views[0][0][:] = LOGITS
    training = agents.Training(agent, envs, total_steps=200_000)
    training.run()
    found = []
    for steps in range(204_000, 400_000, 4_000):
        training.total_steps = steps
        training.run()
        found.append(agent.state_values(np.arange(12)))
    acting = ~env.unwrapped.dynamics.absorbing
    exact = gym_gridq.evaluate_policy(env, agent.action_probabilities(np.arange(12)), 0.9)
    np.testing.assert_allclose(np.mean(found, axis=0)[acting], exact[acting], atol=0.03)


def advantages(gae_lambda, monkeypatch):
    """Advantages and value targets of two lanes, five calls, an end and a cut among them."""
    discrete = gymnasium.spaces.Discrete
    config = ActorCriticConfig(n_steps=5, gae_lambda=gae_lambda, hidden_sizes=(), discount_states=False)
    agent = ActorCriticAgent(discrete(12), discrete(4), config, 0)
    seen = {}

    def policy(features, actions, weights, normalizer=None):
        seen["advantages"] = weights
        return 0.0

    def values(features, targets):
        seen["targets"] = targets
        return 0.0

    monkeypatch.setattr(agent, "_improve_policy", policy)
    monkeypatch.setattr(agent, "_improve_values", values)
    steps = [  # (state, next_state, terminated, truncated) of each lane
        [(8, 4, False, False), (8, 9, False, False)],
        [(4, 0, False, False), (9, 10, False, True)],
        [(0, 1, False, False), (8, 9, False, False)],
        [(1, 2, True, False), (9, 10, False, False)],
        [(8, 4, False, False), (10, 11, False, False)],
    ]
    rewards = np.arange(1.0, 11.0).reshape(5, 2)
    for rows, reward in zip(steps, rewards, strict=True):
        state, next_state, terminated, truncated = (np.array(part) for part in zip(*rows, strict=True))
        agent.learn(state, np.zeros(2, np.int64), reward, next_state, terminated, truncated)
    return agent, steps, rewards, seen


def test_generalized_advantages_at_both_ends(monkeypatch):
    agent, steps, rewards, seen = advantages(0.0, monkeypatch)
    v = agent.state_values(np.arange(12)).astype(np.float64)
    by_hand = [
        reward + 0.9 * v[next_state] * (not terminated) - v[state]
        for row, gains in zip(steps, rewards, strict=True)
        for (state, next_state, terminated, _), reward in zip(row, gains, strict=True)
    ]
    np.testing.assert_allclose(seen["advantages"], by_hand, rtol=1e-5)

    agent, steps, rewards, seen = advantages(1.0, monkeypatch)
    v = agent.state_values(np.arange(12)).astype(np.float64)
    r, s = rewards, np.array([[state for state, *_ in row] for row in steps])
    by_hand = np.array(
        [
            [
                r[0, 0] + 0.9 * r[1, 0] + 0.81 * r[2, 0] + 0.729 * r[3, 0],
                r[0, 1] + 0.9 * (r[1, 1] + 0.9 * v[10]),
            ],
            [r[1, 0] + 0.9 * r[2, 0] + 0.81 * r[3, 0], r[1, 1] + 0.9 * v[10]],
            [
                r[2, 0] + 0.9 * r[3, 0],
                r[2, 1] + 0.9 * r[3, 1] + 0.81 * r[4, 1] + 0.729 * v[11],
            ],
            [r[3, 0], r[3, 1] + 0.9 * r[4, 1] + 0.81 * v[11]],
            [r[4, 0] + 0.9 * v[4], r[4, 1] + 0.9 * v[11]],
        ]
    )
    np.testing.assert_allclose(seen["targets"], by_hand.ravel(), rtol=1e-5)
    np.testing.assert_allclose(seen["advantages"], (by_hand - v[s]).ravel(), rtol=1e-5)
