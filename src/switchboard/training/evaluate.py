"""Measures the reader on labelled messages: ``evaluate("intent", rows)`` returns plain figures, ready for JSON."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from switchboard.domain.reading import EntityType, Reading, SentimentLabel, sentiment_label
from switchboard.engines.understanding import build_understanding
from switchboard.errors import InvalidInput
from switchboard.ports.engines import TextToRead, Understanding
from switchboard.training.data import NO_INTENT, Example
from switchboard.training.metrics import Figures, calibration, classification, ratio, spans, tone_error

Row = Mapping[str, object]

BATCH = 64
MISREAD = 25
"""Mistakes that are listed, by source and row: never by text."""
EVALUATED_AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
"""Messages of an evaluation have no date of their own: relative dates resolve against this one."""


def evaluate(task: str, rows: Sequence[Row], understanding: Understanding | None = None) -> Figures:
    """Figures for ``intent``, ``sentiment``, ``entities`` or ``language`` (see ``docs/models.md`` for the fields).

    Rows have ``text`` and the fields of the task: ``intent`` (with ``secondary``, ``topic`` if known); ``score`` and/or
    ``label``; ``entities`` (list of ``{"type", "value"}``, or a mapping of type to values); ``language``.
    Raises ``InvalidInput`` naming the row and field that cannot be used.
    """
    if task not in MEASURES:
        raise InvalidInput(
            f"unknown task, expected one of {', '.join(MEASURES)}", field="task", fix="choose one of the tasks"
        )
    texts = [_string(row, "text", number) for number, row in enumerate(rows)]
    readings = asyncio.run(_read(texts, understanding or build_understanding(timeout=120.0)))
    sources = sorted({str(reading.source) for reading in readings})
    versions = sorted({reading.model_version for reading in readings})
    return {
        "task": task,
        "n": len(rows),
        "source": sources,
        "model_version": versions,
        **MEASURES[task](rows, readings),
    }


def evaluate_kept(examples: Sequence[Example], understanding: Understanding) -> Figures:
    """Figures for messages labelled by hand and kept out of training.

    Accuracy, macro-F1, topic and tone as in ``evaluate``, over the messages that carry an intent; calibration and coverage
    over all: a sure intent for a message without any counts as wrong.
    """
    readings = asyncio.run(_read([example.text for example in examples], understanding))
    both = list(zip(examples, readings, strict=True))
    clear = [(example, reading) for example, reading in both if example.intent != NO_INTENT]
    rows = [_row_of(example) for example, _ in clear]
    right = [example.intent == reading.primary.category for example, reading in both]
    sure = [reading.intent.confidence for _, reading in both]
    idle = [reading.intent.requires_human_review for example, reading in both if example.intent == NO_INTENT]
    return {
        "n": len(both),
        "by_source": dict(sorted(Counter(example.source for example in examples).items())),
        "accuracy_by_source": _by_source(clear),
        "intent": measure_intent(rows, [reading for _, reading in clear]),
        "calibration": calibration(sure, right),
        "without_intent": {"n": len(idle), "below_review": ratio(sum(idle), len(idle))},
        "sentiment": measure_sentiment([_row_of(example) for example in examples], readings),
        "misread": _misread(both),
    }


def _by_source(clear: Sequence[tuple[Example, Reading]]) -> Figures:
    """Share of intents that were right, source by source."""
    right: dict[str, list[bool]] = {}
    for example, reading in clear:
        right.setdefault(example.source, []).append(example.intent == reading.primary.category)
    return {source: ratio(sum(hits), len(hits)) for source, hits in sorted(right.items())}


def _misread(both: Sequence[tuple[Example, Reading]]) -> list[list[object]]:
    """The surest mistakes: source and row of the message, its intent, what was read, and the confidence in it."""
    wrong = [(example, reading) for example, reading in both if example.intent != reading.primary.category]
    wrong.sort(key=lambda pair: -pair[1].intent.confidence)
    return [
        [example.key, example.intent, str(reading.primary.category), round(reading.intent.confidence, 3)]
        for example, reading in wrong[:MISREAD]
    ]


def _row_of(example: Example) -> Row:
    return {
        "intent": example.intent,
        "secondary": list(example.secondary),
        "topic": str(example.topic) if example.topic else None,
        "score": example.score,
    }


async def _read(texts: Sequence[str], understanding: Understanding) -> list[Reading]:
    found: list[Reading] = []
    for start in range(0, len(texts), BATCH):
        batch = [TextToRead(text=text, at=EVALUATED_AT) for text in texts[start : start + BATCH]]
        found.extend(await understanding.read(batch))
    return found


def measure_intent(rows: Sequence[Row], readings: Sequence[Reading]) -> Figures:
    """Main intent, its calibration, the intents named beside it, and the topic where rows have one."""
    actual = [_string(row, "intent", number) for number, row in enumerate(rows)]
    predicted = [str(reading.primary.category) for reading in readings]
    right = [one == two for one, two in zip(actual, predicted, strict=True)]
    lenient = [
        one == two or two in _strings(row.get("secondary"))
        for one, two, row in zip(actual, predicted, rows, strict=True)
    ]
    figures: Figures = {
        **classification(actual, predicted),
        "accuracy_counting_secondary": ratio(sum(lenient), len(lenient)),
        "calibration": calibration([reading.intent.confidence for reading in readings], right),
        "all_intents": spans(
            [
                (
                    {"intent": {one, *_strings(row.get("secondary"))}},
                    {"intent": {str(i.category) for i in reading.intent.all_intents}},
                )
                for one, row, reading in zip(actual, rows, readings, strict=True)
            ]
        )["per_type"],
    }
    known = [
        (str(row["topic"]), str(reading.primary.subcategory))
        for row, reading in zip(rows, readings, strict=True)
        if row.get("topic")
    ]
    if known:
        figures["topic"] = classification([one for one, _ in known], [two for _, two in known])
    return figures


def measure_sentiment(rows: Sequence[Row], readings: Sequence[Reading]) -> Figures:
    """Five labels, within one label, three classes, and the error of the score where rows have one."""
    order = [str(label) for label in SentimentLabel]
    labels = [_label(row, number) for number, row in enumerate(rows)]
    predicted = [str(reading.sentiment.label) for reading in readings]
    near = [abs(order.index(one) - order.index(two)) <= 1 for one, two in zip(labels, predicted, strict=True)]
    right = [one == two for one, two in zip(labels, predicted, strict=True)]
    figures: Figures = {
        **classification(labels, predicted),
        "within_one": ratio(sum(near), len(near)),
        "polarity": classification(list(map(_polarity, labels)), list(map(_polarity, predicted))),
        "calibration": calibration([reading.sentiment.confidence for reading in readings], right),
    }
    scored = [
        (float(str(row["score"])), reading.sentiment.score)
        for row, reading in zip(rows, readings, strict=True)
        if row.get("score") is not None
    ]
    if scored:
        figures["score"] = tone_error([one for one, _ in scored], [two for _, two in scored])
    return figures


def measure_entities(rows: Sequence[Row], readings: Sequence[Reading]) -> Figures:
    """Entities by type and text as written, without regard to case."""
    pairs = []
    for number, (row, reading) in enumerate(zip(rows, readings, strict=True)):
        found: dict[str, set[str]] = {}
        for entity in reading.entities:
            found.setdefault(str(entity.type), set()).add(entity.value.lower())
        pairs.append((_wanted(row, number), found))
    return spans(pairs)


def measure_language(rows: Sequence[Row], readings: Sequence[Reading]) -> Figures:
    """Language codes; "und" counts as any other answer."""
    actual = [_string(row, "language" if "language" in row else "label", number) for number, row in enumerate(rows)]
    return classification(actual, [reading.language.code for reading in readings])


MEASURES: Mapping[str, Callable[[Sequence[Row], Sequence[Reading]], Figures]] = {
    "intent": measure_intent,
    "sentiment": measure_sentiment,
    "entities": measure_entities,
    "language": measure_language,
}


def _polarity(label: str) -> str:
    return label.removeprefix("very_")


def _label(row: Row, number: int) -> str:
    if row.get("score") is not None:
        return str(sentiment_label(float(str(row["score"]))))
    return str(SentimentLabel(_string(row, "label", number)))


def _wanted(row: Row, number: int) -> dict[str, set[str]]:
    entities = row.get("entities")
    if isinstance(entities, Mapping):
        return {
            str(EntityType(kind)): {value.lower() for value in _strings(values)} for kind, values in entities.items()
        }
    if not isinstance(entities, list):
        raise InvalidInput(
            f"row {number} has no list of entities", field="entities", fix='give a list of {"type", "value"}'
        )
    wanted: dict[str, set[str]] = {}
    for entity in entities:
        wanted.setdefault(str(EntityType(str(entity["type"]))), set()).add(str(entity["value"]).lower())
    return wanted


def _strings(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else []


def _string(row: Row, field: str, number: int) -> str:
    value = row.get(field)
    if not isinstance(value, str):
        raise InvalidInput(f"row {number} has no text in {field}", field=field, fix=f"give every row the field {field}")
    return value
