"""Does any test notice? Changes the kernels in one place at a time and runs the tests that launch them on each.

    python tests/mutations.py [FILE …] [--jobs N]

What is changed: each barrier is deleted, and each index and bound is shifted by one. A mutation that no test notices
survives, which must have a reason, in ``survivors.txt``. This takes hours, and is no part of the suite.
"""

from __future__ import annotations

import argparse
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
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mutation_rules import Mutation, mutations
from tqdm import tqdm

ROOT = Path(__file__).parent.parent
SURVIVORS = Path(__file__).parent / "survivors.txt"


def explained(text: str) -> dict[tuple[str, str, str], str]:
    """Return the reasons why mutations change nothing: of blocks ``file``, ``- old``, ``+ new``, reason."""
    reasons = {}
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        if not lines:
            continue
        file, old, new, *reason = lines
        if not (old.startswith("- ") and new.startswith("+ ") and reason):
            raise ValueError(f"survivors.txt: expected file, `- old`, `+ new` and a reason, got {block!r}")
        reasons[file.strip(), old[2:], new[2:]] = " ".join(" ".join(reason).split())
    return reasons


class Tests:
    """The kernel tests, run in copies of this checkout, of which each is changed by one thread at a time."""

    def __init__(self, folder: Path, jobs: int) -> None:
        self.copies: queue.Queue[Path] = queue.Queue()
        for job in range(jobs):
            copy = folder / str(job)
            for name in ("gpunet", "kernels", "tests", "benchmarks"):
                if (ROOT / name).is_dir():
                    shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            shutil.copy(ROOT / "pyproject.toml", copy)
            self.copies.put(copy)
        self.compiled = folder / "compiled"
        self.compiled.mkdir()
        self.used, self.seconds = self._measure()

    def _measure(self) -> tuple[dict[str, set[str]], dict[str, float]]:
        """Run all kernel tests once: which files of kernels each of them launches from, and how long it takes."""
        copy = self.copies.get()
        code = self._run(copy, ["tests/kernels"], None, stop=False)
        if code:
            log = (copy / "log.txt").read_text(encoding="utf-8")
            raise SystemExit(f"{log[-2000:]}\nmutations: the kernel tests fail without any mutation")
        record = json.loads((copy / "launches.json").read_text(encoding="utf-8"))
        self.copies.put(copy)
        return {test: set(files) for test, (files, _) in record.items()}, {
            test: seconds for test, (_, seconds) in record.items()
        }

    def survives(self, mutation: Mutation) -> bool:
        """Tell whether the tests pass all the same. What doesn't compile or doesn't end has been noticed."""
        files = {mutation.file, *_including(mutation.file)}
        tests = sorted((test for test in self.used if self.used[test] & files), key=self.seconds.__getitem__)
        if not tests:
            return True
        copy = self.copies.get()
        source = copy / "kernels" / mutation.file
        original = source.read_text(encoding="utf-8")
        try:
            source.write_text(mutation.apply(original), encoding="utf-8")
            code = self._run(copy, tests, 60 + 3 * sum(self.seconds[test] for test in tests), stop=True)
        finally:
            source.write_text(original, encoding="utf-8")
            self.copies.put(copy)
        if code not in (0, 1, None):
            raise RuntimeError(f"{mutation.file}:{mutation.line}: pytest ended with {code}: {mutation.new}")
        return code == 0

    def _run(self, copy: Path, tests: list[str], limit: float | None, stop: bool) -> int | None:
        """Return pytest's exit code, ``None`` where it took too long."""
        listed = copy / "tests.txt"
        listed.write_text("\n".join(tests), encoding="utf-8")
        options = ["-q", "-n0", "-pno:cacheprovider", "-plaunch_record", *(["-x"] if stop else []), f"@{listed}"]
        environment = os.environ | {
            "OMP_NUM_THREADS": "1", "PYTHONPATH": f"{copy}{os.pathsep}{copy / 'tests'}", "TMPDIR": str(self.compiled),
            "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip
        with (copy / "log.txt").open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "pytest", *options],
                cwd=copy, env=environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
            try:
                return process.wait(limit)
            except subprocess.TimeoutExpired:
                return None
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()


def _including(header: str) -> set[str]:
    """Return the files that include a header, directly or not."""
    direct = {
        path.name
        for path in (ROOT / "kernels").glob("*.cu*")
        if f'#include "{header}"' in path.read_text(encoding="utf-8")
    }
    return direct.union(*(_including(name) for name in direct if name.endswith(".cuh")))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="files of kernels/; by default all of them")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many to run at a time")
    parser.add_argument("--list", action="store_true", help="list the mutations and run nothing")
    arguments = parser.parse_args()
    files = arguments.files or sorted(path.name for path in (ROOT / "kernels").glob("*.cu*"))
    planned = [
        m for file in files for m in mutations(file, (ROOT / "kernels" / file).read_text(encoding="utf-8"))
    ]
    if arguments.list:
        for mutation in planned:
            print(f"{mutation.file}:{mutation.line}\n- {mutation.old}\n+ {mutation.new}")
        print(f"{len(planned)} mutations")
        return 0
    reasons = explained(SURVIVORS.read_text(encoding="utf-8"))
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(arguments.jobs) as pool:
        tests = Tests(Path(folder), arguments.jobs)
        outcomes = list(tqdm(pool.map(tests.survives, planned), total=len(planned), unit="mutation"))
    survivors = [mutation for mutation, survived in zip(planned, outcomes, strict=True) if survived]
    unexplained = [mutation for mutation in survivors if mutation.key not in reasons]
    killed = {mutation.key for mutation in planned} - {mutation.key for mutation in survivors}
    for mutation in unexplained:
        print(f"{mutation.file}:{mutation.line}\n- {mutation.old}\n+ {mutation.new}\n")
    for key in sorted(killed & reasons.keys()):
        print("survivors.txt explains what tests notice: {}\n- {}\n+ {}\n".format(*key))
    print(
        f"{len(planned)} mutations: {len(planned) - len(survivors)} noticed, {len(survivors) - len(unexplained)} change "
        f"nothing, {len(unexplained)} survive; {(time.monotonic() - begun) / 60:.0f} minutes"
    )
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
