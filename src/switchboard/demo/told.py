"""What a scripted conversation leaves behind, and the stage on which all of them play."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from switchboard.demo.quotes import SourceTexts
from switchboard.demo.shapes import DemoEntry
from switchboard.demo.verdicts import Judge
from switchboard.domain.agent import Agent
from switchboard.domain.conversation import Conversation
from switchboard.domain.customer import CustomerProfile
from switchboard.domain.event import Event
from switchboard.domain.ids import AgentId, MessageId, new_message_id
from switchboard.domain.message import (
    Author,
    ChannelType,
    ConversationMessage,
    Direction,
    MessageContent,
    MessageKind,
)
from switchboard.domain.urgency import UrgencyScore
from switchboard.ports.records import DecisionRecord, DraftRecord, PastReading


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What is the same for all stories: our accounts, the team, the documents, the rules, and the present."""

    now: datetime
    accounts: Mapping[ChannelType, str]
    agents: Mapping[AgentId, Agent]
    texts: SourceTexts
    judge: Judge


@dataclass(slots=True, kw_only=True)
class Told:
    """The rows of one conversation. ``urgencies`` belongs to the inbound messages."""

    conversation: Conversation
    messages: list[ConversationMessage] = field(default_factory=list)
    urgencies: dict[MessageId, UrgencyScore] = field(default_factory=dict)
    decisions: list[DecisionRecord] = field(default_factory=list)
    drafts: list[DraftRecord] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    satisfaction: int | None = None
    helper: AgentId | None = None

    @property
    def past_readings(self) -> list[PastReading]:
        return [past_reading(message) for message in self.messages if message.reading is not None]


def message_of(
    entry: DemoEntry,
    conversation: Conversation,
    profile: CustomerProfile,
    stage: Stage,
    *,
    direction: Direction,
    kind: MessageKind,
) -> ConversationMessage:
    """The next message of the conversation, as the customer's own words until somebody else signs it."""
    channel = entry.channel or conversation.last_channel or conversation.channels[0]
    sequence = conversation.last_sequence + 1
    identity = next((each for each in profile.identities if each.channel is channel), None)
    inbound = direction is Direction.INBOUND
    return ConversationMessage(
        message_id=new_message_id(),
        conversation_id=conversation.conversation_id,
        customer_id=conversation.customer_id,
        channel=channel,
        account=stage.accounts[channel],
        direction=direction,
        author=Author.CUSTOMER,
        kind=kind,
        content=MessageContent(text=entry.text, subject=entry.subject),
        timestamp=entry.at,
        sequence=sequence,
        sent_at=entry.at if inbound else None,
        external_id=external_id(channel, conversation.conversation_id, sequence) if kind is MessageKind.TEXT else None,
        verified=inbound and identity is not None and identity.verified,
    )


def external_id(channel: ChannelType, key: str, sequence: int) -> str:
    """An id of the shape the provider would have given."""
    digest = hashlib.sha256(f"{key}:{sequence}".encode()).hexdigest()
    match channel:
        case ChannelType.EMAIL:
            return f"<{digest[:24]}@history.example>"
        case ChannelType.WHATSAPP:
            return f"wamid.{digest[:32]}"
        case ChannelType.VOICE:
            return f"CA{digest[:32]}:{sequence}:utterance"
        case ChannelType.WEB_CHAT:
            return f"history:{digest[:16]}"
        case _:
            return str(int(digest[:14], 16))


def past_reading(message: ConversationMessage) -> PastReading:
    assert message.reading is not None
    return PastReading(
        message_id=message.message_id,
        conversation_id=message.conversation_id,
        at=message.timestamp,
        intent=message.reading.primary.category.value,
        topic=message.reading.primary.subcategory or "",
        embedding=tuple(message.reading.embedding),
    )
