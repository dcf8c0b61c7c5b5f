"""What a network computes, its values with their gradients, as one DeZero function.

DeZero builds its graph in Python, some microseconds an operation, and that is most of the time a network of
this size takes. So a whole network is one `dezero.Function` here, and so is each of the `losses`. They
compute what the plain composition of DeZero's functions computes; the tests hold them to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.networks.compat import dezero

__all__ = ["FloatArray", "NetworkFunction", "RowGradient", "predict", "refuse_second_derivatives"]

FloatArray = NDArray[np.float32]

_ZERO = np.zeros((), np.float32)  # saves converting a Python number in every call

_SMALL_TABLE = 128
"""Up to this many rows, sums over the rows of a looked-up layer are quicker as a matrix product; beyond, by
sorting. They are the same sums in another order."""


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


class NetworkFunction(dezero.Function):  # type: ignore[misc]
    """The forward and backward pass of a whole network as one node of the graph.

    Called with features, and W and b of every layer as DeZero's parameters.

    Args:
        layers: weight and bias of every layer.
        gradients: where to write their gradients, in the same order end to end, if nothing is there yet.
        sparse: the first layer's gradient for indices is a `RowGradient` whatever the table's size.
        wants_input_gradient: whether features are a variable whose gradient is asked for.
    """

    def __init__(
        self,
        layers: Sequence[tuple[FloatArray, FloatArray]],
        gradients: Sequence[Any],
        sparse: bool,
        wants_input_gradient: bool,
    ) -> None:
        self.layers, self.gradients, self.sparse = layers, gradients, sparse
        self.wants_input_gradient = wants_input_gradient

    def forward(self, features: NDArray[Any], *weights: FloatArray) -> FloatArray:
        """Action values, (B, A)."""
        inputs, self.row_of = (features, None) if self.sparse else _inputs(features, len(weights[0]))
        *self.layer_inputs, q = _activations(inputs, self.layers)
        return q if self.row_of is None else q.take(self.row_of, axis=0)

    def backward(self, gradient: Any) -> tuple[Any, ...]:
        """Gradients of the features, where asked for, and of every weight and bias."""
        refuse_second_derivatives()
        n_states = len(self.layers[0][0])
        g = gradient.data.astype(np.float32, copy=False)  # (B, A)
        if self.row_of is not None:
            g = np.dot(_one_hot(self.row_of, n_states), g)  # (N, A): what the batch asks of every state
        gradients = self._free_gradients()
        for i, x in reversed(list(enumerate(self.layer_inputs))):
            weight_gradient, bias_gradient = gradients[2 * i : 2 * i + 2]
            np.add.reduce(g, axis=0, out=bias_gradient.data)
            if x.ndim == 2:
                np.dot(x.T, g, out=weight_gradient.data)
            elif self.sparse or n_states > _SMALL_TABLE:
                gradients[0] = RowGradient(*_summed_by_row(x, g), n_states)
            else:
                np.dot(_one_hot(x, n_states), g, out=weight_gradient.data)
            if i > 0 or (self.wants_input_gradient and x.ndim == 2):
                g = np.dot(g, self.layers[i][0].T)
            if i > 0:
                g *= np.sign(x)  # what came through the ReLU before this layer: 1 where x > 0, else 0
        return dezero.Variable(g) if self.wants_input_gradient and x.ndim == 2 else None, *gradients

    def _free_gradients(self) -> list[Any]:
        """Where to write: the place given, unless it holds gradients to add these to."""
        for parameter in self.inputs[1:]:
            if parameter.grad is not None:
                return [dezero.Variable(np.empty_like(view.data)) for view in self.gradients]
        return list(self.gradients)


def predict(features: NDArray[Any], layers: Sequence[tuple[FloatArray, FloatArray]]) -> FloatArray:
    """Action values (B, A) of features by layers of weight and bias, without a graph."""
    inputs, row_of = _inputs(features, len(layers[0][0]))
    q = _activations(inputs, layers)[-1]
    return q if row_of is None else q.take(row_of, axis=0)


def _inputs(features: NDArray[Any], n_states: int) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """What to run through a network, and which of its output rows belongs to each feature (None: its own).

    A batch of indices that is no smaller than a small table repeats itself: each state is run once instead.
    """
    if features.ndim == 1 and n_states <= min(len(features), _SMALL_TABLE):
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


def refuse_second_derivatives() -> None:
    """Says that a function has first derivatives only, where DeZero is asked for more.

    Raises:
        NotImplementedError: within ``backward(create_graph=True)``.
    """
    if dezero.Config.enable_backprop:
        raise NotImplementedError(
            "this function has first derivatives only: call backward() without create_graph, "
            "or compose the network of dezero.functions"
        )
