"""Reads the training sets: public messages with weak labels by class, and our own labels made by reading."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from switchboard.domain.reading import IntentCategory, Topic
from switchboard.errors import InvalidInput
from switchboard.training.weak import emotion_score, intent_by_wording
from switchboard.understanding.text import tidy

LABELS = Path(__file__).parent / "labels"
WRITTEN = Path(__file__).parent / "written"
PERMISSIVE = {
    "bitext": 2_200,
    "banking77": 3_500,
    "nlupp": 2_238,
    "clinc150": 4_500,
    "hwu64": 450,
    "dstc11_track2": 1_801,
    "cfpb": 700,
    "goemotions": 2_000,
    "uci_reviews": 2_347,
    "ibm_cdp": 476,
}
"""Sets whose licence lets weights trained on them be shipped, with the most rows taken of each."""
MEASURED = {
    "airline_tweets": 1_200,
    "complaint_tweets": 600,
    "app_reviews": 600,
    "sst5": 1_000,
    "tweeteval_sentiment": 800,
}
"""Sets that only measure: their licence is non-commercial, research-only or unstated."""

NO_INTENT = "none"
CUSTOMER_LIKE = ("transport", "takeaway")
"""Commands to an assistant in ``hwu64`` carry no intent for a support desk, but these may."""
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One message to learn from. ``None`` means that its class does not decide that label; ``weight`` counts it."""

    key: str
    text: str
    intent: str | None = None
    secondary: tuple[str, ...] = ()
    topic: Topic | None = None
    score: float | None = None
    weight: float = 1.0
    by_hand: bool = False

    @property
    def source(self) -> str:
        return self.key.partition(":")[0]


def read_rows(data: Path, source: str) -> Iterator[tuple[str, Row]]:
    """Every row of a set with its key ``source:line``; the line counts from 0."""
    with gzip.open(data / source / f"{source}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            yield f"{source}:{number}", json.loads(line)


def load_mapping(data: Path) -> dict[tuple[str, str], tuple[str, Topic, float]]:
    """Original class to our intent ("" when the wording decides), topic and weight."""
    with (data / "mapping" / "label_mapping.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["source"], row["original_label"]): (
                row["intent"],
                Topic(row["topic"]),
                1.0 if row["confidence"] == "high" else 0.4,
            )
            for row in csv.DictReader(file)
        }


def load_weak(data: Path, *, seed: int = 7) -> list[Example]:
    """Permissive rows with labels by class mapping, sampled with ``seed``, without repeated texts."""
    mapping = load_mapping(data)
    chosen = (example for source, most in PERMISSIVE.items() for example in _sample(data, source, most, seed, mapping))
    return list(_unique(chosen))


def _sample(
    data: Path, source: str, most: int, seed: int, mapping: Mapping[tuple[str, str], tuple[str, Topic, float]]
) -> list[Example]:
    rows = list(read_rows(data, source))
    if source == "goemotions":
        rows = [(key, row) for key, row in rows if emotion_score(names_of(row)) is not None]
    if source == "hwu64":
        rows = [(key, row) for key, row in rows if not str(row["label"]).startswith(CUSTOMER_LIKE)]
    if source == "clinc150":
        rows = [(key, row) for key, row in rows if (source, str(row["label"])) in mapping or row["label"] == "oos"]
    random.Random(seed).shuffle(rows)
    return [weak_example(key, row, mapping) for key, row in rows[:most]]


def names_of(row: Row) -> list[str]:
    labels = row.get("labels", row.get("label", ""))
    return [str(name) for name in labels] if isinstance(labels, list) else [str(labels)]


def weak_example(key: str, row: Row, mapping: Mapping[tuple[str, str], tuple[str, Topic, float]]) -> Example:
    source, text, names = key.partition(":")[0], str(row["text"]), names_of(row)
    if source == "cfpb":
        names = ["narrative"]
    if source == "goemotions":
        return Example(key=key, text=text, score=emotion_score(names), weight=0.5)
    if names == ["oos"] or source == "hwu64":
        return Example(key=key, text=text, intent=NO_INTENT, weight=0.3)
    found = [mapping[source, name] for name in names if (source, name) in mapping]
    intents = [intent for intent, _, _ in found if intent]
    intent = min(intents, key=precedence) if intents else None
    if found and intent is None:
        intent = intent_by_wording(text)
    specific = [(topic, weight) for _, topic, weight in found if topic is not Topic.GENERAL]
    topic, weight = specific[0] if specific else (None, found[0][2] if found else 0.3)
    score = {"positive": 0.6, "negative": -0.55}.get(names[0]) if source == "uci_reviews" else None
    return Example(key=key, text=text, intent=intent, topic=topic, score=score, weight=weight)


def precedence(intent: str) -> int:
    """Place in the guideline's decision order: escalation first, no intent last."""
    order = [*IntentCategory, NO_INTENT]
    return order.index(intent)


class Part(StrEnum):
    """What a hand-labelled message is for: learning, choosing how to learn, or measuring only."""

    TRAIN = "train"
    CALIBRATION = "calibration"
    TEST = "test"


def part_of(key: str) -> Part:
    """The part of a hand-labelled message, fixed by its source and row for good: 20 in 100 test, 15 calibrate."""
    place = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") % 100
    return Part.TEST if place < 20 else Part.CALIBRATION if place < 35 else Part.TRAIN


def part_of_example(example: Example) -> Part:
    """Our own written messages only teach: to measure on them would measure our own way of writing. So do rows of a team
    that leave something open."""
    whole = example.intent is not None and example.score is not None
    return part_of(example.key) if example.source != "written" and whole else Part.TRAIN


def load_hand(data: Path, labels: Path = LABELS) -> list[Example]:
    """Our own labels, joined with the texts they belong to; the repository holds labels only, never the texts."""
    marks = [
        json.loads(line) for path in sorted(labels.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()
    ]
    texts = {
        key: str(row["text"])
        for source in sorted({mark["source"] for mark in marks})
        for key, row in read_rows(data, source)
    }
    return [_hand(f"{mark['source']}:{mark['row']}", mark, texts) for mark in marks]


def _hand(key: str, mark: Row, texts: Mapping[str, str]) -> Example:
    secondary = mark.get("secondary", [])
    return Example(
        key=key,
        text=texts[key],
        intent=str(mark["intent"]),
        secondary=tuple(map(str, secondary)) if isinstance(secondary, list) else (),
        topic=Topic(str(mark["topic"])) if mark.get("topic") else None,
        score=float(str(mark["score"])),
        by_hand=True,
    )


def load_written(folder: Path = WRITTEN) -> list[Example]:
    """Messages that we wrote ourselves in manners that no permissive set holds, labelled under the same guideline."""
    rows = [row for path in sorted(folder.glob("*.jsonl")) for row in _lines(path)]
    return [_labelled(f"written:{row['id']}", row, str(row["text"]), number) for number, row in enumerate(rows)]


def load_team(path: Path) -> list[Example]:
    """A team's own corrected messages: JSON lines with ``text`` and as many of ``intent``, ``secondary``, ``topic`` and
    ``score`` as are known. Raises ``InvalidInput`` naming the row and field that cannot be used."""
    found = []
    for number, row in enumerate(_lines(path)):
        text = row.get("text")
        if not isinstance(text, str) or not text.strip():
            raise InvalidInput(f"row {number} has no text", field="text", fix="give every row the message's text")
        key = hashlib.sha256(tidy(text).lower().encode()).hexdigest()[:16]
        found.append(_labelled(f"team:{key}", row, text, number))
    return found


def _lines(path: Path) -> list[Row]:
    lines = [line for line in path.read_text("utf-8").splitlines() if line.strip()]
    return [_object(line, number) for number, line in enumerate(lines)]


def _object(line: str, number: int) -> Row:
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    if not isinstance(row, dict):
        raise InvalidInput(f"row {number} is no JSON object", field="labels", fix="write one object a line")
    return row


def _labelled(key: str, row: Row, text: str, number: int) -> Example:
    secondary, intent, topic, score = (row.get(name) for name in ("secondary", "intent", "topic", "score"))
    if intent and intent not in (*IntentCategory, NO_INTENT):
        raise InvalidInput(f"row {number} names an unknown intent", field="intent", fix="use one of the five, or none")
    named = secondary if isinstance(secondary, list) else []
    if any(one not in tuple(IntentCategory) for one in named):
        raise InvalidInput(f"row {number} names an unknown intent", field="secondary", fix="use the five intents")
    if topic and topic not in tuple(Topic):
        raise InvalidInput(f"row {number} names an unknown topic", field="topic", fix="use one of the twelve topics")
    if score is not None and not (isinstance(score, int | float) and -1 <= score <= 1):
        raise InvalidInput(f"row {number} has a score out of range", field="score", limit="-1 to 1")
    return Example(
        key=key,
        text=text,
        intent=str(intent) if intent else None,
        secondary=tuple(map(str, named)),
        topic=Topic(str(topic)) if topic else None,
        score=None if score is None else float(str(score)),
        by_hand=True,
    )


def _unique(examples: Iterable[Example]) -> Iterator[Example]:
    seen: set[str] = set()
    for example in examples:
        text = tidy(example.text).lower()
        if text and text not in seen:
            seen.add(text)
            yield example
