"""The line: one conversation's messages in order, with what happened between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from switchboard.conversations.copies import PARTICIPANT, PARTICIPANT_NAME, others_shown
from switchboard.domain.conversation import Conversation
from switchboard.domain.customer import CustomerProfile, Identity
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import AgentId, ConversationId, MessageId
from switchboard.domain.message import Author, ChannelType, ConversationMessage, Direction
from switchboard.errors import NotFound
from switchboard.ports.records import DecisionRecord, DraftRecord, PutOff
from switchboard.ports.store import Work

SENTIMENT_FALL = 0.3
"""A fall by more than this from one customer message to the next is marked on the line (decisions, "Understanding")."""

NEWEST = 50
MOST = 300
PUBLIC_ID = "public_id"
"""In a message's metadata: the post or comment that it is."""
IN_PUBLIC = frozenset({ChannelType.FACEBOOK, ChannelType.INSTAGRAM, ChannelType.TWITTER})


class Mark(StrEnum):
    """What can stand on the line between two messages."""

    CHANNEL_CHANGE = "channel_change"
    SENTIMENT_FALL = "sentiment_fall"
    ESCALATION = "escalation"
    BLOCKED = "blocked"
    ASSIGNED = "assigned"
    QUEUED = "queued"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    ARCHIVED = "archived"
    CALL_STARTED = "call_started"
    CALL_CONNECTED = "call_connected"
    CALL_ENDED = "call_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMessage:
    """A message on the line. ``draft`` is what automation wrote it from; ``put_off``: it was tried in vain and waits;
    ``public``: everybody can read it; ``others``: who else was on To and Cc of the mail; ``before`` the cord's colour
    above it."""

    key: str
    at: datetime
    sequence: int
    channel: ChannelType
    message: ConversationMessage
    author_name: str
    draft: DraftRecord | None = None
    put_off: PutOff | None = None
    public: bool = False
    others: tuple[str, ...] = ()
    before: ChannelType | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMark:
    """An event on the line. ``sequence`` is that of the message it follows."""

    key: str
    at: datetime
    sequence: int
    channel: ChannelType
    kind: Mark
    name: str = ""
    amount: float = 0.0
    urgency: int | None = None
    detail: str = ""
    identity: Identity | None = None
    before: ChannelType | None = None


LineItem = LineMessage | LineMark


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    items: tuple[LineItem, ...]
    first_sequence: int
    has_older: bool


def name_of(customer: CustomerProfile | None) -> str:
    """The best thing to call a customer: the name, else an address, else plain words."""
    if customer is None or customer.erased_at is not None:
        return "Erased customer"
    shown = [customer.name, *(i.display_name for i in customer.identities), customer.email, customer.phone]
    addresses = [i.address for i in customer.identities if i.channel in (ChannelType.EMAIL, ChannelType.WHATSAPP)]
    return next((text for text in [*shown, *addresses] if text), "Visitor")


def known_conversation(work: Work, conversation_id: ConversationId) -> Conversation:
    conversation = work.conversations.get(conversation_id)
    if conversation is None:
        raise NotFound("This conversation does not exist, or it was removed.")
    return conversation


def timeline_page(
    work: Work, conversation_id: ConversationId, *, after: int = 0, before: int | None = None
) -> Timeline:
    """A piece of the line: what follows ``after``, or the newest messages below ``before``. Raises ``NotFound``."""
    conversation = known_conversation(work, conversation_id)
    customer = work.customers.brief(conversation.customer_id)
    if before is not None:
        messages = work.messages.of_conversation(conversation_id, before=before, limit=NEWEST)
    else:
        messages = work.messages.of_conversation(conversation_id, after=after, limit=MOST)
    return _line(work, conversation, customer, messages)


def timeline_of(work: Work, conversation: Conversation, customer: CustomerProfile) -> Timeline:
    """The newest messages of a conversation with the marks between them."""
    return _line(work, conversation, customer, work.messages.newest(conversation.conversation_id, NEWEST))


def _line(
    work: Work, conversation: Conversation, customer: CustomerProfile | None, messages: Sequence[ConversationMessage]
) -> Timeline:
    first = messages[0].sequence if messages else 1
    newest_shown = not messages or messages[-1].sequence >= conversation.last_sequence
    names = {agent.agent_id: agent.name for agent in work.agents.all()}
    put_off = {one.message_id: one for one in work.jobs.put_off(conversation.conversation_id)}
    public = _public(work, messages)
    shown = [
        replace(
            _line_message(work, message, customer, names),
            put_off=put_off.get(message.message_id),
            public=message.message_id in public,
        )
        for message in messages
    ]
    marks = _marks_between(shown, customer)
    marks = _told_once(marks + _marks_from_events(work, conversation, shown, names, to_the_end=newest_shown))
    everything: list[LineItem] = [*shown, *marks]
    items = sorted(everything, key=_order)
    return Timeline(items=tuple(_with_cord(items)), first_sequence=first, has_older=first > 1)


def _public(work: Work, messages: Sequence[ConversationMessage]) -> frozenset[MessageId]:
    """Comments and posts of customers, and our answers below them."""
    known = {message.message_id: message for message in messages}
    found = {message.message_id for message in messages if PUBLIC_ID in message.metadata}
    for message in messages:
        if message.direction is Direction.INBOUND or message.reply_to is None or message.channel not in IN_PUBLIC:
            continue
        asked = known.get(message.reply_to) or work.messages.get(message.reply_to)
        if asked is not None and asked.channel is message.channel and PUBLIC_ID in asked.metadata:
            found.add(message.message_id)
    return frozenset(found)


def _told_once(marks: Sequence[LineMark]) -> list[LineMark]:
    """A fall of mood that led to an escalation stands in the escalation's sentence."""
    falls = {mark.sequence: mark for mark in marks if mark.kind is Mark.SENTIMENT_FALL}
    up = {mark.sequence for mark in marks if mark.kind is Mark.ESCALATION}
    return [
        replace(mark, amount=falls[mark.sequence].amount)
        if mark.kind is Mark.ESCALATION and mark.sequence in falls
        else mark
        for mark in marks
        if not (mark.kind is Mark.SENTIMENT_FALL and mark.sequence in up)
    ]


def _order(item: LineItem) -> tuple[int, int, datetime]:
    """Marks stand after the message they belong to; a change of channel and the start of a call stand before it."""
    if isinstance(item, LineMessage):
        return item.sequence, 0, item.at
    return (item.sequence, -1 if item.kind in BEFORE_THEIR_MESSAGE else 1, item.at)


def _line_message(
    work: Work, message: ConversationMessage, customer: CustomerProfile | None, names: Mapping[AgentId, str]
) -> LineMessage:
    automatic = message.author is Author.AUTOMATION
    author = {
        Author.CUSTOMER: _participant(message) or name_of(customer),
        Author.AUTOMATION: "Automation",
        Author.OTHER_TOOL: "Your team, in another app",
    }.get(message.author) or names.get(message.agent_id or AgentId(""), "An agent")
    return LineMessage(
        key=message.message_id,
        at=message.timestamp,
        sequence=message.sequence,
        channel=message.channel,
        message=message,
        author_name=author,
        draft=work.drafts.sent_as(message.message_id) if automatic else None,
        others=others_shown(message) if message.channel is ChannelType.EMAIL else (),
    )


def _participant(message: ConversationMessage) -> str | None:
    """Somebody on copy who wrote this; the address beside the name tells them apart from the customer."""
    address, name = message.metadata.get(PARTICIPANT), message.metadata.get(PARTICIPANT_NAME)
    return f"{name} ({address})" if address and name else address


def _marks_between(shown: Sequence[LineMessage], customer: CustomerProfile | None) -> list[LineMark]:
    """Changes of channel and falls of mood, seen from one customer message to the next."""
    theirs = [item for item in shown if item.message.direction is Direction.INBOUND]
    marks = []
    for earlier, later in pairwise(theirs):
        if earlier.channel is not later.channel:
            marks.append(_channel_change(earlier, later, customer))
        fall = _score(earlier) - _score(later)
        if later.message.reading and earlier.message.reading and fall > SENTIMENT_FALL:
            marks.append(_mark(later, Mark.SENTIMENT_FALL, f"fall-{later.key}", amount=fall))
    return marks


def _score(item: LineMessage) -> float:
    return item.message.reading.sentiment.score if item.message.reading else 0.0


def _channel_change(earlier: LineMessage, later: LineMessage, customer: CustomerProfile | None) -> LineMark:
    identities = customer.identities if customer else ()
    identity = next((i for i in identities if i.channel is later.channel), None)
    return _mark(later, Mark.CHANNEL_CHANGE, f"via-{later.key}", name=later.author_name, identity=identity)


def _mark(
    beside: LineMessage,
    kind: Mark,
    key: str,
    *,
    at: datetime | None = None,
    name: str = "",
    amount: float = 0.0,
    urgency: int | None = None,
    detail: str = "",
    identity: Identity | None = None,
) -> LineMark:
    return LineMark(
        key=key,
        at=at or beside.at,
        sequence=beside.sequence,
        channel=beside.channel,
        kind=kind,
        name=name,
        amount=amount,
        urgency=urgency,
        detail=detail,
        identity=identity,
    )


EVENT_MARKS = {
    EventType.ESCALATION: Mark.ESCALATION,
    EventType.REPLY_BLOCKED: Mark.BLOCKED,
    EventType.ASSIGNED: Mark.ASSIGNED,
    EventType.QUEUED: Mark.QUEUED,
    EventType.RESOLUTION: Mark.RESOLVED,
    EventType.REOPENED: Mark.REOPENED,
    EventType.ARCHIVED: Mark.ARCHIVED,
    EventType.CALL_STARTED: Mark.CALL_STARTED,
    EventType.CALL_CONNECTED: Mark.CALL_CONNECTED,
    EventType.CALL_ENDED: Mark.CALL_ENDED,
}

CAME_TO = {
    "answered": "automation answered",
    "connected": "a colleague spoke with the caller",
    "call_back": "a call-back was promised",
    "voice_message": "a voice message was left",
    "abandoned": "the caller hung up before an answer",
    "not_reached": "nobody picked up",
    "gave_up": "gave up waiting",
    "colleague_missed": "the colleague's telephone was not answered",
    "placed": "a colleague called the customer",
    "in": "the customer called",
    "out": "we called the customer",
}
"""What a call came to, and who began it."""

BEFORE_THEIR_MESSAGE = (Mark.CHANNEL_CHANGE, Mark.CALL_STARTED)


PART_OF_ESCALATION = (EventType.ASSIGNED, EventType.QUEUED)
"""Told in the escalation's own sentence when they happened with it."""


def _marks_from_events(
    work: Work,
    conversation: Conversation,
    shown: Sequence[LineMessage],
    names: Mapping[AgentId, str],
    *,
    to_the_end: bool,
) -> list[LineMark]:
    if not shown:
        return []
    decisions = {record.at: record for record in work.decisions.of_conversation(conversation.conversation_id)}
    told = [e for e in work.events.of_conversation(conversation.conversation_id) if e.type in EVENT_MARKS]
    happened = [e for before, e in zip([None, *told], told, strict=False) if not _still_waits(before, e)]
    escalated = {event.at: event for event in happened if event.type is EventType.ESCALATION}
    marks = []
    for event in happened:
        beside = _beside(event, shown, to_the_end)
        if beside is None or (event.type in PART_OF_ESCALATION and event.at in escalated):
            continue
        marks.append(_event_mark(event, beside, decisions.get(event.at), names))
    return marks


def _still_waits(before: Event | None, event: Event) -> bool:
    """Whoever writes on while waiting is put into the queue again; that is told once."""
    return before is not None and before.type is event.type is EventType.QUEUED


def _beside(event: Event, shown: Sequence[LineMessage], to_the_end: bool) -> LineMessage | None:
    """The shown message that an event belongs to or follows; None when that one is on another page."""
    own = next((item for item in shown if item.key == event.message_id), None)
    if own is not None:
        return own
    if event.at < shown[0].at or (event.at > shown[-1].at and not to_the_end):
        return None
    return [item for item in shown if item.at <= event.at][-1]


def _event_mark(
    event: Event, beside: LineMessage, decision: DecisionRecord | None, names: Mapping[AgentId, str]
) -> LineMark:
    """One event on the line. An escalation is explained by the decision that was stored with it."""
    agent = event.dimensions.get("agent_id", "")
    explained = decision if event.type is EventType.ESCALATION else None
    if explained is not None and not agent:
        agent = explained.decision.agent_id or ""
    codes = event.dimensions
    call = CAME_TO.get(codes.get("outcome") or codes.get("direction", ""), "")
    if "waited_s" in event.metrics:
        call = f"{call} after {waited_words(event.metrics['waited_s'])}"
    said = codes.get("failed") or codes.get("reason") or call
    return _mark(
        beside,
        EVENT_MARKS[event.type],
        f"ev-{event.sequence}",
        at=event.at,
        name=names.get(AgentId(agent), ""),
        amount=event.metrics.get("duration_s", 0.0),
        urgency=explained.urgency.score if explained else None,
        detail=explained.decision.reasoning if explained else said.replace("_", " "),
    )


def waited_words(seconds: float) -> str:
    """``40 s`` or ``2 min``."""
    return f"{int(seconds)} s" if seconds < 60 else f"{int(seconds) // 60} min"


def _with_cord(items: Sequence[LineItem]) -> list[LineItem]:
    """The cord's colour changes where the channel does: each item knows the colour above it."""
    done: list[LineItem] = []
    above: ChannelType | None = None
    for item in items:
        changed = above if above is not None and above is not item.channel else None
        done.append(_coloured(item, changed))
        above = item.channel
    return done


def _coloured(item: LineItem, before: ChannelType | None) -> LineItem:
    return replace(item, before=before) if before else item
