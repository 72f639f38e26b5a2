"""Conversations with their decisions and recommendations, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from switchboard.api.shapes.base import Shape
from switchboard.api.shapes.reading import UrgencyShape
from switchboard.domain.advice import ActionRecommendation
from switchboard.domain.conversation import Conversation
from switchboard.ports.records import DecisionRecord


class StateShape(Shape):
    status: str
    handler: str
    assigned_agent_id: str | None
    urgency_score: int
    priority: float
    escalated: bool
    automation_attempts: int


class ConversationShape(Shape):
    """``subject`` and ``snippet`` are null for roles that do not see what customers wrote."""

    conversation_id: str
    customer_id: str
    state: StateShape
    channels: list[str]
    created_at: datetime
    last_activity_at: datetime
    version: int
    last_sequence: int
    intent: str | None
    topic: str | None
    language: str | None
    sentiment_score: float | None
    subject: str | None
    snippet: str | None
    needs_reply_since: datetime | None
    queued_at: datetime | None
    resolved_at: datetime | None
    archived_at: datetime | None
    previous_conversation_id: str | None
    required_skills: list[str]

    @classmethod
    def of(cls, c: Conversation, *, text: bool = True) -> ConversationShape:
        s = c.state
        return cls(
            conversation_id=c.conversation_id,
            customer_id=c.customer_id,
            state=StateShape(
                status=s.status.value,
                handler=s.handler.value,
                assigned_agent_id=s.assigned_agent_id,
                urgency_score=s.urgency_score,
                priority=s.priority,
                escalated=s.escalated,
                automation_attempts=s.automation_attempts,
            ),
            channels=[channel.value for channel in c.channels],
            created_at=c.created_at,
            last_activity_at=c.last_activity_at,
            version=c.version,
            last_sequence=c.last_sequence,
            intent=c.intent,
            topic=c.topic,
            language=c.language,
            sentiment_score=c.sentiment_score,
            subject=c.subject if text else None,
            snippet=c.snippet if text else None,
            needs_reply_since=c.needs_reply_since,
            queued_at=c.queued_at,
            resolved_at=c.resolved_at,
            archived_at=c.archived_at,
            previous_conversation_id=c.previous_conversation_id,
            required_skills=list(c.required_skills),
        )


class RecommendationShape(Shape):
    action_id: str
    type: str
    description: str
    confidence: float
    expected_outcome: str
    basis: str
    parameters: Mapping[str, str]

    @classmethod
    def of(cls, r: ActionRecommendation) -> RecommendationShape:
        return cls(
            action_id=r.action_id,
            type=r.type.value,
            description=r.description,
            confidence=round(r.confidence, 4),
            expected_outcome=r.expected_outcome,
            basis=r.basis,
            parameters=dict(r.parameters),
        )


class TraceShape(Shape):
    rule: str
    fired: bool
    detail: str


class CandidateShape(Shape):
    agent_id: str
    name: str
    chosen: bool
    score: float | None
    reasons: list[str]


class DecisionShape(Shape):
    decision_id: str
    conversation_id: str
    message_id: str | None
    at: datetime
    decision: str
    rule: str
    reasoning: str
    escalated: bool
    agent_id: str | None
    pattern: str | None
    estimated_wait_s: float | None
    trace: list[TraceShape]
    candidates: list[CandidateShape]
    urgency: UrgencyShape

    @classmethod
    def of(cls, r: DecisionRecord) -> DecisionShape:
        d = r.decision
        return cls(
            decision_id=r.decision_id,
            conversation_id=r.conversation_id,
            message_id=r.message_id,
            at=r.at,
            decision=d.decision.value,
            rule=d.rule,
            reasoning=d.reasoning,
            escalated=d.escalated,
            agent_id=d.agent_id,
            pattern=d.pattern,
            estimated_wait_s=d.estimated_wait_s,
            trace=[TraceShape(rule=t.rule, fired=t.fired, detail=t.detail) for t in d.trace],
            candidates=[
                CandidateShape(
                    agent_id=c.agent_id, name=c.name, chosen=c.chosen, score=c.score, reasons=list(c.reasons)
                )
                for c in d.candidates
            ],
            urgency=UrgencyShape.of(r.urgency),
        )
