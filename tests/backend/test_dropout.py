"""The random words of dropout, and the masks made of them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gpunet.backend import Backend, NumpyBackend, philox

MASK = 0xFFFFFFFF
MAXIMUM = [MASK] * 4
PI = [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344]


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ([0] * 4, 0, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        (MAXIMUM, 2**64 - 1, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
        (PI, 0x299F31D0_A4093822, [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]),
    ],
)
def test_the_known_answers_of_random123(counter: list[int], key: int, words: list[int]) -> None:
    assert [int(word) for word in philox.philox4x32(*np.array(counter, np.uint64), key)] == words
    arrays = [np.array([0, word, 1], np.uint64) for word in counter]
    assert [int(word[1]) for word in philox.philox4x32(*arrays, key)] == words


def word(element: int, seed: int, layer: int, step: int) -> int:
    """The word of one element, in Python's integers."""
    block = element // 4
    c, k = [block & MASK, block >> 32, layer & MASK, step & MASK], [seed & MASK, seed >> 32 & MASK]
    for _ in range(10):
        product0, product1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [product1 >> 32 ^ c[1] ^ k[0], product1 & MASK, product0 >> 32 ^ c[3] ^ k[1], product0 & MASK]
        k = [(k[0] + 0x9E3779B9) & MASK, (k[1] + 0xBB67AE85) & MASK]
    return c[element % 4]


@pytest.mark.parametrize("size", [0, 1, 3, 31, 33, 127, 1025, 4096, 33_000, 300_001])
def test_each_element_has_its_word(size: int) -> None:
    seed, layer, rate = 0x1234_5678_9ABC_DEF0, 3, 0.3
    for step in (0, 1, 7, 8, 2**32 - 1, 2**32 + 1):
        kept = philox.mask(size, rate, seed, layer, step)
        assert (kept.shape, kept.dtype) == ((size,), bool)
        for element in {*range(min(size, 9)), *range(max(0, size - 3), size), *range(0, size, 4999)}:
            assert kept[element] == (word(element, seed, layer, step) >= math.ceil(rate * 2**32)), element


def test_the_threshold() -> None:
    assert philox.threshold(0.0) == 0
    assert philox.threshold(0.5) == 2**31
    assert philox.threshold(2.0**-33) == 1
    assert philox.threshold(1 - 2.0**-53) == MASK  # 32 bits hold it


def test_a_mask_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        philox.mask(8, 0.5, 0, 0, 0)[0] = True


def drop(
    backend: Backend, x: np.ndarray, rate: float = 0.25, seed: int = 9, layer: int = 1, step: int = 2
) -> np.ndarray:
    source, counters = backend.xp.array(x), backend.xp.asarray(np.array([step, 50, 60]))
    out = backend.empty(x.shape, x.dtype)
    backend.dropout(source, out, rate, seed, layer, counters)
    np.testing.assert_array_equal(backend.download(source), x)
    backend.dropout(source, source, rate, seed, layer, counters)  # in place
    np.testing.assert_array_equal(backend.download(source), backend.download(out))
    return backend.download(out)


@pytest.mark.parametrize("shape", [(0, 4), (1,), (31, 33), (127, 1), (3, 4, 5), (1025,)])
@pytest.mark.parametrize("rate", [0.0, 0.25, 0.9])
def test_kept_elements_are_scaled_and_others_are_zero(
    backend: Backend, shape: tuple[int, ...], rate: float
) -> None:
    x = np.random.default_rng(0).standard_normal(shape)
    kept = philox.mask(x.size, rate, 9, 1, 2).reshape(shape)
    np.testing.assert_array_equal(drop(backend, x, rate), np.where(kept, x * (1 / (1 - rate)), 0))


def test_the_mask_depends_on_the_place_alone(backend: Backend) -> None:
    x = np.ones((64, 48))
    kept = drop(backend, x) > 0
    assert ((drop(backend, x.astype("float32")) > 0) == kept).all()
    assert ((drop(backend, -2 * x) < 0) == kept).all()
    assert ((drop(backend, x.reshape(64, 6, 8)) > 0).reshape(64, 48) == kept).all()
    for rows in (1, 31, 33):  # a smaller batch has the mask of its rows
        assert ((drop(backend, x[:rows]) > 0) == kept[:rows]).all()


def test_seed_layer_and_step_make_masks_of_their_own(backend: Backend) -> None:
    x = np.ones((32, 32))
    masks = [
        drop(backend, x) > 0,
        drop(backend, x, seed=10) > 0,
        drop(backend, x, seed=9 + 2**40) > 0,
        drop(backend, x, layer=2) > 0,
        drop(backend, x, step=3) > 0,
    ]
    for i, first in enumerate(masks):
        for second in masks[:i]:
            # two independent masks agree in 0.75² + 0.25² = 62.5 % of the places, ± 1.5 %
            assert 0.56 < (first == second).mean() < 0.69


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_the_rate_and_the_mean_are_right(rate: float) -> None:
    out = drop(NumpyBackend(), np.ones(1_000_000, "float32"), rate)
    deviation = math.sqrt(rate * (1 - rate) / 1_000_000)
    assert abs((out == 0).mean() - rate) < 4 * deviation
    assert abs(out.mean(dtype="float64") - 1) < 4 * deviation / (1 - rate)


def test_what_is_not_finite_stays_visible(backend: Backend) -> None:
    with np.errstate(invalid="ignore"):
        out = drop(backend, np.array([np.nan, np.inf, -np.inf, 1.0]), rate=0.999_999)
    assert np.isnan(out[:3]).all()
    assert out[3] == 0
