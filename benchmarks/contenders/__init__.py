"""Contenders: the frameworks that train the same network, one file each, in the fastest form their users know.

Each has a class with this protocol::

    Contender(workload, x, y, weights, option)  # raises UnavailableError where it can't run
    reset()                                     # back to the initial weights, as if never trained
    fit(epochs, shuffle)                        # trains on; returns the mean loss of each epoch, as floats
    predict(x)                                  # the class of each row
    device                                      # where it computes: "cpu" or "gpu"
    epsilon_corrected                           # whether Adam's epsilon is added after the bias correction

Without shuffling the batches are the same for all; with it everyone shuffles as its users do.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple


class UnavailableError(Exception):
    """A contender can't run here; the message says why."""


class Entry(NamedTuple):
    """Where a contender is found: the packages it needs, its file, its class, and what tells it from its like."""

    packages: tuple[str, ...]  # its own first
    file: str
    kind: str
    option: str = ""
    only: str = ""  # the one workload it can run

    @property
    def lacks(self) -> list[str]:
        """The packages that aren't there; nothing is imported."""
        return [package for package in self.packages if find_spec(package) is None]

    def load(self) -> Any:
        """Import it and return its class."""
        return getattr(import_module(f".{self.file}", __name__), self.kind)


CONTENDERS = {
    "gpunet-numpy": Entry(("gpunet",), "gpunet_fit", "Gpunet", "numpy"),
    "gpunet-compiled": Entry(("gpunet",), "gpunet_fit", "Gpunet", "compiled"),
    "gpunet-cupy": Entry(("gpunet",), "gpunet_fit", "Gpunet", "cupy"),
    "torch": Entry(("torch",), "torch_loop", "Torch"),
    "torch-compile": Entry(("torch",), "torch_loop", "Torch", "compile"),
    "torch-graph": Entry(("torch",), "torch_graph", "TorchGraph"),
    "jax": Entry(("jax",), "jax_step", "JaxStep"),
    "jax-scan": Entry(("jax",), "jax_scan", "JaxScan"),
    "keras": Entry(("keras", "jax"), "keras_fit", "Keras"),
    "scikit-learn": Entry(("sklearn",), "sklearn_mlp", "SklearnMlp"),
    "listing": Entry(("numpy",), "listing", "Listing", only="listing"),
}
