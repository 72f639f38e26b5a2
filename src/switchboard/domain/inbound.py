"""What a channel says happened, before anybody knows whose conversation it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from switchboard.domain.customer import Evidence
from switchboard.domain.message import Attachment, ChannelType, DeliveryState, MessageContent


class InboundKind(StrEnum):
    """Kinds of events that providers send. Those in ``FROM_CUSTOMER`` put something new into a conversation."""

    MESSAGE = "message"
    POSTBACK = "postback"
    UNSUPPORTED = "unsupported"
    ENCRYPTED = "encrypted"
    PUBLIC_MENTION = "public_mention"
    REACTION = "reaction"
    EDIT = "edit"
    DELETE = "delete"
    ECHO = "echo"
    STATUS = "status"
    TYPING = "typing"
    REFERRAL = "referral"
    OPTIN = "optin"
    SYSTEM = "system"
    ERROR = "error"
    CONTROL = "control"  # an operational notice of the provider: no event of a customer
    IGNORED = "ignored"


FROM_CUSTOMER = frozenset({InboundKind.MESSAGE, InboundKind.POSTBACK, InboundKind.UNSUPPORTED, InboundKind.ENCRYPTED})


ATTENTION = "attention"
"""In an event's metadata: why its channel needs an operator. Never a customer's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderAddress:
    """One identifier that a payload gives for the customer. The first of several is where answers go."""

    channel: ChannelType
    address: str
    account: str = ""
    verified: bool = False
    evidence: Evidence = Evidence.CLAIMED


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundEvent:
    """One event of a provider's payload, in our words.

    ``account``: which of our numbers, pages or mailboxes got it. ``senders``: every identifier of the customer, all of
    one person. ``external_id``: the provider's id, the key of deduplication inside (channel, account); channels make a
    stable one up where the provider gives none. ``target``: external id of the message that a reaction, edit, deletion
    or status is about. ``thread_keys``: external ids or tokens that name the conversation, strongest first.
    ``reason``: why an event is ignored or unsupported, for people. ``session``: the call or visit it belongs to.
    """

    kind: InboundKind
    channel: ChannelType
    account: str
    external_id: str
    senders: tuple[SenderAddress, ...] = ()
    sender_name: str | None = None
    content: MessageContent = field(default_factory=lambda: MessageContent(text=""))
    sent_at: datetime | None = None
    target: str | None = None
    reply_to: str | None = None
    thread_keys: tuple[str, ...] = ()
    delivery: DeliveryState | None = None
    delivery_error: str | None = None
    automatic: bool = False
    bounce: bool = False
    reason: str | None = None
    session: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        return self.content.attachments


class Fate(StrEnum):
    """What became of a payload or event. Every one has exactly one."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    APPLIED = "applied"  # a status, edit, reaction ... took effect on an existing message
    IGNORED = "ignored"
    REFUSED = "refused"
    DEAD_LETTER = "dead_letter"
