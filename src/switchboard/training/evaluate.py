"""Measures the reader on labelled messages: ``evaluate("intent", rows)`` returns plain figures, ready for JSON."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from switchboard.domain.reading import Reading
from switchboard.engines.understanding import OnnxUnderstanding, build_understanding
from switchboard.errors import InvalidInput
from switchboard.ports.engines import TextToRead, Understanding
from switchboard.training.data import NO_INTENT, Example
from switchboard.training.measures import (
    MEASURES,
    Outcome,
    groups,
    measure_intent,
    measure_sentiment,
    outcomes,
    signals,
    string,
)
from switchboard.training.metrics import Figures, calibration, ratio
from switchboard.training.mistakes import by_source, misread

Row = Mapping[str, object]
Advance = Callable[[int], None]

BATCH = 64
PATIENCE = 120.0
"""Seconds that a batch may take: the rules shall not stand in because the machine was busy."""
EVALUATED_AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
"""Messages of an evaluation have no date of their own: relative dates resolve against this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Figures ready for JSON, and the outcomes behind them (none for entities)."""

    figures: Figures
    outcomes: Sequence[Outcome]


class RulesReader:
    """Reads as the rules do when the model is missing."""

    def __init__(self, reader: OnnxUnderstanding | None = None) -> None:
        self._reader = reader or build_understanding()

    async def read(self, texts: Sequence[TextToRead]) -> list[Reading]:
        return [self._reader.by_rules(text) for text in texts]


def evaluate(task: str, rows: Sequence[Row], understanding: Understanding | None = None) -> Figures:
    """Figures for ``intent``, ``sentiment``, ``entities`` or ``language`` (see ``docs/models.md`` for the fields).

    Rows have ``text`` and the fields of the task: ``intent`` (with ``secondary``, ``also``, ``topic`` if known); ``score``
    and/or ``label``; ``entities`` (list of ``{"type", "value"}``, or a mapping of type to values); ``language``.
    Raises ``InvalidInput`` naming the row and field that cannot be used.
    """
    return evaluation(task, rows, understanding).figures


def evaluation(
    task: str, rows: Sequence[Row], understanding: Understanding | None = None, advance: Advance | None = None
) -> Evaluation:
    """As ``evaluate``, with the outcome of every message. ``advance`` is told how many more were read."""
    if task not in MEASURES:
        raise InvalidInput(
            f"unknown task, expected one of {', '.join(MEASURES)}", field="task", fix="choose one of the tasks"
        )
    texts = [string(row, "text", number) for number, row in enumerate(rows)]
    readings = asyncio.run(_read(texts, understanding or build_understanding(timeout=PATIENCE), advance))
    figures: Figures = {
        "task": task,
        "source": sorted({str(reading.source) for reading in readings}),
        "model_version": sorted({reading.model_version for reading in readings}),
        **MEASURES[task](rows, readings),
        "n": len(rows),
        **signals(rows, readings),
        **groups(task, rows, readings),
    }
    return Evaluation(figures=figures, outcomes=outcomes(task, rows, readings))


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
        "intent": measure_intent(rows, [reading for _, reading in clear]),
        "calibration": calibration(sure, right),
        "without_intent": {"n": len(idle), "below_review": ratio(sum(idle), len(idle))},
        "sentiment": measure_sentiment([_row_of(example) for example in examples], readings),
        "accuracy_by_source": by_source(both),
        "misread": misread(both),
    }


def _row_of(example: Example) -> Row:
    return {
        "text": example.text,
        "intent": example.intent,
        "secondary": list(example.secondary),
        "topic": str(example.topic) if example.topic else None,
        "score": example.score,
    }


async def _read(texts: Sequence[str], understanding: Understanding, advance: Advance | None = None) -> list[Reading]:
    found: list[Reading] = []
    for start in range(0, len(texts), BATCH):
        batch = [TextToRead(text=text, at=EVALUATED_AT) for text in texts[start : start + BATCH]]
        found.extend(await understanding.read(batch))
        if advance is not None:
            advance(len(batch))
    return found
