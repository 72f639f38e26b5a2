"""Where a model errs: the share of intents it read right source by source, and its surest mistakes, never with their texts."""

from __future__ import annotations

from collections.abc import Sequence

from switchboard.domain.reading import Reading
from switchboard.training.data import NO_INTENT, Example
from switchboard.training.metrics import Figures, ratio

MISREAD = 25
"""Mistakes that are listed, by source and row."""


def by_source(both: Sequence[tuple[Example, Reading]]) -> Figures:
    """Share of messages with an intent whose intent was right, source by source."""
    right: dict[str, list[bool]] = {}
    for example, reading in both:
        if example.intent != NO_INTENT:
            right.setdefault(example.source, []).append(example.intent == reading.primary.category)
    return {source: ratio(sum(hits), len(hits)) for source, hits in sorted(right.items())}


def misread(both: Sequence[tuple[Example, Reading]]) -> list[list[object]]:
    """The surest mistakes: source and row of the message, its intent, what was read, and the confidence in it."""
    wrong = [(example, reading) for example, reading in both if example.intent != reading.primary.category]
    wrong.sort(key=lambda pair: -pair[1].intent.confidence)
    return [
        [example.key, example.intent, str(reading.primary.category), round(reading.intent.confidence, 3)]
        for example, reading in wrong[:MISREAD]
    ]
