"""What is measured of each task: intent, sentiment, entities and language, over all messages and over groups of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from switchboard.domain.reading import Reading, SentimentLabel, sentiment_label
from switchboard.errors import InvalidInput
from switchboard.training.data import NO_INTENT
from switchboard.training.entity_scores import entity_scores, marked
from switchboard.training.metrics import Figures, calibration, classification, detection, ratio, spans, tone_error
from switchboard.understanding.text import words

Row = Mapping[str, object]

LENGTHS = ((8, "short"), (30, "medium"))
"""Words up to which a message is short and medium; the rest are long."""
SIGNALS = ("wants_human", "hurry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one message: its row from 0, the groups it belongs to, what was asked for and what was said.
    ``defensible``: right, or the second reading that the labels allow."""

    row: int
    source: str
    segment: str
    actual: str
    predicted: str
    confidence: float
    right: bool
    defensible: bool


def measure_intent(rows: Sequence[Row], readings: Sequence[Reading]) -> Figures:
    """Main intent, its calibration, the intents named beside it, and the topic where rows have one. Messages without an
    intent (``none``) count for calibration and coverage only: a sure intent is wrong there."""
    seen = outcomes("intent", rows, readings)
    clear = [(row, reading) for row, reading in zip(rows, readings, strict=True) if row["intent"] != NO_INTENT]
    said = [one for one in seen if one.actual != NO_INTENT]
    secondary = [
        one.right or one.predicted in strings(row.get("secondary")) for one, (row, _) in zip(said, clear, strict=True)
    ]
    figures: Figures = {
        **classification([one.actual for one in said], [one.predicted for one in said]),
        "accuracy_counting_secondary": ratio(sum(secondary), len(secondary)),
        "accuracy_lenient": ratio(sum(one.defensible for one in said), len(said)),
        "calibration": calibration([one.confidence for one in seen], [one.right for one in seen]),
        "all_intents": spans(
            [
                (
                    {"intent": {str(row["intent"]), *strings(row.get("secondary"))}},
                    {"intent": {str(intent.category) for intent in reading.intent.all_intents}},
                )
                for row, reading in clear
            ]
        )["per_type"],
    }
    idle = [one.confidence < 0.70 for one in seen if one.actual == NO_INTENT]
    if idle:
        figures["without_intent"] = {"n": len(idle), "below_review": ratio(sum(idle), len(idle))}
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
    seen = outcomes("sentiment", rows, readings)
    labels, predicted = [one.actual for one in seen], [one.predicted for one in seen]
    near = [abs(order.index(one) - order.index(two)) <= 1 for one, two in zip(labels, predicted, strict=True)]
    figures: Figures = {
        **classification(labels, predicted),
        "within_one": ratio(sum(near), len(near)),
        "polarity": classification(list(map(_polarity, labels)), list(map(_polarity, predicted))),
        "calibration": calibration([one.confidence for one in seen], [one.right for one in seen]),
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
    """Entities by type and text as written, without regard to case; ``by_span`` counts each place where one is marked."""
    both = list(zip(rows, readings, strict=True))
    pairs = [(_wanted(row, number), _named(reading)) for number, (row, reading) in enumerate(both)]
    return {**spans(pairs), "by_span": entity_scores(rows, [reading.entities for reading in readings])}


def measure_language(rows: Sequence[Row], readings: Sequence[Reading]) -> Figures:
    """Language codes. ``wrong_when_named``: of the messages for which a language was named, the share with a wrong one;
    ``unknown``: how many got none."""
    seen = outcomes("language", rows, readings)
    named = [one for one in seen if one.predicted != "und"]
    return {
        **classification([one.actual for one in seen], [one.predicted for one in seen]),
        "accuracy_lenient": ratio(sum(one.defensible for one in seen), len(seen)),
        "wrong_when_named": ratio(sum(not one.defensible for one in named), len(named)),
        "unknown": len(seen) - len(named),
        "calibration": calibration([one.confidence for one in named], [one.defensible for one in named]),
    }


MEASURES: Mapping[str, Callable[[Sequence[Row], Sequence[Reading]], Figures]] = {
    "intent": measure_intent,
    "sentiment": measure_sentiment,
    "entities": measure_entities,
    "language": measure_language,
}


def outcomes(task: str, rows: Sequence[Row], readings: Sequence[Reading]) -> list[Outcome]:
    """One for each row; none for entities, of which a message has any number."""
    if task == "entities":
        return []
    return [
        _outcome(task, number, row, reading) for number, (row, reading) in enumerate(zip(rows, readings, strict=True))
    ]


def _outcome(task: str, number: int, row: Row, reading: Reading) -> Outcome:
    if task == "intent":
        actual, predicted = string(row, "intent", number), str(reading.primary.category)
        confidence, allowed = reading.intent.confidence, [*strings(row.get("secondary")), *strings(row.get("also"))]
    elif task == "sentiment":
        actual, predicted = _label(row, number), str(reading.sentiment.label)
        confidence, allowed = reading.sentiment.confidence, []
    else:
        actual = string(row, "language" if "language" in row else "label", number)
        predicted, confidence, allowed = (
            reading.language.code,
            reading.language.confidence,
            strings(row.get("also_language")),
        )
    return Outcome(
        row=number,
        source=str(row.get("source") or ""),
        segment=segment_of(row),
        actual=actual,
        predicted=predicted,
        confidence=confidence,
        right=actual == predicted,
        defensible=actual == predicted or predicted in allowed,
    )


def segment_of(row: Row) -> str:
    """The row's own segment or channel, else how long the message is."""
    if own := row.get("segment") or row.get("channel"):
        return str(own)
    size = len(words(str(row.get("text", ""))[:2_000]))
    return next((name for most, name in LENGTHS if size <= most), "long")


def signals(rows: Sequence[Row], readings: Sequence[Reading]) -> Figures:
    """Precision and recall of the wish for a person and of hurry, where all rows say whether there is one."""
    found = {
        "wants_human": [reading.wants_human for reading in readings],
        "hurry": [bool(reading.time_sensitive) for reading in readings],
    }
    return {
        name: detection([bool(row[name]) for row in rows], found[name])
        for name in SIGNALS
        if rows and all(isinstance(row.get(name), bool) for row in rows)
    }


def groups(task: str, rows: Sequence[Row], readings: Sequence[Reading]) -> Figures:
    """The main figures of every source and segment; nothing where there is only one."""
    keys = {
        "per_source": [str(row.get("source") or "") for row in rows],
        "per_segment": [segment_of(row) for row in rows],
    }
    found: Figures = {}
    for name, key in keys.items():
        if len(set(key)) > 1 or (name == "per_source" and key and key[0]):
            found[name] = {
                group: _group(task, rows, readings, [one == group for one in key]) for group in sorted(set(key))
            }
    return found


def _group(task: str, rows: Sequence[Row], readings: Sequence[Reading], chosen: Sequence[bool]) -> Figures:
    mine = [row for row, take in zip(rows, chosen, strict=True) if take]
    theirs = [reading for reading, take in zip(readings, chosen, strict=True) if take]
    measured = MEASURES[task](mine, theirs)
    brief: Figures = {"n": measured.get("n", len(mine))}
    brief |= {name: measured[name] for name in BRIEF if name in measured}
    for name, figure in (("topic", "accuracy"), ("polarity", "accuracy"), ("calibration", "ece"), ("score", "mae")):
        part = measured.get(name)
        if isinstance(part, Mapping):
            brief[f"{name}_{figure}"] = part[figure]
    return brief | signals(mine, theirs)


BRIEF = ("accuracy", "macro_f1", "accuracy_lenient", "within_one", "wrong_when_named", "precision", "recall", "f1")


def _polarity(label: str) -> str:
    return label.removeprefix("very_")


def _label(row: Row, number: int) -> str:
    if row.get("score") is not None:
        return str(sentiment_label(float(str(row["score"]))))
    return str(SentimentLabel(string(row, "label", number)))


def _named(reading: Reading) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for entity in reading.entities:
        found.setdefault(str(entity.type), set()).add(entity.value.lower())
    return found


def _wanted(row: Row, number: int) -> dict[str, set[str]]:
    wanted: dict[str, set[str]] = {}
    for mark in marked(row, number):
        wanted.setdefault(str(mark.type), set()).add(mark.value.lower())
    return wanted


def strings(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else []


def string(row: Row, field: str, number: int) -> str:
    value = row.get(field)
    if not isinstance(value, str):
        raise InvalidInput(f"row {number} has no text in {field}", field=field, fix=f"give every row the field {field}")
    return value
