"""The benchmark of the kernels: that no kernel is left out, bytes by hand, and its logic on a stand-in for the GPU."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks import floor, kernel_cases, kernel_products, kernel_times, kernels
from benchmarks.floor import Product
from benchmarks.kernel_cases import CASES, Scene
from benchmarks.kernel_times import Launch
from gpunet import activations
from gpunet.backend import get_backend
from gpunet.backend.cuda import catalogue

ELEMENTS = 1 << 16  # enough for every kernel that adds up what several blocks have left


@pytest.fixture
def command() -> Namespace:
    parser = ArgumentParser()
    kernels.add_to(parser.add_subparsers())
    return parser.parse_args(["kernels"])


@pytest.fixture
def measured(cuda: Any) -> dict[str, Any]:
    """What is measured by a clock that shows 1 µs, of arrays beyond a cache of 128 KiB."""

    def clock(call: Callable[[], Any]) -> float:
        call()
        return 1e-6

    return kernels.measure(cuda, clock, 1 << 17, ELEMENTS, ELEMENTS)


def test_every_kernel_of_the_catalogue_is_right_and_timed_once(measured: dict[str, Any]) -> None:
    rows = measured["kernels"]
    assert measured["without_case"] == []
    assert {row["kernel"] for row in rows} == set(catalogue.kernels())
    titles = [row["instance"] for row in rows]
    assert len(set(titles)) == len(titles)
    assert [row["instance"] for row in rows if not row["right"]] == []
    assert all(row["us"] == pytest.approx(1) for row in rows)


def test_shares_are_of_the_copy_and_only_of_what_is_beyond_the_cache(measured: dict[str, Any]) -> None:
    rows = {row["instance"]: row for row in measured["kernels"]}
    assert measured["copy_gb_per_s"] == pytest.approx(2 * 4 * ELEMENTS / 1e-6 / 1e9)
    elu = rows["activate<float, ELU, true>"]
    assert elu["bytes"] == 2 * 4 * ELEMENTS
    assert elu["share"] == pytest.approx(1)
    assert rows["activate_backward<float, ELU, true>"]["share"] == pytest.approx(1.5)
    assert rows["count"]["bytes"] == 2 * 3 * 8
    assert rows["count"]["share"] is None
    assert rows["count"]["gb_per_s"] == pytest.approx(0.048)


def test_a_kernel_without_a_case_is_named(cuda: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_times, "CASES", (kernel_cases.count, kernel_cases.dropout))
    result = kernels.measure(cuda, lambda call: 1e-6, 1 << 17, ELEMENTS, ELEMENTS)
    assert set(result["without_case"]) == set(catalogue.kernels()) - {"count", "dropout"}
    result["products"] = []
    assert kernels.status(result) == 1
    assert "NO CASE launches softmax" in kernels.text(result).splitlines()


def test_a_wrong_kernel_is_not_timed(cuda: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(scene: Scene) -> list[Any]:
        out = kernel_cases.activate(scene)[0]
        if scene.backend is cuda:
            out[...] = 0
        return [out]

    def clock(call: Callable[[], Any]) -> float:
        clocked.append(call)
        return 1e-6

    for cases, timed in (((wrong,), 1), ((kernel_cases.activate, wrong), 2)):  # the copy is timed as well
        clocked: list[Any] = []
        monkeypatch.setattr(kernel_times, "CASES", cases)
        result = kernels.measure(cuda, clock, 1 << 17, 4096, 4096)
        (row,) = result["kernels"]
        assert row["right"] is False
        assert row["off"] == pytest.approx(1)
        assert len(clocked) == timed
        result.update(products=[], without_case=[])
        assert kernels.status(result) == 1
        assert "WRONG" in kernels.text(result)


def test_a_difference_is_relative_to_the_largest_number() -> None:
    assert kernel_times.off_by(np.array([1.0, -4.0]), np.array([1.0, -5.0])) == pytest.approx(0.2)
    assert kernel_times.off_by(np.array([0.5]), np.array([0.0])) == 0.5
    assert kernel_times.off_by(np.array([np.nan]), np.array([1.0])) == float("inf")
    assert kernel_times.off_by(np.array([]), np.array([])) == 0


def test_numbers_differ_from_array_to_array_and_are_the_same_on_every_backend(cuda: Any) -> None:
    scenes = [Scene(backend, 4096) for backend in (get_backend("numpy"), cuda)]
    first, second = ([scene.backend.download(scene.random(64, 64)) for scene in scenes] for _ in range(2))
    assert (first[0] == first[1]).all()
    assert (second[0] == second[1]).all()
    assert (first[0] != second[0]).mean() > 0.99


FLOAT, HALF, DOUBLE = (np.dtype(name) for name in ("float32", "float16", "float64"))


@pytest.mark.parametrize(
    ("launch", "title", "size"),
    [
        (("activate", (HALF, "ReLU", True), 1, (0, 0, 1000, 0, 0, 0)), "activate<__half, ReLU, true>", 4000),
        (("activate", (DOUBLE, "ReLU", False), 1, (0, 0, 10, 0, 0, 0)), "activate<double, ReLU, false>", 160),
        (("count", (), 1, (0,)), "count", 48),
        # float32 values, rounded to 16 bits
        (("narrow", (HALF,), 1, (0, 0, 100)), "narrow<__half>", 600),
        # 256 bytes of a row are 8 sectors read, 256 bytes written, and its index
        (("gather_bytes", (FLOAT, True), 1, (0, 0, 0, 10, 10, 64, 1, 0)), "gather_bytes<float, true>", 10 * (64 + 256 + 8)),
        # what blocks have left, and two sums read and written
        (("add_totals", (), 1, (0, 100, 5, 0)), "add_totals", 832),
    ],
)  # fmt: skip
def test_bytes_by_hand(launch: tuple[Any, ...], title: str, size: int) -> None:
    one = Launch(*launch, shared_memory=0)
    assert one.title == title
    assert one.bytes == size


def test_a_null_pointer_counts_nothing() -> None:
    shape = {"rows": 10, "classes": 8, "storage": 4, "real": 4}
    kernel = catalogue.kernels()["softmax_crossentropy"]
    for y_true, size in ((None, 10 * 8 * 12 + 80), (np.zeros(80), 10 * 8 * 12 + 320)):
        values = {"y_true": y_true, **shape}
        arguments = tuple(values.get(parameter.name) for parameter in kernel.parameters)
        assert Launch(kernel.name, (FLOAT,), 1, arguments, 0).bytes == size


def test_launches_are_recorded_and_happen(cuda: Any) -> None:
    scene = Scene(cuda, 4096)
    x, out = scene.random(32, 128), scene.empty(32, 128)
    with kernel_times.recorded(cuda.kernels) as launches:
        cuda.activate(activations.relu, x, out)
    (launch,) = launches
    assert launch.title == "activate<float, ReLU, true>"
    assert (cuda.download(out) == cuda.download(x)).all()
    out.fill(0)
    launch.again(cuda.kernels)()
    assert (cuda.download(out) == cuda.download(x)).all()
    cuda.activate(activations.relu, x, out)  # no longer watched
    assert len(launches) == 1


PRODUCTS = floor.products(SimpleNamespace(sizes=(24, 16, 8), batch_size=32))  # type: ignore[arg-type]


def test_products_of_every_layout_and_precision_are_right(cuda: Any) -> None:
    rows = kernels.measure_products(cuda, lambda call: call() or 1e-6, PRODUCTS)
    assert len(rows) == len(PRODUCTS) * len(kernel_products.PRECISIONS)
    assert {row["precision"] for row in rows} == set(kernel_products.PRECISIONS)
    assert all(row["right"] and row["share"] == 1 for row in rows)
    assert rows[0]["tflops"] == pytest.approx(2 * 32 * 24 * 16 / 1e-6 / 1e12)
    assert {row["off"] > 0 for row in rows if row["precision"] == "bfloat16"} == {True}


def test_a_plan_is_compared_with_the_best_answer(cuda: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_products, "answers", lambda plan, fused: [plan, plan, plan])
    seconds = iter([4e-6, 5e-6, 3e-6, 6e-6])
    row = kernel_products._product_row(cuda, lambda call: next(seconds), Product(8, 16, 32, ""), "float32")
    assert row["answers"] == 3
    assert (row["us"], row["best_us"]) == pytest.approx((4, 3))
    assert row["share"] == pytest.approx(0.75)
    assert row["tflops"] == pytest.approx(2 * 8 * 16 * 32 / 4e-6 / 1e12)


def test_a_wrong_product_is_told(cuda: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    product = Product(16, 16, 16, "")
    a, b = (kernel_products._factor((16, 16), "float32") for _ in range(2))
    wanted = (a.astype(np.float64) @ b).astype(np.float32)
    assert kernel_products._product_off(a, b, wanted, product) < 1e-6
    assert kernel_products._product_off(a, b, wanted.T.copy(), product) > 0.1
    monkeypatch.setattr(kernel_products, "_product_off", lambda *_: 1.0)
    row = kernel_products._product_row(cuda, lambda call: 1e-6, product, "tf32")
    assert row["right"] is False
    assert kernels.status({"kernels": [], "products": [row], "without_case": []}) == 1


def test_a_product_that_is_not_offered_has_no_time(stand_in: Any) -> None:
    stand_in.cublaslt.offers = lambda epilogue: False
    row = kernel_products._product_row(
        get_backend("cupy"), lambda call: 1e-6, Product(8, 8, 8, ""), "float32"
    )
    assert row["us"] is None
    assert row["share"] is None
    text = kernels.text({"copy_gb_per_s": 1.0, "kernels": [], "products": [row], "without_case": []})
    assert text.splitlines()[-1].split() == ["8×8", "·", "8×8", "float32", "–", "–", "–", "–", "0"]


def test_the_clock_divides_the_time_of_a_graph_by_its_calls(stand_in: Any) -> None:
    backend: Any = get_backend("cupy")
    shown = iter([0.5, *(float(n) for n in (40, 10, 20, 30, 50))])  # milliseconds
    stand_in.cuda.get_elapsed_time = lambda start, stop: next(shown)
    counters = backend.zeros(3, "int64")
    with backend.staging.stream as stream:
        clock = kernels.GraphClock(stand_in, stream)
        seconds = clock(lambda: backend.count(counters))
    assert seconds == pytest.approx(30e-3 / 10)  # 0.5 ms alone: ten calls are 5 ms
    # once to compile, a graph of one launched twice, a graph of ten launched six times
    assert backend.download(counters).tolist() == [1 + 2 + 60] * 3


def test_a_capture_ends_after_an_error(stand_in: Any) -> None:
    backend: Any = get_backend("cupy")
    calls: list[int] = []

    def fails_in_capture() -> None:
        calls.append(1)
        if len(calls) > 1:
            raise KeyError

    with backend.staging.stream as stream, pytest.raises(KeyError):
        kernels.GraphClock(stand_in, stream)(fails_in_capture)
    assert not stream.is_capturing()


def test_the_command_on_the_stand_in(
    command: Namespace, stand_in: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:  # fmt: skip
    stand_in.cuda.get_elapsed_time = lambda start, stop: 0.01
    monkeypatch.setattr(kernel_times, "CASES", CASES[:2])
    properties = stand_in.cuda.runtime.getDeviceProperties
    stand_in.cuda.runtime.getDeviceProperties = lambda index: {**properties(index), "l2CacheSize": 1 << 17}
    monkeypatch.setattr(kernel_times, "CHECKED", 4096)
    monkeypatch.setattr(kernels, "WORKLOADS", dict.fromkeys(kernels.PRODUCTS, SimpleNamespace(sizes=(8, 4), batch_size=16)))  # fmt: skip
    command.json = tmp_path / "a.json"
    assert kernels.run(command) == 1  # most kernels have no case here
    shown = capsys.readouterr().out
    assert "activate_backward<float, SiLU, true>" in shown
    assert "NO CASE launches update" in shown
    written = json.loads(command.json.read_text(encoding="utf-8"))
    assert written["machine"]["device"] == "Stand-in"
    assert written["cache_bytes"] == 1 << 17
    assert written["kernels"][0]["bytes"] == 4 << 17  # a copy moves four caches, and so does this kernel
    assert len(written["products"]) == 2 * 2 * len(kernel_products.PRECISIONS)


def test_without_a_gpu_it_says_what_is_missing(
    command: Namespace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(name: str) -> None:
        raise RuntimeError("CuPy is not installed. Install it.")

    monkeypatch.setattr(kernels, "get_backend", missing)
    assert kernels.run(command) == 1
    assert capsys.readouterr().err == "kernels: needs a GPU. CuPy is not installed. Install it.\n"


def test_the_picture() -> None:
    pytest.importorskip("matplotlib")
    result = {
        "machine": {"device": "Card"},
        "kernels": [{"instance": "a", "share": 0.9}, {"instance": "small", "share": None}],
        "products": [{"product": "8×8 · 8×8", "precision": "tf32", "share": 0.5}],
    }
    figure = kernels.draw(result)
    widths = [[bar.get_width() for bar in panel.patches] for panel in figure.axes]
    assert widths == [[0.9], [0.5]]
