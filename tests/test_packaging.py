"""What is installed is what stands in the repository."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import gpunet
from gpunet.backend.sources import kernel_folder

ROOT = Path(__file__).parent.parent


def listed_packages() -> set[str]:
    text = (ROOT / "pyproject.toml").read_text()
    block = re.search(r"^packages = \[(.*?)^\]", text, re.DOTALL | re.MULTILINE)
    assert block is not None
    return set(re.findall(r'"([^"]+)"', block[1]))


def test_every_folder_is_packaged() -> None:
    folders = {
        ".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "gpunet").rglob("__init__.py")
    }
    assert listed_packages() == folders | {"gpunet.kernels"}


def test_the_kernel_sources_are_found() -> None:
    assert {path.name for path in kernel_folder().glob("*.cu*")} == {
        path.name for path in (ROOT / "kernels").glob("*.cu*")
    }
    assert (kernel_folder() / "philox.cuh").is_file()


def test_the_package_is_typed() -> None:
    assert (Path(gpunet.__file__).parent / "py.typed").is_file()


def test_import_needs_no_gpu_library_and_no_extra() -> None:
    code = "import sys, gpunet; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "numpy" in loaded
    assert not {"cupy", "matplotlib", "pandas", "torch", "scipy", "safetensors", "pytest"} & set(loaded)


def test_only_the_backend_imports_cupy() -> None:
    importing = {
        path.relative_to(ROOT / "gpunet").parts[0]
        for path in (ROOT / "gpunet").rglob("*.py")
        if re.search(r"^\s*(import|from) cupy|import_module\(.cupy", path.read_text(), re.MULTILINE)
    }
    assert importing == {"backend"}


# Each room may import those after it; DESIGN's house, top to bottom.
ROOMS = [
    ("__main__", "cli"),
    ("gallery",),
    ("plots",),
    ("models",),
    ("training",),
    ("testing",),
    ("callbacks", "metrics", "optimizers", "layers", "datasets"),
    ("losses",),
    ("activations", "initializers", "regularizers"),
    ("arena",),
    ("parameter",),
    ("config",),
    ("backend",),
    ("registry", "_version"),
]


def test_imports_run_downwards() -> None:
    level = {room: index for index, rooms in enumerate(ROOMS) for room in rooms}
    package = ROOT / "gpunet"
    upwards = []
    for path in package.rglob("*.py"):
        parts = path.relative_to(package).with_suffix("").parts
        if parts == ("__init__",):
            continue
        text = re.sub(r"^if TYPE_CHECKING:\n(?:[ \t]+.*\n|\n)+", "", path.read_text(), flags=re.MULTILINE)
        depth = len(parts)
        found = re.findall(
            rf"^\s*from {re.escape('.' * depth)}(\w+)?(?:\.\w+)* import ([\w, ]+)", text, re.MULTILINE
        )
        for module, names in found:
            rooms = [module] if module else [name.split(" as ")[0].strip() for name in names.split(",")]
            upwards += [f"{'/'.join(parts)} imports {r}" for r in rooms if level[r] < level[parts[0]]]
    assert upwards == []
