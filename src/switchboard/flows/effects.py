"""What happened to a message that we have: delivered, read, edited, withdrawn, liked; or who may answer now."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from switchboard.conversations.copies import CC, COPY_MISSED, copies_missed, listed, without
from switchboard.conversations.delivery import advance_delivery
from switchboard.domain.conversation import Conversation, Handler
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import ConversationId, CustomerId, MessageId, new_message_id
from switchboard.domain.inbound import ATTENTION, Fate, InboundEvent, InboundKind
from switchboard.domain.message import (
    Author,
    ChannelType,
    ConversationMessage,
    DeliveryState,
    Direction,
    MessageContent,
    MessageKind,
)
from switchboard.ports.records import JobKind, StoredAnswer
from switchboard.ports.store import Work

LOOK_BACK = 100
"""Messages of a conversation that a "read up to here" can reach."""
SNIPPET = 140
"""Characters of a message that the list of conversations shows."""
LATEST_RETRY = timedelta(days=7)
"""How long a provider may try to deliver an event (WhatsApp is the most patient)."""
WITHDRAWING = frozenset({ChannelType.WHATSAPP, ChannelType.FACEBOOK, ChannelType.INSTAGRAM})
"""Channels that tell when a customer takes a message back."""
WITHDRAWN = "[withdrawn by the customer]"
TAKEN_BACK = "[taken back by our side in another app]"
EDITED_AT = "edited_at"
"""In a message's metadata: when its writer last corrected it, by the provider's clock."""
UNANSWERED = (DeliveryState.PENDING, DeliveryState.UNKNOWN)
_LINK = re.compile(r"https?://\S{1,2000}")
ON_THE_WAY = (DeliveryState.SENT, DeliveryState.DELIVERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What became of one event. The ids are those of the stored message, also for a duplicate."""

    fate: Fate
    reason: str = ""
    message_id: MessageId | None = None
    conversation_id: ConversationId | None = None
    customer_id: CustomerId | None = None

    @classmethod
    def of(cls, message: ConversationMessage, fate: Fate, reason: str) -> Accepted:
        """The fate of an event that became, or changed, this message."""
        return cls(
            fate=fate,
            reason=reason,
            message_id=message.message_id,
            conversation_id=message.conversation_id,
            customer_id=message.customer_id,
        )


def outgoing_of(work: Work, event: InboundEvent, external_id: str | None) -> ConversationMessage | None:
    """Our message that a status or echo speaks of, by the provider's id or by the key we sent along."""
    found = work.messages.find_external(event.channel, event.account, external_id) if external_id else None
    if found is None and (key := event.metadata.get("key")):
        found = work.messages.get(MessageId(key))
    return found


def own_words(work: Work, event: InboundEvent) -> ConversationMessage | None:
    """Our message that an echo repeats: by id or key, or (X sends nothing of ours along) the same words to the same person
    among those whose sending has not been answered yet."""
    found = outgoing_of(work, event, event.external_id)
    if found is not None or event.channel is not ChannelType.TWITTER:
        return found
    conversation = _conversation_of(work, event)
    newest = work.messages.newest(conversation.conversation_id, 20, readings=False) if conversation is not None else ()
    return next(
        (m for m in newest if m.channel is event.channel and m.delivery in UNANSWERED and _repeats(event, m)), None
    )


def _repeats(event: InboundEvent, message: ConversationMessage) -> bool:
    """The provider shortens links; one part of a long text is enough."""
    echo, ours = (" ".join(_LINK.sub("", text).split()) for text in (event.content.text, message.content.text))
    return echo == ours or bool(echo and ours and (echo in ours or ours in echo))


def came_back(work: Work, event: InboundEvent, message: ConversationMessage) -> Accepted:
    """An echo proves that our message went out, also where the answer to its sending was lost."""
    whole = event.content.text.strip() == message.content.text.strip()
    if message.delivery in UNANSWERED:
        state = DeliveryState.SENT if whole else message.delivery
        error = None if whole else message.delivery_error
        work.messages.set_delivery(message.message_id, state, error=error, external_ids=(event.external_id,))
    return Accepted.of(message, Fate.DUPLICATE, "our own message came back")


def _apply_status(work: Work, event: InboundEvent, now: datetime) -> Accepted:
    if event.target is None and "watermark" in event.metadata:
        return _apply_up_to(work, event, now)
    message = outgoing_of(work, event, event.target)
    if message is not None and event.delivery is None and "delayed" in event.metadata:
        return _note_delay(work, message, event)
    if message is None or event.delivery is None or message.direction is not Direction.OUTBOUND:
        return Accepted(fate=Fate.IGNORED, reason="a status of a message that we did not send")
    if _of_a_copy(event, message):
        return _note_copy(work, message, event)
    if "and_before" in event.metadata:
        earlier = work.messages.newest(message.conversation_id, LOOK_BACK)
        _advance_all(work, (m for m in earlier if m.sequence < message.sequence), event, event.delivery, now)
    verdict = advance_delivery(message.delivery, event.delivery)
    if not verdict.changed:
        return Accepted(fate=Fate.IGNORED, reason=verdict.reason, message_id=message.message_id)
    ids = (event.target,) if event.target and not message.external_id else ()
    _advance(work, message, verdict.state, event, now, ids)
    return Accepted.of(message, Fate.APPLIED, f"delivery is now {verdict.state.value}")


def _of_a_copy(event: InboundEvent, message: ConversationMessage) -> bool:
    """A report about somebody on copy, or their read receipt, says nothing about the customer's mail."""
    sender = event.senders[0].address if event.senders else ""
    whose = event.metadata.get("failed_recipient") or sender
    return bool(whose) and not without(listed(message.metadata.get(CC)), (whose,))


def _note_copy(work: Work, message: ConversationMessage, event: InboundEvent) -> Accepted:
    """People see whom the copy did not reach; the message itself stays as it is."""
    if event.delivery is not DeliveryState.FAILED or message.delivery is None:
        return Accepted.of(message, Fate.IGNORED, "a report about somebody on copy")
    told = message.delivery_error or ""
    missed = {event.metadata.get("failed_recipient", "somebody"): event.delivery_error or "it came back"}
    words = f"{told}; {copies_missed(missed).removeprefix(COPY_MISSED)}" if told.startswith(COPY_MISSED) else ""
    work.messages.set_delivery(message.message_id, message.delivery, error=words or copies_missed(missed))
    return Accepted.of(message, Fate.APPLIED, "a copy came back")


def _note_delay(work: Work, message: ConversationMessage, event: InboundEvent) -> Accepted:
    """It is still on its way: people see why it takes so long, and nothing else changes."""
    if message.delivery not in ON_THE_WAY:
        return Accepted(fate=Fate.IGNORED, reason="a delay of a message that is settled", message_id=message.message_id)
    work.messages.set_delivery(
        message.message_id, message.delivery, error=f"delayed: {event.delivery_error or ''}"[:300]
    )
    return Accepted.of(message, Fate.APPLIED, "delivery is delayed")


def _apply_up_to(work: Work, event: InboundEvent, now: datetime) -> Accepted:
    """All that went out to the customer before a point in time was delivered, or read."""
    conversation = _conversation_of(work, event)
    if conversation is None or event.delivery is None:
        return Accepted(fate=Fate.IGNORED, reason="a status of messages that we did not send")
    until = datetime.fromisoformat(event.metadata["watermark"])
    newest = work.messages.newest(conversation.conversation_id, LOOK_BACK)
    reached = (message for message in newest if message.timestamp <= until)
    changed = _advance_all(work, reached, event, event.delivery, now)
    if not changed:
        return Accepted(fate=Fate.IGNORED, reason="nothing that was not known before")
    return Accepted.of(changed[-1], Fate.APPLIED, f"delivery of {len(changed)} messages is now {event.delivery.value}")


def _advance_all(
    work: Work, messages: Iterable[ConversationMessage], event: InboundEvent, state: DeliveryState, now: datetime
) -> list[ConversationMessage]:
    ours = [m for m in messages if m.channel is event.channel and m.account in ("", event.account)]
    changed = [m for m in ours if m.delivery in ON_THE_WAY and advance_delivery(m.delivery, state).changed]
    for message in changed:
        _advance(work, message, state, event, now, ())
    return changed


def _advance(
    work: Work,
    message: ConversationMessage,
    state: DeliveryState,
    event: InboundEvent,
    now: datetime,
    ids: tuple[str, ...],
) -> None:
    known = message.delivery_error if (message.delivery_error or "").startswith(COPY_MISSED) else None
    work.messages.set_delivery(message.message_id, state, error=event.delivery_error or known, external_ids=ids)
    _note(work, message, now, {"channel": event.channel.value, "state": state.value})


def _conversation_of(work: Work, event: InboundEvent) -> Conversation | None:
    """The open or the latest conversation of the person an event is about."""
    owners = work.customers.owners(event.senders) if event.senders else {}
    customer_id = next(iter(owners.values()), None)
    if customer_id is None:
        return None
    return work.conversations.open_for(customer_id) or work.conversations.latest_for(customer_id)


# ---- changes of a message that we have

Effect = Callable[[Work, InboundEvent, datetime], Accepted | None]
Change = Callable[[Work, InboundEvent, ConversationMessage, datetime], Accepted]


def _of_known(what: str, change: Change, never_had: Effect) -> Effect:
    """The change takes effect on the message that the event names; ``never_had`` says what else becomes of it."""

    def effect(work: Work, event: InboundEvent, now: datetime) -> Accepted | None:
        message = work.messages.find_external(event.channel, event.account, event.target or "")
        if message is None:
            return never_had(work, event, now)
        if _erased(work, message):
            return Accepted(fate=Fate.IGNORED, reason=f"{what} of a message whose writer was erased")
        if message.withdrawn:  # what was taken back stays hidden, whatever comes late or twice
            return Accepted.of(message, Fate.IGNORED, f"{what} of a message that was withdrawn")
        return change(work, event, message, now)

    return effect


def _edit(work: Work, event: InboundEvent, message: ConversationMessage, now: datetime) -> Accepted:
    """New words for a message; its files stay unless the edit brings others. An older correction never comes back."""
    written = event.sent_at.isoformat() if event.sent_at else ""
    if written and written < message.metadata.get(EDITED_AT, ""):
        return Accepted.of(message, Fate.IGNORED, "a newer correction came before")
    if says_nothing(event.content):
        return Accepted.of(message, Fate.IGNORED, "a correction without words")
    known = {a.provider_id or a.url: a for a in message.content.attachments}
    kept = tuple(known.get(a.provider_id or a.url, a) for a in event.content.attachments)
    content = replace(event.content, attachments=kept or message.content.attachments)
    if content == message.content:
        return Accepted.of(message, Fate.DUPLICATE, "this correction came before")
    noted = {EDITED_AT: written or now.isoformat()}
    work.messages.replace_content(message.message_id, content, now, noted=noted)
    _show(work, message, content)
    return _touched(work, message, now, "edited")


def says_nothing(content: MessageContent) -> bool:
    """Meta sends such corrections for messages that it does not let us read."""
    return not content.text and not content.attachments and content.payload is None


def _withdraw(work: Work, event: InboundEvent, message: ConversationMessage, now: datetime) -> Accepted:
    content = MessageContent(text=WITHDRAWN if message.direction is Direction.INBOUND else TAKEN_BACK)
    work.messages.replace_content(message.message_id, content, now, withdrawn=True)
    _show(work, message, content)
    return _touched(work, message, now, "withdrawn")


def _react(work: Work, event: InboundEvent, message: ConversationMessage, now: datetime) -> Accepted:
    emoji = event.metadata.get("emoji") or event.content.text
    whose = "us" if event.kind is InboundKind.ECHO else "customer"
    work.messages.add_reaction(message.message_id, whose, emoji or None)
    return _touched(work, message, now, "reaction")


def _show(work: Work, message: ConversationMessage, content: MessageContent) -> None:
    """The list of conversations shows the old words no more."""
    conversation = work.conversations.get(message.conversation_id)
    if conversation is not None and conversation.snippet == message.content.words[:SNIPPET]:
        work.conversations.save(replace(conversation, snippet=content.words[:SNIPPET]))


def _no_effect(reason: str) -> Effect:
    return lambda work, event, now: Accepted(fate=Fate.IGNORED, reason=reason)


def _await_message(work: Work, event: InboundEvent, now: datetime) -> Accepted:
    """Providers keep no order: a message that arrives after its own withdrawal must not be shown."""
    if event.target:
        _remember(work, _withdrawal_key(event, event.target), now)
    return Accepted(fate=Fate.IGNORED, reason="a withdrawal of a message that we never had")


def withdrawn_before(work: Work, event: InboundEvent, now: datetime) -> bool:
    """Whether the withdrawal of this message overtook it."""
    if event.channel not in WITHDRAWING:
        return False
    return work.answers.get(_withdrawal_key(event, event.external_id), now) is not None


def _remember(work: Work, key: str, now: datetime) -> None:
    if work.answers.get(key, now) is None:
        work.answers.put(
            StoredAnswer(
                key=key, fingerprint="withdrawn", status=200, content_type="", body=b"", expires_at=now + LATEST_RETRY
            )
        )


def _withdrawal_key(event: InboundEvent, external_id: str) -> str:
    return hashlib.sha256(f"withdrawn\n{event.channel}\n{event.account}\n{external_id}".encode()).hexdigest()


def _apply_system(work: Work, event: InboundEvent, now: datetime) -> Accepted | None:
    """Another app took the conversation: automation falls silent, and the team reads why. None for other notices."""
    if ATTENTION in event.metadata:
        return Accepted(fate=Fate.APPLIED, reason=event.metadata[ATTENTION])
    if event.metadata.get("thread_owner") != "another app":
        return None
    if work.messages.find_external(event.channel, event.account, event.external_id) is not None:
        return Accepted(fate=Fate.DUPLICATE, reason="this hand-over came before")
    conversation = _conversation_of(work, event)
    if conversation is None or not conversation.is_open:
        return Accepted(fate=Fate.IGNORED, reason="another app took over; nothing was open here")
    work.jobs.drop(conversation.conversation_id, JobKind.ANSWER)
    state = conversation.state
    if state.handler is Handler.AUTOMATION:
        state = replace(state, handler=Handler.NOBODY)
    note = _note_message(conversation, event, now, "Another app has taken over this conversation and answers there.")
    work.messages.add(note)
    work.conversations.save(
        replace(conversation, state=state, last_sequence=note.sequence, last_activity_at=note.timestamp)
    )
    work.events.append(
        Event(
            type=EventType.NOTE_ADDED,
            at=now,
            conversation_id=conversation.conversation_id,
            customer_id=conversation.customer_id,
            message_id=note.message_id,
            dimensions={"by": "channel", "channel": event.channel.value},
        )
    )
    return Accepted.of(note, Fate.APPLIED, "another app took over")


def _note_message(conversation: Conversation, event: InboundEvent, now: datetime, words: str) -> ConversationMessage:
    return ConversationMessage(
        message_id=new_message_id(),
        conversation_id=conversation.conversation_id,
        customer_id=conversation.customer_id,
        channel=event.channel,
        account=event.account,
        direction=Direction.OUTBOUND,
        author=Author.OTHER_TOOL,
        kind=MessageKind.NOTE,
        content=MessageContent(text=words),
        timestamp=max(now, conversation.last_activity_at),
        sequence=conversation.last_sequence + 1,
        external_id=event.external_id,
    )


def _erased(work: Work, message: ConversationMessage) -> bool:
    profile = work.customers.brief(message.customer_id)
    return profile is not None and profile.erased_at is not None


def _touched(work: Work, message: ConversationMessage, now: datetime, what: str) -> Accepted:
    """The message changed after the fact: whoever looks at it should see that at once."""
    _note(work, message, now, {"channel": message.channel.value, "change": what})
    return Accepted.of(message, Fate.APPLIED, what)


def _note(work: Work, message: ConversationMessage, now: datetime, codes: dict[str, str]) -> None:
    work.events.append(
        Event(
            type=EventType.DELIVERY_UPDATED,
            at=now,
            conversation_id=message.conversation_id,
            customer_id=message.customer_id,
            message_id=message.message_id,
            dimensions=codes,
        )
    )


EFFECTS: dict[InboundKind, Effect] = {
    InboundKind.STATUS: _apply_status,
    InboundKind.EDIT: _of_known("a correction", _edit, lambda work, event, now: None),
    InboundKind.DELETE: _of_known("a withdrawal", _withdraw, _await_message),
    InboundKind.REACTION: _of_known("a reaction", _react, _no_effect("a reaction to a message that we never had")),
    InboundKind.SYSTEM: _apply_system,
}
"""None as an answer: there is nothing that it could take effect on."""


def changed_elsewhere(work: Work, event: InboundEvent, now: datetime) -> Accepted | None:
    """A person of ours corrected, took back or liked a message in another app; None for new words of theirs."""
    kinds = {"edit": InboundKind.EDIT, "revoke": InboundKind.DELETE, "reaction": InboundKind.REACTION}
    kind = kinds.get(event.metadata.get("of", ""))
    if kind is None:
        return None
    return EFFECTS[kind](work, event, now) or Accepted(
        fate=Fate.IGNORED, reason="our side changed a message that we never had"
    )
