"""Where compiled kernels are kept."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numba")
from numba import config, njit

from gpunet.backend.compiled import activation, cache, data, loss, metric, penalty, product, update
from gpunet.backend.compiled.kernel import Kernel


def kernels(owner: Any) -> list[Kernel]:
    """All that a module or a table of it holds."""
    values = owner.values() if isinstance(owner, dict) else owner if isinstance(owner, tuple) else [owner]
    found = [value for value in values if isinstance(value, Kernel)]
    return found + [one for value in values if isinstance(value, (dict, tuple)) for one in kernels(value)]


def test_no_two_kernels_share_a_folder() -> None:
    modules = (activation, data, loss, metric, penalty, product, update)
    found = {id(one): one for module in modules for value in vars(module).values() for one in kernels(value)}
    places = [one.place for one in found.values()]
    assert len(places) > 40
    assert len(set(places)) == len(places)


@pytest.mark.parametrize(
    "changed", ["activation_rules/gated.py", "arguments.py", "../normal.py", "../philox.py"]
)
def test_other_sources_have_another_folder(
    changed: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever file has changed: kernels call functions of several."""
    backend = tmp_path / "backend"
    shutil.copytree(cache.HERE.parent, backend, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(cache, "HERE", backend / "compiled")
    before = cache._sources.__wrapped__()
    with (cache.HERE / changed).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert cache._sources.__wrapped__() != before


@pytest.fixture
def one() -> Callable[[], int]:
    return lambda: 1


def test_what_is_compiled_lies_in_the_folder_of_its_name(
    one: Callable[[], int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    compiled = cache.kept("one", lambda kept: njit("int64()", cache=kept)(one))
    assert compiled() == 1
    assert str(tmp_path) == config.CACHE_DIR
    files = list(tmp_path.rglob("*.nbi"))
    assert [path.relative_to(tmp_path).parts[:2] for path in files] == [(cache._sources(), "one")]


def test_the_user_s_folder_is_his_again_after_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    with pytest.raises(ZeroDivisionError):
        cache.kept("nothing", lambda kept: 1 // 0)
    assert str(tmp_path) == config.CACHE_DIR
