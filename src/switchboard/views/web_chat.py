"""What a website visitor sees of the conversation: their own words and our answers on web chat, never notes or drafts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from switchboard.domain.conversation import Conversation, Handler
from switchboard.domain.ids import AgentId, CustomerId
from switchboard.domain.inbound import SenderAddress
from switchboard.domain.message import (
    Author,
    ChannelType,
    ConversationMessage,
    DeliveryState,
    Direction,
    MessageKind,
)
from switchboard.domain.reply import SourceKind
from switchboard.ports.store import Work

NEWEST = 100
OVERLAP = 20
"""How many messages before the cursor are repeated on coming back: one of them may have left after a later one."""
ARRIVED = frozenset({DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSource:
    """Where an automatic answer comes from, as visitors may know it."""

    number: int
    title: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatFile:
    """A stored file that the visitor may open; ``place`` is its number in the message, ``size`` in bytes."""

    place: int
    name: str
    size: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMessage:
    """``author``: customer, automation or agent. ``client_id`` is the widget's own number of a visitor's message."""

    message_id: str
    cursor: str
    author: str
    name: str | None
    text: str
    at: datetime
    client_id: str | None = None
    sources: tuple[ChatSource, ...] = ()
    files: tuple[ChatFile, ...] = ()
    seen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatState:
    """``handler``: nobody, automation, queue or agent. ``place`` in the queue counts from 1, ``wait_s`` in seconds."""

    messages: tuple[ChatMessage, ...]
    handler: str = "nobody"
    agent: str | None = None
    place: int | None = None
    wait_s: float | None = None
    open: bool = False


def chat_state(
    work: Work, address: str, account: str, *, after: str | None = None, leaving: Collection[str] = ()
) -> ChatState:
    """The visitor's conversation. ``after`` is a cursor from an earlier message; ``leaving`` are ids of messages that
    are being sent at this moment."""
    customer_id = _customer(work, address, account)
    talk = work.conversations.latest_for(customer_id) if customer_id else None
    if talk is None:
        return ChatState(messages=())
    first = _first_sequence(talk, after)
    found = work.messages.newest(talk.conversation_id, NEWEST)
    shown = [m for m in found if (m.sequence > first or m.message_id in leaving) and _visible(m, leaving)]
    agent_id = talk.state.assigned_agent_id
    return ChatState(
        messages=tuple(_message(work, m) for m in shown),
        handler=talk.state.handler.value,
        agent=_first_name(work, agent_id),
        place=_place(work, talk),
        wait_s=_wait(work, talk),
        open=talk.is_open,
    )


def _customer(work: Work, address: str, account: str) -> CustomerId | None:
    sender = SenderAddress(channel=ChannelType.WEB_CHAT, address=address, account=account)
    return next(iter(work.customers.owners([sender]).values()), None)


def _first_sequence(talk: Conversation, after: str | None) -> int:
    conversation_id, _, sequence = (after or "").rpartition(".")
    if conversation_id != talk.conversation_id or not sequence.isdecimal() or len(sequence) > 9:
        return 0
    return max(0, int(sequence) - OVERLAP)


def _visible(message: ConversationMessage, leaving: Collection[str]) -> bool:
    if message.channel is not ChannelType.WEB_CHAT or message.kind is MessageKind.NOTE or message.withdrawn:
        return False
    if message.direction is Direction.INBOUND:
        return True
    return message.delivery in ARRIVED or message.message_id in leaving


def _message(work: Work, message: ConversationMessage) -> ChatMessage:
    inbound = message.direction is Direction.INBOUND
    client_id = (message.external_id or "").rpartition(":")[2] if inbound else None
    return ChatMessage(
        message_id=message.message_id,
        cursor=f"{message.conversation_id}.{message.sequence}",
        author=message.author.value,
        name=_first_name(work, message.agent_id) if message.author is Author.AGENT else None,
        text=message.content.text,
        at=message.timestamp,
        client_id=client_id or None,
        sources=_sources(work, message) if message.author is Author.AUTOMATION else (),
        seen=message.delivery is DeliveryState.READ,
        files=_files(message),
    )


def _files(message: ConversationMessage) -> tuple[ChatFile, ...]:
    return tuple(
        ChatFile(place=place, name=attachment.name or attachment.kind, size=attachment.size)
        for place, attachment in enumerate(message.content.attachments)
        if attachment.blob_id is not None
    )


def _sources(work: Work, message: ConversationMessage) -> tuple[ChatSource, ...]:
    draft = work.drafts.sent_as(message.message_id)
    known = draft.response.sources if draft else ()
    return tuple(ChatSource(number=s.number, title=s.title, url=s.url) for s in known if s.kind is SourceKind.KNOWLEDGE)


def _first_name(work: Work, agent_id: AgentId | None) -> str | None:
    agent = work.agents.get(agent_id) if agent_id else None
    return agent.name.split(maxsplit=1)[0] if agent and agent.name.strip() else None


def _place(work: Work, talk: Conversation) -> int | None:
    if talk.state.handler is not Handler.QUEUE:
        return None
    ids = [entry.conversation_id for entry in work.queue.entries()]
    return ids.index(talk.conversation_id) + 1 if talk.conversation_id in ids else None


def _wait(work: Work, talk: Conversation) -> float | None:
    if talk.state.handler is not Handler.QUEUE or talk.last_decision_id is None:
        return None
    record = work.decisions.get(talk.last_decision_id)
    return record.decision.estimated_wait_s if record else None
