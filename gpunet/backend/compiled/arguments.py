"""How a kernel finds its arguments: three 64-bit words each, an address and two sizes, or a number in the first.

A kernel is a function of one pointer to those words. The type of that pointer says in which precision it computes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import carray, types
from numba.extending import intrinsic, register_jitable

WORDS = 3  # of an argument


def _load(builder: Any, arguments: Any, index: Any, kind: Any) -> Any:
    return builder.load(builder.gep(builder.bitcast(arguments, kind.as_pointer()), [index]))


@intrinsic
def _integer(typing_context: Any, arguments: Any, index: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return _load(builder, values[0], values[1], ir.IntType(64))

    return types.int64(arguments, types.int64), generate


@intrinsic
def _number(typing_context: Any, arguments: Any, index: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return _load(builder, values[0], values[1], ir.DoubleType())

    return types.float64(arguments, types.int64), generate


@intrinsic
def _pointer(typing_context: Any, arguments: Any, index: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        address = _load(builder, values[0], values[1], ir.IntType(64))
        return builder.inttoptr(address, context.get_value_type(signature.return_type))

    return arguments(arguments, types.int64), generate


@intrinsic
def _pointer_to(typing_context: Any, arguments: Any, index: Any, dtype: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        address = _load(builder, values[0], values[1], ir.IntType(64))
        return builder.inttoptr(address, context.get_value_type(signature.return_type))

    return types.CPointer(dtype.instance_type)(arguments, types.int64, dtype), generate


@register_jitable
def integer(arguments, position):
    """Return a whole number, or the address of an array."""
    return _integer(arguments, WORDS * position)


@register_jitable
def number(arguments, position):
    """Return a number, in double precision."""
    return _number(arguments, WORDS * position)


@register_jitable
def given(arguments, position):
    """Tell whether an array is there; where it isn't, its address is 0."""
    return _integer(arguments, WORDS * position) != 0


@register_jitable
def matrix(arguments, position):
    """Return an array ``(rows, columns)`` in the precision that is computed in."""
    word = WORDS * position
    return carray(_pointer(arguments, word), (_integer(arguments, word + 1), _integer(arguments, word + 2)))


@register_jitable
def _size(arguments, position):
    word = WORDS * position
    return _integer(arguments, word + 1) * _integer(arguments, word + 2)


@register_jitable
def vector(arguments, position):
    """Return an array with all elements in a row."""
    return carray(_pointer(arguments, WORDS * position), (_size(arguments, position),))


@register_jitable
def doubles(arguments, position):
    """Return an array of float64 with all elements in a row."""
    return carray(_pointer_to(arguments, WORDS * position, np.float64), (_size(arguments, position),))


@register_jitable
def integers(arguments, position):
    """Return an array of int64 with all elements in a row."""
    return carray(_pointer_to(arguments, WORDS * position, np.int64), (_size(arguments, position),))


@register_jitable
def octets(arguments, position):
    """Return an array of bytes with all elements in a row."""
    return carray(_pointer_to(arguments, WORDS * position, np.uint8), (_size(arguments, position),))


@register_jitable
def weight_of(arguments, position, row):
    """Return the weight of a row, 1 where there are none, in double precision."""
    return np.float64(vector(arguments, position)[row]) if given(arguments, position) else 1.0
