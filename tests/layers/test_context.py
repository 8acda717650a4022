"""What a layer may use while a program runs."""

from __future__ import annotations

from gpunet.backend import Backend
from gpunet.layers import Context


def test_buffers_are_made_once_for_each_layer_and_name(backend: Backend) -> None:
    context = Context(backend, "float64")
    first, second = object(), object()
    buffer = context.buffer(first, "a", (2, 3))
    assert (buffer.shape, buffer.dtype) == ((2, 3), "float64")
    assert context.buffer(first, "a", (2, 3)) is buffer
    assert context.buffer(first, "b", (2, 3)) is not buffer
    assert context.buffer(second, "a", (2, 3)) is not buffer


def test_calls_draw_a_seed_for_training_alone(backend: Backend) -> None:
    assert Context.eager(backend, "float32", training=False).seed == 0
    seeds = {Context.eager(backend, "float32", training=True).seed for _ in range(3)}
    assert len(seeds) == 3
    assert backend.download(Context(backend, "float32").counters).tolist() == [0, 0, 0]
