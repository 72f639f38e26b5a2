"""People on copy: who gets an answer beside the customer, and whose mails belong into the customer's conversation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from switchboard.conversations.copies import (
    CC,
    PARTICIPANT,
    PARTICIPANT_NAME,
    answerable,
    checked_copies,
    kept_on_copy,
    was_on_copy,
    without,
    writer_of,
)
from switchboard.domain.conversation import Conversation
from switchboard.domain.customer import UNPROVEN
from switchboard.domain.ids import ConversationId, CustomerId
from switchboard.domain.inbound import InboundEvent, SenderAddress
from switchboard.domain.message import ChannelType, ConversationMessage, Direction
from switchboard.errors import InvalidInput
from switchboard.flows.app import App
from switchboard.flows.outgoing import Speech, channel_for
from switchboard.ports.store import Work

LOOK_BACK = 100
TOKEN_CONVERSATION = "thread_token_conversation"
"""In a mail's metadata: the conversation that our signed token in it names."""


def with_copies(work: Work, app: App, conversation: Conversation, speech: Speech, cc: tuple[str, ...] | None) -> Speech:
    """The agent's answer with the people on copy; ``cc`` None: those who are on it already. Raises ``InvalidInput``."""
    kind = channel_for(work, conversation, speech)
    channel = app.channels.get(kind)
    rule = channel.capabilities.copies if channel is not None else None
    if rule is None:
        if cc:
            raise InvalidInput(
                "this channel has no copies", field=CC, limit="e-mail only", fix="leave cc out, or answer by e-mail"
            )
        return speech
    mails = mails_of(work, conversation.conversation_id)
    customer = _mail_address(work, conversation.customer_id)
    copies = kept_on_copy(mails, rule, customer) if cc is None else checked_copies(cc, rule)
    copies = without((writer_of(answerable(mails)) or customer,), copies)
    return replace(speech, metadata={**speech.metadata, CC: ", ".join(copies)}) if copies else speech


def mails_of(work: Work, conversation_id: ConversationId) -> tuple[ConversationMessage, ...]:
    """The mails that came in, oldest first, of the newest part of a conversation."""
    newest = work.messages.newest(conversation_id, LOOK_BACK, readings=False)
    return tuple(m for m in newest if m.direction is Direction.INBOUND and m.channel is ChannelType.EMAIL)


def _mail_address(work: Work, customer_id: CustomerId) -> str:
    profile = work.customers.get(customer_id)
    known = [i.address for i in profile.identities if i.channel is ChannelType.EMAIL] if profile else []
    return known[0] if known else ""


def answered_on_copy(work: Work, event: InboundEvent) -> Conversation | None:
    """The conversation of which a mail of ours, with the writer on copy, is answered here. It must be named by our signed
    token, or by the ids of its mails if the writer's address is proven. None for the customer's own mails, and for
    everybody else's: they are customers of their own."""
    if event.channel is not ChannelType.EMAIL or not event.senders:
        return None
    token, sender = event.metadata.get(TOKEN_CONVERSATION), event.senders[0]
    if not token and not (sender.verified and event.thread_keys):
        return None
    named = ConversationId(token) if token else work.messages.find_by_thread_keys(event.channel, event.thread_keys)
    conversation = work.conversations.get(named) if named else None
    if conversation is None or _is_customer(work, conversation, sender):
        return None
    return conversation if was_on_copy(sender.address, _said_by_us(work, conversation)) else None


def _is_customer(work: Work, conversation: Conversation, sender: SenderAddress) -> bool:
    """The proven and the unproven owner of an address count both."""
    owners = work.customers.owners((replace(sender, account=""), replace(sender, account=UNPROVEN))).values()
    customer = work.customers.current(conversation.customer_id)
    return any(work.customers.current(owner) == customer for owner in owners)


def token_is_shared(work: Work, conversation: Conversation) -> bool:
    """Whether others than the customer got our token with a copy: then it proves nobody's address any more."""
    return any(message.metadata.get(CC) for message in _said_by_us(work, conversation))


def _said_by_us(work: Work, conversation: Conversation) -> Iterator[ConversationMessage]:
    """All of it, the newest first: how long ago somebody got a copy does not matter."""
    before: int | None = conversation.last_sequence + 1
    while before is not None:
        page = work.messages.of_conversation(conversation.conversation_id, before=before, limit=LOOK_BACK)
        yield from (m for m in reversed(page) if m.direction is Direction.OUTBOUND)
        before = page[0].sequence if len(page) == LOOK_BACK else None


def by_participant(event: InboundEvent) -> InboundEvent:
    """The mail marked as that of somebody on copy. No machine answers it: it would speak to one person of another."""
    marks = {PARTICIPANT: event.senders[0].address, PARTICIPANT_NAME: event.sender_name or "", "no_answer": PARTICIPANT}
    return replace(event, metadata={**event.metadata, **marks})
