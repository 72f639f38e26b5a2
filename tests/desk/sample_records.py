"""Decisions, drafts and advice of the sample scene, with the words that were written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from switchboard.domain.advice import ActionRecommendation, ActionType
from switchboard.domain.ids import ActionId, AgentId, ConversationId, CustomerId, DecisionId, MessageId
from switchboard.domain.message import (
    ChannelType,
)
from switchboard.domain.reply import (
    Check,
    GeneratedResponse,
    Source,
    SourceKind,
    ValidationResult,
)
from switchboard.domain.routing import CandidateVerdict, Decision, RoutingDecision, RuleTrace
from switchboard.domain.urgency import UrgencyFactor, UrgencyScore
from switchboard.ports.records import DecisionRecord, DraftOrigin, DraftRecord

NOW = datetime(2026, 5, 18, 10, 47, tzinfo=UTC)
MAYA, JONAS = AgentId("agt_maya"), AgentId("agt_jonas")
PRIYA = ConversationId("cnv_priya")
WA, EM = ChannelType.WHATSAPP, ChannelType.EMAIL


def at(hour: int, minute: int, *, days: int = 0) -> datetime:
    """A London clock time on the day of the scene (which is an hour ahead of UTC)."""
    return datetime(2026, 5, 18, hour - 1, minute, tzinfo=UTC) - timedelta(days=days)


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


def decision_of(
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


def automated() -> RoutingDecision:
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


def escalated() -> RoutingDecision:
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


def urgency(*, calm: bool = False) -> UrgencyScore:
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


def checks(*, grounded: bool = True) -> tuple[Check, ...]:
    return (
        Check(name="no one else’s personal data", passed=True, detail="passed"),
        Check(name="every claim found in a source", passed=grounded, detail="4 of 4" if grounded else "1 of 2"),
        Check(name="policy and links", passed=True, detail="passed"),
    )


def draft_of(
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
        validation=ValidationResult(is_valid=True, violations=(), contains_pii=False, checks=checks()),
    )


def sent_draft() -> DraftRecord:
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
    draft = draft_of("drf_sent", DraftOrigin.AUTOMATION, at(8, 52), VALVE, 0.87, sources)
    return replace(draft, sent_as=MessageId("msg_priya_2"))


def suggestion() -> DraftRecord:
    sources = (
        source(
            1, SourceKind.KNOWLEDGE, "Wrong part sent", "A wrong part is replaced by express courier, free of charge."
        ),
        source(2, SourceKind.PROFILE, "Order LC‑48213", "Otto 2, €649."),
    )
    draft = draft_of("drf_suggested", DraftOrigin.SUGGESTED, at(11, 45), ANSWER, 0.91, sources)
    return replace(draft, message_id=MessageId("msg_priya_3"))


def offers() -> tuple[ActionRecommendation, ...]:
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
