"""The functions that create, describe and destroy the library's objects."""

from __future__ import annotations

import ctypes
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from ctypes import c_int, c_int64, c_size_t, c_uint64, c_void_p
from typing import Any

from . import attributes as of
from .attributes import Kind, LibraryObject

SUCCESS, NOT_INITIALIZED, INVALID_VALUE, INTERNAL_ERROR, NOT_SUPPORTED = 0, 1, 7, 14, 15


class Objects:
    """The part of the library that needs no GPU.

    Attributes:
        calls: How often each function was called.
        objects: What is alive, by its address.
    """

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.objects: dict[int, LibraryObject] = {}
        self._created = 0
        creations: dict[Kind, tuple[tuple[int, ...], tuple[Any, ...]]] = {
            Kind.HANDLE: ((), ()),
            Kind.DESCRIPTOR: ((of.COMPUTE_TYPE, of.SCALE_TYPE), (c_int, c_int)),
            Kind.LAYOUT: ((of.TYPE, of.ROWS, of.COLS, of.LD), (c_int, c_uint64, c_uint64, c_int64)),
            Kind.PREFERENCE: ((), ()),
        }
        for kind, (attributes, types) in creations.items():
            self.define(f"{kind.value}Create", self._creator(kind, attributes), c_void_p, *types)
            self.define(f"{kind.value}Destroy", self._destroyer(kind), c_void_p)
            if kind is not Kind.HANDLE:
                types = c_void_p, c_int, c_void_p, c_size_t
                self.define(f"{kind.value}SetAttribute", self._setter(kind), *types)
                self.define(f"{kind.value}GetAttribute", self._getter(kind), *types, c_void_p)

    def define(self, name: str, function: Callable[..., int], *types: Any) -> None:
        """Add a function with its C prototype; it returns a status."""

        def called(*arguments: Any) -> int:
            self.calls[name] += 1
            try:
                return function(*arguments)
            except Exception:  # it can't pass through C
                traceback.print_exc(file=sys.stderr)
                return INTERNAL_ERROR

        setattr(self, name, ctypes.CFUNCTYPE(c_int, *types)(called))

    def find(self, address: int | None, kind: Kind) -> LibraryObject | None:
        """Return an object that is alive and of that kind."""
        found = self.objects.get(address or 0)
        return found if found is not None and found.kind is kind else None

    def _creator(self, kind: Kind, attributes: tuple[int, ...]) -> Callable[..., int]:
        def create(target: int, *values: int) -> int:
            made = LibraryObject(kind)
            for attribute, value in zip(attributes, values, strict=True):
                made.bytes[attribute] = value.to_bytes(len(made.bytes[attribute]), "little", signed=value < 0)
            self._created += 1
            address = 64 * self._created
            self.objects[address] = made
            c_void_p.from_address(target).value = address
            return SUCCESS

        return create

    def _destroyer(self, kind: Kind) -> Callable[[int], int]:
        def destroy(address: int) -> int:
            if self.find(address, kind) is None:
                return INVALID_VALUE
            del self.objects[address]
            return SUCCESS

        return destroy

    def _setter(self, kind: Kind) -> Callable[..., int]:
        def set_attribute(address: int, attribute: int, value: int | None, size: int) -> int:
            found = self.find(address, kind)
            if found is None or not value or size != len(found.bytes.get(attribute, b"")):
                return INVALID_VALUE
            found.bytes[attribute] = ctypes.string_at(value, size)
            return SUCCESS

        return set_attribute

    def _getter(self, kind: Kind) -> Callable[..., int]:
        def get_attribute(
            address: int, attribute: int, value: int | None, size: int, written: int | None
        ) -> int:
            found = self.find(address, kind)
            stored = found.bytes.get(attribute) if found else None
            if stored is None or (size and (not value or size != len(stored))) or not (size or written):
                return INVALID_VALUE
            if value and size:
                ctypes.memmove(value, stored, size)
            if written:
                c_size_t.from_address(written).value = len(stored)
            return SUCCESS

        return get_attribute
