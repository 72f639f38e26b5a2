"""Automation or a person? The first rule that applies wins, and every rule looked at is kept with what it saw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from switchboard.domain.customer import CustomerValue
from switchboard.domain.reading import REVIEW_BELOW, IntentCategory, ReadingSource
from switchboard.domain.reply import SEND_FROM
from switchboard.domain.routing import (
    AgentRequirements,
    AutomationPattern,
    CandidateVerdict,
    Decision,
    RoutingDecision,
    RuleTrace,
)
from switchboard.routing.conditions import CustomRule, Facts, Field, Words, holds

ESCALATION_PHRASES = (
    *("speak to human", "speak to a human", "talk to agent", "talk to an agent", "escalate", "speak to a person"),
    *("talk to a human", "talk to human", "talk to a person", "speak to an agent", "human agent", "real person"),
    *("mit einem menschen sprechen", "mit einem mitarbeiter sprechen", "parler à un humain", "parler à un conseiller"),
    *("hablar con un humano", "hablar con una persona", "hablar con un agente", "parlare con un operatore"),
    *("parlare con una persona", "falar com um humano", "falar com um atendente", "medewerker spreken"),
)
"""Words that ask for a person (Property 36); understanding finds many more and sets ``wants_human``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingFacts:
    """What is known when the decision is made. ``urgency`` is the clamped score 1..10; ``mood_alarm`` the reason why the
    fall of sentiment escalates; ``mood_drop`` how far it fell at this message; ``blocked`` why a drafted reply may not go
    out; ``reply_confidence`` that of the draft; ``with_agent`` that a person is already handling the conversation."""

    intent: IntentCategory
    topic: str | None = None
    confidence: float
    urgency: int
    text: str = ""
    channel: str = ""
    language: str = "en"
    sentiment: float = 0.0
    customer_value: CustomerValue = CustomerValue.MEDIUM
    wants_human: bool = False
    automation_attempts: int = 0
    source: ReadingSource = ReadingSource.MODEL
    mood_alarm: str | None = None
    mood_drop: float = 0.0
    blocked: str | None = None
    reply_confidence: float | None = None
    with_agent: bool = False
    after_hours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingSettings:
    """``patterns`` say what automation may answer; none configured means that people answer everything."""

    automate_above: float = 0.85
    human_from_urgency: int = 8
    max_automation_attempts: int = 3
    escalation_phrases: tuple[str, ...] = ESCALATION_PHRASES
    patterns: tuple[AutomationPattern, ...] = ()
    triggers: tuple[CustomRule, ...] = ()
    rules: tuple[CustomRule, ...] = ()
    automation_enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteVerdict:
    """``automate`` or a person; ``rule`` fired, ``trace`` has every rule looked at, in order. ``skills`` and ``agent_id``
    are what matching rules of the business ask of the person."""

    automate: bool
    rule: str
    reasoning: str
    escalated: bool
    trace: tuple[RuleTrace, ...]
    pattern: str | None = None
    skills: frozenset[str] = field(default_factory=frozenset)
    agent_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One rule's answer. ``why`` is a sentence for people, used when it fired."""

    rule: str
    fired: bool
    detail: str
    why: str = ""
    escalates: bool = False
    pattern: str | None = None


_Rule = Callable[[RoutingFacts, RoutingSettings], Iterator[_Look]]


def choose_route(facts: RoutingFacts, settings: RoutingSettings | None = None) -> RouteVerdict:
    """Decisions, "Routing": a person when asked, when automation failed or was blocked, or from urgency 8; automation only
    above 0.85 and within a configured pattern; a person otherwise."""
    settings = settings or RoutingSettings()
    trace: list[RuleTrace] = []
    skills, agent_id = _asked_by_rules(facts, settings)
    for look in _looks(facts, settings):
        trace.append(RuleTrace(rule=look.rule, fired=look.fired, detail=look.detail))
        if look.fired:
            return RouteVerdict(
                automate=look.pattern is not None,
                rule=look.rule,
                reasoning=look.why,
                escalated=look.escalates,
                trace=tuple(trace),
                pattern=look.pattern,
                skills=skills,
                agent_id=agent_id,
            )
    trace.append(RuleTrace(rule="otherwise_a_person", fired=True, detail="no rule for automation applied"))
    reason = f"No automation rule applied, so a person answers. {_closest(trace)}"
    return RouteVerdict(
        automate=False,
        rule="otherwise_a_person",
        reasoning=reason,
        escalated=False,
        trace=tuple(trace),
        skills=skills,
        agent_id=agent_id,
    )


def to_decision(
    verdict: RouteVerdict,
    *,
    requirements: AgentRequirements | None = None,
    candidates: Sequence[CandidateVerdict] = (),
    estimated_wait_s: float | None = None,
) -> RoutingDecision:
    """The whole decision for the record and the Why panel: with a chosen candidate it assigns, without one it queues."""
    chosen = next((candidate for candidate in candidates if candidate.chosen), None)
    if verdict.automate:
        decision, reasoning = Decision.AUTOMATE, verdict.reasoning
    elif chosen is not None:
        decision = Decision.ASSIGN_AGENT
        reasoning = f"{verdict.reasoning} {chosen.name} takes it: {'; '.join(chosen.reasons)}."
    else:
        decision = Decision.QUEUE
        reasoning = f"{verdict.reasoning} Nobody suitable is free, so it waits in the queue."
    return RoutingDecision(
        decision=decision,
        rule=verdict.rule,
        reasoning=reasoning,
        escalated=verdict.escalated,
        agent_id=chosen.agent_id if chosen is not None and not verdict.automate else None,
        pattern=verdict.pattern,
        estimated_wait_s=estimated_wait_s if decision is Decision.QUEUE else None,
        trace=verdict.trace,
        candidates=tuple(candidates),
        requirements=requirements,
    )


def _looks(facts: RoutingFacts, settings: RoutingSettings) -> Iterator[_Look]:
    for rule in RULES:
        yield from rule(facts, settings)


def _asks_for_a_person(facts: RoutingFacts, settings: RoutingSettings) -> Iterator[_Look]:
    words = Words(facts.text)
    phrase = next((phrase for phrase in settings.escalation_phrases if words.contain(phrase)), None)
    asked = facts.wants_human or phrase is not None
    detail = f'the words "{phrase}"' if phrase else "asked for a person" if asked else "did not ask for a person"
    yield _Look(
        rule="asked_for_a_person",
        fired=asked,
        detail=detail,
        why="The customer asked for a person.",
        escalates=True,
    )


def _escalation_intent(facts: RoutingFacts, settings: RoutingSettings) -> Iterator[_Look]:
    yield _Look(
        rule="escalation_intent",
        fired=facts.intent is IntentCategory.ESCALATION,
        detail=f"intent {facts.intent.value} ({facts.confidence:.2f})",
        why="The message is an escalation.",
        escalates=True,
    )


def _triggers(facts: RoutingFacts, settings: RoutingSettings) -> Iterator[_Look]:
    known = facts_of(facts)
    for trigger in settings.triggers:
        fired, detail = holds(trigger, known)
        why = f'The escalation trigger "{trigger.name}" of the business applies.'
        yield _Look(rule=f"trigger: {trigger.name}", fired=fired, detail=detail, why=why, escalates=True)


def _tried_often(facts: RoutingFacts, settings: RoutingSettings) -> Iterator[_Look]:
    tries, most = facts.automation_attempts, settings.max_automation_attempts
    yield _Look(
        rule="automation_tried_often",
        fired=tries >= most,
        detail=f"{tries} automated replies without resolution, limit {most}",
        why=f"{tries} automated replies did not resolve it.",
        escalates=True,
    )


def _reply_blocked(facts: RoutingFacts, settings: RoutingSettings) -> Iterator[_Look]:
    yield _Look(
        rule="reply_blocked",
        fired=facts.blocked is not None,
        detail=facts.blocked or "no reply was blocked",
        why=f"The automatic reply was blocked: {facts.blocked}.",
        escalates=True,
    )


def _reply_unsure(facts: RoutingFacts, settings: RoutingSettings) -> Iterator[_Look]:
    sure = facts.reply_confidence
    detail = "no reply drafted yet" if sure is None else f"reply confidence {sure:.2f}, needed {SEND_FROM:.2f}"
    yield _Look(
        rule="reply_unsure",
        fired=sure is not None and not sure >= SEND_FROM,  # also when the confidence is not a number
        detail=detail,
        why=f"The automatic reply is not sure enough: {detail}.",
        escalates=True,
    )


def _mood(facts: RoutingFacts, settings: RoutingSettings) -> Iterator[_Look]:
    calm = f"sentiment {facts.sentiment:.2f}, fell by {facts.mood_drop:.2f} at this message"
    yield _Look(
        rule="mood_falls",
        fired=facts.mood_alarm is not None,
        detail=facts.mood_alarm or calm,
        why=f"The mood calls for a person: {facts.mood_alarm}.",
        escalates=True,
    )


def _already_with_a_person(facts: RoutingFacts, settings: RoutingSettings) -> Iterator[_Look]:
    yield _Look(
        rule="already_with_a_person",
        fired=facts.with_agent,
        detail="a person is handling it" if facts.with_agent else "no person is handling it",
        why="A person is already handling this conversation.",
    )


def _urgent(facts: RoutingFacts, settings: RoutingSettings) -> Iterator[_Look]:
    detail = f"urgency {facts.urgency}, people from {settings.human_from_urgency}"
    yield _Look(
        rule="urgent",
        fired=facts.urgency >= settings.human_from_urgency,
        detail=detail,
        why=f"It is too urgent for automation: {detail}.",
        escalates=True,
    )


def _business_rules(facts: RoutingFacts, settings: RoutingSettings) -> Iterator[_Look]:
    known = facts_of(facts)
    for rule in settings.rules:
        matches, detail = holds(rule, known)
        effect = "" if rule.to_human or not matches else "; adds its skills only"
        yield _Look(
            rule=f"rule: {rule.name}",
            fired=matches and (rule.to_human or rule.escalate),
            detail=f"{detail}{effect}",
            why=f'The routing rule "{rule.name}" of the business applies.',
            escalates=rule.escalate,
        )


def _read_by_rules(facts: RoutingFacts, settings: RoutingSettings) -> Iterator[_Look]:
    yield _Look(
        rule="model_unavailable",
        fired=facts.source is ReadingSource.RULES,
        detail=f"read by {facts.source.value}",
        why="The understanding model was not available, so a person decides.",
    )


def _automation(facts: RoutingFacts, settings: RoutingSettings) -> Iterator[_Look]:
    matching = next((pattern for pattern in settings.patterns if pattern_matches(pattern, facts)), None)
    sure = facts.confidence > settings.automate_above
    limit = f"confidence {facts.confidence:.2f}, needed above {settings.automate_above:.2f}"
    found = f"pattern {matching.name}" if matching else f"none of {len(settings.patterns)} patterns matches"
    off = "" if settings.automation_enabled else "; automation is turned off"
    review = "; below the review limit" if facts.confidence < REVIEW_BELOW else ""
    yield _Look(
        rule="automation_pattern",
        fired=sure and matching is not None and settings.automation_enabled,
        detail=f"{limit}; {found}{off}{review}",
        why=f'Automation answers: intent {facts.intent.value} fits "{matching.name if matching else ""}" ({limit}).',
        pattern=matching.name if matching else None,
    )


RULES: tuple[_Rule, ...] = (
    _asks_for_a_person,
    _escalation_intent,
    _triggers,
    _tried_often,
    _reply_blocked,
    _reply_unsure,
    _mood,
    _already_with_a_person,
    _urgent,
    _business_rules,
    _read_by_rules,
    _automation,
)


def pattern_matches(pattern: AutomationPattern, facts: RoutingFacts) -> bool:
    """Empty sets mean "any"; a pattern for a topic does not match a message without one."""
    asked = (
        (pattern.intents, facts.intent.value),
        (pattern.topics, facts.topic),
        (pattern.channels, facts.channel),
        (pattern.languages, facts.language),
    )
    return pattern.enabled and all(not wanted or value in wanted for wanted, value in asked)


def facts_of(facts: RoutingFacts) -> Facts:
    """What the rules of the business may look at."""
    return {
        Field.INTENT: facts.intent.value,
        Field.TOPIC: facts.topic,
        Field.CHANNEL: facts.channel,
        Field.LANGUAGE: facts.language,
        Field.CUSTOMER_VALUE: facts.customer_value.value,
        Field.TEXT: facts.text,
        Field.URGENCY: float(facts.urgency),
        Field.CONFIDENCE: facts.confidence,
        Field.SENTIMENT: facts.sentiment,
        Field.AUTOMATION_ATTEMPTS: float(facts.automation_attempts),
        Field.AFTER_HOURS: facts.after_hours,
    }


def _asked_by_rules(facts: RoutingFacts, settings: RoutingSettings) -> tuple[frozenset[str], str | None]:
    """Skills of every matching rule add up; the first one that names a person wins. Asked for whichever rule decides."""
    known = facts_of(facts)
    matching = [rule for rule in (*settings.triggers, *settings.rules) if holds(rule, known)[0]]
    skills = frozenset(skill for rule in matching for skill in rule.skills)
    return skills, next((rule.agent_id for rule in matching if rule.agent_id), None)


def _closest(trace: Sequence[RuleTrace]) -> str:
    """Why automation did not answer: what its own rule saw."""
    seen = [look.detail for look in trace if look.rule == "automation_pattern"]
    return f"Automation: {seen[0]}." if seen else ""
