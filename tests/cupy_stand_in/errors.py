"""What CuPy raises when CUDA refuses, and what the stand-in raises where CUDA would say nothing."""

from __future__ import annotations

_ERRORS = {
    1: ("InvalidValue", "invalid argument"),
    2: ("MemoryAllocation", "out of memory"),
    400: ("InvalidResourceHandle", "invalid resource handle"),
    401: ("IllegalState", "the operation cannot be performed in the present state"),
    500: ("NotFound", "named symbol not found"),
    701: ("LaunchOutOfResources", "too many resources requested for launch"),
    900: ("StreamCaptureUnsupported", "operation not permitted when stream is capturing"),
    901: ("StreamCaptureInvalidated", "operation failed due to a previous error during capture"),
    902: ("StreamCaptureMerge", "operation would result in a merge of separate capture sequences"),
    903: ("StreamCaptureUnmatched", "capture was not ended in the same stream as it began"),
    904: ("StreamCaptureUnjoined", "capturing stream has unjoined work"),
    905: ("StreamCaptureIsolation", "dependency created on uncaptured work in another stream"),
    906: (
        "StreamCaptureImplicit",
        "operation would make the legacy stream depend on a capturing blocking stream",
    ),
    907: ("CapturedEvent", "operation not permitted on an event last recorded in a capturing stream"),
}
INVALID_VALUE, OUT_OF_MEMORY, INVALID_HANDLE, ILLEGAL_STATE, NOT_FOUND, OUT_OF_RESOURCES = list(_ERRORS)[:6]
UNSUPPORTED, INVALIDATED, MERGE, UNMATCHED, UNJOINED, ISOLATION, IMPLICIT, CAPTURED_EVENT = list(_ERRORS)[6:]


class CUDARuntimeError(RuntimeError):
    """``cupy.cuda.runtime.CUDARuntimeError``: a call of the runtime failed."""

    def __init__(self, status: int) -> None:
        self.status = status
        name, text = _ERRORS[status]
        super().__init__(f"cudaError{name}: {text}")


class CUDADriverError(RuntimeError):
    """``cupy.cuda.driver.CUDADriverError``: a call of the driver failed; kernels are launched by the driver."""

    def __init__(self, status: int) -> None:
        self.status = status
        name, text = _ERRORS[status]
        words = "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in name)
        super().__init__(f"CUDA_ERROR{words}: {text}")


class MisuseError(AssertionError):
    """Something that a GPU would do without a word, with wrong numbers or a broken process as the result."""
