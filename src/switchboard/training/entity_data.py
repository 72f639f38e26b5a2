"""Messages with marked entities: our own marks made by reading, and what public sets mark of persons, places and products."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from switchboard.domain.reading import EntityType
from switchboard.training.data import MEASURED, WRITTEN

MARKS = Path(__file__).parent / "entity_marks"
MEASURE_SHARE = 35
"""Of 100 rows of a permissive set, how many only measure."""
LICENCES = {
    "own marks": "as their sets", "written": "Apache-2.0", "nlupp": "CC-BY-4.0", "presidio_synth": "MIT", "wnut17": "CC-BY-4.0",
    "bitext": "CDLA-Sharing-1.0", "phonenumbers": "Apache-2.0",
}  # fmt: skip
PERSON, LOCATION, PRODUCT = EntityType.PERSON, EntityType.LOCATION, EntityType.PRODUCT
Row = dict[str, object]
Span = tuple[int, int, EntityType | None]
"""Characters and their kind; None hides them from the fit, where a set says too little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """A text with spans to learn from; ``weight`` counts it."""

    text: str
    spans: tuple[Span, ...]
    weight: float = 1.0
    source: str = ""
    by_hand: bool = False


def part_of_marks(source: str, row: int) -> str:
    """ "measure" or "train", fixed by source and row for good; sets that forbid training always measure."""
    number = int.from_bytes(hashlib.sha256(f"entities:{source}:{row}".encode()).digest()[:4], "big")
    return "measure" if source in MEASURED or number % 100 < MEASURE_SHARE else "train"


def load_marks(data: Path, part: str, marks: Path = MARKS) -> list[Row]:
    """Our own marks of a part ("train" or "measure") as rows for ``entity_scores``: source, row, text, entities."""
    rows: list[Row] = []
    for path in sorted((marks / part).glob("*.jsonl")):
        texts = _texts(data, path.stem)
        for line in path.read_text("utf-8").splitlines():
            mark = json.loads(line)
            rows.append({**mark, "text": texts[mark["row"]]})
    return rows


def load_catalogue_marks(part: str, marks: Path = MARKS) -> list[Row]:
    """Messages written for the demo catalogue; every second one measures."""
    lines = (marks / "catalogue" / "larkfield.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines[part == "measure" :: 2]]


def load_written_marks(marks: Path = MARKS, written: Path = WRITTEN) -> list[Row]:
    """Messages that nobody sent, with their persons, places and products: they only teach. A line names one of
    ``training/written`` by ``id`` or brings its own ``text``. Raises ``KeyError`` for an unknown id."""
    texts = {row["id"]: row["text"] for path in written.glob("*.jsonl") for row in _lines(path)}
    rows = (row for path in sorted((marks / "written").glob("*.jsonl")) for row in _lines(path))
    return [{**row, "source": "written", "text": row.get("text") or texts[row["id"]]} for row in rows]


def _lines(path: Path) -> Iterator[Row]:
    return (json.loads(line) for line in path.read_text("utf-8").splitlines())


def _texts(data: Path, source: str) -> list[str]:
    if source == "dstc10_faq":
        return [str(row["turns"][-1][1]) for row in _rows(data / source / "queries.jsonl.gz")]  # type: ignore[index]  # turns are pairs of speaker and text
    return [str(row["text"]) for row in _rows(data / source / f"{source}.jsonl.gz")]


def _rows(path: Path) -> Iterator[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def load_tagged(data: Path, seed: int = 7) -> list[Tagged]:
    """Everything the tagger learns from but the written sentences: own marks count most."""
    own = [_own(row, "own marks") for row in load_marks(data, "train")]
    written = [_own(row, "written") for row in load_written_marks()]
    return [*own, *written, *_nlupp(data), *_presidio(data), *_wnut(data), *_bitext(data, random.Random(seed))]


def _own(row: Mapping[str, object], source: str) -> Tagged:
    entities = row["entities"]
    assert isinstance(entities, list)
    spans = tuple(
        (int(one["start"]), int(one["end"]), EntityType(one["type"]))
        for one in entities
        if one["type"] in {PERSON, LOCATION, PRODUCT}
    )
    return Tagged(text=str(row["text"]), spans=spans, weight=2.5, source=source, by_hand=True)


def _nlupp(data: Path) -> Iterator[Tagged]:
    """Names of persons; rows that name a company are left out, because a company may be a product or not."""
    marked = {row["row"] for row in load_marks(data, "train") if row["source"] == "nlupp"}
    for number, row in enumerate(_rows(data / "nlupp" / "nlupp.jsonl.gz")):
        slots, text = row["slots"], str(row["text"])
        assert isinstance(slots, dict)
        if number in marked or part_of_marks("nlupp", number) == "measure" or "company_name" in slots:
            continue
        names = slots.get("person_name", [])
        spans = [span for name in ([names] if isinstance(names, str) else names) for span in _all(text, name, PERSON)]
        yield Tagged(text=text, spans=tuple(spans), source="nlupp")


def _all(text: str, value: str, kind: EntityType | None) -> Iterator[Span]:
    for match in re.finditer(rf"(?<!\w){re.escape(value)}(?!\w)", text, re.IGNORECASE):
        yield match.start(), match.end(), kind


_PRESIDIO = {"PERSON": PERSON, "GPE": LOCATION, "STREET_ADDRESS": LOCATION, "ORGANIZATION": None, "ZIP_CODE": None}


def _presidio(data: Path) -> Iterator[Tagged]:
    for row in _rows(data / "presidio_synth" / "presidio_synth.jsonl.gz"):
        found = row["spans"]
        assert isinstance(found, list)
        spans = []
        for one in found:
            kind, value = one["entity_type"], str(one["entity_value"])
            if kind in _PRESIDIO:
                partial = kind == "STREET_ADDRESS" and len(value.split()) < 3
                spans.append((one["start_position"], one["end_position"], None if partial else _PRESIDIO[kind]))
        yield Tagged(text=str(row["full_text"]), spans=tuple(spans), weight=0.6, source="presidio_synth")


_WNUT = {"person": PERSON, "location": LOCATION, "product": PRODUCT, "corporation": None}


def _wnut(data: Path) -> Iterator[Tagged]:
    for name in ("train", "dev"):
        with gzip.open(data / "wnut17" / f"wnut17_{name}.conll.gz", "rt", encoding="utf-8") as file:
            for block in file.read().split("\n\t\n" if name == "train" else "\n\n"):
                if tagged := _sentence(block):
                    yield tagged


def _sentence(block: str) -> Tagged | None:
    text, spans = "", []
    for line in block.splitlines():
        word, _, label = line.partition("\t")
        if not word.strip():
            continue
        glued = word in {"'s", "n't", "'m", ",", ".", "!", "?", "'re", "'ll", "'ve", ":"} or text.endswith(("$", "("))
        start = len(text) + (0 if glued or not text else 1)
        text = f"{text}{'' if glued or not text else ' '}{word}"
        kind = label.strip()[2:]
        if kind in _WNUT:
            spans.append((start, len(text), _WNUT[kind]))
    return Tagged(text=text, spans=tuple(spans), weight=0.5, source="wnut17") if text else None


_BITEXT = {"person_name": PERSON, "delivery_city": LOCATION, "delivery_country": LOCATION, "account_type": PRODUCT}
_TITLE = re.compile(r"^(?:Mr|Mrs|Ms|Dr)\.? ")


def _bitext(data: Path, chance: random.Random) -> Iterator[Tagged]:
    marked = {row["row"] for row in load_marks(data, "train") if row["source"] == "bitext"}
    rows = list(_rows(data / "bitext" / "bitext.jsonl.gz"))
    chosen = chance.sample(range(len(rows)), min(len(rows), 900))
    for number in chosen:
        row = rows[number]
        if number in marked or part_of_marks("bitext", number) == "measure":
            continue
        kind, value, text = str(row["entity_type"]), _TITLE.sub("", str(row["entity_value"])), str(row["text"])
        spans: list[Span] = []
        if kind in _BITEXT and value:
            spans = list(_all(text, f"{value} account" if kind == "account_type" else value, _BITEXT[kind]))
            spans = spans or list(_all(text, value, None))
        yield Tagged(text=text, spans=tuple(spans), weight=0.4, source="bitext")
