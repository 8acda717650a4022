"""The wheel whose unit tests are run: fetched with pip, checked, and only the tests unpacked.

Several processes collect tests at once: each writes to a folder of its own, and what is whole is moved to its place.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

VERSION = "3.15.1"
WHEEL = f"keras-{VERSION}-py3-none-any.whl"
SHA256 = "836460e480930acbd19bb7a17e62f9ecad40e8a9af9a651fc8d0586a96d27e20"


def fetch(folder: Path) -> Path:
    """Return the wheel in ``folder``, downloaded if it is not there yet.

    Raises:
        RuntimeError: pip could not download it, or it is not the file that is expected.
    """
    wheel = folder / WHEEL
    if not wheel.exists():
        with tempfile.TemporaryDirectory(dir=folder) as download_folder:
            download(Path(download_folder)).replace(wheel)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if digest != SHA256:
        raise RuntimeError(
            f"{wheel}: expected SHA-256 {SHA256}, got {digest}. Remove the file to fetch it again."
        )
    return wheel


def download(folder: Path) -> Path:
    """Let pip download the wheel into ``folder``.

    Raises:
        RuntimeError: pip could not.
    """
    # No module of Keras is imported: neither its dependencies nor the versions of Python it supports matter.
    options = ["--no-deps", "--ignore-requires-python", "--disable-pip-version-check", "--quiet"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder), f"keras=={VERSION}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheel = folder / WHEEL
    if done.returncode or not wheel.exists():
        raise RuntimeError(f"pip could not download {WHEEL}:\n{done.stderr or done.stdout}")
    return wheel


def unpack(wheel: Path, names: Iterable[str], folder: Path) -> dict[str, Path]:
    """Write the files ``keras/src/<name>`` of the wheel below ``folder`` and return where each one is.

    Raises:
        RuntimeError: The wheel lacks some of them.
    """
    members = {name: f"keras/src/{name}" for name in names}
    paths = {name: folder / member for name, member in members.items()}
    with zipfile.ZipFile(wheel) as archive:
        gone = sorted(set(members.values()) - set(archive.namelist()))
        if gone:
            raise RuntimeError(f"{wheel.name} has no {', '.join(gone)}.")
        with tempfile.TemporaryDirectory(dir=folder) as unpacked:
            for name, member in members.items():
                paths[name].parent.mkdir(parents=True, exist_ok=True)
                os.replace(archive.extract(member, unpacked), paths[name])
    return paths
