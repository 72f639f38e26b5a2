"""Reads labelled messages: a file of JSON lines of one's own, or the project's own labels; faults are named by line and field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import orjson

from switchboard.domain.reading import EntityType, IntentCategory, SentimentLabel, Topic
from switchboard.errors import InvalidInput
from switchboard.training.data import LABELS, NO_INTENT, Example, Part, load_hand, part_of

Row = Mapping[str, object]

INTENTS = (*(str(intent) for intent in IntentCategory), NO_INTENT)
TOPICS = tuple(map(str, Topic))
LABELS_OF_MOOD = tuple(map(str, SentimentLabel))
TYPES = tuple(map(str, EntityType))
WRITTEN = LABELS.parent / "written_languages"
MEASURE = LABELS.parent / "labels_measure"
LABEL_FIELDS = {
    "intent": ("intent",),
    "sentiment": ("score", "label"),
    "entities": ("entities",),
    "language": ("language", "label"),
}
OWN = ("test", "measure", "languages", "languages-tune")
"""Our own labels: of the sets that train, the part that only measures; of sets that nothing learned from; and messages written in
ten languages, those that measure and those that the rules were tuned on."""


def read_labelled(path: Path, task: str) -> list[Row]:
    """The rows of a file of JSON lines, checked for the task. Raises ``InvalidInput`` naming line, field and what is allowed."""
    if not path.is_file():
        raise InvalidInput("this file does not exist", field="data", fix="name a JSONL file")
    rows = list(_checked(list(_parsed(path)), task))
    if not rows:
        raise InvalidInput("there are no messages in this file", field=path.name, fix="write one JSON object a line")
    return rows


def own_labels(name: str, task: str, data: Path | None) -> list[Row]:
    """Our own labels as rows. ``data`` is the folder of the public sets, where the texts are. Raises ``InvalidInput``."""
    if name not in OWN:
        raise InvalidInput("there are no such labels", field="own-labels", limit=", ".join(OWN), fix="name one of them")
    if name.startswith("languages"):
        return read_labelled(WRITTEN / ("tune.jsonl" if name == "languages-tune" else "measure.jsonl"), task)
    if task == "language":
        raise InvalidInput("these labels name no language", field="own-labels", fix="use languages or languages-tune")
    if data is None or not data.is_dir():
        raise InvalidInput(
            "the texts of our labels are missing", field="data", fix="give the folder of the public sets"
        )
    try:
        return _marks(data) if task == "entities" else [_row(one) for one in _examples(name, data)]
    except FileNotFoundError as gone:
        raise InvalidInput("a public set is missing", field="data", limit=Path(str(gone.filename)).name) from None


def _examples(name: str, data: Path) -> list[Example]:
    if name == "measure":
        return load_hand(data, MEASURE)
    return [example for example in load_hand(data) if part_of(example.key) is Part.TEST]


def _row(example: Example) -> Row:
    return {
        "text": example.text,
        "intent": example.intent,
        "secondary": list(example.secondary),
        "topic": str(example.topic) if example.topic else None,
        "score": example.score,
        "source": example.source,
    }


def _marks(data: Path) -> list[Row]:
    from switchboard.training.entity_data import load_marks

    return list(load_marks(data, "measure"))


def _parsed(path: Path) -> Iterator[tuple[str, Row]]:
    """Each row with the name of its line."""
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        if not line.strip():
            continue
        place = f"{path.name}:{number}"
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:
            raise InvalidInput("a line is not JSON", field=place, fix="write one JSON object a line") from None
        if not isinstance(row, dict):
            raise InvalidInput("a line is no JSON object", field=place, fix='write {"text": ..., ...}')
        yield place, row


def _checked(rows: Iterable[tuple[str, Row]], task: str) -> Iterator[Row]:
    for place, row in rows:
        if _left_open(row, task):
            continue
        if not isinstance(row.get("text"), str):
            raise _wrong(place, "text", "a text", "give every row its message")
        for name in ("source", "segment"):
            if not isinstance(row.get(name, ""), str):
                raise _wrong(place, name, "a text", "leave it out, or name the group that the message belongs to")
        CHECKS[task](place, row)
        yield row


def _left_open(row: Row, task: str) -> bool:
    """Whether the row names the task's label but leaves it null: a correction of something else says nothing of it."""
    given = [row[name] for name in LABEL_FIELDS[task] if name in row]
    return bool(given) and all(value is None for value in given)


def _intent_row(place: str, row: Row) -> None:
    _one_of(place, row, "intent", INTENTS)
    for name in ("secondary", "also"):
        values = row.get(name) or []
        if not isinstance(values, list) or not all(value in INTENTS for value in values):
            raise _wrong(place, name, f"a list of {', '.join(INTENTS)}", "correct it or leave it out")
    if row.get("topic") is not None:
        _one_of(place, row, "topic", TOPICS)


def _sentiment_row(place: str, row: Row) -> None:
    score = row.get("score")
    if score is None:
        _one_of(place, row, "label", LABELS_OF_MOOD)
    elif isinstance(score, bool) or not isinstance(score, int | float) or not -1 <= score <= 1:
        raise _wrong(place, "score", "a number from -1 to 1", "give a score, or a label instead")


def _entity_row(place: str, row: Row) -> None:
    entities = row.get("entities")
    if isinstance(entities, dict):
        kinds = list(entities)
    elif isinstance(entities, list) and all(isinstance(entity, dict) for entity in entities):
        kinds = [entity.get("type") for entity in entities]
    else:
        raise _wrong(place, "entities", 'a list of {"type", "value"} or {"type", "start", "end"}', "list them, or []")
    if any(kind not in TYPES for kind in kinds):
        raise _wrong(place, "entities.type", ", ".join(TYPES), "use one of the six types")


def _language_row(place: str, row: Row) -> None:
    code = row.get("language", row.get("label"))
    if not isinstance(code, str) or not 2 <= len(code) <= 3 or not code.isalpha():
        raise _wrong(place, "language", "a code of ISO 639-1, or und", "write en, de, fr ...")


def _one_of(place: str, row: Row, name: str, allowed: tuple[str, ...]) -> None:
    if row.get(name) not in allowed:
        raise _wrong(place, name, ", ".join(allowed), f"give every row a {name}")


def _wrong(place: str, name: str, allowed: str, fix: str) -> InvalidInput:
    return InvalidInput(f"{name} cannot be used", field=f"{place} {name}", limit=allowed, fix=fix)


CHECKS: Mapping[str, Callable[[str, Row], None]] = {
    "intent": _intent_row,
    "sentiment": _sentiment_row,
    "entities": _entity_row,
    "language": _language_row,
}
