"""A message is read: what does the customer want, how do they feel, how soon, and who answers?

Reading is slow and happens first, with nothing open; joining the reading to the conversation is one transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from switchboard.conversations.identity import PHONE_CHANNELS
from switchboard.conversations.repeat import Matter, find_repeat
from switchboard.conversations.trend import sentiment_trend
from switchboard.domain.conversation import Conversation, Handler, SentimentPoint, SentimentTrend
from switchboard.domain.customer import CustomerProfile, CustomerValue
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import MessageId
from switchboard.domain.message import ConversationMessage, MessageKind, ProcessingState
from switchboard.domain.reading import Reading
from switchboard.domain.urgency import UrgencyScore
from switchboard.errors import Conflict, NotFound
from switchboard.flows.app import App
from switchboard.flows.business import Business, with_custom_intents
from switchboard.flows.handover import decided, record, to_person
from switchboard.ports.engines import TextToRead
from switchboard.ports.records import Job, JobKind, NewJob
from switchboard.ports.store import Work
from switchboard.routing.rules import RouteVerdict, RoutingFacts, choose_route, to_decision
from switchboard.understanding.identities import region_of
from switchboard.urgency.hours import is_after_hours
from switchboard.urgency.score import UrgencySignals, score_urgency

log = logging.getLogger(__name__)
LOOK_BACK = timedelta(days=30)
FEWEST_DIGITS = 7
"""Digits of the shortest phone number: without them nobody needs to know the customer's country."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A message with what the model made of it."""

    job: Job
    message: ConversationMessage
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """How soon, how the mood moves, and whose message it is."""

    urgency: UrgencyScore
    trend: SentimentTrend
    profile: CustomerProfile | None


async def understand_one(app: App, job: Job) -> None:
    """Reads a single message; used when a batch had a poisoned one in it."""
    await understand_batch(app, (job,))


async def understand_batch(app: App, jobs: Sequence[Job]) -> None:
    """Reads messages of different conversations in one pass; each is concluded by itself."""
    business = await app.business()
    found = await app.store.read(lambda work: [_asked(work, job, business) for job in jobs])
    readable = [(job, asked) for job, asked in zip(jobs, found, strict=True) if asked is not None]
    gone = [job for job, asked in zip(jobs, found, strict=True) if asked is None]
    readings = await app.understanding.read([text for _, (_, text) in readable])
    read = [
        _Read(job=job, message=message, reading=with_custom_intents(reading, message.content.words, business.intents))
        for (job, (message, _)), reading in zip(readable, readings, strict=True)
    ]
    now = app.clock.now()

    if gone:
        await app.store.write(lambda work: [work.jobs.finish(job) for job in gone])
    for item in read:  # each in a story of its own, one after the other: messages at the door go in between
        await _conclude_one(app, item, business, now)
    app.hub.publish("answers")
    app.hub.publish("outbox")
    app.hub.publish("events")


async def _conclude_one(app: App, item: _Read, business: Business, now: datetime) -> None:
    await app.store.write(lambda work: conclude(work, item.job, item.message, item.reading, business, now), later=True)


def _asked(work: Work, job: Job, business: Business) -> tuple[ConversationMessage, TextToRead] | None:
    """The message and what the model is asked about it; None where there is nothing to read."""
    message = _message_of(work, job)
    if message is None:
        return None
    words = message.content.words
    numbers = sum(map(str.isdecimal, words)) >= FEWEST_DIGITS
    regions = _regions(work.customers.brief(message.customer_id), business) if numbers else ()
    return message, TextToRead(text=words, at=message.timestamp, key=message.conversation_id, regions=regions)


def _regions(profile: CustomerProfile | None, business: Business) -> tuple[str, ...]:
    """Where a phone number without its country belongs: to the country of the customer's own, else to the business's."""
    own = (profile.phone, *(i.address for i in profile.identities if i.channel in PHONE_CHANNELS)) if profile else ()
    told = (*(region_of(number) for number in own if number), business.region)
    return tuple(dict.fromkeys(region for region in told if region))


def _message_of(work: Work, job: Job) -> ConversationMessage | None:
    """None when it was erased meanwhile, or read by a worker whose lease had only seemed lost."""
    message = work.messages.get(MessageId(job.message_id)) if job.message_id else None
    return message if message is not None and message.processing is not ProcessingState.UNDERSTOOD else None


def conclude(
    work: Work, job: Job, message: ConversationMessage, reading: Reading, business: Business, now: datetime
) -> None:
    """Joins a reading to its conversation: mood, repetition, urgency, and the decision who answers, with reasons.

    Raises ``Conflict`` when another worker took the job over, so that nothing of this is kept.
    """
    if not work.jobs.finish(job):
        raise Conflict("another worker took this message over")
    conversation = work.conversations.get(message.conversation_id)
    if conversation is None:
        raise NotFound("the conversation of this message is gone")
    weighed = weigh(work, message, reading, business)
    work.messages.save_reading(message.message_id, reading, weighed.urgency, customer_id=message.customer_id)
    work.events.note(*_events(message, reading, weighed.urgency, weighed.trend, now))
    conversation = _with_reading(conversation, reading, weighed.urgency)
    if message.automatic or "unclear" in message.metadata or not conversation.is_open:
        work.conversations.save(conversation)  # filed: nobody answers machines, or guesses
        return
    verdict = choose_route(routing_facts(conversation, message, reading, weighed, business), business.routing)
    route(work, conversation, verdict, business, now, weighed=weighed, message=message)


def weigh(work: Work, message: ConversationMessage, reading: Reading, business: Business) -> Weighed:
    """What the reading means in the light of who wrote it and what came before."""
    profile = work.customers.standing(message.customer_id)
    return Weighed(
        urgency=_urgency(work, message, reading, profile, business),
        trend=_trend(work, message, reading),
        profile=profile,
    )


def route(
    work: Work,
    conversation: Conversation,
    verdict: RouteVerdict,
    business: Business,
    now: datetime,
    *,
    weighed: Weighed,
    message: ConversationMessage,
) -> None:
    """Carries the verdict out: an answering job for automation, or a person."""
    urgency = weighed.urgency
    if not verdict.automate:
        to_person(work, conversation, verdict, business, now, urgency=urgency, asked=message, profile=weighed.profile)
        return
    work.jobs.drop(conversation.conversation_id, JobKind.ANSWER)  # an answer to the message before is out of date
    state = replace(conversation.state, handler=Handler.AUTOMATION)
    conversation = work.conversations.save(decided(replace(conversation, state=state)))
    work.jobs.add(
        NewJob(
            kind=JobKind.ANSWER,
            lane=conversation.conversation_id,
            priority=urgency.priority,
            due_at=now,
            conversation_id=conversation.conversation_id,
            message_id=message.message_id,
        )
    )
    record(work, conversation, to_decision(verdict), now, urgency, message.message_id)


def _trend(work: Work, message: ConversationMessage, reading: Reading) -> SentimentTrend:
    before = [p for p in work.messages.sentiment_points(message.conversation_id) if p.message_id != message.message_id]
    newest = SentimentPoint(timestamp=message.timestamp, score=reading.sentiment.score, message_id=message.message_id)
    return sentiment_trend((*before, newest))


def _urgency(
    work: Work, message: ConversationMessage, reading: Reading, profile: CustomerProfile | None, business: Business
) -> UrgencyScore:
    matter = Matter(
        intent=reading.primary.category.value,
        topic=reading.primary.subcategory,
        embedding=reading.embedding,
        message_id=message.message_id,
    )
    earlier = work.messages.past_readings(message.customer_id, message.timestamp - LOOK_BACK)
    repeat = find_repeat(matter, earlier, message.timestamp)
    return score_urgency(
        UrgencySignals(
            sentiment=reading.sentiment.score,
            intent=reading.primary.category,
            intent_confidence=reading.primary.confidence,
            customer_value=profile.customer_value if profile else CustomerValue.MEDIUM,
            repeat_within_days=repeat.days,
            time_sensitive=reading.time_sensitive,
            after_hours=is_after_hours(business.hours, message.timestamp),
        )
    )


def routing_facts(
    conversation: Conversation, message: ConversationMessage, reading: Reading, weighed: Weighed, business: Business
) -> RoutingFacts:
    """Everything the routing rules look at."""
    primary, urgency, trend, profile = reading.primary, weighed.urgency, weighed.trend, weighed.profile
    unreadable = message.kind is MessageKind.PLACEHOLDER or not message.content.words.strip()
    unanswerable = unreadable or "no_answer" in message.metadata
    return RoutingFacts(
        intent=primary.category,
        topic=primary.subcategory,
        confidence=0.0 if unanswerable else primary.confidence,  # for people: unreadable, or no machine may answer
        urgency=urgency.score,
        text=message.content.words,
        channel=message.channel.value,
        language=_spoken(conversation, reading) or business.skills.default_language,
        sentiment=reading.sentiment.score,
        customer_value=profile.customer_value if profile else CustomerValue.MEDIUM,
        wants_human=reading.wants_human or "asks_for" in message.metadata,
        automation_attempts=conversation.state.automation_attempts,
        source=reading.source,
        mood_alarm=trend.escalate,
        mood_drop=trend.drop,
        with_agent=conversation.state.handler in (Handler.AGENT, Handler.QUEUE),
        after_hours=is_after_hours(business.hours, message.timestamp),
    )


def _spoken(conversation: Conversation, reading: Reading) -> str | None:
    """The language of the message; where it cannot be told ("ok", an order number), that of the conversation so far."""
    return reading.language.code if reading.language.code != "und" else conversation.language


def _with_reading(conversation: Conversation, reading: Reading, urgency: UrgencyScore) -> Conversation:
    state, owed = conversation.state, conversation.needs_reply_since is not None and conversation.last_decision_id
    return replace(
        conversation,
        state=replace(  # a calm word after an urgent one that nobody has answered yet does not send it to the back
            state,
            urgency_score=max(urgency.score, state.urgency_score) if owed else urgency.score,
            priority=max(urgency.priority, state.priority) if owed else urgency.priority,
        ),
        intent=reading.primary.category.value,
        topic=reading.primary.subcategory,
        language=_spoken(conversation, reading),
        sentiment_score=reading.sentiment.score,
    )


def _events(
    message: ConversationMessage, reading: Reading, urgency: UrgencyScore, trend: SentimentTrend, now: datetime
) -> list[Event]:
    codes = {
        "channel": message.channel.value,
        "intent": reading.primary.category.value,
        "topic": reading.primary.subcategory or "general",
        "language": reading.language.code,
        "source": reading.source.value,
        "model": reading.model_version,
        **({"rules_because": reading.rules_because.value} if reading.rules_because else {}),
    }
    metrics = {
        "sentiment": reading.sentiment.score,
        "confidence": reading.primary.confidence,
        "urgency": float(urgency.score),
        "priority": urgency.priority,
        "read_after_s": max(0.0, (now - message.timestamp).total_seconds()),
    }
    if reading.unknown_words is not None:
        metrics["unknown_words"] = reading.unknown_words
    happened = [_event(EventType.MESSAGE_UNDERSTOOD, message, now, metrics, codes)]
    if trend.drop > 0.3 + 1e-9:  # at this very message (Property 10)
        fall = {"drop": trend.drop, "sentiment": reading.sentiment.score}
        happened.append(_event(EventType.SENTIMENT_DROP, message, now, fall, codes))
    return happened


def _event(
    kind: EventType, message: ConversationMessage, now: datetime, metrics: dict[str, float], codes: dict[str, str]
) -> Event:
    return Event(
        type=kind,
        at=now,
        conversation_id=message.conversation_id,
        customer_id=message.customer_id,
        message_id=message.message_id,
        metrics=metrics,
        dimensions=codes,
    )
