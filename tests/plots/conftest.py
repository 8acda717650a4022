"""Pictures are drawn into memory, and no figure is left behind."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib
import pytest

matplotlib.use("Agg")
from matplotlib import pyplot


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    pyplot.close("all")
    yield
    pyplot.close("all")
