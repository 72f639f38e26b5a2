"""What happened: the append-only record that every number is computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from switchboard.domain.ids import ConversationId, CustomerId


class EventType(StrEnum):
    MESSAGE_RECEIVED = "message_received"
    MESSAGE_UNDERSTOOD = "message_understood"
    READING_CORRECTED = "reading_corrected"
    MESSAGE_SENT = "message_sent"
    DELIVERY_UPDATED = "delivery_updated"
    NOTE_ADDED = "note_added"
    ROUTED = "routed"
    ASSIGNED = "assigned"
    QUEUED = "queued"
    ESCALATION = "escalation"
    SENTIMENT_DROP = "sentiment_drop"
    REPLY_BLOCKED = "reply_blocked"
    RESOLUTION = "resolution"
    REOPENED = "reopened"
    ARCHIVED = "archived"
    CUSTOMER_MERGED = "customer_merged"
    CUSTOMER_UNMERGED = "customer_unmerged"
    CUSTOMER_ERASED = "customer_erased"
    IDENTITY_LINKED = "identity_linked"
    AGENT_STATUS = "agent_status"
    DEAD_LETTER = "dead_letter"
    ACTION_OUTCOME = "action_outcome"
    CALL_STARTED = "call_started"
    CALL_PROGRESS = "call_progress"
    CALL_CONNECTED = "call_connected"
    CALL_ENDED = "call_ended"
    CONFIG_CHANGED = "config_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """``sequence`` is given by the store and only ever grows. No customer text stands in an event: ``metrics`` are
    numbers (response_time_s, sentiment, urgency ...), ``dimensions`` are codes (channel, intent, topic, agent_id ...)."""

    type: EventType
    at: datetime
    conversation_id: ConversationId | None = None
    customer_id: CustomerId | None = None
    message_id: str | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    dimensions: Mapping[str, str] = field(default_factory=dict)
    sequence: int = 0
