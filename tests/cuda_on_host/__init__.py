"""CUDA kernels on the host: their own source, compiled by g++ and executed thread by thread under a checker.

What is found: accesses outside of every argument, misaligned ones, writes to constant arguments, reads of shared memory that
nobody has written, races between barriers and between blocks, divergent barriers, deadlocks, shuffles that read lanes which
don't take part, signed overflow, array indices and shifts out of range, wrong arguments. What is not: memory of other
arguments reached by a wrong index within views of one buffer, tensor cores, inline PTX, waiting for other blocks,
rounding by fused multiply-add, and everything that concerns speed but the memory traffic, which can be counted.
"""

from .build import CompileError, compiler
from .launch import KernelError, Pointer
from .module import Function, Module, Parameter
from .options import settings
from .traffic import Traffic

__all__ = [
    "CompileError",
    "Function",
    "KernelError",
    "Module",
    "Parameter",
    "Pointer",
    "Traffic",
    "compiler",
    "settings",
]
