"""Is the customer writing about the same issue again? Then they should wait less."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

DAY_S = 86_400.0


class EarlierContact(Protocol):
    """What an earlier message of the same customer was about. ``embedding`` has unit length or is empty."""

    @property
    def message_id(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def intent(self) -> str: ...
    @property
    def topic(self) -> str: ...
    @property
    def embedding(self) -> Sequence[float]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What the message at hand is about."""

    intent: str
    topic: str | None
    embedding: Sequence[float] = ()
    message_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatSettings:
    """``closeness``: cosine from which two messages are the same issue. ``ignore_within``: messages this close in time are
    one contact in several pieces, not a repetition (0 counts every earlier message)."""

    window: timedelta = timedelta(days=30)
    closeness: float = 0.86
    ignore_within: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatVerdict:
    """``days`` since the latest earlier contact about the same issue; None when there was none within the window."""

    days: float | None
    reason: str
    message_id: str | None = None

    @property
    def is_repeat(self) -> bool:
        return self.days is not None


def find_repeat(
    matter: Matter, earlier: Iterable[EarlierContact], now: datetime, settings: RepeatSettings | None = None
) -> RepeatVerdict:
    """Same intent category and topic, or nearly the same words by meaning, within 30 days (decisions, "Urgency")."""
    settings = settings or RepeatSettings()
    candidates = sorted((c for c in earlier if _counts(c, matter, now, settings)), key=lambda c: c.at, reverse=True)
    for contact in candidates:
        likeness = _same_issue(matter, contact, settings)
        if likeness:
            days = max(0.0, (now - contact.at).total_seconds() / DAY_S)
            return RepeatVerdict(days=days, reason=f"{likeness}, {days:.1f} days ago", message_id=contact.message_id)
    return RepeatVerdict(days=None, reason=f"nothing alike within {settings.window.days} days")


def _counts(contact: EarlierContact, matter: Matter, now: datetime, settings: RepeatSettings) -> bool:
    age = now - contact.at
    return contact.message_id != matter.message_id and settings.ignore_within <= age <= settings.window


def _same_issue(matter: Matter, contact: EarlierContact, settings: RepeatSettings) -> str | None:
    if matter.topic and (matter.intent, matter.topic) == (contact.intent, contact.topic):
        return f"the same {matter.intent} about {matter.topic}"
    closeness = cosine(matter.embedding, contact.embedding)
    return f"a message that means nearly the same ({closeness:.2f})" if closeness >= settings.closeness else None


def cosine(one: Sequence[float], two: Sequence[float]) -> float:
    """Likeness in meaning, -1..1; 0 when either has no embedding or they come from different models."""
    if not one or len(one) != len(two):
        return 0.0
    length = math.sqrt(math.fsum(x * x for x in one) * math.fsum(y * y for y in two))
    return math.fsum(x * y for x, y in zip(one, two, strict=True)) / length if length else 0.0
