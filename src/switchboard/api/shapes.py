"""What the API takes and gives, in snake_case JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from switchboard.domain.advice import ActionRecommendation
from switchboard.domain.agent import Agent, AgentStatus
from switchboard.domain.conversation import Conversation
from switchboard.domain.customer import CustomerProfile, CustomerValue, Identity
from switchboard.domain.inbound import Fate
from switchboard.domain.knowledge import KnowledgeDocument, KnowledgeResult
from switchboard.domain.message import Attachment, ChannelType, ConversationMessage
from switchboard.domain.reading import Entity, Intent, Language, Reading, SentimentResult
from switchboard.domain.urgency import UrgencyFactor, UrgencyScore
from switchboard.ports.records import DecisionRecord
from switchboard.ports.store import Rows

T = TypeVar("T")
LONGEST_TEXT = 256 * 1024


def clean(text: str) -> str:
    """Kept exactly as sent; only NUL and lone surrogates, which no store can hold, become U+FFFD."""
    text = text.replace("\x00", "\ufffd")
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") if not text.isascii() else text


def _within(text: str) -> str:
    if len(text.encode()) > LONGEST_TEXT:
        raise ValueError(f"at most {LONGEST_TEXT} bytes")
    return text


Text = Annotated[str, AfterValidator(clean), AfterValidator(_within)]
Short = Annotated[str, AfterValidator(clean), Field(max_length=300)]


class Shape(BaseModel):
    """An unknown field is an error: a misspelt one must not be lost in silence."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class Listing(BaseModel, Generic[T]):
    """One page. ``next_cursor`` null: this was the last."""

    items: list[T]
    next_cursor: str | None = None


def listing(rows: Rows[Any], items: list[T]) -> Listing[T]:
    return Listing(items=items, next_cursor=rows.next_cursor)


class AnalyzeRequest(Shape):
    text: Text
    channel: ChannelType = ChannelType.WEB_CHAT
    customer_value: CustomerValue = CustomerValue.MEDIUM
    at: datetime | None = Field(None, description="When it was written; resolves relative dates. Default: now.")


class IntentShape(Shape):
    category: str
    subcategory: str | None
    confidence: float

    @classmethod
    def of(cls, intent: Intent) -> IntentShape:
        return cls(
            category=intent.category.value, subcategory=intent.subcategory, confidence=round(intent.confidence, 4)
        )


class IntentsShape(Shape):
    primary_intent: IntentShape
    secondary_intents: list[IntentShape]
    confidence: float
    requires_human_review: bool


class EntityShape(Shape):
    type: str
    value: str
    normalised: str | None
    confidence: float
    start: int
    end: int

    @classmethod
    def of(cls, entity: Entity) -> EntityShape:
        return cls(
            type=entity.type.value,
            value=entity.value,
            normalised=entity.normalised,
            confidence=round(entity.confidence, 4),
            start=entity.start,
            end=entity.end,
        )


class SentimentShape(Shape):
    score: float
    label: str
    confidence: float
    emotional_indicators: list[str]

    @classmethod
    def of(cls, sentiment: SentimentResult) -> SentimentShape:
        return cls(
            score=round(sentiment.score, 4),
            label=sentiment.label.value,
            confidence=round(sentiment.confidence, 4),
            emotional_indicators=list(sentiment.emotional_indicators),
        )


class LanguageShape(Shape):
    code: str
    confidence: float

    @classmethod
    def of(cls, language: Language) -> LanguageShape:
        return cls(code=language.code, confidence=round(language.confidence, 4))


class FactorShape(Shape):
    factor: str
    contribution: float
    description: str

    @classmethod
    def of(cls, factor: UrgencyFactor) -> FactorShape:
        return cls(factor=factor.factor, contribution=round(factor.contribution, 4), description=factor.description)


class UrgencyShape(Shape):
    score: int
    unclamped: int
    priority: float
    reasoning: str
    factors: list[FactorShape]
    refinements: list[FactorShape]

    @classmethod
    def of(cls, urgency: UrgencyScore) -> UrgencyShape:
        return cls(
            score=urgency.score,
            unclamped=urgency.unclamped,
            priority=round(urgency.priority, 4),
            reasoning=urgency.reasoning,
            factors=[FactorShape.of(f) for f in urgency.factors],
            refinements=[FactorShape.of(f) for f in urgency.refinements],
        )


class ReadingShape(Shape):
    intent: IntentsShape
    entities: list[EntityShape]
    sentiment: SentimentShape
    language: LanguageShape
    source: str
    model_version: str
    wants_human: bool
    time_sensitive: list[str]

    @classmethod
    def fields_of(cls, reading: Reading) -> dict[str, Any]:
        return {
            "intent": IntentsShape(
                primary_intent=IntentShape.of(reading.intent.primary_intent),
                secondary_intents=[IntentShape.of(i) for i in reading.intent.secondary_intents],
                confidence=round(reading.intent.confidence, 4),
                requires_human_review=reading.intent.requires_human_review,
            ),
            "entities": [EntityShape.of(e) for e in reading.entities],
            "sentiment": SentimentShape.of(reading.sentiment),
            "language": LanguageShape.of(reading.language),
            "source": reading.source.value,
            "model_version": reading.model_version,
            "wants_human": reading.wants_human,
            "time_sensitive": list(reading.time_sensitive),
        }

    @classmethod
    def of(cls, reading: Reading) -> ReadingShape:
        return cls(**cls.fields_of(reading))


class Analysis(ReadingShape):
    urgency: UrgencyShape


class AttachmentShape(Shape):
    kind: str
    name: str | None = None
    content_type: str | None = None
    size: int | None = None
    url: str | None = None
    provider_id: str | None = None

    @classmethod
    def of(cls, attachment: Attachment) -> AttachmentShape:
        return cls(
            kind=attachment.kind,
            name=attachment.name,
            content_type=attachment.content_type,
            size=attachment.size,
            url=attachment.url,
            provider_id=attachment.provider_id,
        )


class Sender(Shape):
    """The customer's address on the channel. ``verified``: the caller vouches for it."""

    address: Annotated[str, AfterValidator(clean), Field(min_length=1, max_length=320)]
    name: Short | None = None
    verified: bool = True


class NewMessage(Shape):
    channel: ChannelType
    sender: Sender
    text: Text
    external_id: Short | None = Field(None, description="Your id of the message: sent again, it is stored once.")
    account: Short = ""
    subject: Short | None = None
    attachments: list[AttachmentShape] = Field(default_factory=list, max_length=50)
    sent_at: datetime | None = None
    metadata: dict[Annotated[str, Field(max_length=64)], Short] = Field(default_factory=dict, max_length=32)


class MessageAccepted(Shape):
    message_id: str
    conversation_id: str
    customer_id: str
    fate: Fate
    duplicate: bool


class MessageShape(Shape):
    message_id: str
    conversation_id: str
    customer_id: str
    channel: str
    direction: str
    author: str
    kind: str
    sequence: int
    timestamp: datetime
    sent_at: datetime | None
    text: str
    fresh_text: str | None
    subject: str | None
    attachments: list[AttachmentShape]
    processing: str | None
    delivery: str | None
    delivery_error: str | None
    agent_id: str | None
    verified: bool
    automatic: bool
    withdrawn: bool
    external_id: str | None
    reading: ReadingShape | None
    highlight: bool = False

    @classmethod
    def of(cls, m: ConversationMessage, *, highlight: bool = False) -> MessageShape:
        return cls(
            message_id=m.message_id,
            conversation_id=m.conversation_id,
            customer_id=m.customer_id,
            channel=m.channel.value,
            direction=m.direction.value,
            author=m.author.value,
            kind=m.kind.value,
            sequence=m.sequence,
            timestamp=m.timestamp,
            sent_at=m.sent_at,
            text=m.content.text,
            fresh_text=m.content.fresh_text,
            subject=m.content.subject,
            attachments=[AttachmentShape.of(a) for a in m.content.attachments],
            processing=m.processing.value if m.processing else None,
            delivery=m.delivery.value if m.delivery else None,
            delivery_error=m.delivery_error,
            agent_id=m.agent_id,
            verified=m.verified,
            automatic=m.automatic,
            withdrawn=m.withdrawn,
            external_id=m.external_id,
            reading=ReadingShape.of(m.reading) if m.reading else None,
            highlight=highlight,
        )


class MessageFate(Shape):
    """Where a message is now: received, understood or dead; answered by automation, with a person, or waiting."""

    message: MessageShape
    conversation_status: str
    handler: str
    decision_id: str | None


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


class IdentityShape(Shape):
    channel: str
    address: str
    account: str
    display_name: str | None
    verified: bool
    evidence: str

    @classmethod
    def of(cls, i: Identity) -> IdentityShape:
        return cls(
            channel=i.channel.value,
            address=i.address,
            account=i.account,
            display_name=i.display_name,
            verified=i.verified,
            evidence=i.evidence.value,
        )


class PurchaseShape(Shape):
    purchase_id: str
    product: str
    amount: str
    currency: str
    purchased_at: datetime
    order_number: str | None
    status: str | None


class IssueShape(Shape):
    issue_id: str
    conversation_id: str
    intent: str
    topic: str
    created_at: datetime
    resolved_at: datetime | None


class CustomerShape(Shape):
    customer_id: str
    name: str | None
    email: str | None
    phone: str | None
    preferred_channel: str | None
    customer_value: str
    language: str | None
    location: str | None
    preferences: Mapping[str, str]
    identities: list[IdentityShape]
    purchase_history: list[PurchaseShape]
    previous_issues: list[IssueShape]
    last_agent_id: str | None
    created_at: datetime
    merged_into: str | None
    erased_at: datetime | None

    @classmethod
    def of(cls, p: CustomerProfile) -> CustomerShape:
        return cls(
            customer_id=p.customer_id,
            name=p.name,
            email=p.email,
            phone=p.phone,
            preferred_channel=p.preferred_channel.value if p.preferred_channel else None,
            customer_value=p.customer_value.value,
            language=p.language,
            location=p.location,
            preferences=dict(p.preferences),
            identities=[IdentityShape.of(i) for i in p.identities],
            purchase_history=[
                PurchaseShape(
                    purchase_id=b.purchase_id,
                    product=b.product,
                    amount=str(b.amount),
                    currency=b.currency,
                    purchased_at=b.purchased_at,
                    order_number=b.order_number,
                    status=b.status,
                )
                for b in p.purchase_history
            ],
            previous_issues=[IssueShape.model_validate(i) for i in p.previous_issues],
            last_agent_id=p.last_agent_id,
            created_at=p.created_at,
            merged_into=p.merged_into,
            erased_at=p.erased_at,
        )


class AgentShape(Shape):
    agent_id: str
    name: str
    skills: list[str]
    languages: list[str]
    status: AgentStatus
    current_workload: int
    max_workload: int
    performance_score: float

    @classmethod
    def of(cls, a: Agent) -> AgentShape:
        return cls(
            agent_id=a.agent_id,
            name=a.name,
            skills=sorted(a.skills),
            languages=sorted(a.languages),
            status=a.status,
            current_workload=a.current_workload,
            max_workload=a.max_workload,
            performance_score=a.performance_score,
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


class DocumentShape(Shape):
    document_id: str
    title: str
    category: str
    tags: list[str]
    url: str | None
    language: str
    version: int
    last_updated: datetime
    content: str | None = None

    @classmethod
    def of(cls, d: KnowledgeDocument, *, content: bool = False) -> DocumentShape:
        return cls(
            document_id=d.document_id,
            title=d.title,
            category=d.category,
            tags=list(d.tags),
            url=d.url,
            language=d.language,
            version=d.version,
            last_updated=d.last_updated,
            content=d.content if content else None,
        )


class ResultShape(Shape):
    document_id: str
    title: str
    heading: str
    text: str
    score: float
    text_score: float
    vector_score: float
    url: str | None

    @classmethod
    def of(cls, r: KnowledgeResult) -> ResultShape:
        return cls(
            document_id=r.passage.document_id,
            title=r.title,
            heading=r.passage.heading,
            text=r.passage.text,
            score=round(r.score, 4),
            text_score=round(r.text_score, 4),
            vector_score=round(r.vector_score, 4),
            url=r.url,
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
