"""Is the model still reading the messages it was made for? What it sees now beside what it saw before, and what people
had to correct."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from statistics import fmean

from switchboard.domain.event import Event, EventType
from switchboard.domain.reading import REVIEW_BELOW

SURE = 0.85
"""Confidence from which automation may answer (decisions, "Routing")."""
WATCH, DRIFTED = 0.10, 0.25
"""Population stability index: under 0.10 nothing to see, above 0.25 another mix (the usual bounds of credit scoring)."""
FEW = 100
"""Fewer messages than this in one of the windows say nothing about a mix."""
_FLOOR = 0.0005


class Drift(StrEnum):
    TOO_FEW = "too_few"
    STABLE = "stable"
    WATCH = "watch"
    DRIFTED = "drifted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingFigures:
    """Of the messages understood in one window. Shares of all; means None when nothing was measured."""

    messages: int
    confidence: float | None
    sure_share: float | None
    review_share: float | None
    rules_share: float | None
    unknown_words: float | None
    sentiment: float | None
    intents: Mapping[str, float]
    topics: Mapping[str, float]
    languages: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """``index``: the population stability index of a mix, or the difference of a mean."""

    of: str
    index: float
    verdict: Drift


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """``checked`` messages have a person's word; ``right_share`` of them the main intent was read right. ``mistaken``:
    (read as, really) with counts, most frequent first."""

    checked: int
    by_field: Mapping[str, int]
    right_share: float | None
    mistaken: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFigures:
    """One model version on live traffic; compares two that read side by side."""

    model: str
    reading: ReadingFigures
    corrections: Corrections


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderstandingReport:
    now: ReadingFigures
    before: ReadingFigures
    drift: tuple[Change, ...]
    corrections: Corrections
    models: tuple[ModelFigures, ...]


def understanding_report(events: Iterable[Event], start: datetime, end: datetime) -> UnderstandingReport:
    """Messages understood in [start, end) beside those of the equally long window before ``start``."""
    length = end - start
    now, before, models = _Window(), _Window(), dict[str, _Window]()
    for event in events:
        if start <= event.at < end:
            now.add(event)
            models.setdefault(event.dimensions.get("model") or "rules", _Window()).add(event)
        elif start - length <= event.at < start:
            before.add(event)
    present, past = now.figures(), before.figures()
    return UnderstandingReport(
        now=present,
        before=past,
        drift=_changes(present, past),
        corrections=now.corrections(),
        models=tuple(
            ModelFigures(model=name, reading=window.figures(), corrections=window.corrections())
            for name, window in sorted(models.items())
            if window.messages or window.checked
        ),
    )


def stability_index(now: Mapping[str, float], before: Mapping[str, float]) -> float:
    """Sum over the classes of (share now - share before) * ln(share now / share before); 0 = the same mix."""
    total = 0.0
    for name in now.keys() | before.keys():
        a, b = max(_FLOOR, now.get(name, 0.0)), max(_FLOOR, before.get(name, 0.0))
        total += (a - b) * math.log(a / b)
    return round(total, 4)


def _changes(now: ReadingFigures, before: ReadingFigures) -> tuple[Change, ...]:
    few = min(now.messages, before.messages) < FEW
    mixes = (("intents", now.intents, before.intents), ("topics", now.topics, before.topics))
    found = [
        (name, stability_index(a, b), WATCH, DRIFTED)
        for name, a, b in (*mixes, ("languages", now.languages, before.languages))
    ]
    means = (
        ("confidence", now.confidence, before.confidence, 0.03),
        ("unknown_words", now.unknown_words, before.unknown_words, 0.02),
    )
    found += [
        (name, round(a - b, 4), watch, 2.5 * watch) for name, a, b, watch in means if a is not None and b is not None
    ]
    return tuple(
        Change(of=name, index=index, verdict=Drift.TOO_FEW if few else _verdict(abs(index), watch, drifted))
        for name, index, watch, drifted in found
    )


def _verdict(size: float, watch: float, drifted: float) -> Drift:
    return Drift.DRIFTED if size > drifted else Drift.WATCH if size > watch else Drift.STABLE


@dataclass(slots=True)
class _Window:
    """What was understood, and corrected, in one span of time."""

    confidences: list[float] = field(default_factory=list)
    unknown: list[float] = field(default_factory=list)
    moods: list[float] = field(default_factory=list)
    by_rules: int = 0
    intents: Counter[str] = field(default_factory=Counter)
    topics: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    checked: dict[str, Event] = field(default_factory=dict)

    @property
    def messages(self) -> int:
        return len(self.confidences)

    def add(self, event: Event) -> None:
        if event.type is EventType.READING_CORRECTED and event.message_id is not None:
            self.checked[event.message_id] = event  # the last word counts
        if event.type is not EventType.MESSAGE_UNDERSTOOD:
            return
        codes, metrics = event.dimensions, event.metrics
        self.confidences.append(metrics.get("confidence", 0.0))
        self.moods.append(metrics.get("sentiment", 0.0))
        if "unknown_words" in metrics:
            self.unknown.append(metrics["unknown_words"])
        self.by_rules += codes.get("source") == "rules"
        self.intents[codes.get("intent", "none")] += 1
        self.topics[codes.get("topic", "general")] += 1
        self.languages[codes.get("language", "und")] += 1

    def figures(self) -> ReadingFigures:
        count = self.messages
        return ReadingFigures(
            messages=count,
            confidence=_mean(self.confidences),
            sure_share=_mean([c >= SURE for c in self.confidences]),
            review_share=_mean([c < REVIEW_BELOW for c in self.confidences]),
            rules_share=self.by_rules / count if count else None,
            unknown_words=_mean(self.unknown),
            sentiment=_mean(self.moods),
            intents=_shares(self.intents),
            topics=_shares(self.topics),
            languages=_shares(self.languages),
        )

    def corrections(self) -> Corrections:
        fields, mistaken, right = Counter[str](), Counter[tuple[str, str]](), 0
        for event in self.checked.values():
            codes = event.dimensions
            fields.update(name for name in codes.get("changed", "").split(",") if name)
            was, really = codes.get("was_intent", ""), codes.get("intent", "")
            right += was == really
            if was != really:
                mistaken[was, really] += 1
        return Corrections(
            checked=len(self.checked),
            by_field=dict(fields),
            right_share=right / len(self.checked) if self.checked else None,
            mistaken=tuple((was, really, count) for (was, really), count in mistaken.most_common()),
        )


def _mean(values: list[float] | list[bool]) -> float | None:
    return fmean(values) if values else None


def _shares(counts: Counter[str]) -> Mapping[str, float]:
    total = counts.total()
    return {name: count / total for name, count in counts.most_common()}
