"""What people corrected, as labelled messages: the team's own data to measure and train the model with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from switchboard.domain.event import EventType
from switchboard.domain.ids import MessageId
from switchboard.domain.message import ConversationMessage
from switchboard.domain.reading import Correction, Entity, IntentCategory, Reading
from switchboard.flows.app import App
from switchboard.flows.correct import NONE
from switchboard.ports.records import AuditEntry
from switchboard.ports.store import Work
from switchboard.trust.redaction import find_personal_data, redact

MOST = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledMessage:
    """One line of the export; the names of the fields are those that ``evaluate`` and ``train`` read."""

    text: str
    intent: str
    secondary: tuple[str, ...]
    topic: str
    score: float
    entities: tuple[dict[str, str], ...]
    language: str
    source: str
    model: str
    id: str


async def export_labels(app: App, actor: str, *, redacted: bool = True) -> list[LabelledMessage]:
    """Every message whose reading a person corrected or confirmed, newest first. ``redacted``: addresses, phone, card and
    account numbers are replaced by their kind, and entities that lie in them are left out."""
    now = app.clock.now()

    def story(work: Work) -> list[LabelledMessage]:
        found = [_labelled(message, redacted) for message in _corrected(work)]
        work.audit.append(
            AuditEntry(at=now, actor=actor, action="labels_exported", target="labels",
                       details={"messages": str(len(found)), "redacted": "yes" if redacted else "no"})
        )  # fmt: skip
        return found

    return await app.store.write(story)


def _corrected(work: Work) -> Iterator[ConversationMessage]:
    """Only what can still be read: an erased or withdrawn message teaches nothing."""
    seen = set[str]()
    for event in work.events.recent(EventType.READING_CORRECTED, MOST):
        if event.message_id is None or event.message_id in seen:
            continue
        seen.add(event.message_id)
        message = work.messages.get(MessageId(event.message_id))
        if message is not None and not message.withdrawn and message.reading is not None and message.reading.correction:
            yield message


def _labelled(message: ConversationMessage, redacted: bool) -> LabelledMessage:
    reading = message.reading
    if reading is None or reading.correction is None:
        raise ValueError("only a corrected message is a label")
    right, words = reading.correction, message.content.words
    text = redact(words) if redacted else words
    return LabelledMessage(
        text=text,
        intent=NONE if right.no_intent else (right.intent or reading.primary.category).value,
        secondary=_secondary(reading, right),
        topic=right.topic.value if right.topic else reading.primary.subcategory or "general",
        score=reading.sentiment.score if right.score is None else right.score,
        entities=tuple(_entities(reading, right, words, redacted)),
        language=reading.language.code,
        source=message.channel.value,
        model=reading.model_version,
        id=message.message_id,
    )


def _secondary(reading: Reading, right: Correction) -> tuple[str, ...]:
    if right.secondary is not None:
        return tuple(intent.value for intent in right.secondary)
    main: IntentCategory | None = None if right.no_intent else right.intent or reading.primary.category
    return tuple(i.category.value for i in reading.intent.secondary_intents if i.category is not main)


def _entities(reading: Reading, right: Correction, words: str, redacted: bool) -> Iterator[dict[str, str]]:
    personal = find_personal_data(words) if redacted else ()
    entities: tuple[Entity, ...] = reading.entities if right.entities is None else right.entities
    for entity in entities:
        if not any(entity.start < span.end and span.start < entity.end for span in personal):
            yield {"type": entity.type.value, "value": entity.value}
