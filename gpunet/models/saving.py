"""Models as one safetensors file: weights, configuration, optimizer state, training step. No pickle.

Tensors are named ``parameters/<layer>/<name>`` and ``optimizer/<slot>/<layer>/<name>``; the metadata holds the
rest as JSON, and a SHA-256 over all of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import config, losses, metrics, optimizers

if TYPE_CHECKING:
    from ..backend import Backend
    from .model import Model
    from .sequential import Sequential

FORMAT, VERSION = "gpunet", 1

Tensors = dict[str, np.ndarray[Any, Any]]


def save_model(model: Model, path: str | os.PathLike[str], extra: Any = None) -> None:
    """Write a model to a file, atomically: a failure leaves an older file as it was.

    Args:
        model: A built model.
        path: The file, by custom ``*.safetensors``.
        extra: Anything JSON-able to keep beside the model; ``read_extra`` returns it.

    Raises:
        ValueError: The model isn't built.
        TypeError: A part of the configuration can't be written as JSON.
        OSError: The file can't be written.
    """
    model.must_be_built("save")
    state = model.get_state()
    tensors = {f"parameters/{path}": array for path, array in state["parameters"].items()}
    facts = {
        "model": model.get_config(),
        "random": state["random"],
        "loss_scale": state["loss_scale"],
        "floatx": str(model.weights[0].dtype) if model.weights else config.floatx(),
        "compile": None,
        "optimizer": None,
        "extra": extra,
    }
    if state["optimizer"] is not None:
        slots = state["optimizer"].pop("slots")
        tensors.update(
            {f"optimizer/{s}/{p}": array for s, slot in slots.items() for p, array in slot.items()}
        )
        facts["optimizer"] = {**state["optimizer"], "slots": list(slots)}
        facts["compile"] = _compile_config(model)
    write(path, tensors, facts)


def save_weights(model: Model, path: str | os.PathLike[str]) -> None:
    """Write only the weights."""
    state = model.get_state()
    write(path, {f"parameters/{path}": array for path, array in state["parameters"].items()}, {})


def load_model(
    path: str | os.PathLike[str],
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
    backend: str | Backend | None = None,
) -> Sequential:
    """Return the model that ``save`` wrote: ready to predict, and to train on from where it was.

    Args:
        path: The file.
        custom_objects: Layers, losses, … of one's own, by their class names.
        compile: Whether to restore loss, metrics and optimizer, too.
        backend: Where the model computes; ``None`` takes the process' default.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is damaged, not gpunet's, or from a newer version.
    """
    from .sequential import Sequential

    tensors, facts = read(path)
    if "model" not in facts:
        raise ValueError(f"{path}: this file holds weights only; build the model and call load_weights.")
    chosen = facts["compile"] if compile else None
    policy = config.dtype_policy()
    try:
        config.set_floatx(facts["floatx"])  # the model computes in the float type that it was made in
        model = Sequential.from_config(facts["model"], custom_objects)
        if chosen is not None:
            model.compile(
                optimizers.deserialize(chosen["optimizer"], custom_objects),
                losses.deserialize(chosen["loss"], custom_objects),
                [_metric(metric, custom_objects) for metric in chosen["metrics"]],
                [_metric(metric, custom_objects) for metric in chosen["weighted_metrics"]],
            )
    finally:
        config.set_dtype_policy(policy)
    if backend is not None:
        model.use_backend(backend)
    state: dict[str, Any] = {
        "parameters": _group(tensors, "parameters/"),
        "optimizer": None,
        "random": facts["random"],
        "loss_scale": facts.get("loss_scale"),
    }
    if chosen is not None:
        slots = {name: _group(tensors, f"optimizer/{name}/") for name in facts["optimizer"]["slots"]}
        state["optimizer"] = {**facts["optimizer"], "slots": slots}
    model.set_state(state)
    return model


def load_weights(model: Model, path: str | os.PathLike[str]) -> None:
    """Set the weights of a built model from a file that ``save`` or ``save_weights`` wrote.

    Raises:
        ValueError: The file's parameters are not those of the model; nothing is changed then.
    """
    model.must_be_built("load_weights")
    tensors, _ = read(path)
    model.set_state({"parameters": _group(tensors, "parameters/"), "optimizer": None, "random": None})


def read_extra(path: str | os.PathLike[str]) -> Any:
    """Return what ``save_model`` was given as ``extra``."""
    return read(path)[1].get("extra")


def write(path: str | os.PathLike[str], tensors: Tensors, facts: Mapping[str, Any]) -> None:
    """Write tensors and JSON-able facts to a file, atomically."""
    from safetensors.numpy import save

    tensors = {name: np.asarray(array, order="C") for name, array in tensors.items()}  # others come out wrong
    try:
        facts = json.loads(json.dumps(facts, default=_plain))  # what read will return, and sum up
    except TypeError as error:
        raise TypeError(f"{path}: a part of the configuration can't be written as JSON ({error}).") from error
    metadata = {"version": VERSION, "checksum": _checksum(VERSION, tensors, facts), "facts": facts}
    content = save(tensors, {FORMAT: json.dumps(metadata)})  # one entry: the order of several would vary
    target = Path(path).resolve()  # a link stays one: what it points to is replaced
    if target.exists() and not target.is_file():
        raise OSError(f"{path}: expected a file to write to, this is none.")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"{path}: there is no folder {target.parent} to write to.")
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:  # it names the temporary file
        raise type(error)(error.errno, error.strerror, os.fspath(path)) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        mask = os.umask(0)  # mkstemp makes files private; a model gets the rights of any new file
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def read(path: str | os.PathLike[str]) -> tuple[Tensors, dict[str, Any]]:
    """Return the tensors and facts of a file.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is damaged, not gpunet's, or from a newer version.
    """
    from safetensors import SafetensorError, safe_open

    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: no such file.")
    try:
        with safe_open(path, framework="np") as file:
            packed = dict(file.metadata() or {}).get(FORMAT)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path}: not a safetensors file, or a damaged one ({error}).") from error
    if packed is None:
        raise ValueError(f"{path}: this safetensors file was not written by gpunet.")
    try:
        metadata = json.loads(packed)
        version, checksum, facts = int(metadata["version"]), metadata["checksum"], metadata["facts"]
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path}: the file is damaged (its description can't be read).") from error
    if version > VERSION:
        raise ValueError(
            f"{path}: file version {version}, but this gpunet reads up to {VERSION}. Upgrade gpunet."
        )
    if checksum != _checksum(version, tensors, facts):
        raise ValueError(f"{path}: the file is damaged (its checksum doesn't fit its contents).")
    return tensors, facts


def _checksum(version: int, tensors: Tensors, facts: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps([version, facts], sort_keys=True).encode())
    for name in sorted(tensors):
        digest.update(f"{name}{tensors[name].dtype}{tensors[name].shape}".encode())
        digest.update(tensors[name].tobytes())
    return digest.hexdigest()


def _plain(value: Any) -> Any:
    """Return a number of NumPy as one of Python, for JSON."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _group(tensors: Tensors, prefix: str) -> Tensors:
    return {name[len(prefix) :]: array for name, array in tensors.items() if name.startswith(prefix)}


def _metric(metric: Any, custom_objects: Mapping[str, Any] | None) -> Any:
    is_name = isinstance(metric, str) and metric not in (custom_objects or {})
    if is_name and metric.lower() in metrics.RESOLVED_NAMES:
        return metric  # what "accuracy" means depends on the model: compile resolves it
    found = metrics.deserialize(metric, custom_objects)
    return metric if is_name else found  # a name is the key in logs


def _compile_config(model: Model) -> dict[str, Any]:
    chosen, weighted = model.chosen_metrics
    return {
        "optimizer": optimizers.serialize(model.optimizer),
        "loss": losses.serialize(model.loss),
        "metrics": [metrics.serialize(metric) for metric in chosen],
        "weighted_metrics": [metrics.serialize(metric) for metric in weighted],
    }
