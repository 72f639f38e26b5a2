"""The demo's other side: what each customer sees on their own phone, mailbox or website."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from switchboard.domain.customer import CustomerProfile
from switchboard.domain.ids import AgentId, CustomerId
from switchboard.domain.message import Author, ChannelType, ConversationMessage, DeliveryState, Direction, MessageKind
from switchboard.errors import NotFound
from switchboard.ports.records import Page, View
from switchboard.ports.store import Work
from switchboard.views.line import name_of

LEFT = frozenset({DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ})
NEWEST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A customer in the list of phones."""

    customer_id: CustomerId
    name: str
    channels: tuple[ChannelType, ...]
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneMessage:
    message: ConversationMessage
    by: str
    theirs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneThread:
    """One app on the customer's phone: everything said on one channel, as the customer sees it."""

    channel: ChannelType
    address: str
    messages: tuple[PhoneMessage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phones:
    people: tuple[Person, ...]
    chosen: CustomerProfile | None
    threads: tuple[PhoneThread, ...] = ()


def phones_page(work: Work, customer_id: CustomerId | None, limit: int = 40) -> Phones:
    """Customers by their newest conversation, and the apps of the chosen one (or of the first). Raises ``NotFound``."""
    people = _people(work, limit)
    wanted = customer_id or (people[0].customer_id if people else None)
    if wanted is None:
        return Phones(people=people, chosen=None)
    chosen = work.customers.get(wanted)
    if chosen is None:
        raise NotFound("There is no such customer.")
    return Phones(people=people, chosen=chosen, threads=_threads(work, chosen))


def _people(work: Work, limit: int) -> tuple[Person, ...]:
    seen: dict[CustomerId, Person] = {}
    for talk in work.conversations.page(View.ALL, Page(limit=100)).items:
        if talk.customer_id not in seen and len(seen) < limit:
            seen[talk.customer_id] = Person(
                customer_id=talk.customer_id,
                name=name_of(work.customers.brief(talk.customer_id)),
                channels=talk.channels,
                last_at=talk.last_activity_at,
            )
    return tuple(seen.values())


def _threads(work: Work, customer: CustomerProfile) -> tuple[PhoneThread, ...]:
    """One thread for each channel the customer has an address on, the newest first."""
    messages = [m for m in work.messages.of_customer(customer.customer_id, limit=NEWEST) if _seen_by_customer(m)]
    addresses = {identity.channel: identity.address for identity in reversed(customer.identities)}
    channels = list(dict.fromkeys([*(m.channel for m in reversed(messages)), *addresses]))
    names = {agent.agent_id: agent.name for agent in work.agents.all()}
    return tuple(
        PhoneThread(
            channel=channel,
            address=addresses.get(channel, ""),
            messages=tuple(_phone_message(m, names) for m in messages if m.channel is channel),
        )
        for channel in channels
    )


def _phone_message(message: ConversationMessage, names: Mapping[AgentId, str]) -> PhoneMessage:
    by = names.get(message.agent_id, "") if message.agent_id else ""
    if message.author is Author.AUTOMATION:
        by = "Assistant, automated"
    return PhoneMessage(message=message, by=by, theirs=message.direction is Direction.INBOUND)


def _seen_by_customer(message: ConversationMessage) -> bool:
    if message.kind is MessageKind.NOTE or message.withdrawn:
        return False
    return message.direction is Direction.INBOUND or message.delivery in LEFT
