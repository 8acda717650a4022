"""Names, descriptions and objects."""

from __future__ import annotations

from typing import Any

import pytest

from gpunet.registry import Configurable, Registry, snake_case, suggest


class Circle(Configurable):
    def __init__(self, radius: float = 1.0, inner: Any = None) -> None:
        self.radius, self.inner = radius, inner

    def get_config(self) -> dict[str, Any]:
        return {"radius": self.radius}


class Frame(Configurable):
    """Holds another shape, which its description contains."""

    def __init__(self, inner: Any) -> None:
        self.inner = shapes.get(inner)


class Star(Configurable): ...


shapes: Registry[Any] = Registry("shape")
shapes.register("round")(Circle)
shapes.register("frame")(Frame)
UNIT = shapes.register("unit")(Circle(2.0))


def test_a_name_a_class_a_description_and_an_object() -> None:
    assert type(shapes.get("round")) is type(shapes.get("Circle")) is type(shapes.get(Circle)) is Circle
    assert shapes.get({"class_name": "Circle", "config": {"radius": 3.0}}).radius == 3.0
    assert shapes.get({"class_name": "Circle"}).radius == 1.0
    assert shapes.get("unit") is UNIT
    assert shapes.get(UNIT) is UNIT
    assert shapes.get(None) is None
    assert shapes.names() == ["Circle", "Frame", "frame", "round", "unit"]


def test_a_name_makes_a_new_object_each_time() -> None:
    assert shapes.get("round") is not shapes.get("round")


def test_descriptions() -> None:
    assert shapes.serialize(Circle(3.0)) == {"class_name": "Circle", "config": {"radius": 3.0}}
    assert shapes.serialize(UNIT) == "unit"
    assert shapes.serialize(None) is None
    assert shapes.serialize("round") == "round"
    assert shapes.serialize(len) == "len"


def test_an_unknown_name_is_answered_with_the_closest() -> None:
    with pytest.raises(
        ValueError,
        match=r'^Unknown shape "Round"\. Did you mean "round"\? Known: Circle, frame, round, unit\.$',
    ):
        shapes.get("Round")
    with pytest.raises(
        ValueError,
        match=r'^Unknown shape "xyz"\. Known: Circle, frame, round, unit\. '
        r'One of your own is given as custom_objects=\{"xyz": xyz\}\.$',
    ):
        shapes.get({"class_name": "xyz"})
    with pytest.raises(
        ValueError, match=r"shape: expected a dictionary with \"class_name\", got {'radius': 1}"
    ):
        shapes.get({"radius": 1})


def test_suggestions_ignore_the_case_and_list_one_spelling() -> None:
    assert suggest("ADAMW", ["AdamW", "SGD"]) == 'Did you mean "AdamW"? Known: AdamW, SGD.'
    names = ["ReLU", "L1L2", "l1_l2", "MeanSquaredError", "mean_squared_error", "mse"]
    assert suggest("xyz", names) == "Known: ReLU, l1_l2, mean_squared_error, mse."


def test_a_name_is_given_once_and_a_refusal_changes_nothing() -> None:
    own: Registry[Any] = Registry("shape")
    own.register("round")(Circle)
    with pytest.raises(ValueError, match='shape: the name "round" is taken by'):
        own.register("starry", "round")(Star)
    assert own.names() == ["Circle", "round"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Dense", "dense"),
        ("ELU", "elu"),
        ("ReLU", "re_lu"),
        ("MyRNNCell", "my_rnn_cell"),
        ("Dense2D", "dense2d"),
    ],
)
def test_names_of_classes_become_keras_names(name: str, expected: str) -> None:
    """Keras 3.15.1 says these names."""
    assert snake_case(name) == expected


def test_custom_objects_come_first() -> None:
    assert type(shapes.get("star", {"star": Star})) is Star
    assert type(shapes.get("round", {"round": Star})) is Star
    assert type(shapes.deserialize({"class_name": "Star", "config": {}}, {"Star": Star})) is Star
    with pytest.raises(ValueError, match="Unknown shape"):
        shapes.get("star")


def test_custom_objects_are_known_within_a_description_and_forgotten_after_it() -> None:
    framed = {"class_name": "Frame", "config": {"inner": {"class_name": "Star", "config": {}}}}
    assert type(shapes.deserialize(framed, {"Star": Star}).inner) is Star
    twice = {"class_name": "Frame", "config": {"inner": framed}}
    assert type(shapes.deserialize(twice, {"Star": Star}).inner.inner) is Star
    with pytest.raises(ValueError, match="Unknown shape"):
        shapes.deserialize(framed)
    with pytest.raises(TypeError):  # Frame needs an inner shape
        shapes.deserialize({"class_name": "Frame", "config": {}}, {"Star": Star})
    with pytest.raises(ValueError, match="Unknown shape"):
        shapes.get("Star")
