"""The samples of the workload ``fashion``: the real Fashion-MNIST, from a folder of the user's."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gpunet.datasets import fashion_mnist

from .task import Samples
from .workloads import Workload


def samples(workload: Workload, folder: Path) -> tuple[Samples, Samples]:
    """Return training and test samples: 784 pixels from 0 to 1, and classes; as many as make up whole batches."""
    (x, y), (x_test, y_test) = fashion_mnist.load_data(folder)
    return (
        (_pixels(x[: workload.samples]), y[: workload.samples].astype(np.int64)),
        (_pixels(x_test), y_test.astype(np.int64)),
    )


def _pixels(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1).astype(np.float32) / 255
