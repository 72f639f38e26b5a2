"""The project's pages, read for testing: their files, their fenced blocks, and answers shortened with an ellipsis."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
FENCE = re.compile(r"^```([a-z]*)([^\n`]*)\n(.*?)^```$", re.M | re.S)
ANYTHING = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block: ``language`` and further words of its first line, the text, and the line it begins in."""

    language: str
    words: str
    text: str
    line: int


def pages() -> list[Path]:
    """Every Markdown page of the project."""
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Block(language=found[1], words=found[2].strip(), text=found[3], line=line)


def without_blocks(text: str) -> str:
    return FENCE.sub("", text)


def tracked_files() -> list[Path]:
    """What is, or is about to be, under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def difference(shown: object, real: object, where: str = "answer") -> str | None:
    """Where ``real`` is not what the page shows, or None. Fields that the page leaves out do not count; ``…`` stands for
    anything, also inside a text and as the last entry of a list."""
    match shown, real:
        case dict(), dict():
            missing = [name for name in shown if name not in real]
            if missing:
                return f"{where} has no {missing[0]}"
            return _first(difference(value, real[name], f"{where}.{name}") for name, value in shown.items())
        case list(), list():
            return _lists(shown, real, where)
        case str(), _ if ANYTHING in shown:
            pattern = ".*".join(re.escape(part) for part in shown.split(ANYTHING))
            fits = re.fullmatch(pattern, str(real), re.S) is not None
        case _:
            fits = shown == real
    return None if fits else f"{where} is {real!r}, the page shows {shown!r}"


def _lists(shown: list[object], real: list[object], where: str) -> str | None:
    more = bool(shown) and shown[-1] == ANYTHING
    wanted = shown[:-1] if more else shown
    if len(real) < len(wanted) or (len(real) > len(wanted) and not more):
        return f"{where} has {len(real)} entries, the page shows {len(wanted)}"
    return _first(difference(a, b, f"{where}[{n}]") for n, (a, b) in enumerate(zip(wanted, real, strict=False)))


def _first(found: Iterator[str | None]) -> str | None:
    return next((difference_ for difference_ in found if difference_ is not None), None)
