"""The mutations of the kernels are exactly those that are meant, and the survivors that have a reason are among them."""

from __future__ import annotations

from pathlib import Path

import pytest
from mutation_rules import mutations
from mutations import EVERYWHERE, SOURCES, SURVIVORS, Log, Reasons


def changes(text: str) -> set[str]:
    return {mutation.new for mutation in mutations("x.cu", text + "\n")}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("__syncthreads();", {";"}),
        ("if (wide) __syncwarp();", {"if (wide) ;"}),
        ("return i < size ? a : b;", {"return i <= size ? a : b;"}),
        ("return i >= size;", {"return i > size;"}),
        ("x[i] = y[2];", {"x[i + 1] = y[2];", "x[i] = y[1];", "x[i] = y[3];"}),
        ("x[a + b] = 1;", {"x[(a + b) + 1] = 1;"}),
        ("if (lane == 0) return;", {"if (lane == -1) return;", "if (lane == 1) return;"}),
        ("for (int i = start; i < n; ++i) f(i);", {
            "for (int i = start + 1; i < n; ++i) f(i);", "for (int i = start; i <= n; ++i) f(i);",
        }),
        ("for (long long i = 0; i < n; i += step) f(i);", {
            "for (long long i = -1; i < n; i += step) f(i);", "for (long long i = 1; i < n; i += step) f(i);",
            "for (long long i = 0; i <= n; i += step) f(i);", "for (long long i = 0; i < n; i += step + 1) f(i);",
        }),
        ("const int a = b, c = min(d, e);", {
            "const int a = b + 1, c = min(d, e);", "const int a = b, c = (min(d, e)) + 1;",
        }),
        ("const double* row = x + at;", {"const double* row = (x + at) + 1;"}),
        ("sum += load(x + i);", {"sum += load((x + i) + 1);"}),
        ("store_part<true>(x, value, count);", {
            "store_part<true>(x + 1, value, count);", "store_part<true>(x, value, count + 1);",
        }),
        ("Walk(int n)\n: rows(n), lane(n % size) {}", {": rows(n), lane((n % size) + 1) {}"}),
    ],
)  # fmt: skip
def test_what_is_changed(line: str, expected: set[str]) -> None:
    assert changes(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "// __syncthreads(); if (i < 3) x[0]",
        "/* x[i] */",
        "#pragma unroll 4",
        "template <typename Storage, bool Wide>",
        "__shared__ double of_thread[STATES][COLUMN_BLOCK];",
        "Storage element[size];",
        "const auto term = [=](double x) { return x * 2.0; };",
        "const float slope = x * 3 + 1;",
        "__device__ inline float load(const float* source) { return *source; }",
        "load(&pack.first);",
        "value = a << 2 >> 1;",
    ],
)
def test_what_is_left_alone(line: str) -> None:
    assert changes(line) == set()


def test_a_mutation_changes_its_own_place() -> None:
    text = "x[i];\n    x[i];\n"
    first, second = mutations("x.cu", text)
    assert (first.line, second.line) == (1, 2)
    assert (
        (first.file, first.old, first.new)
        == ("x.cu", "x[i];", "x[i + 1];")
        == (second.file, second.old, second.new)
    )
    assert (first.place, second.place) == (1, 2)
    assert second.apply(text) == "x[i];\n    x[i + 1];\n"


def test_reasons_are_read() -> None:
    text = "# how to read this\n\na.cu\n- x[i];\n+ x[i + 1];\nThe array\n  is constant.\n"
    first, second = mutations("a.cu", "x[i];\nx[i];\n")
    everywhere = Reasons(text)
    assert everywhere.of(first) == everywhere.of(second) == "The array is constant."
    there = Reasons(text.replace("a.cu", "a.cu 2"))
    assert (there.of(first), there.of(second)) == (None, "The array is constant.")
    (other,) = mutations("b.cu", "x[i];\n")
    assert everywhere.of(other) is None
    with pytest.raises(ValueError, match="and a reason"):
        Reasons("a.cu\n- x[i]\n+ x[i + 1]\n")


def test_every_survivor_is_still_a_mutation() -> None:
    known = {
        (mutation.file, mutation.old, mutation.new, place)
        for file, source in SOURCES.items()
        for mutation in mutations(file, source)
        for place in (mutation.place, EVERYWHERE)
    }
    assert Reasons(SURVIVORS.read_text(encoding="utf-8")).by_place.keys() <= known


def test_what_was_found_out_is_kept(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    log.add(["x.cu", 3, "x[i]", "x[i + 1]"], "state", "test_a")
    log.add(["x.cu", 4, "x[i]", "x[i + 1]"], "state", None)
    log.add(["x.cu", 3, "x[i]", "x[i + 1]"], "another state", None)
    assert Log(tmp_path / "log").found == {
        ("x.cu", 3, "x[i]", "x[i + 1]"): ("another state", None),
        ("x.cu", 4, "x[i]", "x[i + 1]"): ("state", None),
    }
    assert Log(None).found == {}
