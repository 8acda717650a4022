"""All samples, one, or a few at a time.

Gradient descent on all samples takes few and good steps, each of which is expensive. On a single sample steps are cheap
and noisy, and with a fixed learning rate they never come to rest. Mini-batches are nearly as cheap and point nearly as
well: against time they win.
"""

import time
from typing import Any

from matplotlib import pyplot

import gpunet
from gpunet import layers, plots

PLACE = 9
SECONDS = 1.5
SCALE = [15.0, 30.0]  # lectures, hours


class Watch(gpunet.callbacks.Callback):
    """Measures the loss of all samples after ever more steps; ends a training that has had its time."""

    def __init__(self, x: Any, y: Any) -> None:
        self.x, self.y = x, y
        self.steps: list[int] = []
        self.seconds: list[float] = []
        self.losses: list[float] = []

    def on_train_begin(self, logs: Any = None) -> None:
        self.done, self.next, self.spent, self.began = 0, 1.0, 0.0, time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.done += 1
        if self.done >= self.next:
            self.next = 1.05 * self.done
            self.spent += time.perf_counter() - self.began
            self.steps.append(self.done)
            self.seconds.append(self.spent)
            self.losses.append(self.model.evaluate(self.x, self.y, verbose=0))
            self.model.stop_training = self.spent > SECONDS
            self.began = time.perf_counter()


def draw() -> Any:
    """Train by all samples, by one and by 32 at a time; draw the losses against steps and against seconds."""
    x, y = gpunet.datasets.students(samples=20_000)
    x = x / SCALE
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(8, 3.5), layout="constrained")
    for index, (name, size) in enumerate({"all samples": len(x), "one sample": 1, "32 samples": 32}.items()):
        gpunet.set_random_seed(0)
        model = gpunet.Sequential([layers.Dense(8, activation="tanh"), layers.Dense(1, activation="sigmoid")])
        model.compile(gpunet.optimizers.SGD(0.3), "binary_crossentropy")
        watch = Watch(x, y)
        model.fit(x, y, batch_size=size, epochs=10_000, verbose=0, callbacks=[watch])
        for ax, progress in ((left, watch.steps), (right, watch.seconds)):
            ax.plot(progress, watch.losses, color=plots.canvas.colour(index), label=name)
    for ax, unit in ((left, "steps"), (right, "seconds")):
        ax.set_xscale("log")
        ax.set_xlabel(unit)
        ax.set_ylabel("loss of all samples")
        ax.legend(title="a step sees", fontsize=9)
    return figure


if __name__ == "__main__":
    from gpunet.gallery.program import show

    show(draw(), "batches")
