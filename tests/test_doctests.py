"""Every example in a docstring runs and prints what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import gpunet

MODULES = [
    module.name
    for module in pkgutil.walk_packages(gpunet.__path__, "gpunet.")
    if not module.name.endswith(".__main__")
]


@pytest.mark.parametrize("name", ["gpunet", *MODULES])
def test_examples(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
