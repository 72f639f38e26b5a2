"""Priya's conversation and its neighbours: the scene of the desk's mock-up, as stored facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from switchboard.domain.advice import ActionRecommendation, ActionType
from switchboard.domain.agent import Agent, AgentStatus
from switchboard.domain.conversation import Conversation, ConversationState, ConversationStatus, Handler
from switchboard.domain.customer import CustomerProfile, CustomerValue, Evidence, Identity, Purchase
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import ActionId, AgentId, ConversationId, CustomerId, DecisionId, MessageId
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
    Intent,
    IntentCategory,
    IntentResult,
    Language,
    Reading,
    SentimentResult,
    sentiment_label,
)
from switchboard.domain.reply import (
    Check,
    GeneratedResponse,
    PolicyViolation,
    Severity,
    Source,
    SourceKind,
    ValidationResult,
)
from switchboard.domain.routing import CandidateVerdict, Decision, RoutingDecision, RuleTrace
from switchboard.domain.urgency import UrgencyFactor, UrgencyScore
from switchboard.ports.records import DecisionRecord, DraftOrigin, DraftRecord, QueueEntry
from switchboard.ports.store import Work

NOW = datetime(2026, 5, 18, 10, 47, tzinfo=UTC)
MAYA, JONAS = AgentId("agt_maya"), AgentId("agt_jonas")
PRIYA = ConversationId("cnv_priya")
WA, EM = ChannelType.WHATSAPP, ChannelType.EMAIL


def at(hour: int, minute: int, *, days: int = 0) -> datetime:
    """A London clock time on the day of the scene (which is an hour ahead of UTC)."""
    return datetime(2026, 5, 18, hour - 1, minute, tzinfo=UTC) - timedelta(days=days)


def reading(score: float, category: IntentCategory, confidence: float, topic: str) -> Reading:
    return Reading(
        intent=IntentResult(
            primary_intent=Intent(category=category, confidence=confidence, subcategory=topic), secondary_intents=()
        ),
        sentiment=SentimentResult(score=score, label=sentiment_label(score), confidence=0.9),
        language=Language(code="en", confidence=0.99),
    )


def agents() -> tuple[Agent, ...]:
    maya = Agent(
        agent_id=MAYA,
        name="Maya Lindqvist",
        skills=frozenset({"returns", "machines"}),
        languages=frozenset({"en", "it"}),
        status=AgentStatus.AVAILABLE,
    )
    jonas = replace(
        maya, agent_id=JONAS, name="Jonas Weber", skills=frozenset({"warehouse"}), languages=frozenset({"de", "en"})
    )
    ruth = replace(maya, agent_id=AgentId("agt_ruth"), name="Ruth Adeyemi", status=AgentStatus.OFFLINE)
    return maya, jonas, ruth


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


TANK = "Morning! The water tank you sent for my Otto 2 doesn’t click in. Am I doing something wrong?"
VALVE = (
    "Hi Priya, the Otto 2 tank clicks in once the blue valve points to the back [1]. Your kit LT‑2 is the right one "
    "for your machine [2]. If it still won’t sit flush, reply here and I’ll arrange a swap."
)
ANGRY = (
    "I tried your valve trick, no luck. The box says LT‑2 but the tank is stamped OTTO 1. That is the second wrong part "
    "in a week, and twelve people are coming on Saturday. Send the right tank or take the machine back."
)
NOTE = (
    "@Maya warehouse checked bin C4: Otto 1 tanks in LT-2 boxes, 11 orders hit. Correct tanks are in C7, "
    "courier cut-off is 14:00."
)
ANSWER = (
    "Hi Priya, you were right: our warehouse put an Otto 1 tank in your LT‑2 box, and I’m sorry. The correct one leaves "
    "today by express courier and reaches you tomorrow, free of charge [1].\n\nI’ll check with you on Thursday. "
    "If it doesn’t fit, I’ll refund all €649 [2]."
)


def priya_profile() -> CustomerProfile:
    return CustomerProfile(
        customer_id=CustomerId("cus_priya"),
        name="Priya Raman",
        created_at=datetime(2024, 3, 4, tzinfo=UTC),
        email="priya.raman@brightmail.example",
        phone="+447700900184",
        preferred_channel=WA,
        customer_value=CustomerValue.MEDIUM,
        location="Leeds",
        language="en",
        identities=(
            Identity(channel=WA, address="+447700900184", verified=True, evidence=Evidence.PROVIDER),
            Identity(
                channel=EM,
                address="priya.raman@brightmail.example",
                verified=True,
                evidence=Evidence.SENDER_CHECKED,
            ),
        ),
        purchase_history=(
            purchase("LC‑48213", "Otto 2", 649, "delivered", at(9, 0, days=5)),
            purchase("LC‑41177", "Grinder burrs", 38, "delivered", datetime(2026, 2, 2, 9, tzinfo=UTC)),
        ),
    )


def purchase(number: str, product: str, amount: int, status: str, when: datetime) -> Purchase:
    return Purchase(
        purchase_id=f"pur_{number}",
        product=product,
        amount=Decimal(amount),
        currency="EUR",
        purchased_at=when,
        order_number=number,
        status=status,
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
    work.decisions.add(_decision("dec_first", "msg_priya_1", at(8, 52), _automated(), _urgency(calm=True)))
    work.decisions.add(_decision("dec_priya", "msg_priya_3", at(11, 40), _escalated(), _urgency()))
    work.drafts.add(_sent_draft())
    work.drafts.add(_suggestion())
    work.events.append(
        Event(
            type=EventType.ESCALATION,
            at=at(11, 40),
            conversation_id=PRIYA,
            message_id="msg_priya_3",
            dimensions={"agent_id": MAYA, "reason": "urgent"},
        )
    )
    work.advice.offer(PRIYA, CustomerId("cus_priya"), _offers(), at(11, 41))


def _decision(
    key: str, message_id: str, when: datetime, decision: RoutingDecision, urgency: UrgencyScore
) -> DecisionRecord:
    return DecisionRecord(
        decision_id=DecisionId(key),
        conversation_id=PRIYA,
        customer_id=CustomerId("cus_priya"),
        message_id=MessageId(message_id),
        at=when,
        decision=decision,
        urgency=urgency,
    )


def _automated() -> RoutingDecision:
    return RoutingDecision(
        decision=Decision.AUTOMATE,
        rule="pattern",
        pattern="Fitting a part",
        reasoning="A plain question that automation is sure about.",
        trace=(
            RuleTrace(rule="asked_for_a_person", fired=False, detail="no"),
            RuleTrace(rule="urgency", fired=False, detail="5, a person from 8"),
            RuleTrace(rule="pattern “Fitting a part”", fired=True, detail="0.88, needs over 0.85"),
        ),
    )


def _escalated() -> RoutingDecision:
    return RoutingDecision(
        decision=Decision.ASSIGN_AGENT,
        rule="urgency",
        escalated=True,
        agent_id=MAYA,
        reasoning="Urgency 10 needs a person. Maya speaks English, knows returns, and helped Priya on 13 May.",
        trace=(RuleTrace(rule="urgency", fired=True, detail="10, a person from 8"),),
        candidates=(
            CandidateVerdict(
                agent_id=MAYA,
                name="Maya Lindqvist",
                chosen=True,
                score=0.91,
                reasons=("knows Priya from 13 May", "one free place"),
            ),
            CandidateVerdict(
                agent_id=JONAS, name="Jonas Weber", chosen=False, score=0.74, reasons=("no history with Priya",)
            ),
            CandidateVerdict(
                agent_id=AgentId("agt_ruth"), name="Ruth Adeyemi", chosen=False, score=None, reasons=("offline",)
            ),
        ),
    )


def _urgency(*, calm: bool = False) -> UrgencyScore:
    base = UrgencyFactor(factor="base", contribution=5, description="Base")
    if calm:
        return UrgencyScore(score=5, unclamped=5, priority=5.1, factors=(base,))
    more = (
        ("intent", 2, "Complaint, 0.94 sure"),
        ("mood", 1, "Sentiment −0.48"),
        ("repeat", 2, "Same issue within 7 days"),
        ("value", 0, "Customer value, medium"),
    )
    factors = tuple(UrgencyFactor(factor=name, contribution=points, description=text) for name, points, text in more)
    return UrgencyScore(score=10, unclamped=10, priority=10.42, factors=(base, *factors))


def source(number: int, kind: SourceKind, title: str, quote: str) -> Source:
    return Source(number=number, kind=kind, reference=f"ref-{number}", title=title, quote=quote)


def _checks(*, grounded: bool = True) -> tuple[Check, ...]:
    return (
        Check(name="no one else’s personal data", passed=True, detail="passed"),
        Check(name="every claim found in a source", passed=grounded, detail="4 of 4" if grounded else "1 of 2"),
        Check(name="policy and links", passed=True, detail="passed"),
    )


def _draft(
    key: str, origin: DraftOrigin, when: datetime, text: str, confidence: float, sources: tuple[Source, ...]
) -> DraftRecord:
    return DraftRecord(
        draft_id=key,
        conversation_id=PRIYA,
        customer_id=CustomerId("cus_priya"),
        message_id=MessageId("msg_priya_1"),
        origin=origin,
        at=when,
        response=GeneratedResponse(
            text=text, confidence=confidence, sources=sources, generator="built-in", prompt_version="2026-05"
        ),
        validation=ValidationResult(is_valid=True, violations=(), contains_pii=False, checks=_checks()),
    )


def _sent_draft() -> DraftRecord:
    sources = (
        source(
            1,
            SourceKind.KNOWLEDGE,
            "Fitting the Otto water tank",
            "Turn the valve so that the blue valve points to the back of the machine. The tank clicks in when it sits flush.",
        ),
        source(
            2,
            SourceKind.PROFILE,
            "Order LC‑48213",
            "Otto 2 espresso machine; tank kit LT‑2, replacement, shipped 14 May.",
        ),
    )
    draft = _draft("drf_sent", DraftOrigin.AUTOMATION, at(8, 52), VALVE, 0.87, sources)
    return replace(draft, sent_as=MessageId("msg_priya_2"))


def _suggestion() -> DraftRecord:
    sources = (
        source(
            1, SourceKind.KNOWLEDGE, "Wrong part sent", "A wrong part is replaced by express courier, free of charge."
        ),
        source(2, SourceKind.PROFILE, "Order LC‑48213", "Otto 2, €649."),
    )
    draft = _draft("drf_suggested", DraftOrigin.SUGGESTED, at(11, 45), ANSWER, 0.91, sources)
    return replace(draft, message_id=MessageId("msg_priya_3"))


def _offers() -> tuple[ActionRecommendation, ...]:
    return (
        ActionRecommendation(
            action_id=ActionId("act_1"),
            type=ActionType.UPDATE_ORDER,
            description="Send right tank by express",
            confidence=0.92,
            expected_outcome="LT-2 from C7 arrives on Tuesday.",
            basis="Ended 41 of 46 similar cases.",
        ),
        ActionRecommendation(
            action_id=ActionId("act_2"),
            type=ActionType.SCHEDULE_FOLLOWUP,
            description="Check in on Thursday 10:00",
            confidence=0.81,
            expected_outcome="Two days before the event she mentioned.",
            basis="",
        ),
        ActionRecommendation(
            action_id=ActionId("act_3"),
            type=ActionType.ISSUE_REFUND,
            description="Collect and refund €649",
            confidence=0.44,
            expected_outcome="Her fallback.",
            basis="Above €500 needs a supervisor.",
        ),
    )


def _blocked(work: Work) -> None:
    """Chiara's answer was stopped: it named a refund date that no source gives."""
    draft = _draft(
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
    checks = ValidationResult(
        is_valid=False, violations=(violation,), contains_pii=False, checks=_checks(grounded=False)
    )
    work.drafts.add(
        replace(
            draft,
            conversation_id=ConversationId("cnv_chiara"),
            customer_id=CustomerId("cus_chiara"),
            message_id=MessageId("msg_chiara_1"),
            validation=checks,
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
