"""Pictures of what models say and of what they are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib import colors, pyplot

import gpunet
from gpunet import layers, plots
from gpunet.backend import Backend
from gpunet.plots.canvas import colour


def linear(weights: Any, bias: Any, activation: str | None = "sigmoid") -> Any:
    """A single layer with these weights."""
    weights = np.asarray(weights, dtype=float)
    model = gpunet.Sequential(
        [layers.Input(shape=weights.shape[:1]), layers.Dense(weights.shape[1], activation)]
    )
    model.set_weights([weights, np.asarray(bias, dtype=float)])
    return model


X = np.array([[-2.0, -1.0], [2.0, 1.0], [0.0, 0.5], [1.0, -1.0]])


def test_the_line_of_one_half_is_where_it_must_be(backend: Backend) -> None:
    """The lecture's perceptron: -2 + x₁ + x₂ = 0."""
    model = linear([[1.0], [1.0]], [-2.0])
    ax = plots.decision_boundary(model, X * 3, resolution=60)
    line = ax.collections[-1].get_paths()[0].vertices
    assert len(line) > 10
    np.testing.assert_allclose(line.sum(axis=1), 2, atol=0.01)


def test_logits_change_their_mind_at_0() -> None:
    ax = plots.decision_boundary(linear([[2.0], [0.0]], [1.0], None), X, resolution=50)
    np.testing.assert_allclose(ax.collections[-1].get_paths()[0].vertices[:, 0], -0.5, atol=0.01)


def compiled(loss: Any, weight: float, bias: float, activation: str | None = None) -> Any:
    model = linear([[weight], [0.0]], [bias], activation)
    model.compile("sgd", loss)
    return model


LOGITS = gpunet.losses.BinaryCrossentropy(from_logits=True)


@pytest.mark.parametrize(
    ("model", "y", "place", "label"),
    [
        (lambda: compiled("mean_squared_error", 2.0, 0.0), [0, 1, 1, 0], 0.25, "output"),
        (lambda: compiled("mean_squared_error", 2.0, 0.0), [-1, 1, 1, -1], 0.0, "output"),
        (lambda: compiled("hinge", 2.0, 1.0, "tanh"), [-1, 1, 1, -1], -0.5, "output"),
        (lambda: compiled("squared_hinge", 0.1, 0.1, "relu"), None, None, "output"),
        (lambda: compiled(LOGITS, 0.1, 0.1), [0, 1, 1, 0], -1.0, "probability of class 1"),
        (lambda: linear([[2.0], [0.0]], [1.0], "step"), [-1, 1, 1, -1], -0.5, "output"),
    ],
)
def test_the_line_is_where_the_loss_has_it(model: Any, y: Any, place: float | None, label: str) -> None:
    ax = plots.decision_boundary(model(), X, y, resolution=200)
    bar = next(one for one in ax.figure.axes if one is not ax)
    assert bar.get_ylabel() == label
    lines = [one for one in ax.collections if np.ndim(one.get_array()) and len(one.levels) == 1]
    if place is not None:
        np.testing.assert_allclose(lines[0].get_paths()[0].vertices[:, 0], place, atol=0.03)


def test_of_scores_of_classes_probabilities_are_drawn() -> None:
    model = linear([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]], [0.0] * 3, None)
    model.compile("sgd", gpunet.losses.SparseCategoricalCrossentropy(from_logits=True))
    image = plots.decision_boundary(model, X, resolution=3).images[0].get_array()
    share = np.exp(2.4) / (np.exp(2.4) + 2)  # where x₁ is 2.4, as far right as it goes
    np.testing.assert_allclose(
        image[1, 2], 1 - 0.6 * share * (1 - np.array(colors.to_rgb(colour(0)))), rtol=1e-5
    )


def test_classes_of_a_margin_keep_their_names() -> None:
    ax = plots.decision_boundary(compiled("hinge", 2.0, 0.0), X, [-1, 1, 1, -1], resolution=5)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["class -1", "class 1"]


def test_outputs_without_meaning_and_grids_without_points() -> None:
    with pytest.raises(ValueError, match="the outputs of the model are NaN or infinite"):
        plots.decision_boundary(linear([[np.nan], [0.0]], [0.0]), X)
    for resolution in (1, 2.5):
        with pytest.raises(ValueError, match=f"a resolution of at least 2 points, got {resolution}"):
            plots.decision_boundary(linear([[1.0], [0.0]], [0.0]), X, resolution=resolution)
    with pytest.raises(ValueError, match=r"expected two names, got \('a',\)"):
        plots.decision_boundary(linear([[1.0], [0.0]], [0.0]), X, names=("a",))
    assert pyplot.get_fignums() == []


def test_many_classes_have_their_legend_beside_the_picture() -> None:
    model = linear(np.zeros((2, 5)), [0.0] * 5, "softmax")
    ax = plots.decision_boundary(model, np.vstack([X, X[:1]]), range(5), resolution=5)
    ax.figure.canvas.draw()
    legend, picture = ax.get_legend().get_window_extent(), ax.get_window_extent()
    assert legend.x0 >= picture.x1
    assert legend.x1 <= ax.figure.bbox.x1


def test_a_model_in_float64() -> None:
    gpunet.config.set_floatx("float64")
    model = linear([[1.0], [1.0]], [-2.0])
    line = plots.decision_boundary(model, X * 3, resolution=60).collections[-1].get_paths()[0].vertices
    np.testing.assert_allclose(line.sum(axis=1), 2, atol=0.01)


def test_models_and_data_of_any_backend(backend: Backend) -> None:
    model = linear(np.eye(4)[:, :2] * 10, [0.0, 0.0], "softmax")
    images = backend.xp.asarray(np.eye(4)[:2], dtype="float32")
    y = backend.xp.asarray([0, 0])
    titles = [panel.get_title() for panel in plots.predictions(model, images, y)]
    assert titles == ["0 100%", "1 100%\nnot 0"]
    (first, _) = plots.weights(model)
    assert first.images[0].get_array().tolist() == [[10, 0], [0, 0]]
    assert len(plots.network(model).collections[0].get_segments()) == 8
    ax = plots.confusion_matrix(y, backend.xp.asarray([0, 1]))
    assert [text.get_text() for text in ax.texts] == ["1", "1", "0", "0"]
    plane = linear(np.eye(2), [0.0, 0.0], "softmax")
    ax = plots.decision_boundary(plane, backend.xp.asarray(X, dtype="float32"), [0, 1, 1, 0], resolution=5)
    assert ax.images[0].get_array().shape == (5, 5, 3)


def test_data_are_drawn_class_by_class() -> None:
    ax = plots.decision_boundary(linear([[1.0], [1.0]], [0.0]), X, [0, 1, 1, 0], resolution=5)
    points = {
        one.get_label(): one.get_offsets().tolist() for one in ax.collections if one.get_label()[0] != "_"
    }
    assert points == {"class 0": X[[0, 3]].tolist(), "class 1": X[[1, 2]].tolist()}
    np.testing.assert_allclose(ax.get_xlim(), [-2.4, 2.4])


@pytest.mark.parametrize("classes", range(2, 11))
def test_two_to_ten_classes(classes: int) -> None:
    generator = np.random.default_rng(0)
    model = linear(generator.standard_normal((2, classes)), np.zeros(classes), "softmax")
    ax = plots.decision_boundary(model, X, np.eye(classes)[[0, 1, 1, 0]], resolution=9)
    image = ax.images[0].get_array()
    first, last = np.linspace(*ax.get_xlim(), 9), np.linspace(*ax.get_ylim(), 9)
    probabilities = model.predict([[first[2], last[6]]], verbose=0)[0]
    tone = np.array(colors.to_rgb(colour(int(probabilities.argmax()))))
    np.testing.assert_allclose(image[6, 2], 1 - 0.6 * probabilities.max() * (1 - tone), rtol=1e-5)


def test_between_classes_the_line_is_where_both_are_as_probable() -> None:
    """On a coarse grid, too: x₁ = 0.3 between the two, whatever the points of the grid."""
    model = linear([[1.0, -1.0], [0.0, 0.0]], [-0.3, 0.3], "softmax")
    (line,) = plots.decision_boundary(model, X, resolution=40).collections
    np.testing.assert_allclose(line.get_paths()[0].vertices[:, 0], 0.3, atol=1e-3)


def test_a_model_that_isn_t_built_stays_so() -> None:
    model = gpunet.Sequential([layers.Dense(1, "sigmoid")])
    for draw in (plots.decision_boundary, plots.predictions):
        with pytest.raises(ValueError, match="the model has no parameters yet"):
            draw(model, np.eye(4))
    assert not model.built


def test_more_classes_than_can_be_told_apart() -> None:
    with pytest.raises(ValueError, match="at most 10 classes can be told apart, got 11"):
        plots.decision_boundary(linear(np.ones((2, 11)), np.zeros(11), "softmax"), X)


def test_two_of_several_features_the_others_at_their_median() -> None:
    x = np.column_stack([X, [1.0, 2.0, 3.0, 10.0]])  # the third one's median is 2.5
    ax = plots.decision_boundary(
        linear([[0.0], [1.0], [-2.0]], [4.5], None), x, features=(1, 0), resolution=40
    )
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x₂", "x₁")
    line = ax.collections[-1].get_paths()[0].vertices  # x₂ - 2 · 2.5 + 4.5 = 0
    np.testing.assert_allclose(line[:, 0], 0.5, atol=0.01)


@pytest.mark.parametrize(
    ("x", "y", "features", "message"),
    [
        ([1.0, 2.0], None, (0, 1), r"expected data \(rows, features\)"),
        ([[1.0]], None, (0, 1), "at least two features"),
        (X, None, (0, 2), "expected two of the features 0 to 1"),
        (X, None, (1, 1), "expected two of the features 0 to 1"),
        (X, None, 1, "expected two of the features 0 to 1, got 1"),
        (X, None, (0, 1.0), "expected two of the features 0 to 1"),
        (X, None, (0, 1, 0), "expected two of the features 0 to 1"),
        ([[1.0, 2.0], [np.nan, 3.0]], None, (0, 1), r"without NaN and infinity, got \[nan  3.\] in row 1"),
        (X, [0, 1], (0, 1), "expected 4 classes from 0 to 9, got 2"),
        (X, [], (0, 1), "expected 4 classes from 0 to 9, got 0"),
        (X, [0, 1, 2, -3], (0, 1), "y: expected class indices"),
        (X, [0, 1, 2, 10], (0, 1), "got 4 up to 10"),
    ],
)
def test_data_that_can_t_be_drawn(x: Any, y: Any, features: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plots.decision_boundary(linear([[1.0], [1.0]], [0.0]), x, y, features)
    assert pyplot.get_fignums() == []


def test_a_network_s_lines_are_its_weights() -> None:
    ax = plots.network(linear([[2.0, -1.0, 0.5]], [0.0] * 3, None))
    (lines,) = ax.collections[:1]
    np.testing.assert_allclose(lines.get_linewidths(), [2.5, 1.25, 0.625])
    assert [colors.to_hex(tone) for tone in lines.get_colors()] == [
        tone.lower() for tone in (colour(0), colour(3), colour(0))
    ]
    assert [text.get_text() for text in ax.texts] == ["input\n1", "linear\n3"]


def test_of_a_wide_layer_the_first_and_the_last_units_are_drawn() -> None:
    ax = plots.network(linear(np.ones((100, 1)), [0.0]))
    assert len(ax.collections[0].get_segments()) == 12
    assert "⋮" in [text.get_text() for text in ax.texts]


@pytest.mark.parametrize("units", [12, 13])
def test_only_a_layer_that_isn_t_drawn_whole_has_a_gap(units: int) -> None:
    ax = plots.network(linear(np.ones((units, 1)), [0.0]))
    heights = sorted(start[1] for start, _ in ax.collections[0].get_segments())
    steps = np.diff(heights)
    assert (steps.max() > 1.5 * np.median(steps)) == (units == 13)


def test_what_follows_the_weights_is_named_below_them() -> None:
    model = gpunet.Sequential(
        [
            layers.Input(shape=(2, 2)), layers.Flatten(), layers.Dense(3), layers.ReLU(), layers.Dropout(0.5),
            layers.Dense(1),
        ]
    )  # fmt: skip
    titles = [text.get_text() for text in plots.network(model).texts]
    assert titles == ["input\nflatten\n4", "relu\ndropout\n3", "linear\n1"]


def test_which_colour_is_which_sign() -> None:
    legend = plots.network(linear([[1.0]], [0.0])).get_legend()
    tones = {
        text.get_text(): line.get_color()
        for text, line in zip(legend.get_texts(), legend.get_lines(), strict=True)
    }
    assert tones == {"weight > 0": colour(0), "weight < 0": colour(3)}


def test_networks_that_can_t_be_drawn() -> None:
    with pytest.raises(ValueError, match="no parameters yet"):
        plots.network(gpunet.Sequential([layers.Dense(1)]))
    model = gpunet.Sequential([layers.Input(shape=(2,)), layers.ReLU()])
    with pytest.raises(ValueError, match="no dense layer to draw"):
        plots.network(model)


@pytest.mark.parametrize(
    "draw", [plots.network, plots.weights, lambda model: plots.levels(model, np.ones((3, 4)))]
)
def test_weights_that_are_nan_are_not_drawn(draw: Any) -> None:
    with pytest.raises(
        ValueError, match="weights of the model are NaN or infinite; there is nothing to draw"
    ):
        draw(linear([[1.0], [np.nan], [0.0], [0.0]], [0.0]))
    assert pyplot.get_fignums() == []


def test_weights_of_the_first_layer_are_images() -> None:
    kernel = np.arange(8.0).reshape(4, 2)
    panels = plots.weights(linear(kernel, [0.0, 0.0]), units=[1])
    np.testing.assert_array_equal(panels[0].images[0].get_array(), [[1, 3], [5, 7]])
    assert panels[0].images[0].get_clim() == (-7, 7)


def two_layers() -> Any:
    model = gpunet.Sequential([layers.Input(shape=(4,)), layers.Dense(4), layers.Dense(1)])
    model.set_weights([np.eye(4), np.zeros(4), [[1.0], [0.0], [0.0], [2.0]], np.zeros(1)])
    return model


def test_weights_of_a_deeper_layer_are_multiplied_through() -> None:
    (panel,) = plots.weights(two_layers(), layer=1)
    np.testing.assert_array_equal(panel.images[0].get_array(), [[1, 0], [0, 2]])


def test_or_are_the_images_that_a_unit_answers_to_most() -> None:
    x = np.vstack([np.tile([0.0, 0, 0, 1], (10, 1)), np.tile([0.0, 1, 1, 0], (10, 1))])
    model = two_layers()
    before = model.get_weights()
    (panel,) = plots.weights(model, layer=1, x=x)
    np.testing.assert_allclose(panel.images[0].get_array(), [[0, -0.5], [-0.5, 0.5]])
    assert all(np.array_equal(one, other) for one, other in zip(before, model.get_weights(), strict=True))


def test_levels_are_the_weights_of_each_layer_in_a_row() -> None:
    x = np.vstack([np.tile([0.0, 0, 0, 1], (10, 1)), np.tile([0.0, 1, 1, 0], (10, 1))])
    panels = plots.levels(two_layers(), x, units=2, names=["edges", "parts"])
    assert [row[0].get_ylabel() for row in panels] == ["edges", "parts"]
    for layer, shown in ((0, 2), (1, 1)):  # the second layer has one unit only
        alone = plots.weights(two_layers(), layer, units=range(shown), x=x)
        for panel, other in zip(panels[layer], alone, strict=False):
            np.testing.assert_array_equal(panel.images[0].get_array(), other.images[0].get_array())
    assert not panels[1, 1].images


def test_levels_that_don_t_fit() -> None:
    x = np.ones((3, 4))
    with pytest.raises(ValueError, match="expected a dense layer for each of 1 names, got 2"):
        plots.levels(two_layers(), x, names=["edges"])
    with pytest.raises(ValueError, match=r"expected axes \(2, 3\), got \(2, 2\)"):
        plots.levels(two_layers(), x, units=3, ax=pyplot.subplots(2, 2)[1])
    with pytest.raises(ValueError, match="expected units to be a positive whole number, got 0"):
        plots.levels(two_layers(), x, units=0)


def test_a_model_of_a_class_of_the_user_s() -> None:
    class Net(gpunet.Sequential):
        def __init__(self, width: int) -> None:
            super().__init__([layers.Input(shape=(4,)), layers.Dense(width), layers.Dense(1)])

    assert len(plots.weights(Net(5), 1, x=np.eye(4))) == 1


def test_a_unit_that_answers_to_all_images_alike_has_none() -> None:
    model = gpunet.Sequential([layers.Input(shape=(4,)), layers.Dense(4), layers.Dense(2, "relu")])
    model.set_weights([np.eye(4), np.zeros(4), np.ones((4, 2)), np.array([0.0, -9.0])])
    varying, silent = plots.weights(model, layer=1, x=np.eye(20)[:, :4])
    assert (varying.get_title(), silent.get_title()) == ("unit 0", "unit 1\nconstant")
    assert not silent.images[0].get_array().any()


def test_a_model_trains_on_as_if_it_hadn_t_been_drawn() -> None:
    def trained(is_drawn: bool) -> Any:
        gpunet.set_random_seed(0)
        x, y = gpunet.datasets.moons(samples=64)
        model = gpunet.Sequential([layers.Dense(4, "tanh"), layers.Dropout(0.2), layers.Dense(1, "sigmoid")])
        model.compile("adam", "binary_crossentropy")
        model.fit(x, y, verbose=0)
        if is_drawn:
            plots.weights(model, 1, x=x, shape=(1, 2))
            plots.decision_boundary(model, x, y, resolution=5)
            plots.network(model)
        model.fit(x, y, verbose=0)
        return model.get_weights()

    for drawn, other in zip(trained(True), trained(False), strict=True):
        np.testing.assert_array_equal(drawn, other)


def test_layers_and_units_that_aren_t_there() -> None:
    with pytest.raises(ValueError, match="the model has no dense layer"):
        plots.weights(gpunet.Sequential([layers.Input(shape=(4,)), layers.ReLU()]))
    with pytest.raises(ValueError, match=r"which is no square; give shape=\(height, width\)"):
        plots.weights(linear(np.ones((6, 1)), [0.0]))
    with pytest.raises(ValueError, match="expected one of the dense layers 0 to 1, got 2"):
        plots.weights(two_layers(), layer=2)
    for units in ([4], -1, ["a"]):
        with pytest.raises(ValueError, match="expected units from 0 to 3, got"):
            plots.weights(two_layers(), units=units)
    for shape in (2, (-1, -4)):
        with pytest.raises(ValueError, match="an image has 4 pixels, which is not"):
            plots.weights(two_layers(), shape=shape)
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize(
    "y_pred",
    [
        [0, 1, 0, 2],
        [[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 1]],
        [[0.9, 0, 0.1], [0, 1, 0], [1, 0, 0], [0, 0, 1]],
    ],
)
def test_a_confusion_matrix_by_hand(y_pred: Any) -> None:
    ax = plots.confusion_matrix([0, 1, 1, 2], y_pred, labels=["a", "b", "c"])
    assert np.asarray(ax.images[0].get_array()).tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["a", "b", "c"]
    shares = plots.confusion_matrix([0, 1, 1, 2], y_pred, normalize=True)
    assert np.asarray(shares.images[0].get_array()).tolist() == [[1, 0, 0], [0.5, 0.5, 0], [0, 0, 1]]


def test_probabilities_of_one_output_are_rounded() -> None:
    ax = plots.confusion_matrix([0, 1, 1], [[0.2], [0.7], [0.4]])
    assert np.asarray(ax.images[0].get_array()).tolist() == [[1, 0], [1, 1]]


@pytest.mark.parametrize(
    ("normalize", "expected"),
    [
        ("true", [[1, 0], [0.75, 0.25]]),
        ("pred", [[0.25, 0], [0.75, 1]]),
        ("all", [[0.2, 0], [0.6, 0.2]]),
        (False, [[1, 0], [3, 1]]),
    ],
)
def test_shares_of_a_row_of_a_column_or_of_all(normalize: Any, expected: Any) -> None:
    ax = plots.confusion_matrix([0, 1, 1, 1, 1], [0, 0, 0, 0, 1], normalize=normalize)
    np.testing.assert_allclose(np.asarray(ax.images[0].get_array()), expected)


def test_confusions_that_can_t_be_drawn() -> None:
    with pytest.raises(ValueError, match="y_true: expected class indices"):
        plots.confusion_matrix([0, -3], [0, 1])
    with pytest.raises(ValueError, match="y_pred: expected class indices"):
        plots.confusion_matrix([0, 1], [0, 1.5])
    with pytest.raises(ValueError, match="at most 100 classes, got 501"):
        plots.confusion_matrix([0, 500], [0, 1])
    with pytest.raises(ValueError, match='Did you mean "true"'):
        plots.confusion_matrix([0, 1], [0, 1], normalize="ture")
    with pytest.raises(ValueError, match="expected at least one sample, got none"):
        plots.confusion_matrix([], [])
    with pytest.raises(ValueError, match="as many predictions as targets, got 1 and 2"):
        plots.confusion_matrix([0, 1], [0])
    with pytest.raises(ValueError, match="expected 2 labels, got 1"):
        plots.confusion_matrix([0, 1], [0, 1], labels=["a"])


def test_predictions_say_what_is_right_and_what_is_wrong() -> None:
    model = linear(np.eye(4)[:, :2] * 10, [0.0, 0.0], "softmax")
    images = np.array([[1.0, 0, 0, 0], [0, 1.0, 0, 0]])
    panels = plots.predictions(model, images, [0, 0], names=["cat", "dog"])
    assert [panel.get_title() for panel in panels] == ["cat 100%", "dog 100%\nnot cat"]
    assert panels[0].title.get_color() != panels[1].title.get_color()
    np.testing.assert_array_equal(panels[0].images[0].get_array(), [[1, 0], [0, 0]])


def test_scores_are_no_percentages() -> None:
    model = linear(np.eye(4)[:, :2] * 10, [0.0, 0.0], None)
    assert [panel.get_title() for panel in plots.predictions(model, np.eye(4)[:2])] == ["0", "1"]
    model.compile("sgd", gpunet.losses.SparseCategoricalCrossentropy(from_logits=True))
    assert [panel.get_title() for panel in plots.predictions(model, np.eye(4)[:2])] == ["0 100%", "1 100%"]


def test_one_output_tells_two_classes_apart() -> None:
    model = linear([[2.0], [-2.0], [0.5], [0.0]], [0.0], None)
    model.compile("sgd", "hinge")
    assert [panel.get_title() for panel in plots.predictions(model, np.eye(4)[:3])] == ["1", "0", "1"]


def test_classes_of_a_margin_keep_their_names_under_images() -> None:
    """0.3 is class 1 where the classes are -1 and 1, as for decision_boundary."""
    model = linear([[0.3], [0.0], [0.0], [0.0]], [0.0], None)
    model.compile("sgd", "mean_squared_error")
    images = [[1.0, 0, 0, 0], [-1.0, 0, 0, 0]]
    assert [panel.get_title() for panel in plots.predictions(model, images, [1, -1])] == ["1", "-1"]
    assert [panel.get_title() for panel in plots.predictions(model, images, [-1, -1])] == ["1\nnot -1", "-1"]


def test_predictions_that_don_t_fit() -> None:
    model = linear(np.eye(4)[:, :2], [0.0, 0.0], "softmax")
    with pytest.raises(ValueError, match="expected 2 names, got 1"):
        plots.predictions(model, np.ones((1, 4)), names=["cat"])
    with pytest.raises(ValueError, match="expected 3 names, got 2"):
        plots.predictions(model, np.ones((1, 4)), [2], names=["cat", "dog"])
    assert pyplot.get_fignums() == []
    with pytest.raises(ValueError, match="expected 1 classes, got 2"):
        plots.predictions(model, np.ones((1, 4)), [0, 0])
    with pytest.raises(ValueError, match=r"expected images \(count, …\)"):
        plots.predictions(model, np.ones((0, 4)))
