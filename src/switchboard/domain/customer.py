"""The customer: one person, any number of addresses, one profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from switchboard.domain.ids import ConversationId, CustomerId
from switchboard.domain.message import ChannelType


class CustomerValue(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VIP = "vip"


class Evidence(StrEnum):
    """Why we believe that an address belongs to a customer (decisions, "Identity and threads")."""

    CLAIMED = "claimed"  # nothing but the sender's word
    PROVIDER = "provider"  # a signed provider webhook vouches for the account or number
    SAME_PHONE = "same_phone"  # the same verified number on another channel
    SENDER_CHECKED = "sender_checked"  # DMARC, SPF or DKIM passed at the trusted receiver
    SIGNED_VISITOR = "signed_visitor"  # the host site signed the visitor's identity
    LINKED_BY_AGENT = "linked_by_agent"
    LINKED_BY_API = "linked_by_api"


UNPROVEN = "claimed"
"""Account under which unproven mail addresses are kept, apart from the proven ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One address of a customer on one channel. ``account`` is our page, number or mailbox it is scoped to (may be empty)."""

    channel: ChannelType
    address: str
    account: str = ""
    display_name: str | None = None
    verified: bool = False
    evidence: Evidence = Evidence.CLAIMED
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    purchase_id: str
    product: str
    amount: Decimal
    currency: str
    purchased_at: datetime
    order_number: str | None = None
    status: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An earlier matter of this customer; the facts behind "same issue again"."""

    issue_id: str
    conversation_id: ConversationId
    intent: str
    topic: str
    created_at: datetime
    resolved_at: datetime | None = None
    summary: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerProfile:
    """Who the customer is, for agents and for personal replies (Properties 13, 34)."""

    customer_id: CustomerId
    name: str | None
    created_at: datetime
    email: str | None = None
    phone: str | None = None
    preferred_channel: ChannelType | None = None
    customer_value: CustomerValue = CustomerValue.MEDIUM
    language: str | None = None
    location: str | None = None
    name_set_by_staff: bool = False
    preferences: Mapping[str, str] = field(default_factory=dict)
    identities: tuple[Identity, ...] = ()
    purchase_history: tuple[Purchase, ...] = ()
    previous_issues: tuple[Issue, ...] = ()
    last_agent_id: str | None = None
    merged_into: CustomerId | None = None
    erased_at: datetime | None = None
