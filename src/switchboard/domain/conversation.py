"""A conversation: one matter with one customer, over any number of channels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from switchboard.domain.ids import AgentId, ConversationId, CustomerId, DecisionId
from switchboard.domain.message import ChannelType


class ConversationStatus(StrEnum):
    """``ACTIVE``: we owe something. ``WAITING``: the customer does. Both count as open."""

    ACTIVE = "active"
    WAITING = "waiting"
    RESOLVED = "resolved"
    ARCHIVED = "archived"


OPEN = (ConversationStatus.ACTIVE, ConversationStatus.WAITING)


class Handler(StrEnum):
    """Who is meant to answer next."""

    NOBODY = "nobody"
    AUTOMATION = "automation"
    QUEUE = "queue"
    AGENT = "agent"


class Trend(StrEnum):
    IMPROVING = "improving"
    DECLINING = "declining"
    STABLE = "stable"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentimentPoint:
    timestamp: datetime
    score: float
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentimentTrend:
    """How the mood moved (Properties 9, 10). ``escalate`` names the reason when the fall itself calls for a person."""

    history: tuple[SentimentPoint, ...]
    overall: Trend
    deterioration_detected: bool
    drop: float = 0.0
    escalate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationState:
    status: ConversationStatus = ConversationStatus.ACTIVE
    handler: Handler = Handler.NOBODY
    assigned_agent_id: AgentId | None = None
    urgency_score: int = 5
    priority: float = 5.0
    escalated: bool = False
    automation_attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """``version`` rises with every change and settles rival writers. ``needs_reply_since`` is when the oldest unanswered
    customer message came, or None. ``snippet`` is the newest message's beginning."""

    conversation_id: ConversationId
    customer_id: CustomerId
    state: ConversationState
    channels: tuple[ChannelType, ...]
    created_at: datetime
    last_activity_at: datetime
    version: int = 1
    last_sequence: int = 0
    intent: str | None = None
    topic: str | None = None
    language: str | None = None
    sentiment_score: float | None = None
    subject: str | None = None
    snippet: str | None = None
    last_channel: ChannelType | None = None
    needs_reply_since: datetime | None = None
    queued_at: datetime | None = None
    resolved_at: datetime | None = None
    archived_at: datetime | None = None
    previous_conversation_id: ConversationId | None = None
    last_decision_id: DecisionId | None = None
    required_skills: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.state.status in OPEN
