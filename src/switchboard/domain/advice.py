"""Next best actions and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from switchboard.domain.ids import ActionId, ConversationId


class ActionType(StrEnum):
    SEND_RESPONSE = "send_response"
    ISSUE_REFUND = "issue_refund"
    ESCALATE = "escalate"
    SCHEDULE_FOLLOWUP = "schedule_followup"
    UPDATE_ORDER = "update_order"
    SEND_DOCUMENTATION = "send_documentation"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRecommendation:
    """``confidence`` is the estimated probability that the action resolves this case; ``basis`` says from what."""

    action_id: ActionId
    type: ActionType
    description: str
    confidence: float
    expected_outcome: str
    basis: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionOutcome:
    """What an agent reported. ``customer_satisfaction`` 1..5; ``resolution_time`` in seconds."""

    action_id: ActionId
    success: bool
    recorded_at: datetime
    customer_satisfaction: int | None = None
    resolution_time: float | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCase:
    """One recorded outcome with the context it happened in: what later rankings learn from."""

    type: ActionType
    success: bool
    intent: str
    topic: str
    sentiment_score: float
    conversation_id: ConversationId
    at: datetime
    embedding: tuple[float, ...] = ()
