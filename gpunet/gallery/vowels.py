"""Head, hid, who'd, hood: vowels told apart by two formants.

The first two resonances of the vocal tract, measured by Peterson and Barney in 1952 on 76 men, women and children. A
network with a hidden layer learns from three speakers in four which word was said, and is asked about those it hasn't
heard; the picture shows all. The measurements come with praat-parselmouth (`pip install praat-parselmouth`), whose
licence is not ours.
"""

from typing import Any

import numpy as np
from matplotlib import pyplot

import gpunet
from gpunet import layers, plots
from gpunet.gallery.program import MissingDataError

PLACE = 15
WORDS = {"eh": "head", "ih": "hid", "uw": "who'd", "uh": "hood"}


def formants() -> tuple[Any, Any, Any]:
    """Return the first two formants in kHz, which of the words was said, and the number of who said it."""
    try:
        from parselmouth.praat import call
    except ImportError as error:
        raise MissingDataError(
            "it needs the measurements in praat-parselmouth: pip install praat-parselmouth"
        ) from error
    table = call("Create formant table (Peterson & Barney 1952)")
    rows = range(1, int(call(table, "Get number of rows")) + 1)
    spoken = [call(table, "Get value", row, "Vowel") for row in rows]
    x = [[float(call(table, "Get value", row, name)) / 1000 for name in ("F1", "F2")] for row in rows]
    kept = [index for index, vowel in enumerate(spoken) if vowel in WORDS]
    speakers = [int(call(table, "Get value", row, "Speaker")) for row in rows]
    words = [list(WORDS).index(spoken[index]) for index in kept]
    return np.array(x)[kept], np.array(words), np.array(speakers)[kept]


def draw() -> Any:
    """Train on most speakers; draw what all of them said, and which vowel the network hears where."""
    x, y, speaker = formants()
    heard = speaker % 4 != 0
    model = gpunet.Sequential([layers.Dense(16, activation="tanh"), layers.Dense(4, activation="softmax")])
    model.compile(gpunet.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x[heard], y[heard], epochs=150, verbose=0)
    _, accuracy = model.evaluate(x[~heard], y[~heard], verbose=0)
    figure, ax = pyplot.subplots(figsize=(6.5, 4.5), layout="constrained")
    plots.decision_boundary(model, x, y, names=("first formant (kHz)", "second formant (kHz)"), ax=ax)
    ax.legend(WORDS.values())
    ax.set_title(f"{accuracy:.0%} of the words of unheard speakers are right")
    return figure


if __name__ == "__main__":
    from gpunet.gallery.program import show

    show(draw(), "vowels")
