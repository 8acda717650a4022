"""Capture as CuPy 14.2 and CUDA have it: the cases of CuPy's own ``test_graph.py``, and what would go wrong silently."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from . import CUDADriverError, CUDARuntimeError, MisuseError


@pytest.fixture(params=[True, False], ids=["non-blocking", "blocking"])
def stream(stand_in: Any, request: pytest.FixtureRequest) -> Any:
    return stand_in.cuda.Stream(non_blocking=request.param)


def test_nothing_runs_before_launch(stand_in: Any, stream: Any) -> None:
    a, total = stand_in.arange(3.0), stand_in.zeros(())
    with stream:
        stream.begin_capture()
        assert stream.is_capturing()
        shifted = a + 3
        b = shifted * 7
        b[0] = -1
        sum_of_b = b.sum()
        total += sum_of_b
        copied = b.copy()
        graph = stream.end_capture()
    assert not stream.is_capturing()
    assert float(total) == 0
    assert np.isnan(b.get()).all()
    graph.upload()
    graph.launch()
    assert b.tolist() == copied.tolist() == [-1, 28, 35]
    assert float(total) == 62
    a += 1
    graph.launch(stream)
    assert b.tolist() == [-1, 35, 42]
    assert float(total) == 138
    assert stand_in.counts.graph_launches == 2


def test_views_are_taken_at_once(stand_in: Any, stream: Any) -> None:
    a = stand_in.zeros((2, 3))
    with stream:
        stream.begin_capture()
        a.reshape(-1)[1:].T[...] = 5
        graph = stream.end_capture()
    assert not a.get().any()
    graph.launch()
    assert a.tolist() == [[0, 5, 5], [5, 5, 5]]


def test_the_null_stream_cannot_capture(stand_in: Any) -> None:
    with pytest.raises(RuntimeError, match=r"cannot capture on the default \(legacy\) stream"):
        stand_in.cuda.Stream.null.begin_capture()


def test_reading_on_the_host_is_refused_but_spoils_nothing(stand_in: Any, stream: Any) -> None:
    a = stand_in.zeros(3)
    with stream:
        stream.begin_capture()
        for read in (
            lambda: a.get(),
            lambda: float(a[0]),
            lambda: bool(a[0] > 0),
            lambda: a[0].item(),
            lambda: stand_in.asnumpy(a),
            lambda: stand_in.nonzero(a),
            lambda: a[a > 0],
        ):
            with pytest.raises(RuntimeError, match="is capturing, so D2H transfers are disallowed"):
                read()
        for write in (lambda: a.set(np.zeros(3)), lambda: stand_in.asarray(np.zeros(3))):
            with pytest.raises(RuntimeError, match="is capturing, so H2D transfers are disallowed"):
                write()
        with pytest.raises(RuntimeError, match="is capturing, so synchronous API calls are disallowed"):
            a.data.copy_from_host(0, 8)
        stream.end_capture()


def test_another_stream_still_copies(stand_in: Any) -> None:
    a, capturing, other = stand_in.zeros(3), *(stand_in.cuda.Stream(non_blocking=True) for _ in range(2))
    with capturing:
        capturing.begin_capture()
        a.set(np.ones(3), stream=other)
        assert a.get(stream=other).tolist() == [1, 1, 1]
        capturing.end_capture()


def test_products_are_refused_but_spoil_nothing(stand_in: Any, stream: Any) -> None:
    a, b, out = stand_in.ones((3, 4)), stand_in.ones((4, 5)), stand_in.zeros((3, 5))
    with stream:
        stream.begin_capture()
        for multiply in (
            lambda: a @ b,
            lambda: a.dot(b),
            lambda: stand_in.matmul(a, b, out=out),
            lambda: stand_in.einsum("ij,jk->ik", a, b),
            lambda: stand_in.tensordot(a, b, 1),
        ):
            with pytest.raises(
                NotImplementedError, match="calling cuBLAS API during stream capture is currently"
            ):
                multiply()
        total = stand_in.dot(a[0], a[0])  # multiplied and summed without cuBLAS
        graph = stream.end_capture()
    graph.launch()
    assert float(total) == 4


def test_allocating_succeeds_silently(stand_in: Any, stream: Any) -> None:
    with stream:
        stream.begin_capture()
        ones = stand_in.ones(3)
        graph = stream.end_capture()
    graph.launch()
    assert ones.tolist() == [1, 1, 1]


def test_a_freed_buffer_is_found(stand_in: Any, stream: Any) -> None:
    a, out = stand_in.ones(3), stand_in.zeros(3)
    with stream:
        stream.begin_capture()
        stand_in.multiply(a, 2.0, out=out)
        graph = stream.end_capture()
    graph.launch()
    del a
    with pytest.raises(MisuseError, match="was freed after the capture"):
        graph.launch()


def test_a_temporary_of_the_capture_is_found(stand_in: Any, stream: Any) -> None:
    a = stand_in.ones(3)
    with stream:
        stream.begin_capture()
        a += a * 2
        graph = stream.end_capture()
    with pytest.raises(MisuseError, match="was freed"):
        graph.launch()


@pytest.mark.parametrize("wait", ["stream", "device", "event"])
def test_waiting_spoils_a_capture(stand_in: Any, stream: Any, wait: str) -> None:
    stream.begin_capture()
    event = stream.record()
    waits, status = {
        "stream": (stream.synchronize, "StreamCaptureUnsupported"),
        "device": (stand_in.cuda.runtime.deviceSynchronize, "StreamCaptureUnsupported"),
        "event": (event.synchronize, "CapturedEvent"),
    }[wait]
    with pytest.raises(CUDARuntimeError, match=f"cudaError{status}"):
        waits()
    check_spoilt(stand_in, stream)


def test_asking_whether_work_is_done_spoils_a_capture_without_a_word(stand_in: Any, stream: Any) -> None:
    for ask in (lambda: stream.done, lambda: stream.record().done):
        stream.begin_capture()
        assert not ask()
        check_spoilt(stand_in, stream)


def check_spoilt(stand_in: Any, stream: Any) -> None:
    with stream, pytest.raises(CUDADriverError, match="CUDA_ERROR_STREAM_CAPTURE_INVALIDATED"):
        stand_in.zeros(3)
    with pytest.raises(RuntimeError, match="an error has invalidated the capture sequence"):
        stream.is_capturing()
    with pytest.raises(CUDARuntimeError, match="cudaErrorStreamCaptureInvalidated"):
        stream.end_capture()
    assert not stream.is_capturing()
    stream.synchronize()


def test_ending_what_was_not_begun(stand_in: Any, stream: Any) -> None:
    with pytest.raises(CUDARuntimeError, match="cudaErrorIllegalState"):
        stream.end_capture()


def test_other_streams_are_drawn_in_by_events(stand_in: Any, stream: Any) -> None:
    other = stand_in.cuda.Stream(non_blocking=True)
    a = stand_in.arange(3.0)
    with stream:
        stream.begin_capture()
        first = a * 100
        other.wait_event(stream.record())
        with other:
            second = first + 1
        stream.wait_event(other.record())
        graph = stream.end_capture()
    assert not other.is_capturing()
    graph.launch()
    assert second.tolist() == [1, 101, 201]


def test_a_branch_must_be_joined(stand_in: Any, stream: Any) -> None:
    other = stand_in.cuda.Stream(non_blocking=True)
    with stream:
        stream.begin_capture()
        other.wait_event(stream.record())
        with other:
            stand_in.zeros(3)
        with pytest.raises(CUDARuntimeError, match="cudaErrorStreamCaptureUnjoined"):
            stream.end_capture()
    assert not stream.is_capturing()
    assert not other.is_capturing()


def test_a_branch_cannot_end_the_capture(stand_in: Any, stream: Any) -> None:
    other = stand_in.cuda.Stream(non_blocking=True)
    stream.begin_capture()
    other.wait_event(stream.record())
    with pytest.raises(CUDARuntimeError, match="cudaErrorStreamCaptureUnmatched"):
        other.end_capture()
    with pytest.raises(CUDARuntimeError, match="cudaErrorStreamCaptureInvalidated"):
        stream.end_capture()
    assert not other.is_capturing()


def test_an_event_from_outside_spoils_a_capture(stand_in: Any, stream: Any) -> None:
    event = stand_in.cuda.Stream(non_blocking=True).record()
    stream.begin_capture()
    with pytest.raises(CUDARuntimeError, match="cudaErrorStreamCaptureIsolation"):
        stream.wait_event(event)
    with pytest.raises(CUDARuntimeError, match="cudaErrorStreamCaptureInvalidated"):
        stream.end_capture()


def test_two_captures_cannot_merge(stand_in: Any) -> None:
    first, second = stand_in.cuda.Stream(non_blocking=True), stand_in.cuda.Stream(non_blocking=True)
    first.begin_capture()
    second.begin_capture()
    with pytest.raises(CUDARuntimeError, match="cudaErrorStreamCaptureMerge"):
        second.wait_event(first.record())
    for stream in (first, second):
        with pytest.raises(CUDARuntimeError, match="cudaErrorStreamCaptureInvalidated"):
            stream.end_capture()


def test_the_legacy_stream_and_a_capturing_blocking_stream_exclude_each_other(stand_in: Any) -> None:
    a, stream, null = stand_in.zeros(3), stand_in.cuda.Stream(), stand_in.cuda.Stream.null
    stream.begin_capture()
    with pytest.raises(CUDARuntimeError, match="cudaErrorStreamCaptureImplicit"):
        null.is_capturing()
    assert stream.is_capturing()  # to ask was allowed
    with pytest.raises(CUDADriverError, match="CUDA_ERROR_STREAM_CAPTURE_IMPLICIT"):
        a += 1
    with pytest.raises(CUDARuntimeError, match="cudaErrorStreamCaptureInvalidated"):
        stream.end_capture()
    a += 1
    assert a.tolist() == [1, 1, 1]


def test_the_legacy_stream_works_beside_a_capturing_non_blocking_stream(stand_in: Any) -> None:
    a, stream = stand_in.zeros(3), stand_in.cuda.Stream(non_blocking=True)
    stream.begin_capture()
    assert not stand_in.cuda.Stream.null.is_capturing()
    a += 1
    assert a.tolist() == [1, 1, 1]
    stream.end_capture()


def test_a_graph_can_be_captured(stand_in: Any, stream: Any) -> None:
    a, other = stand_in.zeros(3), stand_in.cuda.Stream(non_blocking=True)
    with stream:
        stream.begin_capture()
        a += 1
        inner = stream.end_capture()
    other.begin_capture()
    inner.launch(other)
    inner.launch(other)
    outer = other.end_capture()
    assert not a.get().any()
    outer.launch()
    assert a.tolist() == [2, 2, 2]


def test_host_functions_run_at_each_launch(stand_in: Any, stream: Any) -> None:
    called: list[int] = []
    stream.begin_capture()
    stream.launch_host_func(called.append, 1)
    graph = stream.end_capture()
    assert called == []
    graph.launch()
    graph.launch()
    assert called == [1, 1]


def test_graphs_come_from_captures_only(stand_in: Any) -> None:
    with pytest.raises(NotImplementedError, match="must be created via stream capture"):
        stand_in.cuda.Graph()
