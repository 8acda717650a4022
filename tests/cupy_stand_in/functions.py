"""NumPy's functions as functions of the device: what they refuse, where their results live, when they run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .arrays import DeviceArray

if TYPE_CHECKING:
    from .gpu import Gpu


def _names(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


ABSENT = _names(
    "asmatrix block bmat einsum_path frompyfunc geomspace histogram_bin_edges insert matvec nanpercentile "
    "nanquantile polyder polydiv polyint spacing unstack vecdot vecmat"  # CuPy 14.2 has none of these
    " random"  # cuRAND's numbers can't be played
)
REDUCTIONS = _names(  # CUB takes a workspace from the pool, even with ``out``
    "all amax amin any argmax argmin count_nonzero cumprod cumsum max mean min nanmax nanmean nanmin nanprod "
    "nanstd nansum nanvar prod reduce std sum var"
)
CUBLAS = _names("dot einsum inner matmul outer tensordot vdot")
OF_VECTORS = _names("dot inner matmul vdot")  # two vectors are multiplied and summed without cuBLAS
WAITING = _names(  # the size of the result is known only to the device
    "argwhere bincount compress extract flatnonzero histogram nonzero setdiff1d trim_zeros union1d unique"
)
WRITING_METHODS = _names("__setitem__ fill partition put sort")
OVERWRITING = _names("__setitem__ fill")  # without reading what was there
WRITING_FUNCTIONS = _names(
    "at copyto fill_diagonal place put put_along_axis putmask"
)  # to the first argument
ARRAY_RESULT = _names("allclose array_equal array_equiv count_nonzero")  # NumPy returns a number


def on_device(gpu: Gpu, function: Callable[..., Any], owner: DeviceArray | None = None) -> Callable[..., Any]:
    """Return NumPy's function, or a bound method of ``owner``'s host array, as one of the device."""
    name = getattr(function, "__name__", "")

    def run(*arguments: Any, **options: Any) -> Any:
        inputs: list[DeviceArray] = [] if owner is None else [owner]
        host_arguments = [_to_host(value, inputs) for value in arguments]
        written = options.pop("out", None)
        host_options = {key: _to_host(value, inputs) for key, value in options.items()}
        if name in REDUCTIONS:
            _reduce(gpu, name, options)
        if name in CUBLAS and (name not in OF_VECTORS or any(array.ndim > 1 for array in inputs)):
            gpu.current.queue.refuse_library("cuBLAS")
        if name in WAITING or _waits(name, arguments, inputs):
            _wait(gpu)
        outs = _outs(name, owner, arguments, written)
        if outs:
            if written is not None:
                host_out = _to_host(written, [])
                host_options["out"] = (
                    host_out[0] if isinstance(host_out, tuple) and len(host_out) == 1 else host_out
                )
            reads = inputs[1:] if name in OVERWRITING else inputs
            gpu.current.queue.submit(lambda: _call(function, host_arguments, host_options), reads, outs)
            return None if written is None else outs[0] if len(outs) == 1 else written
        return _give(gpu, name, inputs, lambda: _call(function, host_arguments, host_options))

    return run


def _call(function: Callable[..., Any], arguments: list[Any], options: dict[str, Any]) -> Any:
    with np.errstate(all="ignore"):  # a GPU warns of nothing
        return function(*arguments, **options)


def _to_host(value: Any, found: list[DeviceArray]) -> Any:
    """Return what NumPy can compute with; note device arrays, refuse host arrays."""
    if isinstance(value, DeviceArray):
        found.append(value)
        return value._host
    if isinstance(value, np.ndarray):
        raise TypeError(f"Unsupported type {type(value)}")
    if type(value) in (tuple, list):
        return type(value)(_to_host(item, found) for item in value)
    return value


def _outs(
    name: str, owner: DeviceArray | None, arguments: tuple[Any, ...], written: Any
) -> list[DeviceArray]:
    if written is not None:
        return list(written) if isinstance(written, tuple) else [written]
    if owner is None:
        return [arguments[0]] if name in WRITING_FUNCTIONS else []
    if name == "__setitem__" and owner.gpu.ordering is not None:
        part = owner[arguments[0]]
        return [part if np.may_share_memory(part._host, owner._host) else owner]
    return [owner] if name in WRITING_METHODS else []


def _reduce(gpu: Gpu, name: str, options: dict[str, Any]) -> None:
    for option in ("where", "initial"):
        if option in options:
            raise TypeError(f"{name}() got an unexpected keyword argument '{option}'")
    gpu.allocate(1)


def _waits(name: str, arguments: tuple[Any, ...], inputs: list[DeviceArray]) -> bool:
    """Tell whether the size of a result depends on the values of an array."""
    if name == "where":
        return len(arguments) == 1
    if name == "repeat":
        return len(inputs) > 1
    index = arguments[0] if name == "__getitem__" else None
    return any(
        isinstance(part, DeviceArray) and part.dtype == bool
        for part in (index if isinstance(index, tuple) else (index,))
    )


def _wait(gpu: Gpu) -> None:
    """Fetch a size from the device."""
    stream = gpu.current
    if stream.is_capturing():
        raise RuntimeError("the current stream is capturing, so D2H transfers are disallowed")
    gpu.counts.device_to_host += 1
    stream.synchronize()


def _give(gpu: Gpu, name: str, inputs: list[DeviceArray], compute: Callable[[], Any]) -> Any:
    """Return views at once, numbers as they are, and new arrays in memory of their own, written in the stream's order."""
    queue = gpu.current.queue
    result = compute()  # while capturing, this only tells the shapes
    if name in ARRAY_RESULT:
        result = np.asarray(result)
    several = type(result) in (tuple, list)
    parts = list(result) if several else [result]
    if not all(isinstance(part, (np.ndarray, np.generic)) for part in parts):
        return result
    given = [_view(part, inputs) for part in parts]
    fresh = [index for index, view in enumerate(given) if view is None]
    for index in fresh:
        part = np.asarray(parts[index])
        order = "F" if part.flags.fnc else "C"
        given[index] = gpu.array(part.shape, part.dtype, order=order)
    if fresh:
        targets = [given[index]._host for index in fresh]
        now = [parts[index] for index in fresh]

        def write() -> None:
            values = now
            if is_recorded:
                again = compute()
                values = [np.asarray(again[index] if several else again) for index in fresh]
            for target, value in zip(targets, values, strict=True):
                target[...] = value

        is_recorded = queue.capture is not None
        queue.submit(write, inputs, [given[index] for index in fresh])
    return type(result)(given) if several else given[0]


def _view(part: Any, inputs: list[DeviceArray]) -> DeviceArray | None:
    if getattr(part, "base", None) is not None:
        for array in inputs:
            if np.may_share_memory(part, array._host):
                return array._of(part)
    return None
