"""The state of an optimizer: what it takes to continue as if nothing had happened."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..backend import Array
from ..parameter import Parameter, numbers
from . import checks

if TYPE_CHECKING:
    from ..arena import Arena
    from .base import Optimizer

Slots = dict[str, dict[str, np.ndarray[Any, Any]]]

PARTS = ("iterations", "learning_rate", "excluded_from_weight_decay", "slots")


def slots(optimizer: Optimizer) -> Slots:
    """Return host copies of each slot of each parameter, by the parameters' paths; none before it is built."""
    arena = optimizer.arena
    if arena is None:
        return {}
    return {
        name: {p.path: arena.backend.download(arena.view(flat, p)) for p in arena.trainable}
        for name, flat in optimizer.state.items()
    }


def get_state(optimizer: Optimizer) -> dict[str, Any]:
    """Return iterations, learning rate, exclusions from weight decay, and slots."""
    listed, names = optimizer.excluded()
    return {
        "iterations": int(optimizer.iterations),
        "learning_rate": optimizer.learning_rate if optimizer.has_constant_rate else None,
        "excluded_from_weight_decay": {"paths": [p.path for p in listed], "var_names": names},
        "slots": slots(optimizer),
    }


def set_state(optimizer: Optimizer, saved: Mapping[str, Any]) -> None:
    """Set all of it, after all of it has been checked."""
    arena, kind = optimizer.arena, type(optimizer).__name__
    if arena is None:
        raise ValueError(f"{kind}: build the optimizer before you set its state.")
    _check_names(kind, "parts of the state", PARTS, saved)
    iterations, rate = saved["iterations"], saved["learning_rate"]
    excluded = saved["excluded_from_weight_decay"]
    if isinstance(iterations, bool) or not isinstance(iterations, (int, np.integer)) or iterations < 0:
        raise ValueError(f"{kind}: expected a number of iterations >= 0 in the state, got {iterations!r}.")
    if rate is not None:
        checks.number(optimizer, "learning_rate", rate, "[0, inf)")
    parameters = {parameter.path: parameter for parameter in arena.trainable}
    unknown = sorted(set(excluded["paths"]) - set(parameters))
    if unknown:
        raise ValueError(f"{kind}: excluded from weight decay, but unknown here: {', '.join(unknown)}.")
    arrays = _checked_slots(kind, arena, optimizer.state, saved["slots"])

    listed = [parameters[path] for path in excluded["paths"]]
    optimizer.exclude_from_weight_decay(listed, excluded["var_names"])  # first: it checks the names
    optimizer.iterations = int(iterations)
    if rate is not None:
        optimizer.learning_rate = rate
    for name, parameter, array in arrays:
        arena.backend.upload(array, arena.view(optimizer.state[name], parameter))


def _checked_slots(
    kind: str, arena: Arena, own: Collection[str], given: Mapping[str, Any]
) -> list[tuple[str, Parameter, Array]]:
    _check_names(kind, "slots", own, given)
    for name, slot in given.items():
        _check_names(kind, f"parameters of {name}", [p.path for p in arena.trainable], slot)
    return [
        (name, p, numbers(slot[p.path], p.shape, f"{kind}: {name} of {p.path}"))
        for name, slot in given.items()
        for p in arena.trainable
    ]


def _check_names(kind: str, what: str, own: Collection[str], given: Collection[str]) -> None:
    odd = sorted(set(own) ^ set(given))
    if odd:
        raise ValueError(f"{kind}: {what} that only one side has: {', '.join(odd)}.")
