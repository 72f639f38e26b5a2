"""A message, in the one shape that every channel is translated into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from switchboard.domain.ids import AgentId, ConversationId, CustomerId, MessageId
from switchboard.domain.reading import Reading


class ChannelType(StrEnum):
    """The seven ways a customer can reach the business."""

    VOICE = "voice"
    WHATSAPP = "whatsapp"
    EMAIL = "email"
    WEB_CHAT = "web_chat"
    FACEBOOK = "facebook"
    TWITTER = "twitter"
    INSTAGRAM = "instagram"


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Author(StrEnum):
    """Who wrote it. ``OTHER_TOOL`` is our side speaking through another app (an echo)."""

    CUSTOMER = "customer"
    AUTOMATION = "automation"
    AGENT = "agent"
    OTHER_TOOL = "other_tool"


class MessageKind(StrEnum):
    """What stands in the timeline. ``PLACEHOLDER`` = something we received but cannot show."""

    TEXT = "text"
    NOTE = "note"
    PLACEHOLDER = "placeholder"


class DeliveryState(StrEnum):
    """How far an outgoing message came. ``UNKNOWN``: the provider may or may not have it."""

    PENDING = "pending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    UNKNOWN = "delivery_unknown"
    CANCELLED = "cancelled"


class ProcessingState(StrEnum):
    """How far an inbound message came inside Switchboard."""

    RECEIVED = "received"
    UNDERSTOOD = "understood"
    DEAD = "dead"


class FileState(StrEnum):
    """Where our copy of a file is. ``REFUSED``: it is not kept, for good; ``FAILED``: it could not be had, and may be
    asked for again."""

    WAITING = "waiting"
    STORED = "stored"
    REFUSED = "refused"
    FAILED = "failed"


FILES = frozenset({"image", "video", "audio", "document", "sticker", "file"})
"""Kinds of attachments that are files; the others (location, contact, share ...) are facts and links."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An answer that the customer can tap instead of typing. ``id`` comes back as the ``payload`` of their message."""

    id: str
    title: str
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file or rich element of a message.

    ``kind``: image, video, audio, document, sticker, location, contact, share or file. Exactly what the provider
    gave is kept in ``url`` (its link) or ``provider_id`` (its media id); ``blob_id`` names our stored copy.
    ``size`` is in bytes. ``state`` is None where nobody fetches a copy; ``reason`` says in plain words why there is none.
    """

    kind: str
    name: str | None = None
    content_type: str | None = None
    size: int | None = None
    url: str | None = None
    provider_id: str | None = None
    blob_id: str | None = None
    content_id: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    state: FileState | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageContent:
    """What was said. ``text`` is kept exactly as sent; ``fresh_text`` is what the person newly wrote (mail without quotes).
    ``choices`` are the answers that our own message offers."""

    text: str
    attachments: tuple[Attachment, ...] = ()
    media_urls: tuple[str, ...] = ()
    subject: str | None = None
    fresh_text: str | None = None
    html: str | None = None
    payload: str | None = None
    choices: tuple[Choice, ...] = ()

    @property
    def words(self) -> str:
        """The text that models read: the newly written part where quoted text was cut away, else everything."""
        return self.fresh_text if self.fresh_text is not None else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class UnifiedMessage:
    """One inbound message in unified form (design document, component 1; Property 1).

    ``timestamp`` is our time of durable acceptance (aware UTC); ``sent_at`` the provider's own clock, if it told.
    ``sequence`` is the place in the conversation, starting at 1.
    """

    message_id: MessageId
    conversation_id: ConversationId
    customer_id: CustomerId
    channel: ChannelType
    timestamp: datetime
    content: MessageContent
    sequence: int
    metadata: Mapping[str, str] = field(default_factory=dict)
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationMessage:
    """One entry of a conversation as it is read back: either side's words, or a note for the team."""

    message_id: MessageId
    conversation_id: ConversationId
    customer_id: CustomerId
    channel: ChannelType
    account: str
    direction: Direction
    author: Author
    kind: MessageKind
    content: MessageContent
    timestamp: datetime
    sequence: int
    sent_at: datetime | None = None
    reading: Reading | None = None
    processing: ProcessingState | None = None
    delivery: DeliveryState | None = None
    delivery_error: str | None = None
    agent_id: AgentId | None = None
    reply_to: MessageId | None = None
    external_id: str | None = None
    verified: bool = False
    withdrawn: bool = False
    automatic: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict)
