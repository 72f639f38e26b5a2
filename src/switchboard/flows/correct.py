"""A person says what a message really was: the machine's reading stays, their word stands beside it and trains the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import MessageId
from switchboard.domain.message import ConversationMessage, Direction
from switchboard.domain.reading import Correction, Entity, EntityType, IntentCategory, Reading, Topic, sentiment_label
from switchboard.errors import Conflict, InvalidInput, NotFound
from switchboard.flows.app import App
from switchboard.ports.records import AuditEntry
from switchboard.ports.store import Work

NONE = "none"
"""The intent of a message that wants nothing of its own (labelling guideline, 1.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedEntity:
    """``value`` as it stands in the message."""

    type: EntityType
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """How it should have been read; None where the machine was right. All None confirms the whole reading."""

    intent: IntentCategory | None = None
    no_intent: bool = False
    secondary: Sequence[IntentCategory] | None = None
    topic: Topic | None = None
    score: float | None = None
    entities: Sequence[NamedEntity] | None = None


async def correct_reading(app: App, message_id: MessageId, right: Right, actor: str) -> ConversationMessage:
    """Stores a correction (a later one replaces it), shows it on the desk and counts it.

    Raises ``NotFound``; ``Conflict`` for a message that was not read; ``InvalidInput`` for an entity that is not in the
    text or a score outside -1 to 1.
    """
    now = app.clock.now()

    def story(work: Work) -> ConversationMessage:
        message = work.messages.get(message_id)
        if message is None or message.direction is not Direction.INBOUND:
            raise NotFound("there is no such message of a customer")
        if message.reading is None:
            raise Conflict("this message has not been read yet", fix="try again in a moment")
        correction = _correction(right, message.reading, message.content.words, actor, now)
        decision = work.decisions.of_message(message_id)
        reading = replace(message.reading, correction=correction)
        work.messages.save_reading(message_id, reading, decision.urgency if decision else None)
        _show(work, message, correction)
        work.events.append(_event(message, message.reading, correction, now))
        work.audit.append(
            AuditEntry(at=now, actor=actor, action="reading_corrected", target=message_id,
                       conversation_id=message.conversation_id, customer_id=message.customer_id,
                       details={"fields": ", ".join(changed(message.reading, correction)) or "confirmed"})
        )  # fmt: skip
        return replace(message, reading=reading)

    corrected = await app.store.write(story)
    app.hub.publish("events")
    return corrected


def changed(reading: Reading, correction: Correction) -> tuple[str, ...]:
    """The names of what the person saw otherwise than the machine."""
    return tuple(_changed(reading, correction))


def _changed(reading: Reading, right: Correction) -> Iterator[str]:
    if right.no_intent or right.intent not in (None, reading.primary.category):
        yield "intent"
    if right.secondary is not None and set(right.secondary) != {i.category for i in reading.intent.secondary_intents}:
        yield "secondary"
    if right.topic not in (None, reading.primary.subcategory):
        yield "topic"
    if right.score is not None and sentiment_label(right.score) is not reading.sentiment.label:
        yield "sentiment"
    if right.entities is not None and _named(right.entities) != _named(reading.entities):
        yield "entities"


def _named(entities: Sequence[Entity]) -> set[tuple[EntityType, str]]:
    return {(entity.type, entity.value) for entity in entities}


def _correction(right: Right, reading: Reading, text: str, actor: str, now: datetime) -> Correction:
    if right.score is not None and not -1 <= right.score <= 1:
        raise InvalidInput("the tone is out of range", field="score", limit="-1 to 1")
    if right.no_intent and right.intent is not None:
        raise InvalidInput("a message has an intent or none", field="intent", fix="leave one of the two out")
    entities = right.entities
    return Correction(
        at=now,
        actor=actor,
        intent=right.intent,
        no_intent=right.no_intent,
        secondary=None if right.secondary is None else tuple(right.secondary),
        topic=right.topic,
        score=right.score,
        entities=None if entities is None else tuple(_found(e, number, text) for number, e in enumerate(entities)),
    )


def _found(named: NamedEntity, number: int, text: str) -> Entity:
    start = text.find(named.value) if named.value else -1
    if start < 0:
        raise InvalidInput(
            "the message does not contain this",
            field=f"entities[{number}].value",
            fix="copy it as the customer wrote it",
        )
    return Entity(type=named.type, value=named.value, confidence=1.0, start=start, end=start + len(named.value))


def _show(work: Work, message: ConversationMessage, right: Correction) -> None:
    """The conversation is about what a person says, if this is the customer's newest message."""
    conversation = work.conversations.get(message.conversation_id)
    points = work.messages.sentiment_points(message.conversation_id)
    if conversation is None or not points or points[-1].message_id != message.message_id:
        return
    work.conversations.save(
        replace(
            conversation,
            intent=right.intent.value if right.intent else conversation.intent,
            topic=right.topic.value if right.topic else conversation.topic,
            sentiment_score=conversation.sentiment_score if right.score is None else right.score,
        )
    )


def _event(message: ConversationMessage, reading: Reading, right: Correction, now: datetime) -> Event:
    wanted = NONE if right.no_intent else (right.intent or reading.primary.category).value
    codes = {
        "changed": ",".join(changed(reading, right)),
        "was_intent": reading.primary.category.value,
        "intent": wanted,
        "was_topic": reading.primary.subcategory or Topic.GENERAL.value,
        "topic": right.topic.value if right.topic else reading.primary.subcategory or Topic.GENERAL.value,
        "channel": message.channel.value,
        "language": reading.language.code,
        "source": reading.source.value,
        "model": reading.model_version,
        "actor": right.actor,
    }
    score = reading.sentiment.score if right.score is None else right.score
    metrics = {"was_sentiment": reading.sentiment.score, "sentiment": score, "confidence": reading.primary.confidence}
    return Event(
        type=EventType.READING_CORRECTED,
        at=now,
        conversation_id=message.conversation_id,
        customer_id=message.customer_id,
        message_id=message.message_id,
        metrics=metrics,
        dimensions=codes,
    )
