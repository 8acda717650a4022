"""Every example in a docstring runs and prints what it says."""

from __future__ import annotations

import copy
import doctest
import importlib
import pkgutil
import sys
from collections.abc import Iterator

import pytest

import gpunet
from gpunet.registry import Registry

MODULES = [
    module.name
    for module in pkgutil.walk_packages(gpunet.__path__, "gpunet.")
    if not module.name.endswith(".__main__")
]


@pytest.fixture(autouse=True)
def _registries_as_they_were() -> Iterator[None]:
    """An example may register a class; other tests of this process mustn't meet it."""
    modules = [module for name, module in sys.modules.items() if name.partition(".")[0] == "gpunet"]
    registries = [found for module in modules for found in vars(module).values() if type(found) is Registry]
    kept = [{name: copy.copy(value) for name, value in vars(registry).items()} for registry in registries]
    yield
    for registry, state in zip(registries, kept, strict=True):
        vars(registry).update(state)


@pytest.mark.parametrize("name", ["gpunet", *MODULES])
def test_examples(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
