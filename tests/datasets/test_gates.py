"""The logic gates."""

from __future__ import annotations

import operator
from collections.abc import Callable

import numpy as np
import pytest

from gpunet.datasets import and_, or_, xor
from gpunet.datasets.points import Points

GATES = [(xor, operator.xor), (and_, operator.and_), (or_, operator.or_)]


@pytest.mark.parametrize(("gate", "operation"), GATES)
def test_truth_table(gate: Callable[..., Points], operation: Callable[[int, int], int]) -> None:
    x, y = gate()
    assert x.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert y.tolist() == [operation(int(first), int(second)) for first, second in x]
    assert (x.dtype, y.dtype) == (np.float32, np.int64)


@pytest.mark.parametrize(("gate", "operation"), GATES)
def test_noise_moves_the_inputs_and_leaves_the_outputs(
    gate: Callable[..., Points], operation: Callable[[int, int], int]
) -> None:
    x, y = gate(samples=4001, noise=0.05, seed=3)
    clean = np.round(x).astype(int)
    assert x.shape == (4001, 2)
    assert (operation(clean[:, 0], clean[:, 1]) == y).all()
    assert (x - clean).std() == pytest.approx(0.05, rel=0.05)
