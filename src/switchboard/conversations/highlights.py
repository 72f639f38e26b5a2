"""The moments of a conversation that an agent must not miss: escalations, falls of mood, resolutions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from switchboard.conversations.trend import TrendSettings, sentiment_drops
from switchboard.domain.conversation import SentimentPoint
from switchboard.domain.event import Event, EventType


class HighlightKind(StrEnum):
    ESCALATION = "escalation"
    SENTIMENT_DROP = "sentiment_drop"
    RESOLUTION = "resolution"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Highlight:
    """``detail`` is a sentence without customer text; ``message_id`` the message it belongs to, where there is one."""

    kind: HighlightKind
    at: datetime
    detail: str
    message_id: str | None = None


FROM_EVENTS = {
    EventType.ESCALATION: (HighlightKind.ESCALATION, "Handed to a person"),
    EventType.RESOLUTION: (HighlightKind.RESOLUTION, "Resolved"),
    EventType.REOPENED: (HighlightKind.REOPENED, "Opened again"),
}


def find_highlights(
    points: Sequence[SentimentPoint], events: Iterable[Event], settings: TrendSettings | None = None
) -> tuple[Highlight, ...]:
    """In order of time. Falls are computed from the scores themselves, so a lost event never hides one (Property 35)."""
    falls = (
        Highlight(
            kind=HighlightKind.SENTIMENT_DROP,
            at=drop.after.timestamp,
            detail=f"Sentiment fell from {drop.before.score:.2f} to {drop.after.score:.2f}",
            message_id=drop.message_id,
        )
        for drop in sentiment_drops(points, settings)
    )
    told = (_of(event) for event in events if event.type in FROM_EVENTS)
    return tuple(sorted((*falls, *told), key=lambda highlight: (highlight.at, highlight.kind.value)))


def highlighted_messages(highlights: Iterable[Highlight]) -> frozenset[str]:
    """The messages that carry the highlight flag in the timeline."""
    return frozenset(highlight.message_id for highlight in highlights if highlight.message_id is not None)


def _of(event: Event) -> Highlight:
    kind, words = FROM_EVENTS[event.type]
    reason = event.dimensions.get("reason", "")
    detail = f"{words}: {reason}" if reason else words
    return Highlight(kind=kind, at=event.at, detail=detail, message_id=event.message_id)
