"""The check that comes before the clock: does a contender train the same network?

The reference is a training loop in float64, written as the formulas stand, without anything of gpunet.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .workloads import EPSILON, Array, Workload

BATCHES, EPOCHS = 20, 2  # of the check
TOLERANCE = 2e-3  # relative, of the mean loss of the first and of the last epoch
BETA_1, BETA_2 = 0.9, 0.999


def reference(
    workload: Workload,
    x: Array,
    y: Array,
    weights: Sequence[Array],
    epochs: int = EPOCHS,
    epsilon_corrected: bool = False,
) -> list[float]:
    """Return the mean loss of each epoch over the samples in their order.

    Adam's paper has two forms. One adds epsilon after the bias correction of the second moment, which PyTorch does, the
    other before, as Keras and scikit-learn do: then it counts for more in the first steps.
    """
    values = [weight.astype(np.float64) for weight in weights]
    first, second = ([np.zeros_like(value) for value in values] for _ in range(2))
    losses, steps = [], 0
    for _ in range(epochs):
        total = 0.0
        for start in range(0, len(x), workload.batch_size):
            rows = slice(start, start + workload.batch_size)
            loss, gradients = _gradients(workload, values, x[rows].astype(np.float64), y[rows])
            total += loss
            steps += 1
            for value, gradient, m, v in zip(values, gradients, first, second, strict=True):
                if workload.optimizer == "sgd":
                    value -= workload.learning_rate * gradient
                    continue
                m += (1 - BETA_1) * (gradient - m)
                v += (1 - BETA_2) * (gradient**2 - v)
                correction = np.sqrt(1 - BETA_2**steps)
                epsilon = EPSILON * correction if epsilon_corrected else EPSILON
                size = workload.learning_rate * correction / (1 - BETA_1**steps)
                value -= size * m / (np.sqrt(v) + epsilon)
        losses.append(total * workload.batch_size / len(x))
    return losses


def _gradients(workload: Workload, values: list[Array], x: Array, y: Array) -> tuple[float, list[Array]]:
    kernels, biases = values[::2], values[1::2]
    inputs = [x]
    for kernel, bias in zip(kernels[:-1], biases[:-1], strict=True):
        z = inputs[-1] @ kernel + bias
        inputs.append(np.maximum(z, 0) if workload.hidden == "relu" else 1 / (1 + np.exp(-z)))
    z = inputs[-1] @ kernels[-1] + biases[-1]
    if workload.binary:
        loss = np.mean(np.logaddexp(0, z) - y * z)
        delta = (1 / (1 + np.exp(-z)) - y) / len(x)
    else:
        log_probabilities = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
        hit = np.eye(z.shape[1])[y]
        loss = -np.sum(log_probabilities * hit) / len(x)
        delta = (np.exp(log_probabilities) - hit) / len(x)
    gradients: list[Array] = []
    for index in reversed(range(len(kernels))):
        gradients[:0] = [inputs[index].T @ delta, delta.sum(axis=0)]
        if index:
            h = inputs[index]
            delta = (delta @ kernels[index].T) * ((h > 0) if workload.hidden == "relu" else h * (1 - h))
    return float(loss), gradients


def difference(losses: Sequence[float], wanted: Sequence[float]) -> float:
    """Return how far the first and the last loss are from those wanted, relative to them; infinite for NaN."""
    pairs = ((losses[0], wanted[0]), (losses[-1], wanted[-1]))
    worst = max(abs(a - b) / abs(b) if np.isfinite(a) else np.inf for a, b in pairs)
    return float(worst)
