"""Streams and events."""

from __future__ import annotations

import threading
from typing import Any

import pytest


def test_the_current_stream_is_the_innermost(stand_in: Any) -> None:
    cuda = stand_in.cuda
    first, second = cuda.Stream(), cuda.Stream(non_blocking=True)
    assert cuda.get_current_stream() == cuda.Stream.null == cuda.Stream(null=True)
    with first:
        with second:
            assert cuda.get_current_stream() is second
        assert cuda.get_current_stream() is first
    assert cuda.get_current_stream().ptr == 0
    assert (first.is_non_blocking, second.is_non_blocking) == (False, True)
    assert first != second


def test_each_thread_has_a_current_stream(stand_in: Any) -> None:
    seen = []
    with stand_in.cuda.Stream():
        thread = threading.Thread(target=lambda: seen.append(stand_in.cuda.get_current_stream().ptr))
        thread.start()
        thread.join()
    assert seen == [0]


def test_waiting_is_counted(stand_in: Any) -> None:
    cuda = stand_in.cuda
    stream, event = cuda.Stream(), cuda.Event(disable_timing=True)
    event.record(stream)
    stream.wait_event(event)
    assert stream.record().done
    assert stream.done
    assert stand_in.counts.synchronisations == stand_in.counts.event_waits == 0
    event.synchronize()
    assert stand_in.counts.event_waits == 1
    stream.synchronize()
    cuda.Device().synchronize()
    cuda.runtime.deviceSynchronize()
    assert stand_in.counts.synchronisations == 3


def test_the_device_is_described(stand_in: Any) -> None:
    runtime = stand_in.cuda.runtime
    assert stand_in.cuda.Device().compute_capability == "90"
    properties = runtime.getDeviceProperties(0)
    assert (properties["major"], properties["minor"], properties["multiProcessorCount"]) == (9, 0, 132)
    assert runtime.deviceGetAttribute(runtime.cudaDevAttrMultiProcessorCount, 0) == 132
    assert runtime.getDeviceCount() == 1


def test_an_event_between_processes_has_no_time(stand_in: Any) -> None:
    with pytest.raises(ValueError, match="Timing must be disabled"):
        stand_in.cuda.Event(interprocess=True)
