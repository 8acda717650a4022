"""Compiling with NVRTC: the machine code is thrown away, what ptxas says about it is kept."""

from __future__ import annotations

import ctypes
import getpass
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Sequence
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from typing import NamedTuple

from nvrtc.wheels import find_toolkit

# What CuPy 14.2 compiles a RawModule of C++17 with (cupy/cuda/compiler.py), and the report of ptxas.
OPTIONS = ("-std=c++17", "-ftz=true", "--device-as-default-execution-space", "--ptxas-options=-v")

_FUNCTION = re.compile(r"Function properties for (\S+)")
_ENTRY = re.compile(r"Compiling entry function '(\S+)'")
_STACK = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")
_REGISTERS = re.compile(r"Used (\d+) registers")
_SHARED = re.compile(r"(\d+) bytes smem")


class CompileError(Exception):
    """NVRTC refused a source; the message is its log."""


class Resources(NamedTuple):
    """What one kernel instance, or one function that it calls, takes.

    Attributes:
        registers: Registers of a thread; 0 for a function that is not a kernel.
        shared: Bytes of static shared memory of a block.
        stack: Bytes of local memory of a thread.
        spills: Bytes of registers stored to local memory and loaded from it.
    """

    registers: int = 0
    shared: int = 0
    stack: int = 0
    spills: int = 0


# What is under way for each file and architecture.
Compiled = dict[tuple[str, int], Future[dict[str, Resources]]]


def compile_instances(source: str, instances: Sequence[str], architecture: int) -> dict[str, Resources]:
    """Compile instances of the kernels of a source, or recall what came of it.

    Args:
        source: CUDA C++ without headers of our own.
        instances: Their C++ names: ``"activate<float, ReLU>"``.
        architecture: The compute capability: 90 for 9.0.

    Returns:
        The resources of each instance by its C++ name, and of called functions by their mangled names.

    Raises:
        CompileError: NVRTC refuses the source.
    """
    toolkit = find_toolkit()
    options = [*OPTIONS, f"-arch=sm_{architecture}", *(f"-I{folder}" for folder in toolkit.includes)]
    inputs = source, list(instances), options, _version(), toolkit.library.stat().st_mtime_ns
    key = hashlib.sha256(json.dumps(inputs).encode()).hexdigest()
    stored = Path(tempfile.gettempdir()) / f"gpunet-nvrtc-{getpass.getuser()}" / f"{key}.json"
    if stored.is_file():
        found = json.loads(stored.read_text(encoding="utf-8"))
        return {name: Resources(*values) for name, values in found.items()}
    resources = _compile(source, instances, options)
    stored.parent.mkdir(exist_ok=True)
    partial = stored.with_suffix(f".{os.getpid()}")
    partial.write_text(json.dumps(resources), encoding="utf-8")
    partial.replace(stored)  # another process never sees half a file
    return resources


def read_log(log: str) -> dict[str, Resources]:
    """Return what ptxas says about each function, by its mangled name."""
    found: dict[str, Resources] = {}
    entry = function = ""
    for line in log.splitlines():
        if match := _ENTRY.search(line):
            entry = match[1]
        elif match := _FUNCTION.search(line):
            function = match[1]
        elif match := _STACK.search(line):
            stack, stores, loads = map(int, match.groups())
            found[function] = Resources(stack=stack, spills=stores + loads)
        elif match := _REGISTERS.search(line):
            shared = _SHARED.search(line)
            found[entry] = found[entry]._replace(
                registers=int(match[1]), shared=int(shared[1]) if shared else 0
            )
    return found


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(str(find_toolkit().library))


def _version() -> list[int]:
    major, minor = ctypes.c_int(), ctypes.c_int()
    _library().nvrtcVersion(ctypes.byref(major), ctypes.byref(minor))
    return [major.value, minor.value]


def _compile(source: str, instances: Sequence[str], options: Sequence[str]) -> dict[str, Resources]:
    library, program = _library(), ctypes.c_void_p()
    _check(library.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"kernels.cu", 0, None, None))
    try:
        for name in instances:
            _check(library.nvrtcAddNameExpression(program, name.encode()))
        listed = (ctypes.c_char_p * len(options))(*(option.encode() for option in options))
        status = library.nvrtcCompileProgram(program, len(options), listed)
        size = ctypes.c_size_t()
        _check(library.nvrtcGetProgramLogSize(program, ctypes.byref(size)))
        log = ctypes.create_string_buffer(size.value)
        _check(library.nvrtcGetProgramLog(program, log))
        text = log.value.decode()
        if status:
            raise CompileError(text)
        mangled = {name: _lowered(program, name) for name in instances}
    finally:
        library.nvrtcDestroyProgram(ctypes.byref(program))
    found = read_log(text)
    named = {name: found.pop(function) for name, function in mangled.items()}
    return named | found


def _lowered(program: ctypes.c_void_p, name: str) -> str:
    lowered = ctypes.c_char_p()
    _check(_library().nvrtcGetLoweredName(program, name.encode(), ctypes.byref(lowered)))
    assert lowered.value is not None
    return lowered.value.decode()


def _check(status: int) -> None:
    if status:
        _library().nvrtcGetErrorString.restype = ctypes.c_char_p
        raise RuntimeError(f"NVRTC: {_library().nvrtcGetErrorString(status).decode()}")
