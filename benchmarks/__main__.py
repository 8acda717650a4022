"""The command line of the benchmarks."""

from __future__ import annotations

import argparse
import sys

from . import devices, gpu_check, kernels, overhead, readme, scaling, training


def main(arguments: list[str] | None = None) -> int:
    """Run a benchmark and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for benchmark in (training, overhead, scaling, devices, kernels, gpu_check, readme):
        benchmark.add_to(commands)
    options = parser.parse_args(arguments)
    return int(options.run(options))


if __name__ == "__main__":
    sys.exit(main())
