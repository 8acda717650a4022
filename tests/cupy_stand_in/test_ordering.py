"""Work that isn't ordered after what it depends on is found, although the stand-in runs everything in order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from . import MisuseError, StandIn


@pytest.fixture
def module() -> StandIn:
    return StandIn(ordered=True)


@pytest.fixture
def streams(module: StandIn) -> Any:
    return [module.cuda.Stream(non_blocking=True) for _ in range(2)]


@pytest.fixture
def array(module: StandIn) -> Any:
    array = module.zeros(4)
    module.cuda.Device().synchronize()
    return array


def test_a_read_after_a_write_on_another_stream(streams: Any, array: Any) -> None:
    writer, reader = streams
    with writer:
        array += 1
    with (
        reader,
        pytest.raises(MisuseError, match=r"reads memory that stream .* writes, and waits for no event"),
    ):
        array * 2
    reader.wait_event(writer.record())
    with reader:
        assert (array * 2).tolist() == [2, 2, 2, 2]


def test_a_write_after_a_read_on_another_stream(module: StandIn, streams: Any, array: Any) -> None:
    reader, writer = streams
    with reader:
        out = array * 2
    with writer, pytest.raises(MisuseError, match=r"writes memory that stream .* reads"):
        array += 1
    reader.synchronize()
    with writer:
        array += 1
    assert out.get(stream=reader).tolist() == [0, 0, 0, 0]


def test_two_reads_need_no_order(streams: Any, array: Any) -> None:
    for stream in streams:
        with stream:
            array * 2


def test_an_event_covers_only_what_came_before_it(streams: Any, array: Any) -> None:
    writer, reader = streams
    event = writer.record()
    with writer:
        array += 1
    reader.wait_event(event)
    with reader, pytest.raises(MisuseError):
        array * 2


def test_order_passes_through_a_third_stream(module: StandIn, streams: Any, array: Any) -> None:
    writer, reader = streams
    between = module.cuda.Stream(non_blocking=True)
    with writer:
        array += 1
    between.wait_event(writer.record())
    reader.wait_event(between.record())
    with reader:
        assert array.tolist() == [1, 1, 1, 1]


def test_parts_of_a_buffer_are_told_apart(streams: Any, array: Any) -> None:
    first, second = streams
    with first:
        array[:2] += 1
    with second:
        array[2:] += 1
        with pytest.raises(MisuseError):
            array[1:] += 1


def test_the_null_stream_and_blocking_streams_wait_for_each_other(module: StandIn, array: Any) -> None:
    blocking, other = module.cuda.Stream(), module.cuda.Stream()
    with blocking:
        array += 1
    with other, pytest.raises(MisuseError):
        array * 2
    array += 1  # on the null stream
    with other:
        assert array.tolist() == [2, 2, 2, 2]


def test_a_freed_block_is_not_reused_too_early(module: StandIn, streams: Any) -> None:
    first, second = streams
    with first:
        array = module.zeros(100)
    second.wait_event(first.record())
    with second:
        array += 1
    del array
    with first, pytest.raises(MisuseError, match=r"writes memory that stream"):
        module.zeros(100)  # in the same block, which the second stream may still use


def test_a_graph_is_ordered_like_other_work(streams: Any, array: Any) -> None:
    first, second = streams
    with first:
        first.begin_capture()
        array += 1
        graph = first.end_capture()
    graph.launch(first)
    with pytest.raises(MisuseError):
        graph.launch(second)
    second.wait_event(first.record())
    graph.launch(second)


def pinned(module: StandIn, size: int) -> np.ndarray:
    return np.frombuffer(module.cuda.alloc_pinned_memory(8 * size), np.float64, size)


def test_page_locked_memory_must_not_change_during_a_copy(module: StandIn, streams: Any, array: Any) -> None:
    host, stream = pinned(module, 4), streams[0]
    host[...] = 1
    array.set(host, stream=stream)
    host[...] = 2
    with pytest.raises(MisuseError, match="changed before its copy"):
        array.set(host, stream=stream)


def test_page_locked_memory_is_free_after_its_event(module: StandIn, streams: Any, array: Any) -> None:
    host, stream = pinned(module, 4), streams[0]
    for value in range(3):
        host[...] = value
        array.set(host, stream=stream)
        stream.record().synchronize()
    assert array.get(stream=stream).tolist() == [2, 2, 2, 2]
    host[...] = 3
    array.set(host, stream=stream)
    host[...] = 4
    with pytest.raises(MisuseError, match="changed before its copy"):
        stream.synchronize()


def test_a_copy_to_page_locked_memory_arrives_when_waited_for(
    module: StandIn, streams: Any, array: Any
) -> None:
    host, stream = pinned(module, 4), streams[0]
    array.get(stream=stream, out=host, blocking=False)
    assert np.isnan(host).all()
    stream.synchronize()
    assert not host.any()
