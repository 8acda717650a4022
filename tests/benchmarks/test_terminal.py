"""The terminal that nobody sees."""

from __future__ import annotations

import sys

import pytest

from benchmarks.terminal import pseudo_terminal


def test_what_is_written_to_a_pseudo_terminal_is_read_there() -> None:
    before = sys.stderr
    with pseudo_terminal() as written:
        assert sys.stderr.isatty()
        sys.stderr.write("x" * 100_000)  # more than a terminal holds
    assert written.count(b"x") == 100_000
    assert sys.stderr is before


def test_stderr_is_given_back_after_an_error() -> None:
    before = sys.stderr
    with pytest.raises(KeyError), pseudo_terminal():
        raise KeyError
    assert sys.stderr is before
