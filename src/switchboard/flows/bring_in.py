"""An import: messages are stored and understood, what would be answered is counted, and nothing is ever sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from switchboard.domain.conversation import Conversation
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import MessageId
from switchboard.domain.inbound import Fate, InboundEvent, InboundKind
from switchboard.domain.message import FILES, ChannelType, ConversationMessage, ProcessingState
from switchboard.domain.reading import Reading
from switchboard.errors import Rejected, SwitchboardError, Tampered
from switchboard.flows.answer import check_draft, draft_reply
from switchboard.flows.app import App
from switchboard.flows.aside import put_aside
from switchboard.flows.business import Business, with_custom_intents
from switchboard.flows.effects import Accepted
from switchboard.flows.intake import keep_files, with_blobs
from switchboard.flows.past import Filing, keep_past
from switchboard.flows.reconcile import Key, fingerprint, key_of
from switchboard.flows.understand import routing_facts, weigh
from switchboard.ports.channel import Parsed
from switchboard.ports.engines import TextToRead
from switchboard.ports.records import LockedFile
from switchboard.ports.store import Work
from switchboard.routing.rules import choose_route

BATCH = 32
"""Messages read by the model in one pass: few enough that long mails on a busy machine stay within its time."""
MOST_DRAFTED = 2000


@dataclass(slots=True)
class Bringing:
    """What an import did so far."""

    fates: Counter[Fate] = field(default_factory=Counter)
    stored: dict[MessageId, None] = field(default_factory=dict)
    """Those that are still to be read by the model, in order and once each."""
    refused: list[str] = field(default_factory=list)
    read: dict[Key, bytes] = field(default_factory=dict)
    """The fingerprint of every message that was read and should be stored now."""
    with_files: dict[MessageId, None] = field(default_factory=dict)
    """Those whose files may still be fetched."""
    left_out: list[str] = field(default_factory=list)
    """What was read and is no message of its own: reports of servers, and mails whose id another mail took before."""

    def refuse(self, why: str) -> None:
        self.refused.append(why)

    def note(self, event: InboundEvent, accepted: Accepted, *, unread: bool) -> None:
        """What became of one message."""
        self.fates[accepted.fate] += 1
        if accepted.message_id is None:
            self._leave_out(event, accepted.reason)
            return
        words = fingerprint(event)
        if self.read.setdefault(key_of(event), words) != words:
            self._leave_out(event, "another message has this id and other contents; that one is kept")
        if unread:
            self.stored[accepted.message_id] = None
        if any(one.blob_id is None and one.kind in FILES for one in event.content.attachments):
            self.with_files[accepted.message_id] = None

    def _leave_out(self, event: InboundEvent, why: str) -> None:
        self.left_out.append(f"{event.metadata.get('imported', 'import')}: {event.external_id}: {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSummary:
    """What was understood, and what routing and automation would have made of it."""

    fates: Mapping[str, int]
    intents: Mapping[str, int]
    topics: Mapping[str, int]
    languages: Mapping[str, int]
    moods: Mapping[str, int]
    routes: Mapping[str, int]
    answers: Mapping[str, int]

    def tables(self) -> list[tuple[str, list[tuple[str, int]]]]:
        named = (
            ("Messages", self.fates),
            ("Intents", self.intents),
            ("Topics", self.topics),
            ("Languages", self.languages),
            ("Sentiment", self.moods),
            ("Would go to", self.routes),
            ("Automation's drafts", self.answers),
        )
        return [(title, sorted(found.items(), key=lambda kv: -kv[1])) for title, found in named if found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One mail or row. ``source`` names its file; ``files`` are attachments by ``Attachment.provider_id``."""

    source: str
    parsed: Parsed
    files: Mapping[str, bytes] = field(default_factory=dict)


async def bring_in(app: App, bringing: Bringing, pieces: Sequence[Piece]) -> None:
    """Stores the events of these mails or rows in one transaction; sends nothing and leaves no work behind. One that
    cannot be stored is refused by name and holds none of the others back."""
    try:
        await _store(app, bringing, pieces)
    except (Rejected, Tampered) as error:
        if len(pieces) == 1:
            bringing.refuse(f"{pieces[0].source}: {error.detail}")
            if isinstance(error, Tampered):  # it is stored and does not open: the proof names it
                bringing.read |= {key_of(event): fingerprint(event) for event in pieces[0].parsed.events}
            return
        for piece in pieces:
            await bring_in(app, bringing, (piece,))


async def _store(app: App, bringing: Bringing, pieces: Sequence[Piece]) -> None:
    filing = Filing(now=app.clock.now(), together=app.tempo.reopen_within, archive_after=app.tempo.archive_after)
    unpacked = [(piece.source, *with_blobs(piece.parsed, piece.files)) for piece in pieces]

    events = [
        (replace(event, metadata={**event.metadata, "imported": source}), blobs)
        for source, parsed, blobs in unpacked
        for event in parsed.events
    ]
    locked = {blob_id: await put_aside(app, blob_id, data) for blob_id, data in (await _wanted(app, events)).items()}
    fates = await app.store.write(lambda work: [_accept(work, event, locked, filing) for event, _ in events])
    for (event, _), (accepted, unread) in zip(events, fates, strict=True):
        bringing.note(event, accepted, unread=unread)


async def _wanted(app: App, events: Sequence[tuple[InboundEvent, Mapping[str, bytes]]]) -> dict[str, bytes]:
    """The files of what is not stored yet: an import that is run again writes none of them twice."""

    def missing(work: Work) -> dict[str, bytes]:
        return {
            blob_id: data
            for event, blobs in events
            if work.messages.find_external(event.channel, event.account, event.external_id) is None
            for blob_id, data in blobs.items()
        }

    return await app.store.read(missing) if any(blobs for _, blobs in events) else {}


def _accept(work: Work, event: InboundEvent, locked: Mapping[str, LockedFile], filing: Filing) -> tuple[Accepted, bool]:
    """The fate, and whether the message is still to be read: also one that an interrupted import left unread."""
    accepted = keep_past(work, event, filing)
    if accepted.fate is Fate.DUPLICATE and accepted.message_id is not None:
        known = work.messages.get(accepted.message_id)
        left = known is not None and known.processing is ProcessingState.RECEIVED and "imported" in known.metadata
        return accepted, left
    keep_files(work, event, accepted, locked)
    return accepted, event.kind is not InboundKind.ECHO


async def conclude_import(app: App, bringing: Bringing, step: Callable[[int], None]) -> ImportSummary:
    """Reads everything that was stored: an import is history, nobody owes an answer."""
    business = await app.business()
    counts = _Counts()
    done = 0
    unread = list(bringing.stored)
    for start in range(0, len(unread), BATCH):
        ids = unread[start : start + BATCH]
        messages = [m for m in await app.store.read(lambda work, ids=ids: [work.messages.get(i) for i in ids]) if m]  # type: ignore[misc]  # bound now
        texts = [TextToRead(text=m.content.words, at=m.timestamp) for m in messages]
        readings = await app.understanding.read(texts)
        read = [
            (m, with_custom_intents(r, m.content.words, business.intents))
            for m, r in zip(messages, readings, strict=True)
        ]
        automated = await app.store.write(lambda work, read=read: _conclude_batch(work, read, business, counts))  # type: ignore[misc]  # bound now
        for message, reading in automated:
            await _try_answer(app, message, reading, business, counts)
        done += len(messages)
        step(done)
    fates = {fate.value: count for fate, count in bringing.fates.items()}
    if bringing.refused:
        fates["not readable"] = len(bringing.refused)
    return counts.summary(fates)


def _conclude_batch(
    work: Work, read: list[tuple[ConversationMessage, Reading]], business: Business, counts: _Counts
) -> list[tuple[ConversationMessage, Reading]]:
    automated = []
    for message, reading in read:
        conversation = work.conversations.get(message.conversation_id)
        if conversation is None:
            continue
        weighed = weigh(work, message, reading, business)
        work.messages.save_reading(message.message_id, reading, weighed.urgency)
        verdict = choose_route(routing_facts(conversation, message, reading, weighed, business), business.routing)
        counts.add(
            message.channel, reading, "nobody: automatic mail" if message.automatic else _where(verdict.automate)
        )
        if verdict.automate and not message.automatic:
            automated.append((message, reading))
        work.conversations.save(_understood(conversation, reading))
        work.events.append(_event(message, reading, weighed.urgency.score))
    return automated


def _where(automate: bool) -> str:
    return "automation" if automate else "a person"


def _understood(conversation: Conversation, reading: Reading) -> Conversation:
    return replace(
        conversation,
        intent=reading.primary.category.value,
        topic=reading.primary.subcategory,
        language=reading.language.code,
        sentiment_score=reading.sentiment.score,
    )


async def _try_answer(
    app: App, message: ConversationMessage, reading: Reading, business: Business, counts: _Counts
) -> None:
    """Drafts what automation would say and checks it; the draft is thrown away."""
    if sum(counts.answers.values()) >= MOST_DRAFTED:
        return
    found = await app.store.read(
        lambda work: (work.conversations.get(message.conversation_id), work.customers.get(message.customer_id))
    )
    conversation, profile = found
    if conversation is None or profile is None:
        return
    try:
        asked = replace(message, reading=reading)
        context, draft = await draft_reply(app, conversation, profile, (asked,), asked, business)
        approval = await check_draft(app, context, draft)
    except SwitchboardError:
        counts.answers["could not be drafted"] += 1
        return
    counts.answers["would be sent" if approval.reply else "would be held back for a person"] += 1


def _event(message: ConversationMessage, reading: Reading, urgency: int) -> Event:
    return Event(
        type=EventType.MESSAGE_UNDERSTOOD,
        at=message.timestamp,
        conversation_id=message.conversation_id,
        customer_id=message.customer_id,
        message_id=message.message_id,
        metrics={
            "sentiment": reading.sentiment.score,
            "confidence": reading.primary.confidence,
            "urgency": float(urgency),
        },
        dimensions={
            "channel": message.channel.value,
            "intent": reading.primary.category.value,
            "topic": reading.primary.subcategory or "general",
            "language": reading.language.code,
            "imported": "yes",
        },
    )


class _Counts:
    def __init__(self) -> None:
        self.intents: Counter[str] = Counter()
        self.topics: Counter[str] = Counter()
        self.languages: Counter[str] = Counter()
        self.moods: Counter[str] = Counter()
        self.routes: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()

    def add(self, channel: ChannelType, reading: Reading, route: str) -> None:
        self.intents[reading.primary.category.value] += 1
        self.topics[reading.primary.subcategory or "general"] += 1
        self.languages[reading.language.code] += 1
        self.moods[reading.sentiment.label.value] += 1
        self.routes[route] += 1

    def summary(self, fates: Mapping[str, int]) -> ImportSummary:
        return ImportSummary(
            fates=fates,
            intents=self.intents,
            topics=self.topics,
            languages=self.languages,
            moods=self.moods,
            routes=self.routes,
            answers=self.answers,
        )
