"""CUDA kernels on the host: their own source, compiled by g++ and executed thread by thread under a checker.

What is found, with file and line: accesses outside of every argument, misaligned ones, writes to constant arguments, reads
of shared memory that the block hasn't written, races between barriers and between blocks, divergent barriers, deadlocks,
shuffles from lanes that don't take part, array indices and shifts out of range, signed overflow, wrong arguments.

What is not: reads of global memory that nobody wrote; a wrong index that stays within its array, or leads through a pointer
from one shared array into another that has been written; ``memcpy``; ``__syncwarp`` of some lanes counts as one of all;
sparse arguments that overlap are one. The host rounds after every operation, keeps denormal numbers and has mathematics
of its own. Kernels that wait for other blocks don't end. Tensor cores, inline PTX and time don't exist here.
"""

from .arguments import Parameter, Pointer
from .build import compiler
from .errors import CompileError, KernelError
from .module import Function, Module
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
