"""Will I pass this class?

Two features decide: lectures attended and hours spent on the final project. The network's loss for one student is the
binary cross-entropy of what it predicts and what came of it: little where it was right, the more the surer it was where
it was wrong. Training makes the mean over all students smaller. On the right, ten students with their lectures, their
hours, and on each bar the predicted probability to pass.
"""

from typing import Any

import numpy as np
from matplotlib import pyplot

import gpunet
from gpunet import layers, plots

PLACE = 6
SCALE = np.array([15.0, 30.0])  # lectures, hours


def draw() -> Any:
    """Train on the students; draw who passes in the eyes of the network, and its loss for ten of them."""
    x, passed = gpunet.datasets.students()
    model = gpunet.Sequential([layers.Dense(8, activation="relu"), layers.Dense(1, activation="sigmoid")])
    model.compile(gpunet.optimizers.Adam(0.01), "binary_crossentropy")
    model.fit(x / SCALE, passed, epochs=100, verbose=0)

    figure, (left, right) = pyplot.subplots(
        1, 2, figsize=(8, 3.6), width_ratios=(1, 1.3), layout="constrained"
    )
    names = ("lectures attended / 15", "hours on the project / 30")
    plots.decision_boundary(model, x / SCALE, passed, names=names, ax=left)
    left.legend(["failed", "passed"])
    left.set_title(f"mean loss: {model.evaluate(x / SCALE, passed, verbose=0):.2f}")

    few = x[:10]
    predicted = model.predict(few / SCALE, verbose=0)[:, 0]
    losses = gpunet.losses.binary_crossentropy(passed[:10, None].astype("float32"), predicted[:, None])
    right.bar(range(10), losses, color=[plots.canvas.colour(label) for label in passed[:10]])
    for place, (loss, probability) in enumerate(zip(losses, predicted, strict=True)):
        right.text(place, loss, f"{probability:.2f}", ha="center", va="bottom", fontsize=8)
    right.set_xticks(range(10), [f"{lectures:.0f}\n{hours:.0f}" for lectures, hours in few])
    right.set_xlabel("lectures and hours of ten students")
    right.set_ylabel("loss")
    right.set_title("loss of each prediction")
    return figure


if __name__ == "__main__":
    from gpunet.gallery.program import show

    show(draw(), "passing")
