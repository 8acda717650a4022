"""What the two JAX contenders share: the network, its loss, and a step as a pure function."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..workloads import EPSILON, Array, Workload

BETA_1, BETA_2 = 0.9, 0.999
State = dict[str, Any]


def place() -> str:
    """Return where JAX computes; on a GPU in float32 like all others, not in TF32."""
    if jax.default_backend() == "cpu":
        return "cpu"
    jax.config.update("jax_default_matmul_precision", "highest")
    return "gpu"


def logits(workload: Workload, weights: list[Any], x: Any) -> Any:
    """Return the outputs before softmax or sigmoid."""
    hidden = {"relu": jax.nn.relu, "sigmoid": jax.nn.sigmoid}[workload.hidden]
    for kernel, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        x = hidden(x @ kernel + bias)
    return x @ weights[-2] + weights[-1]


def mean_loss(weights: list[Any], workload: Workload, x: Any, y: Any) -> Any:
    """Return the cross-entropy of a batch."""
    z = logits(workload, weights, x)
    if workload.binary:
        return jnp.mean(jax.nn.softplus(z) - y * z)
    chosen = jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], axis=1)
    return -jnp.mean(chosen)


def initial(workload: Workload, weights: list[Array]) -> State:
    """Return the state of a training: weights, the moments of Adam, the steps done."""
    values = [jnp.array(value) for value in weights]
    state: State = {"weights": values, "steps": jnp.zeros((), jnp.int32)}
    if workload.optimizer == "adam":
        state["first"] = [jnp.zeros_like(value) for value in values]
        state["second"] = [jnp.zeros_like(value) for value in values]
    return state


def step(workload: Workload, state: State, x: Any, y: Any, rows: Any) -> tuple[State, Any]:
    """Return the state after a step on these rows, and the loss."""
    loss, gradients = jax.value_and_grad(mean_loss)(state["weights"], workload, x[rows], y[rows])
    steps, rate = state["steps"] + 1, workload.learning_rate
    if workload.optimizer == "sgd":
        weights = [w - rate * g for w, g in zip(state["weights"], gradients, strict=True)]
        return {"weights": weights, "steps": steps}, loss
    size = rate * jnp.sqrt(1 - BETA_2**steps) / (1 - BETA_1**steps)
    first = [BETA_1 * m + (1 - BETA_1) * g for m, g in zip(state["first"], gradients, strict=True)]
    second = [BETA_2 * v + (1 - BETA_2) * g * g for v, g in zip(state["second"], gradients, strict=True)]
    weights = [
        w - size * m / (jnp.sqrt(v) + EPSILON)
        for w, m, v in zip(state["weights"], first, second, strict=True)
    ]
    return {"weights": weights, "steps": steps, "first": first, "second": second}, loss


class Jax:
    """Data on the device and a training state that is passed from step to step."""

    epsilon_corrected = False

    def __init__(self, workload: Workload, x: Array, y: Array, weights: list[Array], option: str) -> None:
        self.device = place()
        self.workload, self.initial = workload, weights
        self.x, self.y = jnp.asarray(x), jnp.asarray(y.astype(np.float32 if workload.binary else np.int32))
        self.key = jax.random.key(3)
        self.reset()

    def reset(self) -> None:
        self.state = initial(self.workload, self.initial)

    def order(self, shuffle: bool) -> Any:
        """Return the rows of each batch of an epoch, ``(steps, batch_size)``."""
        order = jnp.arange(len(self.x), dtype=jnp.int32)
        if shuffle:
            self.key, key = jax.random.split(self.key)
            order = jax.random.permutation(key, order)
        return order.reshape(-1, self.workload.batch_size)

    def predict(self, x: Array) -> Any:
        scores = jax.jit(partial(logits, self.workload))(self.state["weights"], jnp.asarray(x))
        return np.argmax(np.asarray(scores), axis=1)
