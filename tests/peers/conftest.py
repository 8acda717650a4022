"""``pytest -m peers``: Keras' own unit tests, unmodified, against gpunet.

The wheel of Keras is downloaded with pip (once: pytest's cache keeps it), its test files are imported with stand-ins
for Keras' modules (``stand_in/``), and each test becomes a result of its own. ``keras_tests.py`` lists the files and
what is left out of them, with the reason; a test listed there must fail. Nothing of Keras itself is imported.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "requires_trainable_backend: Keras' own; every backend here trains")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the tests only where they are asked for: it takes the network."""
    if file_path.name != "keras_tests.py" or parent.config.getoption("markexpr") != "peers":
        return None
    from .collector import KerasSuite

    return KerasSuite.from_parent(parent, path=file_path)


@pytest.fixture(autouse=True)
def _as_keras(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a test find the stand-ins and the attributes it looks at, and draw the same data each time."""
    from .stand_in import ATTRIBUTES, installed

    for kind, name, attribute in ATTRIBUTES:
        monkeypatch.setattr(kind, name, attribute, raising=False)
    np.random.seed(1337)
    with installed():
        yield
