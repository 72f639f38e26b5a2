"""The ways to reach a customer: what each channel carries, whether it may be used now, and why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from switchboard.conversations.copies import PARTICIPANT, answerable, kept_on_copy, without, writer_of
from switchboard.domain.conversation import Conversation
from switchboard.domain.customer import CustomerProfile
from switchboard.domain.ids import AgentId
from switchboard.domain.message import ChannelType, ConversationMessage, Direction
from switchboard.ports.channel import Capabilities
from switchboard.ports.store import Work

LOOK_BACK = 100


class Window(StrEnum):
    """Whether free text may be sent. ``PERSON``: only by people. ``CLOSED``: approved templates or another channel."""

    ALWAYS = "always"
    OPEN = "open"
    PERSON = "person"
    CLOSED = "closed"


class Cause(StrEnum):
    """What keeps a channel from sending. ``ACCESS``: an administrator must act. ``PAUSED``: it goes on by itself."""

    ACCESS = "access"
    PAUSED = "paused"
    SLOWED = "slowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """``detail`` is told in our words. ``until``: when it is tried again, if that is known."""

    cause: Cause
    detail: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Which channels this installation has, what they carry, and which are in trouble at ``now``. ``telephones``: the
    agents who can take and place calls."""

    now: datetime
    abilities: Mapping[ChannelType, Capabilities] = field(default_factory=dict)
    troubles: Mapping[ChannelType, Trouble] = field(default_factory=dict)
    telephones: frozenset[AgentId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One channel to this customer. ``asked``: their newest message on it. ``changes_at``: when ``window`` closes, or
    closed; None where it never does, or where they never wrote. ``public``: the answer is read by everybody. ``copies``:
    who gets a copy unless the agent says otherwise; None where the channel has no copies. ``to`` is then whom the answer
    goes to, and ``on_copy`` tells that this is not the customer, but somebody on copy."""

    channel: ChannelType
    can: Capabilities
    window: Window
    address: str = ""
    asked: ConversationMessage | None = None
    changes_at: datetime | None = None
    public: bool = False
    trouble: Trouble | None = None
    subject: str | None = None
    to: str = ""
    copies: tuple[str, ...] | None = None
    on_copy: bool = False


def ways_out(
    work: Work,
    conversation: Conversation,
    customer: CustomerProfile,
    shown: Sequence[ConversationMessage],
    reach: Reach,
) -> tuple[Way, ...]:
    """Every channel of the conversation and of the customer's addresses, the last used one first. ``shown`` are the
    newest messages of the conversation."""
    addresses = {identity.channel: identity.address for identity in reversed(customer.identities)}
    last = [conversation.last_channel] if conversation.last_channel else []
    others = [channel for channel in addresses if channel in reach.abilities]
    channels = tuple(dict.fromkeys([*last, *reversed(conversation.channels), *others]))
    slowed = _slowed(work, conversation, shown)
    asked = _asked(work, customer, shown, channels)
    ways = (
        _way(channel, asked.get(channel), addresses.get(channel, ""), reach, slowed.get(channel))
        for channel in channels
    )
    return tuple(_with_copies(work, conversation, way, shown) for way in ways)


def _with_copies(work: Work, conversation: Conversation, way: Way, shown: Sequence[ConversationMessage]) -> Way:
    """The way by mail with whom the answer goes to, as sending will have it."""
    rule = way.can.copies
    if rule is None:
        return way
    mails = _mails(way, shown)
    if not mails and way.channel in conversation.channels:
        mails = _mails(way, work.messages.newest(conversation.conversation_id, LOOK_BACK, readings=False))
    answered = answerable(mails)
    to = writer_of(answered) or way.address
    copies = without((to,), kept_on_copy(mails, rule, way.address))
    return replace(way, to=to, copies=copies, on_copy=answered is not None and PARTICIPANT in answered.metadata)


def _mails(way: Way, messages: Sequence[ConversationMessage]) -> list[ConversationMessage]:
    return [m for m in messages if m.direction is Direction.INBOUND and m.channel is way.channel]


def _asked(
    work: Work, customer: CustomerProfile, shown: Sequence[ConversationMessage], channels: Sequence[ChannelType]
) -> dict[ChannelType, ConversationMessage]:
    """The customer's newest message on each channel; further back than the screen only where one is missing."""
    found = {m.channel: m for m in shown if m.direction is Direction.INBOUND}
    if all(channel in found for channel in channels):
        return found
    older = work.messages.of_customer(customer.customer_id, limit=LOOK_BACK)
    return {m.channel: m for m in older if m.direction is Direction.INBOUND} | found


def _slowed(work: Work, conversation: Conversation, shown: Sequence[ConversationMessage]) -> dict[ChannelType, Trouble]:
    """A message of this conversation that waits for its next try says how its channel is doing."""
    channels = {m.message_id: m.channel for m in shown}
    return {
        channels[one.message_id]: Trouble(cause=Cause.SLOWED, detail=one.error, until=one.due_at)
        for one in work.jobs.put_off(conversation.conversation_id)
        if one.message_id in channels
    }


def _way(
    channel: ChannelType, asked: ConversationMessage | None, address: str, reach: Reach, slowed: Trouble | None
) -> Way:
    can = reach.abilities.get(channel, Capabilities())
    public = can.public and asked is not None and "public_id" in asked.metadata
    window, changes_at = (Window.ALWAYS, None) if public else _window(can, asked, reach.now)
    return Way(
        channel=channel,
        can=can,
        window=window,
        address=address,
        asked=asked,
        changes_at=changes_at,
        public=public,
        trouble=reach.troubles.get(channel) or slowed,
        subject=_subject(asked) if can.subject else None,
    )


def _window(can: Capabilities, asked: ConversationMessage | None, now: datetime) -> tuple[Window, datetime | None]:
    if can.reply_window is None:
        return Window.ALWAYS, None
    if asked is None:
        return Window.CLOSED, None
    closes = asked.timestamp + can.reply_window
    if now <= closes:
        return Window.OPEN, closes
    if can.human_window is None:
        return Window.CLOSED, closes
    ends = asked.timestamp + can.human_window
    return (Window.PERSON if now <= ends else Window.CLOSED), ends


def _subject(asked: ConversationMessage | None) -> str:
    """What an answer is called unless the agent says otherwise."""
    subject = (asked.content.subject or "") if asked else ""
    return subject if not subject or subject.lower().startswith("re:") else f"Re: {subject}"
