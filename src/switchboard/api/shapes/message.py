"""Messages in and out, as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from switchboard.api.shapes.base import Shape, Short, Text, clean
from switchboard.api.shapes.reading import CorrectionShape, ReadingShape
from switchboard.conversations.copies import CC, PARTICIPANT, listed
from switchboard.domain.inbound import Fate
from switchboard.domain.message import Attachment, ChannelType, ConversationMessage


class AttachmentShape(Shape):
    kind: str
    name: str | None = None
    content_type: str | None = None
    size: int | None = None
    url: str | None = None
    provider_id: str | None = None
    state: str | None = Field(None, description="Of our copy: waiting, stored, refused or failed; null: none is made.")
    reason: str | None = Field(None, description="Why there is no copy.")

    @classmethod
    def of(cls, attachment: Attachment) -> AttachmentShape:
        return cls(
            kind=attachment.kind,
            name=attachment.name,
            content_type=attachment.content_type,
            size=attachment.size,
            url=attachment.url,
            provider_id=attachment.provider_id,
            state=attachment.state.value if attachment.state else None,
            reason=attachment.reason,
        )


class Sender(Shape):
    """The customer's address on the channel. ``verified``: the caller vouches for it."""

    address: Annotated[str, AfterValidator(clean), Field(min_length=1, max_length=320)]
    name: Short | None = None
    verified: bool = True


class NewMessage(Shape):
    channel: ChannelType
    sender: Sender
    text: Text
    external_id: Short | None = Field(None, description="Your id of the message: sent again, it is stored once.")
    account: Short = ""
    subject: Short | None = None
    attachments: list[AttachmentShape] = Field(default_factory=list, max_length=50)
    sent_at: datetime | None = None
    metadata: dict[Annotated[str, Field(max_length=64)], Short] = Field(default_factory=dict, max_length=32)


class MessageAccepted(Shape):
    message_id: str
    conversation_id: str
    customer_id: str
    fate: Fate
    duplicate: bool


class MessageShape(Shape):
    message_id: str
    conversation_id: str
    customer_id: str
    channel: str
    direction: str
    author: str
    kind: str
    sequence: int
    timestamp: datetime
    sent_at: datetime | None
    text: str
    fresh_text: str | None
    subject: str | None
    to: list[str] = Field(description="Of an e-mail that came in: the addresses on To.")
    cc: list[str] = Field(description="Of an e-mail, theirs or ours: the addresses on Cc.")
    participant: str | None = Field(description="The address of somebody on copy who wrote this, not the customer.")
    payload: str | None = Field(None, description="Of a tapped answer: our id for it; of a filled-in form: its JSON.")
    attachments: list[AttachmentShape]
    edited_at: datetime | None = Field(None, description="When the customer last corrected it.")
    reaction: str | None = Field(None, description="The customer's emoji below it.")
    processing: str | None
    delivery: str | None
    delivery_error: str | None
    agent_id: str | None
    verified: bool
    automatic: bool
    withdrawn: bool
    external_id: str | None
    reading: ReadingShape | None
    correction: CorrectionShape | None = None
    highlight: bool = False

    @classmethod
    def of(cls, m: ConversationMessage, *, highlight: bool = False) -> MessageShape:
        reading = None if m.withdrawn else m.reading  # it quotes what the customer took back
        mail = m.channel is ChannelType.EMAIL
        return cls(
            message_id=m.message_id,
            conversation_id=m.conversation_id,
            customer_id=m.customer_id,
            channel=m.channel.value,
            direction=m.direction.value,
            author=m.author.value,
            kind=m.kind.value,
            sequence=m.sequence,
            timestamp=m.timestamp,
            sent_at=m.sent_at,
            text=m.content.text,
            fresh_text=m.content.fresh_text,
            subject=m.content.subject,
            to=list(listed(m.metadata.get("to"))) if mail else [],
            cc=list(listed(m.metadata.get(CC))) if mail else [],
            participant=m.metadata.get(PARTICIPANT),
            payload=m.content.payload,
            edited_at=_moment(m.metadata.get("edited_at")),
            reaction=m.metadata.get("reaction:customer"),
            attachments=[AttachmentShape.of(a) for a in m.content.attachments],
            processing=m.processing.value if m.processing else None,
            delivery=m.delivery.value if m.delivery else None,
            delivery_error=m.delivery_error,
            agent_id=m.agent_id,
            verified=m.verified,
            automatic=m.automatic,
            withdrawn=m.withdrawn,
            external_id=m.external_id,
            reading=ReadingShape.of(reading) if reading else None,
            correction=CorrectionShape.of(reading.correction) if reading and reading.correction else None,
            highlight=highlight,
        )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


class MessageFate(Shape):
    """Where a message is now: received, understood or dead; answered by automation, with a person, or waiting."""

    message: MessageShape
    conversation_status: str
    handler: str
    decision_id: str | None
