"""The floor's counts, by hand, and that what is measured is put together from them."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import floor
from benchmarks.floor import Product
from benchmarks.workloads import WORKLOADS, Workload

SMALL = Workload("small", (3, 4, 2), 5, 6, 1, "adam", 0.1)


def test_products_of_a_step() -> None:
    assert floor.products(SMALL) == [
        Product(5, 3, 4, ""),  # x @ W₁
        Product(3, 5, 4, "a"),  # xᵀ @ dz₁
        Product(5, 4, 2, ""),  # h @ W₂
        Product(4, 5, 2, "a"),  # hᵀ @ dz₂
        Product(5, 2, 4, "b"),  # dz₂ @ W₂ᵀ
    ]
    assert sum(product.flop for product in floor.products(SMALL)) == 2 * (2 * 60 + 3 * 40)


def test_flop_of_the_network_of_the_lecture() -> None:
    flop = sum(product.flop for product in floor.products(WORKLOADS["lecture"]))
    assert flop == 2 * 32 * (2 * 784 * 128 + 3 * 128 * 10)


def test_bytes_of_a_step() -> None:
    parameters = 3 * 4 + 4 + 4 * 2 + 2
    activations = 2 * 5 * 3 + 5 * (5 * 4) + 2 * 5 * 2
    assert floor.traffic(SMALL) == 4 * (activations + 7 * parameters)
    plain = Workload("small", (3, 4, 2), 5, 6, 1, "sgd", 0.1)
    assert floor.traffic(plain) == 4 * (activations + 3 * parameters)


@pytest.mark.parametrize("product", [*floor.products(SMALL), Product(1, 1, 1, "")])
def test_a_product_has_the_shape_it_says(product: Product) -> None:
    assert floor._multiply(product)().shape == (product.m, product.n)


def test_the_floor_is_the_sum_of_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([1.0, 3.0, 3.0, 3.0, 3.0, 3.0])  # a call for a single number, then five products
    monkeypatch.setattr(floor, "_seconds", lambda call: next(times))
    monkeypatch.setattr(floor, "copy_rate", lambda working_set: working_set / 4)
    found = floor.measure(SMALL)
    assert found["products_us"] == 5 * 2e6
    assert found["traffic_us"] == 4e6
    assert found["floor_us"] == 14e6
    assert found["gflops"] == pytest.approx(480 / 10 / 1e9)


def test_the_copied_bytes_are_counted_once_read_and_once_written(monkeypatch: pytest.MonkeyPatch) -> None:
    copied = 0

    def copyto(target: np.ndarray, source: np.ndarray) -> None:
        nonlocal copied
        copied += 2 * len(source)

    def once(call: object) -> float:
        call()  # type: ignore[operator]
        return 2.0

    monkeypatch.setattr(floor, "_seconds", once)
    monkeypatch.setattr(floor.np, "copyto", copyto)
    assert floor.copy_rate(1 << 16) == copied / 2


def test_single_rows_and_gpus_have_no_floor() -> None:
    assert floor.applies(SMALL)
    assert not floor.applies(WORKLOADS["listing"])
    assert not floor.applies(WORKLOADS["huge"])
