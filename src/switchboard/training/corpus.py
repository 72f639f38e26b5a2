"""Collects everything a fine-tuned encoder may learn from: weak labels, the fine classes of the public sets, plain texts."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from switchboard.domain.reading import Topic
from switchboard.training.data import Example, Row, load_mapping, names_of, read_rows, weak_example
from switchboard.understanding.text import tidy

FINE = ("banking77", "clinc150", "hwu64", "bitext", "dstc11_track2", "goemotions", "nlupp", "uci_reviews")
"""Sets whose own classes are learned beside ours: they keep general sense in the encoder."""
SEVERAL = ("goemotions", "nlupp")
"""Sets with several classes a message."""
MOST = {"goemotions": 12_000, "cfpb": 1_300, "bitext": 5_000}
"""Most rows of a set; of the others all are taken."""
TURNS = 3
"""Turns of a conversation by tweet that are read alone, without labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One message to learn from: our labels as far as they are known, and the classes of its own set."""

    example: Example
    fine: tuple[str, ...] = ()
    held_out: bool = False
    """Kept for measuring the fine classes: no part of any learning."""

    @property
    def text(self) -> str:
        return self.example.text


def load_lessons(data: Path, sources: Sequence[str], seed: int) -> list[Lesson]:
    """All rows of the sets in a mixed order fixed by ``seed``, each text once."""
    mapping = load_mapping(data)
    lessons = [lesson for source in sources for lesson in _sampled(data, source, seed, mapping)]
    random.Random(seed).shuffle(lessons)
    return list(_unique(lessons))


def _sampled(
    data: Path, source: str, seed: int, mapping: Mapping[tuple[str, str], tuple[str, Topic, float]]
) -> list[Lesson]:
    rows = list(read_rows(data, source))
    random.Random(seed).shuffle(rows)
    return [lesson for key, row in rows[: MOST.get(source)] for lesson in _lessons(key, row, mapping)]


def _lessons(key: str, row: Row, mapping: Mapping[tuple[str, str], tuple[str, Topic, float]]) -> Iterator[Lesson]:
    source = key.partition(":")[0]
    example = weak_example(key, row, mapping)
    if source in ("hwu64", "goemotions") or (source == "clinc150" and not known(row, mapping)):
        example = replace(example, intent=None, topic=None)
    fine = tuple(names_of(row)) if source in FINE else ()
    yield Lesson(example=example, fine=() if fine == ("oos",) else fine, held_out=held_out(key, row))
    turns = row.get("turns") if source == "ibm_cdp" else None
    if isinstance(turns, list):
        for number, (side, text) in enumerate(turns[1 : TURNS + 1], start=1):
            if side == "client" and len(str(text)) > 15:
                yield Lesson(example=Example(key=f"{key}/{number}", text=str(text)))


def known(row: Row, mapping: Mapping[tuple[str, str], tuple[str, Topic, float]]) -> bool:
    """Whether our mapping names the row's class, or its set says that it belongs to none."""
    return row["label"] == "oos" or any(("clinc150", name) in mapping for name in names_of(row))


def held_out(key: str, row: Row) -> bool:
    """The rows that measure the fine classes: the official validation part, or one in ten by a hash of source and row."""
    source = key.partition(":")[0]
    if source == "clinc150":
        return str(row["split"]) == "val"
    digest = int.from_bytes(hashlib.sha256(f"fine/{key}".encode()).digest()[:4], "big")
    return source == "banking77" and digest % 10 == 0


def _unique(lessons: Sequence[Lesson]) -> Iterator[Lesson]:
    """Each text once; of equal texts the one that only measures stays, so that it is never learned from."""
    seen: set[str] = set()
    for lesson in sorted(lessons, key=lambda lesson: not lesson.held_out):
        text = tidy(lesson.text).lower()
        if text and text not in seen:
            seen.add(text)
            yield lesson
