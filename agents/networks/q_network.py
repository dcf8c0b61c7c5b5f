"""QNetwork: Linear layers with ReLU between, run as one DeZero function; and the loss that trains it.

DeZero builds its graph in Python, some microseconds an operation, and that is most of the time a network of
this size takes. So a whole network is one `dezero.Function` here, and so is the loss. They compute what the
plain composition of DeZero's functions computes; the tests hold them to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.networks.compat import dezero

FloatArray = NDArray[np.float32]

_ZERO = np.zeros((), np.float32)  # saves converting a Python number in every call

DENSE_TABLE_ROWS = 128
"""Up to this many rows a looked-up first layer's gradient is a whole array; beyond, a `RowGradient`."""


class QNetwork(dezero.Model):  # type: ignore[misc]
    """Action values of a batch of features: Linear, ReLU, ..., Linear.

    Features are rows, float32 (B, F), or indices of one-hot rows, int64 (B,). With the latter the first
    layer's product is a look-up of rows of its weights, which costs the same however many there are.

    All weights lie in one vector, and every layer's `W.data` and `b.data` are views of it: one sweep copies a
    target network or takes an optimizer's step. They are drawn as DeZero's `Linear` draws them (normal with
    variance 1 / inputs, biases zero), but from the generator given, not from NumPy's global one.

    Attributes:
        layers: the `Linear` layers in order; layer i is also the attribute `l<i>`.
        parameters: W and b of the first layer, W and b of the second, ...
        weights: all of them end to end, float32 (P,).
        layer_views: W and b of each layer, as views of `weights`.
        gradient: their gradients, float32 (P,). The next backward pass writes over it, so copy what you keep.

    Args:
        n_features: number of inputs F.
        n_actions: number of outputs A.
        hidden_sizes: width of each hidden layer; without any the network is linear.
        rng: source of the initial weights.
    """

    def __init__(
        self, n_features: int, n_actions: int, hidden_sizes: Sequence[int], rng: np.random.Generator
    ) -> None:
        super().__init__()
        self.layers = []
        for i, (n_in, n_out) in enumerate(pairwise([n_features, *hidden_sizes, n_actions])):
            layer = dezero.layers.Linear(n_out)  # given its in_size, it would draw from global np.random
            layer.W.data = rng.standard_normal((n_in, n_out), np.float32) * np.float32(np.sqrt(1 / n_in))
            layer.in_size = n_in
            self.layers.append(layer)
            setattr(self, f"l{i}", layer)  # DeZero finds a layer's parameters through its attribute
        self.parameters = [parameter for layer in self.layers for parameter in (layer.W, layer.b)]
        self.weights: FloatArray = np.concatenate([parameter.data.ravel() for parameter in self.parameters])
        self.gradient: FloatArray = np.zeros_like(self.weights)
        self._weight_views = list(self._views_of(self.weights))
        self.layer_views = list(zip(self._weight_views[::2], self._weight_views[1::2], strict=True))
        self.gradient_views = [dezero.Variable(view) for view in self._views_of(self.gradient)]
        for parameter, view in zip(self.parameters, self._weight_views, strict=True):
            parameter.data = view

    def forward(self, features: Any) -> Any:
        """Action values as a `dezero.Variable` (B, A), of features in an array or a `dezero.Variable`."""
        return _NetworkFunction(self, isinstance(features, dezero.Variable))(features, *self.parameters)

    def predict(self, features: NDArray[Any]) -> FloatArray:
        """Action values (B, A), without a graph."""
        inputs, row_of = _inputs(features, len(self._weight_views[0]))
        q = _activations(inputs, self.layer_views)[-1]
        return q if row_of is None else q.take(row_of, axis=0)

    def cleargrads(self) -> None:
        """Forget all gradients; DeZero's own way looks every parameter up by name."""
        for parameter in self.parameters:
            parameter.grad = None

    def load_weights(self, path: str) -> None:
        """Read what `save_weights` wrote, into the vector that the layers share."""
        super().load_weights(path)
        for parameter, view in zip(self.parameters, self._weight_views, strict=True):
            view[...] = parameter.data
            parameter.data = view

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy: an ordinary copy's layers would no longer share the copy's vector of weights."""
        sizes = [layer.in_size for layer in self.layers] + [self.layers[-1].out_size]
        return _rebuilt, (type(self), sizes, self.weights)

    def _views_of(self, vector: FloatArray) -> Iterator[FloatArray]:
        """`vector` (P,) in pieces of the parameters' shapes."""
        start = 0
        for parameter in self.parameters:
            yield vector[start : start + parameter.size].reshape(parameter.shape)
            start += parameter.size


def _rebuilt(cls: type[QNetwork], sizes: Sequence[int], weights: FloatArray) -> QNetwork:
    """The network that pickle or copy took apart."""
    network = cls(sizes[0], sizes[-1], sizes[1:-1], np.random.default_rng(0))
    network.weights[:] = weights
    return network


def n_weights(n_features: int, n_actions: int, hidden_sizes: Sequence[int]) -> int:
    """Number P of weights of such a `QNetwork`."""
    return sum((n_in + 1) * n_out for n_in, n_out in pairwise([n_features, *hidden_sizes, n_actions]))


def td_loss(q: Any, actions: NDArray[np.int64], targets: NDArray[Any], huber: bool = False) -> Any:
    """The mean loss over a batch of TD errors d = q(s, a) - target, as a `dezero.Variable` ().

    d squared, as DeZero's `mean_squared_error`; or with `huber` d squared / 2 up to abs(d) = 1 and
    abs(d) - 1/2 beyond, whose gradient is d clipped to [-1, 1] (Mnih et al. 2015).

    Args:
        q: action values, `dezero.Variable` (B, A).
        actions: actions taken, (B,).
        targets: what their values should have been, (B,); no gradient flows into them.
        huber: which of the two losses.
    """
    return _TDLossFunction(actions, targets, huber)(q)


class RowGradient(dezero.Variable):  # type: ignore[misc]
    """The gradient of a large table of which a batch touched a few rows.

    An optimizer reads `rows` and `values`, as long as `is_dense` is false. Anybody else finds an ordinary
    gradient: asked for `data`, it turns into the whole array, for good.

    Args:
        rows: the rows touched, each once, (U,).
        values: their gradients, float32 (U, H).
        n_rows: number of rows of the table.
    """

    def __init__(self, rows: NDArray[np.int64], values: FloatArray, n_rows: int) -> None:
        self.rows, self.values, self._n_rows = rows, values, n_rows
        self._data: FloatArray | None
        super().__init__(None)

    @property
    def data(self) -> FloatArray:
        """The gradient of the whole table, (N, H)."""
        if self._data is None:
            whole = np.zeros((self._n_rows, self.values.shape[1]), np.float32)
            whole[self.rows] = self.values
            self._data = whole
        return self._data

    @data.setter
    def data(self, data: FloatArray | None) -> None:
        self._data = data

    @property
    def is_dense(self) -> bool:
        """Whether somebody has asked for the whole array, and may have changed it."""
        return self._data is not None


class _NetworkFunction(dezero.Function):  # type: ignore[misc]
    """The forward and backward pass of a whole network as one node of the graph."""

    def __init__(self, network: QNetwork, wants_input_gradient: bool) -> None:
        self.network = network
        self.wants_input_gradient = wants_input_gradient

    def forward(self, features: NDArray[Any], *weights: FloatArray) -> FloatArray:
        inputs, self.row_of = _inputs(features, len(weights[0]))
        *self.layer_inputs, q = _activations(inputs, self.network.layer_views)
        return q if self.row_of is None else q.take(self.row_of, axis=0)

    def backward(self, gradient: Any) -> tuple[Any, ...]:
        _refuse_second_derivatives()
        layer_views = self.network.layer_views
        n_states = len(layer_views[0][0])
        g = gradient.data.astype(np.float32, copy=False)  # (B, A)
        if self.row_of is not None:
            g = np.dot(_one_hot(self.row_of, n_states), g)  # (N, A): what the batch asks of every state
        gradients = self._free_gradients()
        for i, x in reversed(list(enumerate(self.layer_inputs))):
            weight_gradient, bias_gradient = gradients[2 * i : 2 * i + 2]
            np.add.reduce(g, axis=0, out=bias_gradient.data)
            if x.ndim == 2:
                np.dot(x.T, g, out=weight_gradient.data)
            elif n_states <= DENSE_TABLE_ROWS:
                np.dot(_one_hot(x, n_states), g, out=weight_gradient.data)
            else:
                gradients[0] = RowGradient(*_summed_by_row(x, g), n_states)
            if i > 0 or (self.wants_input_gradient and x.ndim == 2):
                g = np.dot(g, layer_views[i][0].T)
            if i > 0:
                g *= np.sign(x)  # what came through the ReLU before this layer: 1 where x > 0, else 0
        return dezero.Variable(g) if self.wants_input_gradient and x.ndim == 2 else None, *gradients

    def _free_gradients(self) -> list[Any]:
        """Where to write: the network's own vector, unless it holds gradients to add these to."""
        views = self.network.gradient_views
        for parameter in self.inputs[1:]:
            if parameter.grad is not None:
                return [dezero.Variable(np.empty_like(view.data)) for view in views]
        return list(views)


class _TDLossFunction(dezero.Function):  # type: ignore[misc]
    """See `td_loss`."""

    def __init__(self, actions: NDArray[np.int64], targets: NDArray[Any], huber: bool) -> None:
        self.taken = np.arange(len(actions)), actions
        self.targets = targets
        self.huber = huber

    def forward(self, q: FloatArray) -> Any:
        self.td_error = d = q[self.taken] - self.targets  # (B,)
        if not self.huber:
            return np.dot(d, d) / len(d)
        size = np.abs(d)
        return np.where(size <= 1, 0.5 * d * d, size - 0.5).mean()

    def backward(self, gradient: Any) -> Any:
        _refuse_second_derivatives()
        q = self.inputs[0].data
        scale = float(gradient.data) / len(q)
        gq = np.zeros(q.shape, np.float32)
        gq[self.taken] = scale * np.clip(self.td_error, -1, 1) if self.huber else 2 * scale * self.td_error
        return dezero.Variable(gq)


def _inputs(features: NDArray[Any], n_states: int) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """What to run through a network, and which of its output rows belongs to each feature (None: its own).

    A batch of indices that is no smaller than a small table repeats itself: each state is run once instead.
    """
    if features.ndim == 1 and n_states <= min(len(features), DENSE_TABLE_ROWS):
        return np.arange(n_states), features
    return features, None


def _activations(inputs: NDArray[Any], layers: Sequence[tuple[FloatArray, FloatArray]]) -> list[NDArray[Any]]:
    """The input of every layer (weight, bias), and the output of the last."""
    activations = [inputs]
    x = inputs
    for weight, bias in layers:
        if x is not inputs:
            np.maximum(x, _ZERO, out=x)
        x = np.dot(x, weight) if x.ndim == 2 else weight.take(x, axis=0)
        x += bias
        activations.append(x)
    return activations


def _one_hot(indices: NDArray[np.int64], n: int) -> FloatArray:
    """(n, B): column j is 1 in row `indices[j]`. A product with it sums rows by index."""
    one_hot: FloatArray = np.eye(n, dtype=np.float32).take(indices, axis=0).T
    return one_hot


def _summed_by_row(indices: NDArray[np.int64], g: FloatArray) -> tuple[NDArray[np.int64], FloatArray]:
    """The different indices, (U,), and the sum of the rows of `g` (B, H) that belong to each, (U, H)."""
    order = np.argsort(indices, kind="stable")
    ordered = indices[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))  # where a new index begins
    return ordered[starts], np.add.reduceat(g[order], starts, axis=0)


def _refuse_second_derivatives() -> None:
    if dezero.Config.enable_backprop:
        raise NotImplementedError(
            "this function has first derivatives only: call backward() without create_graph, "
            "or compose the network of dezero.functions"
        )
