"""QNetwork: Linear layers with ReLU between, whose weights are one vector."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.networks.compat import dezero
from agents.networks.functions import FloatArray, NetworkFunction, predict
from agents.storage.state import State

__all__ = ["QNetwork"]


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
        source: where the initial weights come from: a generator that draws them, or a network to copy.
        state: what the weights belong to, as its array "weights".
        sparse: the gradient of a looked-up first layer tells which rows the batch touched (`RowGradient`),
            whatever the size of the layer; `SparseAdam` needs it.
    """

    def __init__(
        self,
        n_features: int,
        n_actions: int,
        hidden_sizes: Sequence[int],
        source: np.random.Generator | QNetwork,
        state: State | None = None,
        sparse: bool = False,
    ) -> None:
        super().__init__()
        self.sparse = sparse
        sizes = [n_features, *hidden_sizes, n_actions]
        n_weights = sum((n_in + 1) * n_out for n_in, n_out in pairwise(sizes))
        initial = source.weights.copy if isinstance(source, QNetwork) else partial(_drawn, sizes, source)
        self.weights: FloatArray = (state or State()).array("weights", (n_weights,), np.float32, initial)
        self.gradient: FloatArray = np.zeros_like(self.weights)
        self._weight_views = list(_views(self.weights, sizes))
        self.layer_views = list(zip(self._weight_views[::2], self._weight_views[1::2], strict=True))
        self.gradient_views = [dezero.Variable(view) for view in _views(self.gradient, sizes)]
        self.layers = []
        for i, (weight, bias) in enumerate(self.layer_views):
            layer = dezero.layers.Linear(len(bias))  # given its in_size, it would draw from global np.random
            layer.W.data, layer.b.data = weight, bias
            layer.in_size = len(weight)
            self.layers.append(layer)
            setattr(self, f"l{i}", layer)  # DeZero finds a layer's parameters through its attribute
        self.parameters = [parameter for layer in self.layers for parameter in (layer.W, layer.b)]

    def forward(self, features: Any) -> Any:
        """Action values as a `dezero.Variable` (B, A), of features in an array or a `dezero.Variable`."""
        wants_gradient = isinstance(features, dezero.Variable)
        run = NetworkFunction(self.layer_views, self.gradient_views, self.sparse, wants_gradient)
        return run(features, *self.parameters)

    def predict(self, features: NDArray[Any]) -> FloatArray:
        """Action values (B, A), without a graph."""
        return predict(features, self.layer_views)

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
        return _rebuilt, (type(self), sizes, self.weights, self.sparse)


def _drawn(sizes: Sequence[int], rng: np.random.Generator) -> FloatArray:
    """Initial weights, (P,)."""
    pieces = []
    for n_in, n_out in pairwise(sizes):
        weight = rng.standard_normal((n_in, n_out), np.float32) * np.float32(np.sqrt(1 / n_in))
        pieces += [weight.ravel(), np.zeros(n_out, np.float32)]
    return np.concatenate(pieces)


def _views(vector: FloatArray, sizes: Sequence[int]) -> Iterator[FloatArray]:
    """`vector` (P,) in pieces: the weight and the bias of each layer."""
    start = 0
    for n_in, n_out in pairwise(sizes):
        yield vector[start : start + n_in * n_out].reshape(n_in, n_out)
        start += (n_in + 1) * n_out
        yield vector[start - n_out : start]


def _rebuilt(cls: type[QNetwork], sizes: Sequence[int], weights: FloatArray, sparse: bool) -> QNetwork:
    """The network that pickle or copy took apart."""
    return cls(
        sizes[0], sizes[-1], sizes[1:-1], np.random.default_rng(0), State({"weights": weights}), sparse
    )
