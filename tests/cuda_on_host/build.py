"""Compilation by g++: the runtime once, each source once, kept in a folder of the user's."""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from .errors import CompileError

HERE = Path(__file__).parent
SOURCES = ("scheduler", "barriers", "warps", "failures", "checker", "memory", "traffic")
# Unique symbols would be one for all modules. A module must find its own functions before those of other libraries.
COMMON = ("-std=c++17", "-fPIC", "-fno-gnu-unique", "-ffp-contract=off", "-w")
LINK = ("-shared", "-Wl,-Bsymbolic")
UNDEFINED = "alignment,bounds-strict,shift,integer-divide-by-zero,signed-integer-overflow"
FAST = ("-O2",)
CHECKED = (
    "-O1",
    "-g1",
    "-gdwarf-4",
    "-fsanitize=thread",
    f"-fsanitize={UNDEFINED}",
    "-fno-sanitize-recover=all",
)
DYNAMIC_SHARED = re.compile(
    r"extern\s+__shared__\s+(?:(?:__align__|alignas)\([^)]*\)\s+)?([\w: ]+?)\s+(\w+)\s*\[\s*\]\s*;"
)


@cache
def compiler() -> tuple[str, str] | None:
    """Return the path and the version of g++, or ``None`` where there is none, or no Linux."""
    path = shutil.which(os.environ.get("CXX", "g++"))
    if path is None or sys.platform != "linux":
        return None
    return path, subprocess.run([path, "-dumpfullversion"], capture_output=True, text=True).stdout.strip()


@cache
def folder() -> Path:
    """Return where libraries are kept: a folder that nobody else can write to."""
    made = Path(tempfile.gettempdir()) / f"cuda-on-host-{os.getuid()}"
    made.mkdir(mode=0o700, exist_ok=True)
    return made if made.stat().st_uid == os.getuid() else Path(tempfile.mkdtemp())


@cache
def runtime() -> ctypes.CDLL:
    """Return the runtime, compiled if need be."""

    def build(scratch: Path, target: Path) -> None:
        _compile("-O2", *LINK, *(str(HERE / f"{name}.cpp") for name in SOURCES), "-ldl", "-o", str(target))

    loaded = ctypes.CDLL(str(_kept([], build)), mode=ctypes.RTLD_GLOBAL)
    loaded.on_host_error.restype = ctypes.c_char_p
    return loaded


def module(code: str, entries: Sequence[str], options: Sequence[str], checked: bool) -> Path:
    """Return the library made of a kernel source and an entry for each kernel; compiled if need be.

    Raises:
        CompileError: g++ refuses it, or there is no g++.
    """
    body = DYNAMIC_SHARED.sub(r"\1* \2 = static_cast<\1*>(on_host_dynamic_shared());", code)
    listed = "\n".join(f"ON_HOST_ENTRY({number}, {entry})" for number, entry in enumerate(entries))
    text = f'#include "entry.h"\n#line 1 "kernel.cu"\n{body}\n#line 1 "the list of kernels"\n{listed}\n'
    flags = [option for option in options if option[:2] in ("-D", "-I")]
    flags += [*(CHECKED if checked else FAST), f"-I{HERE}", f"-I{HERE / 'include'}"]

    def build(scratch: Path, target: Path) -> None:
        source, compiled = scratch / "kernel.cpp", scratch / "kernel.o"
        source.write_text(text, encoding="utf-8")
        _compile(*flags, "-c", str(source), "-o", str(compiled))
        _compile(*LINK, str(compiled), "-o", str(target))  # without -fsanitize, whose libraries aren't wanted

    return _kept([text, *flags], build)


@cache
def _tool() -> str:
    """Return what every library depends on: the compiler, its common options, and the tool's own sources."""
    found = compiler()
    if found is None:
        raise CompileError("no g++ found: install it, or set CXX; it must run on Linux")
    sources = sorted(
        path for path in HERE.rglob("*") if path.suffix in (".h", ".cpp") or path.parent.name == "std"
    )
    return "\0".join([*found, *COMMON, *LINK, *(path.read_text(encoding="utf-8") for path in sources)])


def _kept(depends_on: Sequence[str], build: Callable[[Path, Path], None]) -> Path:
    """Return a library under a name that says all it depends on. Others may be making the same one at this moment."""
    key = hashlib.sha256("\0".join([_tool(), *depends_on]).encode()).hexdigest()[:24]
    library = folder() / f"{key}.so"
    if not library.exists():
        with tempfile.TemporaryDirectory(dir=folder()) as scratch:
            made = Path(scratch) / library.name
            build(Path(scratch), made)
            os.replace(made, library)
    return library


def _compile(*arguments: str) -> None:
    found = compiler()
    assert found is not None  # _tool has seen to it
    done = subprocess.run([found[0], *COMMON, *arguments], capture_output=True, text=True)
    if done.returncode:
        raise CompileError(done.stderr)
