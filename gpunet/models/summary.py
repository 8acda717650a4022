"""The table that ``summary`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .sequential import Sequential

HEAD = ("Layer (type)", "Output shape", "Parameters", "Memory")


def table(model: Sequential) -> str:
    """Return a table of the layers: output shape, parameters, memory of the parameters.

    Example:
        >>> import gpunet
        >>> print(table(gpunet.Sequential([gpunet.layers.Dense(3, input_shape=(4,))], name="small")))
        Model "small"
        --------------------------------------------------
        Layer (type)    Output shape   Parameters   Memory
        --------------------------------------------------
        dense (Dense)   (None, 3)              15   60 B
        --------------------------------------------------
        Parameters: 15 (60 B), trainable: 15, frozen: 0
    """
    rows = [HEAD]
    shape = model.input_shape
    for layer in model.layers:
        if model.built:
            shape = layer.compute_output_shape(shape)
        own = layer.count_params()
        size = sum(parameter.value.nbytes for parameter in layer.parameters)
        rows.append(
            (
                f"{layer.name} ({type(layer).__name__})",
                str(tuple(shape)) if model.built else "?",
                f"{own:,}" if model.built else "?",
                human_bytes(size) if model.built else "?",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        f"{row[0]:<{widths[0]}}   {row[1]:<{widths[1]}}   {row[2]:>{widths[2]}}   {row[3]:<{widths[3]}}".rstrip()
        for row in rows
    ]
    rule = "-" * (sum(widths) + 9)
    total = sum(parameter.size for parameter in model.weights)
    trained = sum(parameter.size for parameter in model.trainable_weights)
    memory = human_bytes(sum(parameter.value.nbytes for parameter in model.weights))
    end = f"Parameters: {total:,} ({memory}), trainable: {trained:,}, frozen: {total - trained:,}"
    if not model.built:
        end = "Not built yet: the input shape is unknown."
    return "\n".join([f'Model "{model.name}"', rule, lines[0], rule, *lines[1:], rule, end])


def human_bytes(count: float) -> str:
    """Return a number of bytes for people.

    Example:
        >>> human_bytes(2048)
        '2.0 KiB'
    """
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"
