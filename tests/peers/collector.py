"""Keras' test files as pytest collects them: each Keras test is a result of its own."""

from __future__ import annotations

import importlib.util
import unittest
from collections.abc import Iterator
from fnmatch import fnmatchcase
from types import ModuleType

import pytest

from .keras_tests import LEFT_OUT
from .stand_in import installed
from .wheel import fetch, unpack


class KerasSuite(pytest.File):
    """All of Keras' test files that ``LEFT_OUT`` names."""

    def collect(self) -> Iterator[KerasModule]:
        assert self.config.cache is not None
        folder = self.config.cache.mkdir("keras")
        try:
            paths = unpack(fetch(folder), LEFT_OUT, folder)
        except RuntimeError as error:
            raise self.CollectError(str(error)) from error
        for name, path in paths.items():
            yield KerasModule.from_parent(self, path=path, name=name, nodeid=f"{self.nodeid}::{name}")


class KerasModule(pytest.Module):
    """One of Keras' test files, imported with gpunet in Keras' place."""

    def _getobj(self) -> ModuleType:
        self.add_marker("peers")
        # Reference formulas in the tests themselves overflow; gpunet's own warnings stay errors.
        self.add_marker(pytest.mark.filterwarnings("ignore:::peers"))
        spec = importlib.util.spec_from_file_location(f"peers.{self.path.stem}", self.path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        with installed():
            spec.loader.exec_module(module)
        expect_failures(module, LEFT_OUT[self.name])
        return module


def expect_failures(module: ModuleType, left_out: dict[str, list[str]]) -> None:
    """Mark the tests that are left out: each must fail, so that the list stays true.

    Args:
        module: The test file.
        left_out: Reason → patterns of ``Class.test``.

    Raises:
        LookupError: A pattern matches no test.
    """
    tests = {
        f"{case.__name__}.{test}": getattr(case, test)
        for case in vars(module).values()
        if isinstance(case, type) and issubclass(case, unittest.TestCase)
        for test in unittest.TestLoader().getTestCaseNames(case)
    }
    for test in tests.values():  # Keras skips by the name of its backend; here the list alone decides
        test.pytestmark = [mark for mark in getattr(test, "pytestmark", []) if mark.name != "skipif"]
    for reason, patterns in left_out.items():
        for pattern in patterns:
            matching = [test for name, test in tests.items() if fnmatchcase(name, pattern)]
            if not matching:
                raise LookupError(f'{module.__name__}: no test matches "{pattern}", listed as: {reason}')
            for test in matching:
                pytest.mark.xfail(reason=reason, strict=True)(test)
