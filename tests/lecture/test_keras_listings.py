"""The lecture's two Keras listings, with only their imports changed."""

from __future__ import annotations

import re

import numpy as np
import pytest

LISTING_1 = """
import gpunet as tf

# Load the data
(x_train, y_train), (x_test, y_test) = load_data()

# Define the model
model = tf.keras.Sequential([
    tf.keras.layers.Input(shape=x_train.shape[1:]),
    tf.keras.layers.Dense(16, activation='relu'),
    tf.keras.layers.Dense(1, activation='sigmoid')
])

# Compile the model
model.compile(optimizer='adam', loss='binary_crossentropy', metrics=['accuracy'])


# Train the model
model.fit(x_train, y_train, epochs=10, batch_size=32, validation_data=(x_test, y_test))
"""

LISTING_2 = """
import gpunet as keras
from gpunet import layers

# Define the model architecture
model = keras.Sequential(
    [
        layers.Flatten(input_shape=(inputszie,)),
        layers.Dense(128, activation="sigmoid"),
        layers.Dense(outputszie, activation="softmax"),
    ]
)

# Compile the model
model.compile(
    optimizer="sgd",
    loss="mean_squared_error",
    metrics=["accuracy"],
)

# Train the model
model.fit(x_train, y_train, epochs=500, validation_split=0.2)
"""


def epoch_lines(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith("Epoch ")]


def test_the_listing_that_openai_wrote(capsys: pytest.CaptureFixture[str]) -> None:
    random = np.random.default_rng(0)
    x = random.standard_normal((300, 8))
    y = (x.sum(axis=1) > 0).astype(int)

    def load_data() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
        return (x[:200], y[:200]), (x[200:], y[200:])

    names: dict[str, object] = {"load_data": load_data}
    exec(LISTING_1, names)
    lines = epoch_lines(capsys.readouterr().out)
    assert len(lines) == 10
    for line in lines:
        assert re.fullmatch(
            r"Epoch \d+/10 - \S+ - loss: \d\.\d+ - accuracy: \d\.\d+ - val_loss: \d\.\d+ - val_accuracy: \d\.\d+",
            line,
        )
    history = names["model"].history.history  # type: ignore[attr-defined]
    assert history["loss"][-1] < history["loss"][0]


def test_the_listing_of_the_practice(capsys: pytest.CaptureFixture[str]) -> None:
    """200 samples and a fifth for validation make the listing's five batches of an epoch: "5/5"."""
    random = np.random.default_rng(0)
    x = random.standard_normal((200, 10))
    y = np.eye(4)[abs(x[:, :4]).argmax(axis=1)]
    names: dict[str, object] = {"x_train": x, "y_train": y, "inputszie": 10, "outputszie": 4}
    exec(LISTING_2, names)
    lines = epoch_lines(capsys.readouterr().out)
    assert len(lines) == 500
    assert lines[494].startswith("Epoch 495/500 - ")
    model = names["model"]
    assert model.optimizer.iterations == 500 * 5  # type: ignore[attr-defined]
    history = model.history.history  # type: ignore[attr-defined]
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert history["loss"][-1] < history["loss"][0]


def test_keras_is_gpunet_itself_in_every_form_of_import() -> None:
    names: dict[str, object] = {}
    exec(
        "import gpunet, gpunet.keras\n"
        "from gpunet.keras import Sequential, layers\n"
        "from gpunet.keras.layers import Dense\n"
        "from gpunet.keras.optimizers import Adam\n",
        names,
    )
    import gpunet

    assert names["Dense"] is gpunet.layers.Dense
    assert names["layers"] is gpunet.layers
    assert names["Adam"] is gpunet.optimizers.Adam
    assert names["Sequential"] is gpunet.Sequential
    assert gpunet.keras is gpunet
