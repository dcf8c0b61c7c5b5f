"""QNetwork and its optimizers against DeZero's own functions and optimizers, and finite differences."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.networks.compat import dezero
from agents.networks.functions import RowGradient
from agents.networks.losses import td_loss
from agents.networks.optimizers import SGD, Adam, SparseAdam
from agents.networks.q_network import QNetwork

F = dezero.functions


def plain_copy(network):
    """A DeZero MLP of separate operations with the same weights."""
    model = dezero.models.MLP([layer.out_size for layer in network.layers], activation=F.relu)
    for ours, theirs in zip(network.layers, model.layers, strict=True):
        theirs.in_size = ours.in_size
        theirs.W.data, theirs.b.data = ours.W.data.copy(), ours.b.data.copy()
    return model


def plain_parameters(model):
    return [parameter for layer in model.layers for parameter in (layer.W, layer.b)]


def plain_loss(q, actions, targets):
    return F.mean_squared_error(q[np.arange(len(actions)), actions], targets)


def one_hot(features, n):
    return features if features.ndim == 2 else np.eye(n, dtype=np.float32)[features]


def batch_of(rng, n_features, n_actions, batch_size, index):
    if index:
        features = rng.integers(n_features, size=batch_size)
    else:
        features = rng.standard_normal((batch_size, n_features), dtype=np.float32)
    return (
        features,
        rng.integers(n_actions, size=batch_size),
        rng.standard_normal(batch_size, dtype=np.float32),
    )


def gradients(parameters):
    return [parameter.grad.data.copy() for parameter in parameters]


SIZES = st.tuples(
    st.sampled_from([1, 3, 12, 128, 129, 400]),
    st.lists(st.integers(1, 20), max_size=3),
    st.integers(1, 5),
    st.integers(1, 40),
)


@settings(deadline=None, max_examples=60)
@given(SIZES, st.booleans(), st.integers(0, 2**32 - 1))
def test_values_and_gradients_are_those_of_the_plain_composition(sizes, index, seed):
    n_features, hidden_sizes, n_actions, batch_size = sizes
    rng = np.random.default_rng(seed)
    network = QNetwork(n_features, n_actions, hidden_sizes, rng)
    model = plain_copy(network)
    features, actions, targets = batch_of(rng, n_features, n_actions, batch_size, index)

    q, plain_q = network(features), model(one_hot(features, n_features))
    np.testing.assert_allclose(q.data, plain_q.data, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(network.predict(features), plain_q.data, rtol=1e-4, atol=1e-5)

    loss, loss_of_plain = td_loss(q, actions, targets), plain_loss(plain_q, actions, targets)
    assert float(loss.data) == pytest.approx(float(loss_of_plain.data), rel=1e-4)
    loss.backward()
    loss_of_plain.backward()
    for ours, theirs in zip(gradients(network.parameters), gradients(plain_parameters(model)), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("huber", [False, True])
@pytest.mark.parametrize("index", [False, True])
def test_gradients_are_the_slopes_of_the_loss(huber, index):
    rng = np.random.default_rng(4)
    network = QNetwork(6, 3, (5, 4), rng)
    network.weights *= 1.5
    features, actions, targets = batch_of(rng, 6, 3, 4, index)
    targets *= 2  # some TD errors beyond 1, some within

    def loss_at(weights):
        network.weights[:] = weights
        return float(td_loss(network(features), actions, targets, huber).data)

    start = network.weights.copy()
    td_loss(network(features), actions, targets, huber).backward()
    slopes = []
    for i in range(start.size):
        step = np.zeros_like(start)
        step[i] = 2e-3
        slopes.append((loss_at(start + step) - loss_at(start - step)) / 4e-3)
    np.testing.assert_allclose(network.gradient, slopes, rtol=1e-3, atol=2e-3)
    assert np.abs(network.gradient).max() > 0.1


def test_huber_by_hand():
    q = dezero.Variable(np.array([[1.0, 5.0], [3.0, 5.0], [5.0, -4.0]], np.float32))
    loss = td_loss(q, np.array([0, 0, 1]), np.array([0.5, 0.0, 0.0], np.float32), huber=True)
    assert float(loss.data) == pytest.approx((0.125 + 2.5 + 3.5) / 3)
    loss.backward()
    np.testing.assert_allclose(q.grad.data, np.array([[0.5, 0], [1, 0], [0, -1]]) / 3, rtol=1e-6)


def test_a_variable_gets_its_gradient_too():
    rng = np.random.default_rng(0)
    network = QNetwork(4, 2, (8,), rng)
    model = plain_copy(network)
    values = rng.standard_normal((5, 4), dtype=np.float32)
    ours, theirs = dezero.Variable(values), dezero.Variable(values.copy())
    F.sum(network(ours) ** 2).backward()
    F.sum(model(theirs) ** 2).backward()
    np.testing.assert_allclose(ours.grad.data, theirs.grad.data, rtol=1e-4)


@pytest.mark.parametrize("n_features", [12, 300])
def test_gradients_of_two_passes_add_up(n_features):
    rng = np.random.default_rng(1)
    network = QNetwork(n_features, 3, (7,), rng)
    model = plain_copy(network)
    for _ in range(2):
        features, actions, targets = batch_of(rng, n_features, 3, 6, index=True)
        td_loss(network(features), actions, targets).backward()
        plain_loss(model(one_hot(features, n_features)), actions, targets).backward()
    for ours, theirs in zip(gradients(network.parameters), gradients(plain_parameters(model)), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def test_second_derivatives_are_refused_rather_than_wrong():
    network = QNetwork(3, 2, (4,), np.random.default_rng(0))
    with pytest.raises(NotImplementedError, match="create_graph"):
        F.sum(network(np.ones((1, 3), np.float32))).backward(create_graph=True)


OPTIMIZERS = {
    "sgd": (lambda: SGD(0.05), lambda: dezero.optimizers.SGD(0.05)),
    "adam": (lambda: Adam(0.01), lambda: dezero.optimizers.Adam(0.01)),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("hooked", [False, True])
def test_optimizers_equal_dezeros_bit_for_bit(name, hooked):
    """Fed the same gradients, 200 steps leave the same bits in every weight."""
    rng = np.random.default_rng(5)
    network = QNetwork(12, 4, (10, 6), rng)
    model = plain_copy(network)
    ours, theirs = (make() for make in OPTIMIZERS[name])
    ours.setup(network)
    theirs.setup(model)
    if hooked:
        for optimizer in (ours, theirs):
            optimizer.add_hook(dezero.optimizers.WeightDecay(0.01))
    for _ in range(200):
        features, actions, targets = batch_of(rng, 12, 4, 8, index=True)
        network.cleargrads()
        td_loss(network(features), actions, targets).backward()
        for parameter, plain in zip(network.parameters, plain_parameters(model), strict=True):
            plain.grad = dezero.Variable(parameter.grad.data.copy())
        ours.update()
        theirs.update()
    for parameter, plain in zip(network.parameters, plain_parameters(model), strict=True):
        np.testing.assert_array_equal(parameter.data, plain.data)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_training_run_follows_plain_dezero(name):
    """Whole steps, own gradients: the runs stay together to rounding."""
    rng = np.random.default_rng(6)
    network = QNetwork(12, 4, (20,), rng)
    model = plain_copy(network)
    ours, theirs = (make() for make in OPTIMIZERS[name])
    ours.setup(network)
    theirs.setup(model)
    for _ in range(100):
        features, actions, targets = batch_of(rng, 12, 4, 8, index=True)
        for optimizer, loss in (
            (ours, td_loss(network(features), actions, targets)),
            (theirs, plain_loss(model(one_hot(features, 12)), actions, targets)),
        ):
            optimizer.target.cleargrads()
            loss.backward()
            optimizer.update()
    for parameter, plain in zip(network.parameters, plain_parameters(model), strict=True):
        np.testing.assert_allclose(parameter.data, plain.data, atol=2e-4)


def test_clipping_is_dezeros():
    rng = np.random.default_rng(7)
    for n_features in (12, 300):
        network = QNetwork(n_features, 4, (10,), rng)
        model = plain_copy(network)
        ours = SGD(1.0, max_grad_norm=0.1).setup(network)
        theirs = dezero.optimizers.SGD(1.0).setup(model)
        theirs.add_hook(dezero.optimizers.ClipGrad(0.1))
        features, actions, targets = batch_of(rng, n_features, 4, 8, index=True)
        td_loss(network(features), actions, targets).backward()
        plain_loss(model(one_hot(features, n_features)), actions, targets).backward()
        assert np.linalg.norm(network.gradient) > 0.1
        ours.update()
        theirs.update()
        for parameter, plain in zip(network.parameters, plain_parameters(model), strict=True):
            np.testing.assert_allclose(parameter.data, plain.data, rtol=1e-4, atol=1e-6)


def test_a_parameter_without_a_gradient_stays():
    rng = np.random.default_rng(8)
    network = QNetwork(12, 4, (10,), rng)
    model = plain_copy(network)
    ours, theirs = Adam(0.01).setup(network), dezero.optimizers.Adam(0.01).setup(model)
    features, actions, targets = batch_of(rng, 12, 4, 8, index=True)
    td_loss(network(features), actions, targets).backward()
    plain_loss(model(one_hot(features, 12)), actions, targets).backward()
    network.l0.W.cleargrad()
    model.l0.W.cleargrad()
    ours.update()
    theirs.update()
    for parameter, plain in zip(network.parameters, plain_parameters(model), strict=True):
        np.testing.assert_allclose(parameter.data, plain.data, atol=1e-5)
    np.testing.assert_array_equal(network.l0.W.data, model.l0.W.data)


def test_a_large_table_takes_the_same_sgd_steps_row_by_row():
    rng = np.random.default_rng(9)
    network = QNetwork(1000, 4, (10,), rng)
    model = plain_copy(network)
    ours, theirs = SGD(0.1).setup(network), dezero.optimizers.SGD(0.1).setup(model)
    for _ in range(20):
        features, actions, targets = batch_of(rng, 1000, 4, 8, index=True)
        network.cleargrads()
        model.cleargrads()
        td_loss(network(features), actions, targets).backward()
        plain_loss(model(one_hot(features, 1000)), actions, targets).backward()
        ours.update()
        theirs.update()
        assert isinstance(network.l0.W.grad, RowGradient)
        assert not network.l0.W.grad.is_dense
    np.testing.assert_allclose(network.l0.W.data, model.l0.W.data, atol=1e-5)


@pytest.mark.parametrize("n_states", [9, 12, 128, 129, 1000])
def test_adam_is_dezeros_however_many_states_there_are(n_states):
    rng = np.random.default_rng(12)
    network = QNetwork(n_states, 4, (10,), rng)
    model = plain_copy(network)
    ours, theirs = Adam(0.01).setup(network), dezero.optimizers.Adam(0.01).setup(model)
    for _ in range(20):
        features, actions, targets = batch_of(rng, n_states, 4, 8, index=True)
        network.cleargrads()
        td_loss(network(features), actions, targets).backward()
        for parameter, plain in zip(network.parameters, plain_parameters(model), strict=True):
            plain.grad = dezero.Variable(parameter.grad.data.copy())
        ours.update()
        theirs.update()
    for parameter, plain in zip(network.parameters, plain_parameters(model), strict=True):
        np.testing.assert_array_equal(parameter.data, plain.data)


def test_sparse_adam_needs_to_know_the_rows():
    with pytest.raises(ValueError, match="sparse=True"):
        SparseAdam().setup(QNetwork(12, 4, (), np.random.default_rng(0)))


@pytest.mark.parametrize("n_states", [9, 128, 1000])
def test_sparse_adam_steps_the_rows_of_a_batch(n_states):
    """A row moves as DeZero's Adam moves it in a step that touches it, and rests in one that does not."""
    rng = np.random.default_rng(10)
    network = QNetwork(n_states, 2, (3,), rng, sparse=True)
    table = network.l0.W.data
    optimizer = SparseAdam(0.1).setup(network)
    start = table.copy()

    def step(state):
        network.cleargrads()
        td_loss(network(np.array([state, state])), np.array([0, 1]), np.array([9.0, -9.0])).backward()
        optimizer.update()
        return network.l0.W.grad.values[0]

    g1 = step(7)
    after_first = table[7].copy()
    np.testing.assert_allclose(
        after_first, start[7] - 0.1 * np.sign(g1), rtol=1e-4
    )  # Adam's first step is alpha
    step(8)
    np.testing.assert_array_equal(table[7], after_first)
    g3 = step(7)
    m, v = 0.1 * (0.9 * g1 + g3), 0.001 * (0.999 * g1**2 + g3**2)
    lr = 0.1 * np.sqrt(1 - 0.999**3) / (1 - 0.9**3)
    np.testing.assert_allclose(table[7], after_first - lr * m / (np.sqrt(v) + 1e-8), rtol=1e-4)
    untouched = np.delete(np.arange(n_states), [7, 8])
    np.testing.assert_array_equal(table[untouched], start[untouched])


def test_hooks_that_ask_for_a_row_gradient_find_all_of_it():
    network = QNetwork(500, 2, (3,), np.random.default_rng(11))
    before = network.l0.W.data.copy()
    optimizer = SGD(1.0).setup(network)
    optimizer.add_hook(dezero.optimizers.WeightDecay(0.5))
    td_loss(network(np.array([3])), np.array([0]), np.array([0.0])).backward()
    gradient = network.l0.W.grad.values[0].copy()
    optimizer.update()
    np.testing.assert_allclose(np.delete(network.l0.W.data, 3, axis=0), np.delete(before, 3, axis=0) / 2)
    np.testing.assert_allclose(network.l0.W.data[3], before[3] / 2 - gradient, rtol=1e-5)


def test_global_randomness_is_neither_used_nor_disturbed():
    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, second = (QNetwork(12, 4, (100,), np.random.default_rng(0)) for _ in range(2))
    first(np.array([1, 2]))
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    np.testing.assert_array_equal(first.weights, second.weights)
    assert first.l0.W.data.std() == pytest.approx(np.sqrt(1 / 12), rel=0.1)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))])
def test_a_copy_learns_for_itself(copied):
    network = QNetwork(12, 4, (10,), np.random.default_rng(0))
    twin = copied(network)
    before = network.weights.copy()
    np.testing.assert_array_equal(twin.weights, before)
    optimizer = Adam(0.01).setup(twin)
    td_loss(twin(np.array([3])), np.array([0]), np.array([1.0])).backward()
    optimizer.update()
    np.testing.assert_array_equal(network.weights, before)
    assert twin.sparse == network.sparse
    assert (twin.predict(np.array([3])) != network.predict(np.array([3]))).any()


def test_weights_survive_dezeros_own_files(tmp_path):
    network = QNetwork(12, 4, (10,), np.random.default_rng(0))
    other = QNetwork(12, 4, (10,), np.random.default_rng(1))
    network.save_weights(tmp_path / "weights.npz")
    other.load_weights(tmp_path / "weights.npz")
    np.testing.assert_array_equal(other.weights, network.weights)
    other.weights += 1
    np.testing.assert_array_equal(other.l0.W.data, network.l0.W.data + 1)
