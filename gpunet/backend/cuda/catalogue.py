"""The catalogue: which kernels there are, read from their sources, so that no list of them is kept anywhere else.

A kernel stands in ``kernels/*.cu`` as ``template <…> __global__ void __launch_bounds__(N) name(parameters) {``, with the
comment lines ``// Bytes: …`` (the least traffic) and ``// Instances: NAME = 1, 2`` (the values of an ``int`` template
parameter) above it. A template parameter ``class Activation`` ranges over the structs of ``activations.cuh``.

Some kernels have ``__launch_bounds__(N, 2)``: two blocks at once are enough for them; to make room for more, the compiler
would spill a few bytes of registers.
"""

from __future__ import annotations

import itertools
import re
from functools import cache
from typing import NamedTuple

from ..sources import kernel_folder

STORAGE = {"float32": "float", "float64": "double", "float16": "__half", "uint16": "__nv_bfloat16"}

_KERNEL = re.compile(
    r"(?P<notes>(?:^//[^\n]*\n)*)"
    r"(?:^template\s*<(?P<template>(?:(?!__global__|[;{]).)*?)>\s*)?"
    r"^__global__\s+void\s+__launch_bounds__\((?P<block>\d+)(?:, \d+)?\)\s+(?P<name>\w+)\s*\((?P<parameters>[^)]*)\)\s*\{",
    re.MULTILINE | re.DOTALL,
)
_FUNCTOR = re.compile(r"^template <typename Real>\s+struct (\w+)", re.MULTILINE)
_INCLUDE = re.compile(r'^#include "(\w+\.cuh)"\n', re.MULTILINE)
_NOTE = re.compile(r"^// (Bytes|Instances): (.*)$", re.MULTILINE)


class Parameter(NamedTuple):
    """A parameter of a kernel: ``Parameter("const Storage*", "x")``."""

    type: str
    name: str

    @property
    def is_pointer(self) -> bool:
        """Whether an array is wanted."""
        return self.type.endswith("*")


class Kernel(NamedTuple):
    """What a kernel's source says about it.

    Attributes:
        file: ``"activate.cu"``.
        name: The name of the function.
        template: The kind and the name of each template parameter: ``("typename", "Storage")``.
        values: The values of the template parameters that are numbers.
        block: The threads of a block.
        parameters: What it is launched with.
        bytes: The least global-memory traffic, a Python expression over the names of the parameters.
    """

    file: str
    name: str
    template: tuple[tuple[str, str], ...]
    values: dict[str, tuple[int, ...]]
    block: int
    parameters: tuple[Parameter, ...]
    bytes: str

    def expression(self, arguments: tuple[str, ...]) -> str:
        """Return the C++ name of one instance: ``activate<float, ReLU>``."""
        return f"{self.name}<{', '.join(arguments)}>" if arguments else self.name

    def instances(self) -> list[str]:
        """Return the C++ names of all instances."""
        choices = [self._choices(kind, name) for kind, name in self.template]
        return [self.expression(arguments) for arguments in itertools.product(*choices)]

    def _choices(self, kind: str, name: str) -> tuple[str, ...]:
        if kind == "typename":
            return tuple(STORAGE.values())
        if kind == "class":
            return functors(name)
        if kind == "bool":
            return "false", "true"
        return tuple(map(str, self.values[name]))


@cache
def kernels() -> dict[str, Kernel]:
    """Return every kernel by its name."""
    found = [kernel for file in files() for kernel in _parse(file, _read(file))]
    return {kernel.name: kernel for kernel in found}


def files() -> list[str]:
    """Return the names of the files with kernels."""
    return sorted(path.name for path in kernel_folder().glob("*.cu"))


@cache
def functors(kind: str) -> tuple[str, ...]:
    """Return the structs that a template parameter ``class Kind`` ranges over."""
    stem = kind.lower()
    return tuple(_FUNCTOR.findall(_read(f"{stem}{'es' if stem.endswith('s') else 's'}.cuh")))


@cache
def source(file: str) -> str:
    """Return the text of a file with its headers pasted in: what is compiled, and what a cache can see all of."""
    pasted: set[str] = set()

    def paste(name: str) -> str:
        pasted.add(name)
        text = _read(name).replace("#pragma once\n", "\n")
        parts, line, end = [f'#line 1 "{name}"\n'], 1, 0
        for include in _INCLUDE.finditer(text):
            parts.append(text[end : include.start()])
            line += text[end : include.end()].count("\n")
            end = include.end()
            if include[1] not in pasted:
                parts.append(paste(include[1]))
            parts.append(f'#line {line} "{name}"\n')
        return "".join(parts) + text[end:]

    return paste(file)


def _read(name: str) -> str:
    return (kernel_folder() / name).read_text(encoding="utf-8")


def _parse(file: str, text: str) -> list[Kernel]:
    found = []
    for match in _KERNEL.finditer(text):
        notes = dict(_NOTE.findall(match["notes"]))
        values = {}
        for choice in filter(None, notes.get("Instances", "").split(";")):
            name, _, listed = choice.partition("=")
            values[name.strip()] = tuple(map(int, listed.split(",")))
        template = tuple(_template_parameter(part) for part in _split(match["template"] or ""))
        parameters = tuple(_parameter(part) for part in _split(match["parameters"]))
        found.append(
            Kernel(
                file, match["name"], template, values, int(match["block"]), parameters, notes.get("Bytes", "")
            )
        )
    if len(found) != text.count("__global__"):
        raise ValueError(
            f"{file}: expected every kernel as `template <…> __global__ void __launch_bounds__(N) name(…) {{`, "
            f"read {len(found)} of {text.count('__global__')}."
        )
    return found


def _split(listed: str) -> list[str]:
    """Split at the commas: none of these lists has one inside angle brackets but ``template <typename>``."""
    return [" ".join(part.split()) for part in listed.split(",") if part.strip()]


def _template_parameter(text: str) -> tuple[str, str]:
    kind, _, name = text.rpartition(" ")
    return kind.rpartition(" ")[2], name


def _parameter(text: str) -> Parameter:
    kind, name = re.fullmatch(r"(.*[\s*])(\w+)", text).groups()  # type: ignore[union-attr]
    return Parameter(kind.replace(" *", "*").strip(), name)
