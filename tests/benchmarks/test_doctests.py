"""The examples of the benchmarks' docstrings, of those modules that need no peer."""

from __future__ import annotations

import doctest
import importlib

import pytest


@pytest.mark.parametrize(
    "name",
    ["devices", "kernel_products", "overhead", "paired", "report", "scaling", "training"],
)
def test_examples(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"benchmarks.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
