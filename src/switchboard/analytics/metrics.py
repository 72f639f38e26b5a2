"""What each thing that happened says in numbers: how fast, on which channel, and was it resolved (Property 46)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from switchboard.analytics.states import ConversationFacts, Standing, follow
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import ConversationId, CustomerId

MEASURED = frozenset({EventType.MESSAGE_RECEIVED, EventType.MESSAGE_SENT, EventType.ESCALATION, EventType.RESOLUTION})


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyticsEvent:
    """The design document's analytics event. ``metrics`` always has ``response_time_s``: for an answer, how long the
    customer had waited for it; else how long they have been waiting so far (0 when we owe nothing). ``dimensions``
    always has ``channel`` and ``resolution_status`` (open, escalated or resolved)."""

    event_id: str
    event_type: str
    timestamp: datetime
    conversation_id: ConversationId
    customer_id: CustomerId | None
    metrics: Mapping[str, float]
    dimensions: Mapping[str, str]


def measure(events: Iterable[Event]) -> Iterator[AnalyticsEvent]:
    """One analytics event for every message in or out, escalation and resolution; ``events`` in order of sequence."""
    known: dict[ConversationId, ConversationFacts] = {}
    for event in events:
        if event.conversation_id is None:
            continue
        before = known.get(event.conversation_id)
        after = follow(before, event)
        if after is not None:
            known[event.conversation_id] = after
            if event.type in MEASURED:
                yield _measured(event, before, after)


def _measured(event: Event, before: ConversationFacts | None, after: ConversationFacts) -> AnalyticsEvent:
    told = event.metrics.get("response_time_s")
    asked = before.asked_at if before is not None else None
    waited = max(0.0, (event.at - asked).total_seconds()) if asked is not None else 0.0
    status = "resolved" if after.standing is Standing.RESOLVED else "escalated" if after.escalated else "open"
    channel = event.dimensions.get("channel") or after.channel or "unknown"
    return AnalyticsEvent(
        event_id=str(event.sequence),
        event_type=event.type.value,
        timestamp=event.at,
        conversation_id=after.conversation_id,
        customer_id=event.customer_id,
        metrics={**event.metrics, "response_time_s": waited if told is None else told},
        dimensions={**event.dimensions, "channel": channel, "resolution_status": status},
    )


def response_times(measured: Iterable[AnalyticsEvent]) -> list[float]:
    """Seconds that customers waited for each answer."""
    answers = (item for item in measured if item.event_type == EventType.MESSAGE_SENT.value)
    return [item.metrics["response_time_s"] for item in answers if item.dimensions.get("answers", "yes") == "yes"]
