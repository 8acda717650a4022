"""Philox4x32-10, the counter-based random generator that dropout uses: the same words on every device.

Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
WEYL = 0x9E3779B9, 0xBB67AE85
ROUNDS = 10
WORD, HIGH = 0xFFFFFFFF, np.uint64(32)
LOW = np.uint64(WORD)
CHUNK = 8192  # counters at once, so that the rounds find them in the cache
REMEMBERED = 1 << 18  # elements of the largest mask that is remembered

Words = np.ndarray[Any, Any]


def philox4x32(c0: Any, c1: Any, c2: Any, c3: Any, key: int) -> tuple[Words, Words, Words, Words]:
    """Return the four 32-bit words of each counter, held in uint64.

    Args:
        c0, c1, c2, c3: The 32-bit words of the counters, in uint64 arrays or numbers that broadcast.
        key: 64 bits.

    Example:
        >>> [hex(word) for word in philox4x32(*np.zeros(4, np.uint64), key=0)]
        ['0x6627e8d5', '0xe169c58d', '0xbc57ac4c', '0x9b00dbd8']
    """
    k0, k1 = key & WORD, key >> 32 & WORD
    for _ in range(ROUNDS):
        product0, product1 = MULTIPLIERS[0] * c0, MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = (
            (product1 >> HIGH) ^ c1 ^ np.uint64(k0),
            product1 & LOW,
            (product0 >> HIGH) ^ c3 ^ np.uint64(k1),
            product0 & LOW,
        )
        k0, k1 = (k0 + WEYL[0]) & WORD, (k1 + WEYL[1]) & WORD
    return c0, c1, c2, c3


def threshold(rate: float) -> int:
    """Return the smallest word that is kept: ``⌈rate · 2³²⌉``, and no more than the largest word."""
    return min(math.ceil(rate * 2.0**32), WORD)


def mask(size: int, rate: float, seed: int, layer: int, step: int) -> Words:
    """Return which of ``size`` elements are kept at a step, a read-only boolean array.

    Element ``i`` is kept where word ``i % 4`` of the counter ``(i // 4, layer, step)`` with the key ``seed`` is at
    least ``threshold(rate)``. Small masks are made for several steps at once and remembered: that is what makes
    dropout cheap for small batches, and the backward pass meets the mask of the forward pass again.

    Example:
        >>> mask(8, rate=0.5, seed=0, layer=0, step=0).tolist()
        [False, True, True, True, True, False, True, False]
    """
    blocks = -(-size // 4)
    steps = max(1, CHUNK // max(blocks, 1024))
    masks = _remembered if size <= REMEMBERED else _masks
    kept: Words = masks(size, rate, seed, layer, step - step % steps, steps)[step % steps]
    return kept


def _masks(size: int, rate: float, seed: int, layer: int, first: int, steps: int) -> Words:
    blocks, least = -(-size // 4), np.uint64(threshold(rate))
    kept = np.empty((steps, blocks, 4), np.bool_)
    step = np.arange(first, first + steps, dtype=np.uint64)[:, None] & LOW
    for start in range(0, blocks, CHUNK):
        block = np.arange(start, min(start + CHUNK, blocks), dtype=np.uint64)
        words = philox4x32(block & LOW, block >> HIGH, np.uint64(layer & WORD), step, seed)
        for lane, word in enumerate(words):
            np.greater_equal(word, least, out=kept[:, start : start + CHUNK, lane])
    kept.setflags(write=False)
    return kept.reshape(steps, 4 * blocks)[:, :size]


_remembered = lru_cache(maxsize=64)(_masks)
