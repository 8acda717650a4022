"""The network from scratch, and the same in gpunet.

The lecture's listing trains sample by sample in plain NumPy. Its gradient is that of the cross-entropy after softmax;
what it prints is half the squared error, summed over the samples. In gpunet that is cross-entropy, a batch size of 1, no
shuffling, and half the squared error as a metric. From the same weights both give the same curve, to the last digits.
"""

from typing import Any

import numpy as np
from matplotlib import pyplot

import gpunet
from gpunet import layers, plots

PLACE = 16
HIDDEN, RATE, ITERATIONS, SAMPLES = 16, 0.1, 15, 300


def sigmoid(z: Any) -> Any:
    """Return 1 / (1 + e⁻ᶻ)."""
    return 1 / (1 + np.exp(-z))


def listing(x_train: Any, y_train: Any, w_1: Any, w_2: Any) -> list[float]:
    """Train as the lecture does; the last row of each matrix is the bias."""
    losses = []
    for _ in range(ITERATIONS):
        loss = 0.0
        for x, y in zip(x_train, y_train, strict=True):
            h1 = sigmoid(np.dot(x, w_1))
            h1_one = np.append(h1, 1.0)
            exponentials = np.exp(np.dot(h1_one, w_2))
            predicted = exponentials / exponentials.sum()
            loss += 1 / 2 * sum((predicted - y) ** 2)
            delta2 = predicted - y
            delta1 = np.dot(delta2, w_2.T)[:HIDDEN] * h1 * (1 - h1)
            w_1 -= RATE * np.outer(x, delta1)
            w_2 -= RATE * np.outer(h1_one, delta2)
        losses.append(float(loss))
    return losses


def curves() -> tuple[list[float], list[float]]:
    """Return the losses of both, one an iteration."""
    (x, labels), _ = gpunet.datasets.digits.load_data()
    x, y = x[:SAMPLES].astype("float64"), np.eye(10)[labels[:SAMPLES]]
    random = np.random.default_rng(0)
    w_1, w_2 = random.normal(0, 0.3, (65, HIDDEN)), random.normal(0, 0.3, (HIDDEN + 1, 10))
    hidden = layers.Dense(HIDDEN, activation="sigmoid", input_dim=64)
    model = gpunet.Sequential([hidden, layers.Dense(10, activation="softmax")], dtype_policy="float64")
    model.set_weights([w_1[:-1], w_1[-1], w_2[:-1], w_2[-1]])
    printed = gpunet.metrics.MeanMetricWrapper(gpunet.losses.half_mean_squared_error, "printed", "float64")
    model.compile(gpunet.optimizers.SGD(RATE), "categorical_crossentropy", metrics=[printed])
    run = model.fit(x, y, batch_size=1, epochs=ITERATIONS, shuffle=False, verbose=0)
    sums = [SAMPLES * mean for mean in run.history["printed"]]
    return listing(np.c_[x, np.ones(SAMPLES)], y, w_1, w_2), sums


def draw() -> Any:
    """Draw both losses on top of each other."""
    scratch, ours = curves()
    figure, ax = pyplot.subplots(figsize=(6, 3.6), layout="constrained")
    ax.plot(scratch, color=plots.canvas.colour(1), linewidth=5, label="from scratch")
    ax.plot(ours, color=plots.canvas.colour(0), linewidth=1.5, label="gpunet")
    ax.set_xlabel("iteration")
    ax.set_ylabel("½ Σ (predicted - y)²")
    ax.set_title(f"largest difference: {np.abs(np.subtract(scratch, ours)).max():.0e}")
    ax.legend()
    return figure


if __name__ == "__main__":
    from gpunet.gallery.program import show

    show(draw(), "from_scratch")
