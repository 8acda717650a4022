"""Which activations cuBLASLt computes in the same pass as a product, forward and backward."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..formulas import ActivationFormula, Array, own
from . import product


def epilogues(
    activation: ActivationFormula | None,
    bias: Array | None,
    preactivation: Array,
    out: Array,
    auxiliary: Array | None,
) -> Iterator[dict[str, Any]]:
    """Yield how to ask for ``out = activation(product + bias)``, the best way first; none where it can't be asked for.

    Args:
        activation: ReLU without options, GELU in its tanh form, or the identity.
        bias: Whether there is one.
        preactivation: Where the input of the activation is kept, ``out`` itself if it isn't needed.
        out: The output.
        auxiliary: What ``auxiliary`` asked for, to be left to the backward pass.
    """
    name = _name(activation)
    if activation is None and bias is not None:
        yield {"epilogue": "bias"}
    if name == "relu":  # whose derivative needs no input: preactivation is out
        if auxiliary is not None:
            yield {"epilogue": "relu_aux", "aux": auxiliary}
        yield {"epilogue": "relu"}
    if name == "gelu" and _holds_gelu(preactivation):
        yield {"epilogue": "gelu_aux", "aux": preactivation}


def backward(activation: ActivationFormula) -> str:
    """Return the epilogue that multiplies a product by the derivative."""
    return f"d{_name(activation)}"


def mask(activation: ActivationFormula | None, y: Array) -> tuple[tuple[int, int], Any] | None:
    """Return shape and dtype of the bits that a ReLU with output ``y`` leaves behind; ``None`` for anything else."""
    rows, units = y.shape
    return product.auxiliary("relu_aux", rows, units, y.dtype) if _name(activation) == "relu" else None


def keeps_input(activation: ActivationFormula | None, preactivation: Array) -> bool:
    """Tell whether the preactivation is what a GELU leaves behind."""
    return _name(activation) == "gelu" and _holds_gelu(preactivation)


class Fused:
    """Which forward passes have left something behind: whether cuBLASLt offers that shows when it is asked."""

    def __init__(self) -> None:
        self._left: set[int] = set()

    def note(self, auxiliary: Array | None, left: bool) -> None:
        """Take note of a forward pass."""
        if auxiliary is not None:
            (self._left.add if left else self._left.discard)(auxiliary.data.ptr)

    def left(self, auxiliary: Array) -> bool:
        """Tell whether the last forward pass with this buffer wrote to it."""
        return auxiliary.data.ptr in self._left


def _name(activation: Any) -> str | None:
    """Return ``"relu"`` or ``"gelu"`` for those that cuBLASLt means by these names."""
    if activation is None or not own(activation):
        return None
    options = activation.get_config()
    if activation.name == "relu":
        plain = not (options["negative_slope"] or options["threshold"]) and options["max_value"] is None
        return "relu" if plain else None
    return "gelu" if activation.name == "gelu" and options["approximate"] else None


def _holds_gelu(preactivation: Array) -> bool:
    units: int = preactivation.shape[1]
    return units % 8 == 0  # else its rows would have to be padded
