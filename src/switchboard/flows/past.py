"""A message of the past finds its place in the history: nobody is told, nothing is counted, nobody owes an answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from switchboard.domain.conversation import Conversation, ConversationState, ConversationStatus
from switchboard.domain.customer import CustomerProfile
from switchboard.domain.ids import CustomerId, new_conversation_id
from switchboard.domain.inbound import FROM_CUSTOMER, Fate, InboundEvent, InboundKind
from switchboard.domain.message import (
    Author,
    ChannelType,
    ConversationMessage,
    DeliveryState,
    Direction,
    MessageKind,
)
from switchboard.flows.accept import REOPEN_WITHIN, to_message, with_message
from switchboard.flows.effects import Accepted
from switchboard.flows.identify import identify
from switchboard.ports.store import Work

NOTE = "internal"
"""``InboundEvent.metadata`` holds this for what colleagues wrote for each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """How history is filed. Messages of one customer less than ``together`` apart are one conversation where no ticket
    says it; conversations older than ``archive_after`` are put away at once."""

    now: datetime
    together: timedelta = REOPEN_WITHIN
    archive_after: timedelta = timedelta(hours=24)


def keep_past(work: Work, event: InboundEvent, filing: Filing) -> Accepted:
    """Stores a message with its own time in a closed conversation. Conversations that are open now are left alone."""
    if event.kind not in FROM_CUSTOMER and event.kind is not InboundKind.ECHO:
        return Accepted(fate=Fate.IGNORED, reason=f"{event.kind.value}: nothing to keep")
    known = work.messages.find_external(event.channel, event.account, event.external_id)
    if known is not None:
        return Accepted.of(known, Fate.DUPLICATE, "this message came before")
    at = min(event.sent_at or filing.now, filing.now)
    ticket = _of_ticket(work, event)
    customer_id = ticket.customer_id if ticket is not None else identify(work, event, at)
    before = ticket or _near(work, event, customer_id, at, filing)
    new = before is None
    before = before or _closed_conversation(event, customer_id, at, filing)
    message = _message(event, before, at)
    after = with_message(before, message, replace(event, automatic=True))
    after = replace(after, resolved_at=max(after.resolved_at or at, message.timestamp))
    if new:
        work.conversations.add(after)
    else:
        work.conversations.save(after)
    work.messages.add(message, event.thread_keys)
    return Accepted.of(message, Fate.STORED, "filed")


def _of_ticket(work: Work, event: InboundEvent) -> Conversation | None:
    """The conversation that holds the ticket already, on whichever channel it was written to."""
    if "ticket" not in event.metadata:
        return None
    for channel in (event.channel, *(other for other in ChannelType if other is not event.channel)):
        found = work.messages.find_by_thread_keys(channel, event.thread_keys)
        conversation = work.conversations.get(found) if found is not None else None
        if conversation is not None and not conversation.is_open and not _erased(work, conversation.customer_id):
            return conversation
    return None


def _erased(work: Work, customer_id: CustomerId) -> bool:
    profile: CustomerProfile | None = work.customers.standing(customer_id)
    return profile is None or profile.erased_at is not None


def _near(
    work: Work, event: InboundEvent, customer_id: CustomerId, at: datetime, filing: Filing
) -> Conversation | None:
    """Without a ticket: the conversation that the message answers, or one of the same days."""
    if "ticket" in event.metadata:
        return None
    named = work.messages.find_by_thread_keys(event.channel, event.thread_keys) if event.thread_keys else None
    for conversation in (
        work.conversations.get(named) if named is not None else None,
        work.conversations.latest_for(customer_id),
    ):
        if conversation is None or conversation.is_open or conversation.customer_id != customer_id:
            continue
        if conversation.conversation_id == named or abs(at - conversation.last_activity_at) <= filing.together:
            return conversation
    return None


def _closed_conversation(event: InboundEvent, customer_id: CustomerId, at: datetime, filing: Filing) -> Conversation:
    old = filing.now - at > filing.archive_after
    status = ConversationStatus.ARCHIVED if old else ConversationStatus.RESOLVED
    return Conversation(
        conversation_id=new_conversation_id(),
        customer_id=customer_id,
        state=ConversationState(status=status),
        channels=(event.channel,),
        created_at=at,
        last_activity_at=at,
        subject=event.content.subject,
        resolved_at=at,
        archived_at=at if old else None,
    )


def _message(event: InboundEvent, before: Conversation, at: datetime) -> ConversationMessage:
    message = to_message(event, before, at)
    if event.kind is not InboundKind.ECHO:
        return message
    ours = replace(message, direction=Direction.OUTBOUND, author=Author.OTHER_TOOL, processing=None, verified=False)
    if NOTE in event.metadata:
        return replace(ours, kind=MessageKind.NOTE)
    return replace(ours, delivery=DeliveryState.SENT)
