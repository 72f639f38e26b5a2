"""Priya's conversation and its neighbours: the scene of the desk's mock-up, as stored facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from switchboard.domain.conversation import Conversation, ConversationState, ConversationStatus, Handler
from switchboard.domain.customer import CustomerProfile, CustomerValue, Evidence, Identity
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import AgentId, ConversationId, CustomerId, DecisionId, MessageId
from switchboard.domain.message import (
    Author,
    ChannelType,
    ConversationMessage,
    DeliveryState,
    Direction,
    MessageContent,
    MessageKind,
    ProcessingState,
)
from switchboard.domain.reading import (
    IntentCategory,
    Reading,
)
from switchboard.domain.reply import (
    PolicyViolation,
    Severity,
    SourceKind,
    ValidationResult,
)
from switchboard.ports.records import DraftOrigin, QueueEntry
from switchboard.ports.store import Work
from tests.desk.sample_people import agents, priya_profile, reading
from tests.desk.sample_records import (
    ANGRY,
    ANSWER,
    EM,
    JONAS,
    MAYA,
    NOTE,
    NOW,
    PRIYA,
    TANK,
    VALVE,
    WA,
    at,
    automated,
    checks,
    decision_of,
    draft_of,
    escalated,
    offers,
    sent_draft,
    source,
    suggestion,
    urgency,
)

__all__ = ["ANSWER", "MAYA", "NOW", "PRIYA"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One message of a sample conversation."""

    text: str
    at: datetime
    channel: ChannelType
    author: Author = Author.CUSTOMER
    kind: MessageKind = MessageKind.TEXT
    reading: Reading | None = None
    delivery: DeliveryState | None = None
    error: str | None = None
    agent_id: AgentId | None = None
    subject: str | None = None


def message(conversation: Conversation, line: Line, sequence: int) -> ConversationMessage:
    inbound = line.author is Author.CUSTOMER
    return ConversationMessage(
        message_id=MessageId(f"msg_{conversation.conversation_id[4:]}_{sequence}"),
        conversation_id=conversation.conversation_id,
        customer_id=conversation.customer_id,
        channel=line.channel,
        account="larkfield",
        direction=Direction.INBOUND if inbound else Direction.OUTBOUND,
        author=line.author,
        kind=line.kind,
        content=MessageContent(text=line.text, subject=line.subject),
        timestamp=line.at,
        sequence=sequence,
        reading=line.reading,
        processing=ProcessingState.UNDERSTOOD if inbound else None,
        delivery=line.delivery,
        delivery_error=line.error,
        agent_id=line.agent_id,
        external_id=f"x-{conversation.conversation_id}-{sequence}",
        verified=inbound,
    )


def conversation(
    key: str,
    *,
    urgency: int,
    last: datetime,
    channels: tuple[ChannelType, ...],
    snippet: str,
    topic: str,
    intent: str = "inquiry",
    handler: Handler = Handler.AGENT,
    agent: AgentId | None = None,
    status: ConversationStatus = ConversationStatus.ACTIVE,
    due: datetime | None = None,
) -> Conversation:
    state = ConversationState(
        status=status, handler=handler, assigned_agent_id=agent, urgency_score=urgency, priority=float(urgency)
    )
    return Conversation(
        conversation_id=ConversationId(f"cnv_{key}"),
        customer_id=CustomerId(f"cus_{key}"),
        state=state,
        channels=channels,
        created_at=last - timedelta(hours=1),
        last_activity_at=last,
        intent=intent,
        topic=topic,
        language="en",
        snippet=snippet,
        last_channel=channels[-1],
        needs_reply_since=due,
        queued_at=due if handler is Handler.QUEUE else None,
    )


def priya_lines() -> tuple[Line, ...]:
    asked = reading(-0.12, IntentCategory.INQUIRY, 0.88, "product_quality")
    angry = reading(-0.48, IntentCategory.COMPLAINT, 0.94, "product_quality")
    return (
        Line(text=TANK, at=at(8, 52), channel=WA, reading=asked),
        Line(text=VALVE, at=at(8, 52), channel=WA, author=Author.AUTOMATION, delivery=DeliveryState.READ),
        Line(text=ANGRY, at=at(11, 40), channel=EM, reading=angry, subject="Order LC‑48213, still no machine"),
        Line(text=NOTE, at=at(11, 44), channel=EM, author=Author.AGENT, kind=MessageKind.NOTE, agent_id=JONAS),
    )


def others() -> list[tuple[Conversation, CustomerProfile]]:
    """The rest of the list, on every channel."""
    c, vip = ChannelType, CustomerValue.VIP
    mine: dict[str, object] = {"agent": MAYA}
    rows: list[tuple[str, str, dict[str, object]]] = [
        (
            "tom",
            "Tom Okonkwo",
            {
                "urgency": 8,
                "last": at(11, 31),
                "channels": (c.VOICE,),
                "topic": "delivery_fulfilment",
                "snippet": "Voicemail: “The courier left it with nobody…”",
                "due": at(11, 31),
                **mine,
            },
        ),
        (
            "ines",
            "Ines Duarte",
            {
                "urgency": 7,
                "last": at(11, 22),
                "channels": (c.EMAIL, c.INSTAGRAM),
                "topic": "refund_return",
                "snippet": "Any news on my refund? It’s been ten days now",
                "due": at(11, 42),
                **mine,
            },
        ),
        (
            "lukas",
            "Lukas Brandt",
            {
                "urgency": 4,
                "last": at(10, 58),
                "channels": (c.WEB_CHAT,),
                "topic": "technical_issue",
                "snippet": "You: Could you send the serial number from the base?",
                "status": ConversationStatus.WAITING,
                **mine,
            },
        ),
        (
            "yuki",
            "Yuki Mori",
            {
                "urgency": 3,
                "last": at(11, 45),
                "channels": (c.WEB_CHAT,),
                "topic": "technical_issue",
                "snippet": "Automation: Descaling takes about 25 minutes, first…",
                "handler": Handler.AUTOMATION,
            },
        ),
        (
            "chiara",
            "Chiara Conti",
            {
                "urgency": 8,
                "last": at(11, 43),
                "channels": (c.WEB_CHAT,),
                "topic": "refund_return",
                "snippet": "Il rimborso non è ancora arrivato",
                "handler": Handler.QUEUE,
                "due": at(11, 43),
            },
        ),
        (
            "omar",
            "Omar Haddad",
            {
                "urgency": 6,
                "last": at(11, 12),
                "channels": (c.TWITTER,),
                "topic": "order_booking",
                "snippet": "Can I still change the colour?",
                "handler": Handler.QUEUE,
                "due": at(11, 12),
            },
        ),
        (
            "bea",
            "Beatriz Lopes",
            {
                "urgency": 2,
                "last": at(11, 38),
                "channels": (c.FACEBOOK,),
                "topic": "billing_payment",
                "snippet": "Thank you!",
                "handler": Handler.NOBODY,
                "status": ConversationStatus.RESOLVED,
            },
        ),
    ]
    made: list[Callable[[], tuple[Conversation, CustomerProfile]]] = []
    for key, name, values in rows:
        made.append(
            lambda key=key, name=name, values=values: (  # type: ignore[misc]  # a lambda cannot be annotated
                conversation(key, **values),
                CustomerProfile(
                    customer_id=CustomerId(f"cus_{key}"),
                    name=name,
                    created_at=at(9, 0, days=90),
                    customer_value=vip if key == "ines" else CustomerValue.MEDIUM,
                    identities=(
                        Identity(
                            channel=values["channels"][-1],
                            address=f"{key}@example",
                            verified=True,
                            evidence=Evidence.PROVIDER,
                        ),
                    ),
                ),
            )
        )
    return [make() for make in made]


def seed(work: Work) -> None:
    """Writes the whole scene."""
    for agent in agents():
        work.agents.save(agent)
    _priya(work)
    for talk, customer in others():
        _add_customer(work, customer)
        work.conversations.add(talk)
        inbound = Line(text=talk.snippet or "", at=talk.last_activity_at, channel=talk.channels[-1])
        work.messages.add(message(talk, inbound, 1))
        if talk.state.assigned_agent_id:
            work.agents.reserve(talk.state.assigned_agent_id)
        if talk.state.handler is Handler.QUEUE:
            work.queue.put(_entry(talk))
    _blocked(work)


def _add_customer(work: Work, customer: CustomerProfile) -> None:
    work.customers.add(customer)
    if work.customers.get(customer.customer_id) != customer:
        for identity in customer.identities:
            work.customers.add_identity(customer.customer_id, identity)
        for bought in customer.purchase_history:
            work.customers.add_purchase(customer.customer_id, bought)


def _entry(talk: Conversation) -> QueueEntry:
    return QueueEntry(
        conversation_id=talk.conversation_id,
        customer_id=talk.customer_id,
        priority=talk.state.priority,
        urgency_score=talk.state.urgency_score,
        queued_at=talk.last_activity_at,
        required_skills=frozenset({"returns"}),
        language="it",
        topic=talk.topic,
    )


def _priya(work: Work) -> None:
    _add_customer(work, priya_profile())
    talk = conversation(
        "priya",
        urgency=10,
        last=at(11, 44),
        channels=(WA, EM),
        snippet="I tried your valve trick, no luck. The box says LT-2 but the tank",
        topic="product_quality",
        intent="complaint",
        agent=MAYA,
        due=at(11, 40),
    )
    earlier = replace(
        conversation(
            "priya", urgency=6, last=at(15, 0, days=5), channels=(EM,), snippet="Thanks", topic="delivery_fulfilment"
        ),
        conversation_id=ConversationId("cnv_priya_old"),
        subject="Cracked tank on arrival",
        state=ConversationState(status=ConversationStatus.RESOLVED, assigned_agent_id=MAYA),
    )
    talk = replace(
        talk,
        last_sequence=4,
        subject="Order LC‑48213, still no machine",
        created_at=at(8, 52),
        last_decision_id=DecisionId("dec_priya"),
        state=replace(talk.state, escalated=True, automation_attempts=1),
    )
    work.conversations.add(earlier)
    work.conversations.add(talk)
    work.agents.reserve(MAYA)
    for sequence, line in enumerate(priya_lines(), start=1):
        work.messages.add(message(talk, line, sequence))
    work.decisions.add(decision_of("dec_first", "msg_priya_1", at(8, 52), automated(), urgency(calm=True)))
    work.decisions.add(decision_of("dec_priya", "msg_priya_3", at(11, 40), escalated(), urgency()))
    work.drafts.add(sent_draft())
    work.drafts.add(suggestion())
    work.events.append(
        Event(
            type=EventType.ESCALATION,
            at=at(11, 40),
            conversation_id=PRIYA,
            message_id="msg_priya_3",
            dimensions={"agent_id": MAYA, "reason": "urgent"},
        )
    )
    work.advice.offer(PRIYA, CustomerId("cus_priya"), offers(), at(11, 41))


def _blocked(work: Work) -> None:
    """Chiara's answer was stopped: it named a refund date that no source gives."""
    draft = draft_of(
        "drf_blocked",
        DraftOrigin.BLOCKED,
        at(11, 43),
        "Your refund arrives tomorrow [1].",
        0.62,
        (source(1, SourceKind.KNOWLEDGE, "Refunds", "Refunds take 5 to 10 days."),),
    )
    violation = PolicyViolation(
        type="ungrounded_claim", severity=Severity.HIGH, description="“Tomorrow” stands in no source."
    )
    verdict = ValidationResult(
        is_valid=False, violations=(violation,), contains_pii=False, checks=checks(grounded=False)
    )
    work.drafts.add(
        replace(
            draft,
            conversation_id=ConversationId("cnv_chiara"),
            customer_id=CustomerId("cus_chiara"),
            message_id=MessageId("msg_chiara_1"),
            validation=verdict,
        )
    )
    work.events.append(
        Event(
            type=EventType.REPLY_BLOCKED,
            at=at(11, 43),
            conversation_id=ConversationId("cnv_chiara"),
            message_id="msg_chiara_1",
            dimensions={"failed": "grounding"},
        )
    )
