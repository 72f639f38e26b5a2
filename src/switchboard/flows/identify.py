"""Whose message is this? One person may have many addresses; they count as one only on evidence (decisions)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from switchboard.conversations.identity import normalise_address, vouched_together
from switchboard.domain.customer import UNPROVEN, CustomerProfile, Identity
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import ConversationId, CustomerId, new_customer_id
from switchboard.domain.inbound import InboundEvent, SenderAddress
from switchboard.domain.message import ChannelType
from switchboard.errors import Conflict
from switchboard.flows.merge import merge_customers
from switchboard.flows.on_copy import token_is_shared
from switchboard.ports.store import Work


def identify(work: Work, event: InboundEvent, now: datetime) -> CustomerId:
    """The customer behind an event: known by an address, joined from two on evidence, or new.

    Unproven mail threads under its address alone, apart from the proven owner of the same address, unless it answers
    with our own unguessable token: then it has shown that it receives that owner's mail.
    """
    senders = vouched_together(tuple(_apart(sender) for sender in event.senders)) or (_nobody(event),)
    owners = work.customers.owners(senders)
    known = list(dict.fromkeys(owners.values()))
    if not known and (answering := _answers_own_token(work, event)):
        known = [answering]
    customer_id = known[0] if known else _new_customer(work, event, senders[0], now)
    for other in known[1:]:  # one signed payload vouches for all its identifiers
        customer_id = merge_customers(
            work, kept=customer_id, merged=other, actor="evidence", evidence=senders[0].evidence.value, now=now
        )
    for sender in senders:
        if (sender.channel, sender.account, sender.address) not in owners:
            _add_identity(work, customer_id, sender, event, now)
    if known:  # a new customer has the name already
        _take_name(work, customer_id, event)
    return customer_id


def _apart(sender: SenderAddress) -> SenderAddress:
    if sender.channel is ChannelType.EMAIL and not sender.verified:
        return replace(sender, account=UNPROVEN)
    return sender


def _nobody(event: InboundEvent) -> SenderAddress:
    """A message that names no sender is a person of its own."""
    return SenderAddress(channel=event.channel, account=event.account, address=f"unknown:{event.external_id}")


def _answers_own_token(work: Work, event: InboundEvent) -> CustomerId | None:
    """The owner of the mail's address, if the mail carries the token of one of the owner's conversations, and nobody else
    was given that token."""
    token = event.metadata.get("thread_token_conversation")
    if event.channel is not ChannelType.EMAIL or not token or not event.senders:
        return None
    conversation = work.conversations.get(ConversationId(token))
    if conversation is None or token_is_shared(work, conversation):
        return None
    owners = work.customers.owners((replace(event.senders[0], account=""),))
    return next((owner for owner in owners.values() if conversation.customer_id == owner), None)


def _new_customer(work: Work, event: InboundEvent, sender: SenderAddress, now: datetime) -> CustomerId:
    customer_id = new_customer_id()
    work.customers.add(
        CustomerProfile(
            customer_id=customer_id,
            name=event.sender_name or None,
            created_at=now,
            email=sender.address if sender.channel is ChannelType.EMAIL else None,
            phone=sender.address if sender.channel in PHONES and sender.address.startswith("+") else None,
        )
    )
    return customer_id


PHONES = (ChannelType.WHATSAPP, ChannelType.VOICE)


def _add_identity(
    work: Work, customer_id: CustomerId, sender: SenderAddress, event: InboundEvent, now: datetime
) -> None:
    identity = Identity(
        channel=sender.channel,
        account=sender.account,
        address=sender.address,
        display_name=event.sender_name,
        verified=sender.verified,
        evidence=sender.evidence,
        since=now,
    )
    try:
        work.customers.add_identity(customer_id, identity)
    except Conflict:
        return  # a second alias that is another customer's: evidence did not allow to join them
    if len(event.senders) > 1:
        work.events.note(
            Event(
                type=EventType.IDENTITY_LINKED,
                at=now,
                customer_id=customer_id,
                dimensions={"channel": sender.channel.value, "evidence": sender.evidence.value},
            )
        )


def _take_name(work: Work, customer_id: CustomerId, event: InboundEvent) -> None:
    """A name given on the channel fills an empty one; it never replaces one that staff set."""
    if not event.sender_name:
        return
    profile = work.customers.brief(customer_id)
    if profile is not None and not profile.name and profile.erased_at is None:
        work.customers.save(replace(profile, name=event.sender_name))


def normal_address(channel: ChannelType, address: str) -> str:
    """The one form in which an address is stored. Raises ``InvalidInput`` naming the field."""
    return normalise_address(channel, address)
