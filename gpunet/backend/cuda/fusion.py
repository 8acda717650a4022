"""Which activations cuBLASLt computes in the same pass as a product."""

from __future__ import annotations

from typing import Any

from ..formulas import ActivationFormula, Array
from . import catalogue


def epilogue(
    activation: ActivationFormula | None, bias: Array | None, preactivation: Array, out: Array
) -> dict[str, Any]:
    """Return how to ask for ``out = activation(product + bias)``; nothing where it can't be asked for.

    Args:
        activation: ReLU without options, GELU in its tanh form, or the identity.
        bias: Whether there is one.
        preactivation: Where the input of the activation is kept, ``out`` itself if it isn't needed.
        out: The output.
    """
    if activation is None:
        return {} if bias is None else {"epilogue": "bias"}
    if not catalogue.own(activation):
        return {}
    options = activation.get_config()  # type: ignore[attr-defined]
    name = activation.name  # type: ignore[attr-defined]
    if name == "relu":
        plain = not (options["negative_slope"] or options["threshold"]) and options["max_value"] is None
        return {"epilogue": "relu"} if plain and preactivation is out else {}
    if name == "gelu" and options["approximate"] and preactivation.shape[1] % 8 == 0:
        return {"epilogue": "gelu_aux", "aux": preactivation}
    return {}
