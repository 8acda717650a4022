"""A workload measured: its contenders started, checked, and timed in turn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from . import agreement, fashion, floor, paired, task
from .contenders import CONTENDERS, UnavailableError
from .processes import ROOT, ContenderFailedError, Process, cpu_seconds, environment, machine_seconds
from .report import Result
from .workloads import Workload

REST = 0.2  # seconds between two turns: thread pools spin for a while after their work


def measure(workload: Workload, names: Sequence[str], rounds: int, data: Path | None = None) -> Result:
    """Return what was measured of a workload; contenders that can't run or don't agree are left out, and listed.

    Args:
        workload: What to train.
        names: The contenders.
        rounds: How often each has its turn.
        data: The folder with Fashion-MNIST, for the workload that needs it.
    """
    result: Result = {
        "workload": workload.name,
        "sizes": workload.sizes,
        "batch_size": workload.batch_size,
        "steps": workload.steps,
        "epochs": workload.epochs,
        "optimizer": workload.optimizer,
        "learning_rate": workload.learning_rate,
        "target": workload.target,
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "floor": None,
        "contenders": {},
        "missing": {},
        "failed": {},
    }
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        running = start(workload, names, folder, data, stack, result)
        if floor.applies(workload):
            result["floor"] = measured_floor(folder)
        take_turns(running, rounds, result)
        for process in running:
            result["contenders"][process.name]["peak_bytes"] = process.ask("memory")["bytes"]
    summarise(result)
    return result


def start(
    workload: Workload, names: Sequence[str], folder: str, data: Path | None, stack: ExitStack, result: Result
) -> list[Process]:
    """Start contenders one after the other and check them; return those that train the same network."""
    training, test = (workload.data(), None) if data is None else fashion.samples(workload, data)
    weights = workload.weights()
    running: list[Process] = []
    task.write(folder, workload, training, weights, test)
    batches = min(agreement.BATCHES, workload.steps // 2)
    x, y = (part[: batches * workload.batch_size].copy() for part in training)
    del training, test

    @cache
    def wanted(epsilon_corrected: bool) -> list[float]:
        return agreement.reference(workload, x, y, weights, epsilon_corrected=epsilon_corrected)

    for name in names:
        if CONTENDERS[name].only not in ("", workload.name):
            continue
        try:
            process = stack.enter_context(Process(name, folder))
            if workload.gpu_only and process.hello["device"] != "gpu":
                raise UnavailableError("this workload is for GPUs")
            off = check(process, batches, wanted(process.hello["epsilon_corrected"]))
            process.ask("prepare")
        except UnavailableError as reason:
            result["missing"][name] = str(reason)
        except ContenderFailedError as error:
            result["failed"][name] = str(error)
        else:
            running.append(process)
            result["contenders"][name] = {
                "version": process.hello["version"],
                "device": process.hello["device"],
                "first_step_s": process.first_step,
                "difference": off,
                "seconds": [],
                "epochs": [],
                "losses": [],
            }
    return running


def check(process: Process, batches: int, wanted: Sequence[float]) -> float:
    """Return how far a contender's losses are from those wanted.

    Raises:
        ContenderFailedError: They are too far.
    """
    losses = process.ask("check", batches=batches, epochs=agreement.EPOCHS)["losses"]
    off = agreement.difference(losses, wanted)
    if off > agreement.TOLERANCE:
        raise ContenderFailedError(f"its losses {losses} are {off:.1e} off {list(wanted)}")
    return off


def take_turns(running: Sequence[Process], rounds: int, result: Result) -> None:
    """Time the contenders, each once a round, and note how busy those that waited and other programs were, in cores."""
    waiting, foreign = 0.0, 0.0
    for _ in range(rounds):
        for process in running:
            time.sleep(REST)
            others = [other for other in running if other is not process]
            began = time.perf_counter(), cpu_seconds(others), cpu_seconds(running), machine_seconds()
            answer = process.ask("train")
            ended = time.perf_counter(), cpu_seconds(others), cpu_seconds(running), machine_seconds()
            passed, idle, own, all_programs = (b - a for a, b in zip(began, ended, strict=True))
            waiting, foreign = max(waiting, idle / passed), max(foreign, (all_programs - own) / passed)
            entry = result["contenders"][process.name]
            entry["seconds"].append(answer["seconds"])
            entry["epochs"].append(answer["epochs"])
            entry["losses"].append(answer["loss"])
    result["waiting_cores"], result["foreign_cores"] = waiting, foreign


def summarise(result: Result) -> None:
    """Add to each contender its microseconds per step with quartiles, and the ratio of each gpunet's time to its."""
    entries = result["contenders"]
    mine = [name for name in entries if name.startswith("gpunet")]
    for name, entry in entries.items():
        turns = zip(entry["seconds"], entry["epochs"], strict=True)
        steps = [seconds / (epochs * result["steps"]) * 1e6 for seconds, epochs in turns]
        entry["us_per_step"] = paired.interval(steps).median
        entry["quartiles"] = paired.quartiles(steps)
        entry["ratios"] = {
            one: paired.ratio(entries[one]["seconds"], entry["seconds"])._asdict()
            for one in mine
            if one != name
        }
        if result["floor"] is not None and entry["device"] == "cpu":
            entry["floor_share"] = result["floor"]["floor_us"] / entry["us_per_step"]


def measured_floor(folder: str) -> Result:
    """Return the floor of a task on this machine."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.floor", folder],
        cwd=ROOT,
        env=environment(os.environ),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: Result = json.loads(done.stdout)
    return found
