"""Will I pass this class?

Two features decide: lectures attended and hours spent on the final project. The network's loss for one student is the
binary cross-entropy of what it predicts and what came of it; the mean over all students is what training makes smaller. On
the right, a few students with their prediction and their part of the loss.
"""

from typing import Any

import numpy as np
from matplotlib import pyplot

import gpunet
from gpunet import layers, plots

PLACE = 6
SCALE = np.array([15.0, 30.0])  # lectures, hours


def draw() -> Any:
    x, passed = gpunet.datasets.students()
    model = gpunet.Sequential([layers.Dense(8, activation="relu"), layers.Dense(1, activation="sigmoid")])
    model.compile(gpunet.optimizers.Adam(0.01), "binary_crossentropy")
    model.fit(x / SCALE, passed, epochs=100, verbose=0)

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    names = ("lectures attended / 15", "hours on the project / 30")
    plots.decision_boundary(model, x / SCALE, passed, names=names, ax=left)

    few = x[:10]
    predicted = model.predict(few / SCALE, verbose=0)[:, 0]
    losses = gpunet.losses.binary_crossentropy(passed[:10, None].astype("float32"), predicted[:, None])
    right.bar(range(10), losses, color=[plots.canvas.colour(label) for label in passed[:10]])
    for place, (loss, probability) in enumerate(zip(losses, predicted, strict=True)):
        right.text(place, loss, f"{probability:.2f}", ha="center", va="bottom", fontsize=8)
    right.set_xticks(range(10), [f"{lectures:.0f}\n{hours:.0f} h" for lectures, hours in few], fontsize=8)
    right.set_xlabel("ten students; on the bar, the predicted probability to pass")
    right.set_ylabel("loss of the prediction")
    right.set_title("blue: failed, orange: passed")
    return figure


if __name__ == "__main__":
    from gpunet.gallery.program import show

    show(draw(), "passing")
