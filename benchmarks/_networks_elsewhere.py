"""The network of `benchmarks.updates` in hand-written NumPy, in plain DeZero and in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from agents.networks.compat import dezero

try:
    import torch
except ModuleNotFoundError:
    torch = None

LEARNING_RATE = 1e-3
Step = Callable[[], float]


class Batch:
    """Inputs as indices (or rows) and as rows, actions taken, targets."""

    def __init__(self, n_features: int, n_actions: int, size: int, index: bool) -> None:
        rng = np.random.default_rng(size)
        self.features: Any = (
            rng.integers(n_features, size=size)
            if index
            else rng.standard_normal((size, n_features), dtype=np.float32)
        )
        self.rows = np.eye(n_features, dtype=np.float32)[self.features] if index else self.features
        self.actions = rng.integers(n_actions, size=size)
        self.targets = rng.standard_normal(size, dtype=np.float32)


def numpy_step(parameters: Sequence[Any], batch: Batch) -> Step:
    """The same arithmetic by hand."""
    parameters = [parameter.copy() for parameter in parameters]
    first_moments = [np.zeros_like(parameter) for parameter in parameters]
    second_moments = [np.zeros_like(parameter) for parameter in parameters]
    weights, biases = parameters[::2], parameters[1::2]
    n_steps = 0

    def step() -> float:
        nonlocal n_steps
        n_steps += 1
        inputs = [batch.rows]
        for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
            inputs.append(np.maximum(inputs[-1] @ weight + bias, 0))
        q = inputs[-1] @ weights[-1] + biases[-1]
        rows = np.arange(len(q))
        td_error = q[rows, batch.actions] - batch.targets

        g = np.zeros_like(q)
        g[rows, batch.actions] = 2 / len(q) * td_error
        gradients: list[Any] = []
        for i in reversed(range(len(weights))):
            gradients = [inputs[i].T @ g, g.sum(axis=0), *gradients]
            if i > 0:
                g = (g @ weights[i].T) * (inputs[i] > 0)

        rate = LEARNING_RATE * np.sqrt(1 - 0.999**n_steps) / (1 - 0.9**n_steps)
        moments = zip(parameters, gradients, first_moments, second_moments, strict=True)
        for parameter, gradient, m, v in moments:
            m += 0.1 * (gradient - m)
            v += 0.001 * (gradient * gradient - v)
            parameter -= rate * m / (np.sqrt(v) + 1e-8)
        return float((td_error * td_error).mean())

    return step


def plain_dezero_step(parameters: Sequence[Any], batch: Batch) -> Step:
    """One DeZero operation after another, as the chapter writes it."""
    functions = dezero.functions
    model = dezero.models.MLP([bias.size for bias in parameters[1::2]], activation=functions.relu)
    for layer, weight, bias in zip(model.layers, parameters[::2], parameters[1::2], strict=True):
        layer.W.data, layer.b.data = weight.copy(), bias.copy()
    optimizer = dezero.optimizers.Adam(LEARNING_RATE).setup(model)
    rows = np.arange(len(batch.rows))

    def step() -> float:
        loss = functions.mean_squared_error(model(batch.rows)[rows, batch.actions], batch.targets)
        model.cleargrads()
        loss.backward()
        optimizer.update()
        return float(loss.data)

    return step


def torch_network(parameters: Sequence[Any]) -> Any:
    layers: list[Any] = []
    for weight, bias in zip(parameters[::2], parameters[1::2], strict=True):
        layer = torch.nn.Linear(*weight.shape)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(weight.T.copy()))
            layer.bias.copy_(torch.from_numpy(bias.copy()))
        layers += [layer, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def torch_step(parameters: Sequence[Any], batch: Batch) -> Step:
    network = torch_network(parameters)
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    rows, actions, targets = map(torch.from_numpy, (batch.rows, batch.actions, batch.targets))
    actions = actions[:, None]

    def step() -> float:
        taken = network(rows).gather(1, actions).squeeze(1)
        loss = torch.nn.functional.mse_loss(taken, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss.item())

    return step


def numpy_choice(parameters: Sequence[Any], rows: Any) -> Any:
    for weight, bias in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
        rows = np.maximum(rows @ weight + bias, 0)
    return (rows @ parameters[-2] + parameters[-1]).argmax(axis=1)


def torch_choice(parameters: Sequence[Any], rows: Any) -> Callable[[], Any]:
    network = torch_network(parameters)

    def choose() -> Any:
        with torch.no_grad():
            return network(torch.from_numpy(rows)).argmax(dim=1).numpy()

    return choose
