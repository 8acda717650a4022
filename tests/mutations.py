"""Does any test notice? Changes the kernels in one place at a time and runs the tests that launch them on each.

    python tests/mutations.py [FILE …] [--jobs N] [--log FILE]

What is changed: each barrier is deleted, and each index and bound is shifted by one. A mutation that no test notices
survives, which must have a reason, in ``survivors.txt``. This takes hours, and is no part of the suite; with a log it
goes on where it was stopped, and repeats what depends on sources and tests that have changed since.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cuda_on_host import build
from mutation_rules import Mutation, mutations
from tqdm import tqdm

ROOT = Path(__file__).parent.parent
SURVIVORS = Path(__file__).parent / "survivors.txt"
EVERYWHERE = 0  # the place of a reason that holds at every one
LEFT_OUT = ("test_traffic.py",)  # long, and looks at what is moved, not at results
NOTICED = (
    1,
    -signal.SIGPROF,
    -signal.SIGSEGV,
    -signal.SIGABRT,
    -signal.SIGFPE,
    -signal.SIGBUS,
)  # exit codes of pytest
SOURCES = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "kernels").glob("*.cu*"))}


class Reasons:
    """Why mutations change nothing: blocks of ``file``, ``- old``, ``+ new``, reason; after the file may stand places.

    Without places a reason holds wherever the file has that line.
    """

    def __init__(self, text: str) -> None:
        self.by_place: dict[tuple[str, str, str, int], str] = {}
        for block in re.split(r"\n\s*\n", text.strip()):
            lines = [line for line in block.splitlines() if not line.startswith("#")]
            if not lines:
                continue
            head, old, new, *reason = lines
            if not (old.startswith("- ") and new.startswith("+ ") and reason):
                raise ValueError(
                    f"survivors.txt: expected file, `- old`, `+ new` and a reason, got {block!r}"
                )
            file, *places = head.split()
            for place in map(int, places or [EVERYWHERE]):
                self.by_place[file, old[2:], new[2:], place] = " ".join(" ".join(reason).split())

    def of(self, mutation: Mutation) -> str | None:
        """Return the reason for a mutation, ``None`` where there is none."""
        for place in mutation.place, EVERYWHERE:
            if (mutation.file, mutation.old, mutation.new, place) in self.by_place:
                return self.by_place[mutation.file, mutation.old, mutation.new, place]
        return None


class Log:
    """What has been found out, one finding a line of a file; it holds as long as nothing it depends on has changed."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path and path.exists() else []
        self.found = {tuple(what): (state, value) for what, state, value in map(json.loads, lines)}

    def add(self, what: Sequence[object], state: str, value: object) -> None:
        """Note a finding at once: a run that is stopped loses nothing."""
        self.found[tuple(what)] = state, value
        if self.path:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([what, state, value]) + "\n")


class Tests:
    """The kernel tests, run in copies of this checkout, of which each is changed by one thread at a time.

    The tools beside the kernel tests are the checkout's own, so that kernels that it has compiled are found again.
    """

    def __init__(self, folder: Path, jobs: int, log: Log, reasons: Reasons) -> None:
        self.log, self.reasons = log, reasons
        self.compiled = folder / "compiled"
        self.compiled.mkdir()
        shutil.copytree(build.folder(), self.compiled / build.folder().name, copy_function=os.symlink)
        self.copies: queue.Queue[Path] = queue.Queue()
        for job in range(jobs):
            copy = folder / str(job)
            for name in ("gpunet", "kernels", "tests/kernels"):
                shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            for name in ("pyproject.toml", "tests/conftest.py"):
                shutil.copy(ROOT / name, copy / name)
            self.copies.put(copy)
        self.root = folder / "0"  # whatever becomes of the checkout, this is what is tested
        self.used, self.seconds = self._measure()
        self.noticed: dict[str, Counter[str]] = {}

    def _measure(self) -> tuple[dict[str, set[str]], dict[str, float]]:
        """Find out which files of kernels each test launches from, and how long it takes, by running it once."""
        paths = sorted(self.root.glob("tests/kernels/test_*.py"))
        modules = [str(path.relative_to(self.root)) for path in paths if path.name not in LEFT_OUT]
        states = {module: self._state([module]) for module in modules}
        new = [module for module in modules if self.log.found.get((module,), ("",))[0] != states[module]]
        if new:
            copy = self.copies.get()
            code = self._run(copy, new, stop=False)
            if code:
                log = (copy / "log.txt").read_text(encoding="utf-8")
                raise SystemExit(f"{log[-2000:]}\nmutations: the kernel tests fail without any mutation")
            record = json.loads((copy / "launches.json").read_text(encoding="utf-8"))
            self.copies.put(copy)
            for module in new:
                own = {test: launched for test, launched in record.items() if _module(test) == module}
                self.log.add([module], states[module], own)
        records = {}
        for module in modules:
            records |= self.log.found[module,][1]
        used = {test: set(files) for test, (files, _) in records.items()}
        return used, {test: seconds for test, (_, seconds) in records.items()}

    def survives(self, mutation: Mutation) -> bool:
        """Tell whether the tests pass all the same. What doesn't compile or doesn't end has been noticed."""
        what = (mutation.file, mutation.line, mutation.old, mutation.new)
        noticed = self.noticed.setdefault(mutation.file, Counter())
        state, by = self.log.found.get(what, ("", None))
        if state != self._state_of(mutation, by):
            by = self._noticed_by(mutation, noticed)
            self.log.add(what, self._state_of(mutation, by), by)
        if by is not None:
            noticed[by] += 1
        elif self.reasons.of(mutation) is None:
            tqdm.write(f"{mutation.file} {mutation.place}\n- {mutation.old}\n+ {mutation.new}\n")
        return by is None

    def _noticed_by(self, mutation: Mutation, noticed: Counter[str]) -> str | None:
        """Return the first test that fails, of those first that did so for other mutations of the file."""
        tests = sorted(self._tests_of(mutation), key=lambda test: (-noticed[test], self.seconds[test]))
        copy = self.copies.get()
        source = copy / "kernels" / mutation.file
        try:
            source.write_text(mutation.apply(SOURCES[mutation.file]), encoding="utf-8")
            for part in tests[:8], tests[8:]:  # few are collected sooner
                code = self._run(copy, part, stop=True) if part else 0
                if code in NOTICED:
                    return (copy / "running.txt").read_text(encoding="utf-8")
                if code:
                    raise RuntimeError(
                        f"{mutation.file}:{mutation.line}: pytest ended with {code}: {mutation.new}"
                    )
        finally:
            source.write_text(SOURCES[mutation.file], encoding="utf-8")
            self.copies.put(copy)
        return None

    def _tests_of(self, mutation: Mutation) -> list[str]:
        files = {mutation.file, *_including(mutation.file)}
        return [test for test in self.used if self.used[test] & files]

    def _state_of(self, mutation: Mutation, by: str | None) -> str:
        """Return what an outcome depends on: the sources, and the tests that passed or the one that didn't."""
        modules = {_module(test) for test in ([by] if by else self._tests_of(mutation))}
        users = {mutation.file, *_including(mutation.file)}
        headers = {name for name in SOURCES if mutation.file in _including(name)}
        return self._state(sorted(modules), "".join(SOURCES[name] for name in sorted(users | headers)))

    def _state(self, modules: list[str], sources: str = "") -> str:
        """Return a hash of some modules of tests, of some sources, and of what launches kernels."""
        backend = self.root / "gpunet" / "backend"
        paths = [*sorted(backend.glob("cuda/*.py")), backend / "cupy_backend.py"]
        paths += [self.root / "tests/kernels/conftest.py", *(self.root / module for module in modules)]
        texts = [path.read_text(encoding="utf-8") for path in paths]
        return hashlib.sha256("".join([*texts, sources]).encode()).hexdigest()[:16]

    def _run(self, copy: Path, tests: list[str], stop: bool) -> int:
        """Return pytest's exit code."""
        listed = copy / "tests.txt"
        listed.write_text("\n".join(tests), encoding="utf-8")
        if stop:
            limits = {test: 3 + 10 * self.seconds[test] for test in tests}
            (copy / "limits.json").write_text(json.dumps(limits), encoding="utf-8")
        options = ["-q", "-n0", "-pno:cacheprovider", "-plaunch_record", f"@{listed}"] + ["-x"] * stop
        environment = os.environ | {
            "OMP_NUM_THREADS": "1", "PYTHONPATH": f"{copy}{os.pathsep}{ROOT / 'tests'}", "TMPDIR": str(self.compiled),
            "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(self.compiled),
        }  # fmt: skip
        with (copy / "log.txt").open("w", encoding="utf-8") as log:
            return subprocess.run(
                [sys.executable, "-m", "pytest", *options], cwd=copy, env=environment, stdout=log, stderr=log
            ).returncode


def _module(test: str) -> str:
    return test.partition("::")[0]


def _including(header: str) -> set[str]:
    """Return the files that include a header, directly or not."""
    direct = {name for name, source in SOURCES.items() if f'#include "{header}"' in source}
    return direct.union(*map(_including, direct))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="files of kernels/; by default all of them")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many to run at a time")
    parser.add_argument("--log", type=Path, help="a file that keeps what was found out")
    parser.add_argument("--explained", action="store_true", help="run those that survivors.txt explains, too")
    parser.add_argument("--list", action="store_true", help="list the mutations and run nothing")
    arguments = parser.parse_args()
    planned = [m for file in arguments.files or SOURCES for m in mutations(file, SOURCES[file])]
    if arguments.list:
        for mutation in planned:
            print(f"{mutation.file}:{mutation.line}\n- {mutation.old}\n+ {mutation.new}")
        print(f"{len(planned)} mutations")
        return 0
    reasons = Reasons(SURVIVORS.read_text(encoding="utf-8"))
    known = [] if arguments.explained else [mutation for mutation in planned if reasons.of(mutation)]
    planned = [mutation for mutation in planned if mutation not in known]
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(arguments.jobs) as pool:
        tests = Tests(Path(folder), arguments.jobs, Log(arguments.log), reasons)
        outcomes = list(tqdm(pool.map(tests.survives, planned), total=len(planned), unit="mutation"))
    survivors = [mutation for mutation, survived in zip(planned, outcomes, strict=True) if survived]
    unexplained = [mutation for mutation in survivors if reasons.of(mutation) is None]
    for mutation, survived in zip(planned, outcomes, strict=True):
        if not survived and reasons.of(mutation):
            print(
                f"survivors.txt explains what tests notice: {mutation.file} {mutation.place}\n"
                f"- {mutation.old}\n+ {mutation.new}\n"
            )
    explanations = len(known) + len(survivors) - len(unexplained)
    print(
        f"{len(planned) + len(known)} mutations: {len(planned) - len(survivors)} noticed, {explanations} change nothing, "
        f"{len(unexplained)} survive; {(time.monotonic() - begun) / 60:.0f} minutes"
    )
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
