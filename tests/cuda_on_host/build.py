"""Compilation by g++: the runtime once, each kernel source once, kept in a folder of the user's."""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
RUNTIME = ("scheduler.cpp", "checker.cpp", "traffic.cpp")
COMMON = (
    "-std=c++17",
    "-fPIC",
    "-fno-gnu-unique",
    "-ffp-contract=off",
    "-w",
)  # unique symbols would be shared by modules
UNDEFINED = "alignment,bounds,shift,integer-divide-by-zero,signed-integer-overflow"
FAST = ("-O2",)
CHECKED = ("-O1", "-gdwarf-4", "-fsanitize=thread", f"-fsanitize={UNDEFINED}", "-fno-sanitize-recover=all")
DYNAMIC_SHARED = re.compile(
    r"extern\s+__shared__\s+(?:(?:__align__|alignas)\([^)]*\)\s+)?([\w: ]+?)\s+(\w+)\s*\[\s*\]\s*;"
)


class CompileError(RuntimeError):
    """g++ refused a source, or there is no g++."""


@cache
def compiler() -> tuple[str, str] | None:
    """Return the path and the version of g++; ``None`` without it, or where modules aren't as on Linux."""
    if sys.platform != "linux":
        return None
    path = shutil.which(os.environ.get("CXX", "g++"))
    if path is None:
        return None
    return path, subprocess.run([path, "-dumpfullversion"], capture_output=True, text=True).stdout.strip()


@cache
def folder() -> Path:
    """Return where compiled things are kept."""
    made = Path(tempfile.gettempdir()) / f"gpunet-cuda-on-host-{os.getuid()}"
    made.mkdir(mode=0o700, exist_ok=True)
    return made


@cache
def runtime() -> ctypes.CDLL:
    """Return the runtime, compiled if need be."""
    sources = [HERE / name for name in RUNTIME]
    library = _compiled(
        "".join(map(str, sources)), [*sources], ["-O2", "-shared", "-Wl,-soname,on_host_runtime.so"]
    )
    loaded = ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
    loaded.on_host_error.restype = ctypes.c_char_p
    return loaded


def module(code: str, entries: Sequence[str], options: Sequence[str], checked: bool) -> Path:
    """Return the library made of a kernel source and an entry for each kernel; compiled if need be.

    Raises:
        CompileError: g++ refuses it.
    """
    runtime()
    body = DYNAMIC_SHARED.sub(r"\1* \2 = static_cast<\1*>(on_host_dynamic_shared());", code)
    listed = "\n".join(f"ON_HOST_ENTRY({number}, {entry})" for number, entry in enumerate(entries))
    text = f'#include "cuda_on_host.h"\n#line 1 "kernel.cu"\n{body}\n{listed}\n'
    flags = [option for option in options if option[:2] in ("-D", "-I")]
    flags += [*(CHECKED if checked else FAST), f"-I{HERE}", f"-I{HERE / 'include'}"]
    return _compiled(text, [], flags)


@cache
def _tool() -> str:
    """Return what all compilations depend on: the compiler and the tool's own sources."""
    found = compiler()
    if found is None:
        raise CompileError("no g++ found (on Linux): install it, or set CXX")
    files = sorted(path for path in HERE.rglob("*") if path.suffix in (".h", ".cpp", "") and path.is_file())
    return "".join([*found, *(path.read_text() for path in files)])


def _compiled(text: str, sources: Sequence[Path], flags: Sequence[str]) -> Path:
    """Return the library of a text (or of source files); written to a name that says all it depends on."""
    key = hashlib.sha256("\0".join([_tool(), text, *COMMON, *flags]).encode()).hexdigest()[:24]
    library = folder() / f"{key}.so"
    if library.exists():
        return library
    found = compiler()
    assert found is not None
    with tempfile.TemporaryDirectory(dir=folder()) as name:
        scratch = Path(name)
        if not sources:
            sources = [scratch / "module.cpp"]
            sources[0].write_text(text)
        objects = []
        for source in sources:  # the hooks are ours: -fsanitize must not reach the linker
            objects.append(str(scratch / f"{source.stem}.o"))
            compile_flags = [flag for flag in flags if not flag.startswith(("-shared", "-Wl"))]
            _run([found[0], *COMMON, *compile_flags, "-c", str(source), "-o", objects[-1]])
        _run([found[0], "-shared", *objects, "-o", str(scratch / "module.so")])
        os.replace(scratch / "module.so", library)
    return library


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise CompileError(done.stderr)
