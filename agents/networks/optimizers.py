"""SGD, Adam and sparse Adam for a `QNetwork`: one sweep over one vector of weights.

SGD and Adam are DeZero's. Where the first layer is a table of states, a step of SGD costs only the rows that
the batch touched, since a gradient of zero moves no weight. Adam would move it, on the momentum left from
earlier steps, so that its step costs the whole table. `SparseAdam` lets the rows and their moments rest until
a batch touches them: cheap where there are many states, but another algorithm.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from agents.errors import DivergenceError
from agents.networks.compat import dezero, graph_lock
from agents.networks.functions import FloatArray, RowGradient
from agents.networks.q_network import QNetwork
from agents.storage.state import State

__all__ = ["SGD", "Adam", "SparseAdam"]

Place: TypeAlias = slice | NDArray[np.int64]
"""Where a piece of the gradient belongs: a stretch of all weights, or rows of the first layer's table."""


class _Optimizer(dezero.optimizers.Optimizer):  # type: ignore[misc]
    """What they share. Hooks work as in DeZero; `setup` binds the network and starts afresh.

    Attributes:
        state: what is remembered of every weight, float32 (P,), by name.
        learning_rate: the step size asked for.
        max_grad_norm: gradients longer than this Euclidean norm are scaled down to it, as by DeZero's
            `ClipGrad`; None lets them be.
    """

    state_names: tuple[str, ...] = ()
    by_rows = False  # whether a row of a looked-up first layer that the batch did not touch is left alone

    def __init__(self, learning_rate: float, max_grad_norm: float | None) -> None:
        super().__init__()
        self.learning_rate, self.max_grad_norm = learning_rate, max_grad_norm

    def setup(self, target: QNetwork, state: State | None = None) -> _Optimizer:
        """Bind the network whose weights to change, and forget any other.

        Args:
            target: the network.
            state: what this optimizer's own state belongs to, as arrays and counters of it.
        """
        super().setup(target)
        state = state or State()
        shape, dtype = target.weights.shape, target.weights.dtype
        self.state = {name: state.array(name, shape, dtype) for name in self.state_names}
        self._scratch = np.empty((2, target.weights.size), np.float32)
        return self

    def minimize(self, loss: Any) -> float:
        """One step down the slope of a loss of the network; returns the loss.

        Raises:
            DivergenceError: if the loss is not finite; the weights are then as they were.
        """
        value = float(loss.data)
        if not math.isfinite(value):
            raise DivergenceError(
                f"the loss is {value}: the network has diverged; "
                f"lower the learning rate ({self.learning_rate})"
            )
        with graph_lock:
            self.target.cleargrads()
            loss.backward()
        self.update()
        return value

    def update(self) -> None:
        """One step along the gradients that the parameters hold; a parameter without one stays."""
        for hook in self.hooks:
            hook([parameter for parameter in self.target.parameters if parameter.grad is not None])
        pieces = list(self._pieces())
        if self.max_grad_norm is not None:
            _clip([gradient for _, gradient in pieces], self.max_grad_norm)
        for place, gradient in pieces:
            vectors = [self.target.weights, *self.state.values()]
            if isinstance(place, slice):
                self._step(gradient, *[vector[place] for vector in vectors])
            else:
                self._step_in_table(place, gradient, vectors)

    def _step_in_table(
        self, rows: NDArray[np.int64], gradient: FloatArray, vectors: list[FloatArray]
    ) -> None:
        table = self.target.parameters[0]
        tables = [vector[: table.size].reshape(table.shape) for vector in vectors]
        changing = [whole[rows] for whole in tables]
        self._step(gradient, *changing)
        for whole, changed in zip(tables, changing, strict=True):
            whole[rows] = changed

    def _pieces(self) -> Iterator[tuple[Place, FloatArray]]:
        """The gradient, each piece with its place; all in one where it lies as a backward pass leaves it."""
        network: QNetwork = self.target
        parameters, views, start = network.parameters, network.gradient_views, 0
        table_gradient = parameters[0].grad
        if self.by_rows and isinstance(table_gradient, RowGradient) and not table_gradient.is_dense:
            yield table_gradient.rows, table_gradient.values
            start = parameters[0].size
            parameters, views = parameters[1:], views[1:]
        if [parameter.grad for parameter in parameters] == views:  # the very objects
            yield slice(start, None), network.gradient[start:]
            return
        for parameter in parameters:
            if parameter.grad is not None:
                yield slice(start, start + parameter.size), parameter.grad.data.ravel()
            start += parameter.size

    def _step(self, gradient: FloatArray, weights: FloatArray, *state: FloatArray) -> None:
        """Change `weights` and their `state` in place; all are of the gradient's shape."""
        raise NotImplementedError


class SGD(_Optimizer):
    """Stochastic gradient descent: weights -= learning_rate * gradient."""

    by_rows = True

    def __init__(self, learning_rate: float = 0.01, max_grad_norm: float | None = None) -> None:
        super().__init__(learning_rate, max_grad_norm)

    def _step(self, gradient: FloatArray, weights: FloatArray, *state: FloatArray) -> None:
        weights -= self.learning_rate * gradient


class Adam(_Optimizer):
    """Adam (Kingma & Ba 2015), with DeZero's arithmetic in DeZero's order, and so with its rounding.

    Attributes:
        t: number of steps taken.
    """

    state_names = ("m", "v")

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        max_grad_norm: float | None = None,
    ) -> None:
        super().__init__(learning_rate, max_grad_norm)
        self.beta1, self.beta2, self.eps = beta1, beta2, eps
        self.t = 0

    def setup(self, target: QNetwork, state: State | None = None) -> _Optimizer:
        """See `_Optimizer.setup`."""
        state = state or State()
        state.counters(self, steps="t")
        # As arrays, because NumPy takes longer to convert a Python number than to use it.
        constants = (1 - self.beta1, 1 - self.beta2, self.eps)
        self._gain1, self._gain2, self._eps = (np.array(constant, np.float32) for constant in constants)
        return super().setup(target, state)

    @property
    def lr(self) -> float:
        """The step size with the correction for moments that started at zero."""
        return self.learning_rate * math.sqrt(1 - self.beta2**self.t) / (1 - self.beta1**self.t)

    def update(self) -> None:
        """One step along the gradients that the parameters hold; a parameter without one stays."""
        self.t += 1
        super().update()

    def _step(self, gradient: FloatArray, weights: FloatArray, *state: FloatArray) -> None:
        m, v = state
        a, b = self._scratch[:, : gradient.size].reshape(2, *gradient.shape)
        np.subtract(gradient, m, out=a)
        a *= self._gain1
        m += a
        np.multiply(gradient, gradient, out=a)
        a -= v
        a *= self._gain2
        v += a
        np.sqrt(v, out=a)
        a += self._eps
        np.multiply(m, self.lr, out=b)
        b /= a
        weights -= b


class SparseAdam(Adam):
    """Adam whose rows of a looked-up first layer, with their moments, rest until a batch touches them.

    As PyTorch's `SparseAdam`; the other layers are stepped by plain `Adam`.
    """

    by_rows = True

    def setup(self, target: QNetwork, state: State | None = None) -> _Optimizer:
        """See `_Optimizer.setup`.

        Raises:
            ValueError: for a network whose gradients do not say which rows a batch touched.
        """
        if not target.sparse:
            raise ValueError("SparseAdam needs a network made with sparse=True")
        return super().setup(target, state)


def _clip(gradients: list[FloatArray], max_norm: float) -> None:
    norm = math.sqrt(sum(float(np.vdot(gradient, gradient)) for gradient in gradients))
    rate = max_norm / (norm + 1e-6)
    if rate < 1:
        for gradient in gradients:
            gradient *= rate
