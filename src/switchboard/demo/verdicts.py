"""What the rules would have said about a message of the demo's past, told so that it fits what then happened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from switchboard.conversations.repeat import Matter, find_repeat
from switchboard.conversations.trend import sentiment_trend
from switchboard.demo.shapes import DemoEntry
from switchboard.domain.agent import Agent
from switchboard.domain.conversation import Handler, SentimentPoint
from switchboard.domain.customer import CustomerProfile
from switchboard.domain.hours import BusinessHours
from switchboard.domain.ids import MessageId
from switchboard.domain.message import ChannelType
from switchboard.domain.reading import Reading
from switchboard.domain.routing import CandidateVerdict, RoutingDecision, RuleTrace
from switchboard.domain.urgency import UrgencyScore
from switchboard.ports.records import PastReading
from switchboard.routing.rules import RouteVerdict, RoutingFacts, RoutingSettings, choose_route, to_decision
from switchboard.urgency.hours import is_after_hours
from switchboard.urgency.score import UrgencySignals, score_urgency

LOOK_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A customer message of the script and all that was known when it came. ``automate``: automation answered it."""

    entry: DemoEntry
    reading: Reading
    profile: CustomerProfile
    language: str
    handler: Handler
    attempts: int
    points: tuple[SentimentPoint, ...]
    message_id: MessageId
    earlier: tuple[PastReading, ...]
    automate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The reading that counts, the urgency and the verdict, with the person who was chosen if there was one."""

    reading: Reading | None
    urgency: UrgencyScore
    verdict: RouteVerdict
    candidates: tuple[CandidateVerdict, ...] = ()

    @property
    def mood(self) -> float:
        return self.understood.sentiment.score

    @property
    def understood(self) -> Reading:
        assert self.reading is not None
        return self.reading

    @property
    def decision(self) -> RoutingDecision:
        return to_decision(self.verdict, candidates=self.candidates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """The business's own rules."""

    routing: RoutingSettings
    hours: BusinessHours
    calm: UrgencyScore

    def judge(self, case: Situation) -> Judgement:
        """By the model's reading; by the script's labels where the script went on as only they explain."""
        found = self._by(case.reading, case)
        busy = case.handler in (Handler.AGENT, Handler.QUEUE)
        if busy or found.verdict.automate == case.automate or case.entry.labels is None:
            return found
        labelled = replace(
            case.entry.labels.reading(case.language),
            entities=case.reading.entities,
            embedding=case.reading.embedding,
            time_sensitive=case.reading.time_sensitive if not case.automate else (),
        )
        second = self._by(labelled, case)
        if second.verdict.automate == case.automate:
            return second
        return replace(second, verdict=self._let_through(second)) if case.automate else found

    def _let_through(self, judgement: Judgement) -> RouteVerdict:
        """The script has automation answer what today's rules keep for people: an earlier rule of the business."""
        why = "answered under the rules of that day"
        return RouteVerdict(
            automate=True,
            rule="automation_pattern",
            reasoning="Automation answers: the message fitted a pattern of that day.",
            escalated=False,
            trace=(RuleTrace(rule="automation_pattern", fired=True, detail=why),),
            pattern=self.routing.patterns[0].name if self.routing.patterns else None,
        )

    def _by(self, reading: Reading, case: Situation) -> Judgement:
        urgency = self._urgency(reading, case)
        verdict = choose_route(self._facts(reading, urgency, case), self.routing)
        return Judgement(reading=reading, urgency=urgency, verdict=verdict)

    def _urgency(self, reading: Reading, case: Situation) -> UrgencyScore:
        matter = Matter(
            intent=reading.primary.category.value,
            topic=reading.primary.subcategory,
            embedding=reading.embedding,
            message_id=case.message_id,
        )
        recent = [past for past in case.earlier if past.at >= case.entry.at - LOOK_BACK]
        return score_urgency(
            UrgencySignals(
                sentiment=reading.sentiment.score,
                intent=reading.primary.category,
                intent_confidence=reading.primary.confidence,
                customer_value=case.profile.customer_value,
                repeat_within_days=find_repeat(matter, recent, case.entry.at).days,
                time_sensitive=reading.time_sensitive,
                after_hours=is_after_hours(self.hours, case.entry.at),
            )
        )

    def _facts(self, reading: Reading, urgency: UrgencyScore, case: Situation) -> RoutingFacts:
        primary, mood = reading.primary, reading.sentiment.score
        newest = SentimentPoint(timestamp=case.entry.at, score=mood, message_id=case.message_id)
        trend = sentiment_trend((*case.points, newest))
        return RoutingFacts(
            intent=primary.category,
            topic=primary.subcategory,
            confidence=primary.confidence,
            urgency=urgency.score,
            text=case.entry.text,
            channel=(case.entry.channel or ChannelType.EMAIL).value,
            language=case.language,
            sentiment=mood,
            customer_value=case.profile.customer_value,
            wants_human=reading.wants_human,
            automation_attempts=case.attempts,
            source=reading.source,
            mood_alarm=trend.escalate,
            mood_drop=trend.drop,
            with_agent=case.handler in (Handler.AGENT, Handler.QUEUE),
            after_hours=is_after_hours(self.hours, case.entry.at),
        )


def given_to(judgement: Judgement, agent: Agent | None) -> Judgement:
    """The same verdict with the person who took the conversation, if there was one."""
    if agent is None or judgement.verdict.automate:
        return judgement
    chosen = CandidateVerdict(
        agent_id=agent.agent_id, name=agent.name, chosen=True, score=None, reasons=("has this conversation",)
    )
    return replace(judgement, candidates=(chosen,))


def escalated_because(reason: str, urgency: UrgencyScore, agent: Agent | None) -> Judgement:
    """An escalation that the script tells of."""
    rule = _rule_of(reason)
    verdict = RouteVerdict(
        automate=False,
        rule=rule,
        reasoning=f"{reason[:1].upper()}{reason[1:]}.",
        escalated=True,
        trace=(RuleTrace(rule=rule, fired=True, detail=reason),),
    )
    return given_to(Judgement(reading=None, urgency=urgency, verdict=verdict), agent)


def _rule_of(reason: str) -> str:
    words = reason.casefold()
    if "asked for" in words or "person" in words:
        return "asked_for_a_person"
    if "sentiment" in words:
        return "mood_falls"
    return "urgent" if "urgency" in words else "escalated_by_hand"
