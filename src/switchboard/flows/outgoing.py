"""Our side says something: the message, its place in the line and its delivery are one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from switchboard.conversations.copies import PARTICIPANT, answerable
from switchboard.domain.conversation import Conversation, ConversationStatus
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import AgentId, MessageId, new_message_id
from switchboard.domain.message import (
    Attachment,
    Author,
    ChannelType,
    Choice,
    ConversationMessage,
    DeliveryState,
    Direction,
    MessageContent,
    MessageKind,
)
from switchboard.errors import InvalidInput
from switchboard.ports.records import JobKind, NewJob
from switchboard.ports.store import Work

SNIPPET = 140
LOOK_BACK = (3, 50)
"""Nearly always the customer spoke last; only else is more of the conversation opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """What is to be said, by whom and over which channel (the customer's last one unless named)."""

    text: str
    author: Author
    agent_id: AgentId | None = None
    channel: ChannelType | None = None
    subject: str | None = None
    attachments: tuple[Attachment, ...] = ()
    choices: tuple[Choice, ...] = ()
    reply_to: MessageId | None = None
    asked: ConversationMessage | None = None
    """The customer's message this is about, where it is at hand; else the newest on the channel is looked up."""
    answers: bool = True
    hold: timedelta = timedelta()
    metadata: Mapping[str, str] = field(default_factory=dict)


def say(
    work: Work, conversation: Conversation, speech: Speech, now: datetime
) -> tuple[Conversation, ConversationMessage]:
    """Writes our message into the conversation and hands it to the outbox. ``answers``: it settles what the customer
    asked (a notice about waiting does not). Returns the conversation as saved and the message."""
    by_machine = speech.author is Author.AUTOMATION
    asked = speech.asked or _last_from_customer(work, conversation, speech.channel, only_theirs=by_machine)
    channel = channel_for(work, conversation, speech)
    message = ConversationMessage(
        message_id=new_message_id(),
        conversation_id=conversation.conversation_id,
        customer_id=conversation.customer_id,
        channel=channel,
        account=asked.account if asked else "",
        direction=Direction.OUTBOUND,
        author=speech.author,
        kind=MessageKind.TEXT,
        content=MessageContent(
            text=speech.text, subject=speech.subject, attachments=speech.attachments, choices=speech.choices
        ),
        timestamp=max(now, conversation.last_activity_at),
        sequence=conversation.last_sequence + 1,
        delivery=DeliveryState.PENDING,
        agent_id=speech.agent_id,
        reply_to=speech.reply_to or (asked.message_id if asked else None),
        automatic=speech.author is Author.AUTOMATION,
        metadata=speech.metadata,
    )
    work.messages.add(message)
    work.jobs.add(
        NewJob(
            kind=JobKind.SEND,
            lane=conversation.conversation_id,
            priority=conversation.state.priority,
            due_at=now + speech.hold,
            conversation_id=conversation.conversation_id,
            message_id=message.message_id,
        )
    )
    work.events.note(_sent(conversation, message, now, speech))
    return work.conversations.save(_after(conversation, message, speech)), message


def channel_for(work: Work, conversation: Conversation, speech: Speech) -> ChannelType:
    """Where it will be said. Raises ``InvalidInput`` if nobody knows."""
    asked = speech.asked or (None if speech.channel else _last_from_customer(work, conversation, None))
    channel = speech.channel or (asked.channel if asked else conversation.last_channel)
    if channel is None:
        raise InvalidInput("nobody knows how to reach this customer", field="channel", fix="name a channel")
    return channel


def _last_from_customer(
    work: Work, conversation: Conversation, channel: ChannelType | None, *, only_theirs: bool = False
) -> ConversationMessage | None:
    """The customer's newest message (on the wanted channel): its account and address are where answers go. What a machine
    of theirs sent meanwhile is passed over; with ``only_theirs`` also what people on copy wrote."""
    own: list[ConversationMessage] = []
    for limit in LOOK_BACK:
        newest = work.messages.newest(conversation.conversation_id, limit, readings=False)
        own = [m for m in newest if m.direction is Direction.INBOUND and (channel is None or m.channel is channel)]
        own = [m for m in own if not only_theirs or PARTICIPANT not in m.metadata]
        if own and channel is None:
            own = [m for m in own if m.channel is own[-1].channel]
        if any(not m.automatic for m in own) or len(newest) < limit:
            break
    return answerable(own)


def _after(conversation: Conversation, message: ConversationMessage, speech: Speech) -> Conversation:
    state, needs_reply = conversation.state, conversation.needs_reply_since
    if speech.answers:
        needs_reply = None
        if conversation.is_open:
            state = replace(state, status=ConversationStatus.WAITING)
    return replace(
        conversation,
        state=state,
        needs_reply_since=needs_reply,
        last_sequence=message.sequence,
        last_activity_at=message.timestamp,
        snippet=message.content.text[:SNIPPET],
        channels=tuple(dict.fromkeys((*conversation.channels, message.channel))),
    )


def _sent(conversation: Conversation, message: ConversationMessage, now: datetime, speech: Speech) -> Event:
    metrics: dict[str, float] = {}
    if speech.answers and conversation.needs_reply_since is not None:
        metrics["response_time_s"] = max(0.0, (now - conversation.needs_reply_since).total_seconds())
    codes = {"channel": message.channel.value, "by": message.author.value, "answers": "yes" if speech.answers else "no"}
    if speech.agent_id:
        codes["agent_id"] = speech.agent_id
    if conversation.topic:
        codes["topic"] = conversation.topic
    return Event(
        type=EventType.MESSAGE_SENT,
        at=now,
        conversation_id=conversation.conversation_id,
        customer_id=conversation.customer_id,
        message_id=message.message_id,
        metrics=metrics,
        dimensions=codes,
    )
