"""Which class an output or a target means."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import activations
from ..backend import backend_of
from ..losses import Hinge
from ..training.arrays import as_array


def on_host(values: Any, what: str) -> Any:
    """Return an array, a list, a frame or a tensor, wherever it lives, as a NumPy array."""
    array = as_array(values, what)
    return backend_of(array).download(array)


def class_indices(values: Any, what: str) -> Any:
    """Return classes as indices ``(rows,)``.

    Args:
        values: Indices or -1 and 1, ``(rows,)`` or ``(rows, 1)``; probabilities of class 1, shaped likewise; one-hot rows
            or probabilities ``(rows, classes)``.
        what: What they are called in error messages.

    Raises:
        ValueError: They are none of these.

    Example:
        >>> class_indices([[0.1, 0.9], [0.8, 0.2]], "y").tolist(), class_indices([-1, 1], "y").tolist()
        ([1, 0], [0, 1])
    """
    values = on_host(values, what)
    if values.ndim == 2 and values.shape[1] > 1 and np.isfinite(values).all():
        return values.argmax(axis=1)
    if values.ndim == 1 or (values.ndim == 2 and values.shape[1] == 1):
        values = values.reshape(-1)
        if np.isin(values, (-1, 1)).all():
            return (values > 0).astype(int)
        if (values >= 0).all() and (values == np.floor(values)).all() and np.isfinite(values).all():
            return values.astype(int)
        if (values >= 0).all() and (values <= 1).all():
            return (values > 0.5).astype(int)
    raise ValueError(
        f"{what}: expected class indices, -1 and 1, one-hot rows, or probabilities, got values of shape "
        f"{values.shape} that are none of these."
    )


def are_signed(values: Any, what: str) -> bool:
    """Tell whether classes are called -1 and 1."""
    return bool((on_host(values, what) < 0).any())


def class_name(label: int, is_signed: bool = False) -> str:
    """Return what a class is called where nobody has named it."""
    return str(2 * label - 1 if is_signed else label)


def must_be_drawable(model: Any, name: str) -> None:
    """Refuse a model without weights, or with some that are NaN.

    Raises:
        ValueError: The model isn't built, or a weight is NaN or infinite.
    """
    model.must_be_built(f"plots.{name}")
    if not all(np.isfinite(weight).all() for weight in model.get_weights()):
        raise ValueError(f"plots.{name}: weights of the model are NaN or infinite; there is nothing to draw.")


def probabilities(model: Any, x: Any, name: str) -> Any:
    """Return the outputs of a model, ``(rows, outputs)``; as probabilities where its loss takes them for logits.

    Raises:
        ValueError: The model isn't built; they are NaN or infinite.
    """
    model.must_be_built(f"plots.{name}")
    outputs = np.asarray(model.predict(x, verbose=0))
    if not np.isfinite(outputs).all():
        raise ValueError(
            f"plots.{name}: the outputs of the model are NaN or infinite; there is nothing to draw."
        )
    outputs = outputs.reshape(len(outputs), -1)
    if getattr(model.loss, "from_logits", False):
        outputs = activations.get(model.loss.activation)(outputs)
    return outputs


def threshold(model: Any, outputs: Any, is_signed: bool = False) -> float:
    """Return above which output a model with a single one says class 1: 0 or ½.

    It is 0 where the classes are called -1 and 1, and for scores of a model without a loss, which aren't confined to
    [0, 1].
    """
    if is_signed or isinstance(model.loss, Hinge):
        return 0.0
    is_confined = outputs.min() >= 0 and outputs.max() <= 1
    return 0.5 if is_confined or model.loss is not None else 0.0
