"""Measures this machine: ``python -m benchmarks [--only NAME]... [--quick] [--json FILE] [--minutes N --rate R]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from benchmarks import acknowledgement, mail, memory, pipeline, reads
from benchmarks.report import Figure, save, show

SUITES = ("pipeline", "acknowledgement", "reads", "mail", "memory")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=sorted(SUITES), help="only this one; may be repeated")
    parser.add_argument("--quick", action="store_true", help="shorter runs and smaller databases")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    parser.add_argument("--minutes", type=int, default=0, help="length of the memory suite's load")
    parser.add_argument("--rate", type=float, default=memory.PER_SECOND, help="its messages a second")
    asked = parser.parse_args()
    console, figures = Console(), list[Figure]()
    for name in asked.only or SUITES:
        console.print(f"Measuring {name} …")
        figures += _measured(name, asked)
    show(figures, console)
    if asked.json is not None:
        save(figures, asked.json)
    sys.exit(1 if any(figure.reached is False for figure in figures) else 0)


def _measured(name: str, asked: argparse.Namespace) -> list[Figure]:
    match name:
        case "pipeline":
            return pipeline.measure(quick=asked.quick)
        case "acknowledgement":
            return acknowledgement.measure(quick=asked.quick)
        case "reads":
            return reads.measure(quick=asked.quick)
        case "mail":
            return mail.measure(quick=asked.quick)
        case _:
            return memory.measure(quick=asked.quick, minutes=asked.minutes, per_second=asked.rate)


if __name__ == "__main__":
    main()
