"""The floor's counts, by hand, and that what is measured is put together from them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks import floor
from benchmarks.floor import Product
from benchmarks.workloads import WORKLOADS, Workload
from gpunet.backend import get_backend

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
    monkeypatch.setattr(floor, "by_team", lambda found, repeats: math.inf)
    monkeypatch.setattr(floor, "copy_rate", lambda working_set: working_set / 4)
    found = floor.measure(SMALL)
    assert found["products_us"] == 5 * 2e6
    assert found["traffic_us"] == 4e6
    assert found["floor_us"] == 14e6
    assert found["gflops"] == pytest.approx(480 / 10 / 1e9)


def test_products_take_what_the_quicker_backend_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floor, "by_numpy", lambda found: 4e-5)
    monkeypatch.setattr(floor, "by_team", lambda found, repeats: 3e-5 if repeats == 500 else 0.0)
    monkeypatch.setattr(floor, "copy_rate", lambda working_set: math.inf)
    assert floor.measure(SMALL)["products_us"] == pytest.approx(30)


def test_what_the_team_multiplies_are_the_products(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of a launch of 7 steps is divided by 7, and in each step all products are made."""
    made = []
    backend = get_backend("numpy")
    monkeypatch.setattr(
        backend, "matmul", lambda a, b, out, *transposed: made.append((a.shape, b.shape, *transposed))
    )
    monkeypatch.setattr(floor, "get_backend", lambda name: backend)
    monkeypatch.setattr(floor, "_seconds", lambda call: call() or 21.0)
    assert floor.by_team(floor.products(SMALL), 7) == 3.0
    assert made[:5] == [
        ((5, 3), (3, 4), False, False),
        ((5, 3), (5, 4), True, False),
        ((5, 4), (4, 2), False, False),
        ((5, 4), (5, 2), True, False),
        ((5, 2), (4, 2), False, True),
    ]
    assert len(made) == 5 * 7


def test_without_numba_numpy_s_time_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise RuntimeError("needs Numba")

    monkeypatch.setattr(floor, "get_backend", missing)
    assert floor.by_team(floor.products(SMALL), 7) == math.inf


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
