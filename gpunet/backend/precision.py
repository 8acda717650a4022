"""Precision policies: in which formats numbers are held and multiplied."""

from __future__ import annotations

from typing import NamedTuple

from ..registry import suggest


class Precision(NamedTuple):
    """A policy, named as in Keras.

    Attributes:
        name: ``"float32"``.
        variables: The float type of parameters, their gradients, optimizer slots, targets and results.
        storage: The format of activations and of the copies of parameters that products read.
        tf32: Whether products of float32 numbers may round their factors to 10 bits (on GPUs that can).
    """

    name: str
    variables: str
    storage: str
    tf32: bool = False

    @property
    def mixed(self) -> bool:
        """Whether activations are held in 16 bits."""
        return self.storage != self.variables


POLICIES = {
    policy.name: policy
    for policy in (
        Precision("float32", "float32", "float32"),
        Precision("float64", "float64", "float64"),
        Precision("tf32", "float32", "float32", tf32=True),
        Precision("mixed_bfloat16", "float32", "bfloat16"),
        Precision("mixed_float16", "float32", "float16"),
    )
}


def get_precision(name: str) -> Precision:
    """Return the policy of that name.

    Raises:
        ValueError: There is none; the closest known one is suggested.

    Example:
        >>> get_precision("mixed_float16").variables
        'float32'
    """
    if name not in POLICIES:
        raise ValueError(f'Unknown dtype policy "{name}". {suggest(str(name), POLICIES)}')
    return POLICIES[name]
