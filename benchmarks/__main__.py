"""Measures this machine: ``python -m benchmarks [--only NAME]... [--quick] [--json FILE]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from benchmarks import acknowledgement, memory, pipeline, reads
from benchmarks.report import Figure, save, show

SUITES = {
    "pipeline": pipeline.measure,
    "acknowledgement": acknowledgement.measure,
    "reads": reads.measure,
    "memory": memory.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=sorted(SUITES), help="only this one; may be repeated")
    parser.add_argument("--quick", action="store_true", help="shorter runs and smaller databases")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    asked = parser.parse_args()
    console, figures = Console(), list[Figure]()
    for name in asked.only or SUITES:
        console.print(f"Measuring {name} …")
        figures += SUITES[name](quick=asked.quick)
    show(figures, console)
    if asked.json is not None:
        save(figures, asked.json)
    sys.exit(1 if any(figure.reached is False for figure in figures) else 0)


if __name__ == "__main__":
    main()
