"""A customer wrote: put it safely into their conversation before anybody hears "received".

Store first, think later: this story finds out who wrote and which conversation it joins, gives the message its place and
commits. Understanding and answering follow from the job it leaves behind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from switchboard.conversations.delivery import advance_delivery
from switchboard.conversations.threading import (
    Join,
    JoinVerdict,
    ThreadingFacts,
    ThreadingSettings,
    choose_conversation,
)
from switchboard.domain.conversation import Conversation, ConversationState, ConversationStatus, Handler
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import ConversationId, CustomerId, MessageId, new_conversation_id, new_message_id
from switchboard.domain.inbound import FROM_CUSTOMER, Fate, InboundEvent, InboundKind
from switchboard.domain.message import (
    Author,
    ConversationMessage,
    DeliveryState,
    Direction,
    MessageContent,
    MessageKind,
    ProcessingState,
)
from switchboard.flows.identify import identify
from switchboard.ports.records import JobKind, NewJob
from switchboard.ports.store import Work
from switchboard.understanding.signals import quick_priority_hint

SNIPPET = 140
REOPEN_WITHIN = timedelta(hours=72)
PLACEHOLDERS = {
    InboundKind.UNSUPPORTED: "[a message of a kind that cannot be shown here]",
    InboundKind.ENCRYPTED: "[an end-to-end encrypted message: read it in the app]",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What became of one event. The ids are those of the stored message, also for a duplicate."""

    fate: Fate
    reason: str = ""
    message_id: MessageId | None = None
    conversation_id: ConversationId | None = None
    customer_id: CustomerId | None = None


def accept_event(
    work: Work, event: InboundEvent, now: datetime, *, reopen_within: timedelta = REOPEN_WITHIN
) -> Accepted:
    """Gives one event its one fate, inside the caller's transaction."""
    if event.kind in FROM_CUSTOMER:
        return _accept_message(work, event, now, reopen_within)
    if event.kind is InboundKind.ECHO:
        return _accept_echo(work, event, now, reopen_within)
    if event.kind is InboundKind.SYSTEM and len(event.senders) > 1:
        return Accepted(
            fate=Fate.APPLIED, reason="addresses of one person joined", customer_id=identify(work, event, now)
        )
    effect = EFFECTS.get(event.kind)
    if effect is not None:
        return effect(work, event, now)
    return Accepted(fate=Fate.IGNORED, reason=event.reason or f"{event.kind.value}: nothing to keep")


def _accept_message(work: Work, event: InboundEvent, now: datetime, reopen_within: timedelta) -> Accepted:
    known = work.messages.find_external(event.channel, event.account, event.external_id)
    if known is not None:
        return _duplicate(known)
    customer_id = identify(work, event, now)
    verdict, before = _join(work, event, customer_id, now, reopen_within)
    message = _to_message(event, before, now)
    _put(work, verdict, _with_message(before, message, event))
    work.messages.add(message, event.thread_keys)
    _leave_jobs(work, message, now)
    work.events.append(*_events(event, verdict, message))
    return _stored(message, verdict.reason)


def _leave_jobs(work: Work, message: ConversationMessage, now: datetime) -> None:
    """What happens to the message next, once it is safe: reading it, and fetching its files."""
    work.jobs.add(
        NewJob(
            kind=JobKind.UNDERSTAND,
            lane=message.conversation_id,
            priority=quick_priority_hint(message.content.words),
            due_at=now,
            conversation_id=message.conversation_id,
            message_id=message.message_id,
        )
    )


def _join(
    work: Work, event: InboundEvent, customer_id: CustomerId, now: datetime, reopen_within: timedelta
) -> tuple[JoinVerdict, Conversation]:
    """The conversation this message belongs to, as it will be: the open one, an earlier one woken up, or a new one."""
    facts = ThreadingFacts(
        conversations=_candidates(work, event, customer_id), named=_named(work, event), automatic=event.automatic
    )
    verdict = choose_conversation(facts, now, ThreadingSettings(reopen_window=reopen_within))
    chosen = next((c for c in facts.conversations if c.conversation_id == verdict.conversation_id), None)
    if chosen is None:
        return verdict, _new_conversation(event, customer_id, verdict, now)
    return verdict, _woken(chosen) if verdict.join in (Join.REOPEN, Join.REACTIVATE) else chosen


def _candidates(work: Work, event: InboundEvent, customer_id: CustomerId) -> tuple[Conversation, ...]:
    """The open conversation alone, or the newest closed one and the one that the message names."""
    open_one = work.conversations.open_for(customer_id)
    if open_one is not None:
        return (open_one,)
    latest = work.conversations.latest_for(customer_id)
    named = work.conversations.get(key) if (key := _named(work, event)) else None
    closed = {c.conversation_id: c for c in (latest, named) if c is not None and c.customer_id == customer_id}
    return tuple(closed.values())


def _named(work: Work, event: InboundEvent) -> ConversationId | None:
    return work.messages.find_by_thread_keys(event.channel, event.thread_keys) if event.thread_keys else None


def _new_conversation(
    event: InboundEvent, customer_id: CustomerId, verdict: JoinVerdict, now: datetime
) -> Conversation:
    """An automatic mail that belongs to nothing is kept in a conversation that nobody has to answer."""
    status = ConversationStatus.RESOLVED if event.automatic else ConversationStatus.ACTIVE
    return Conversation(
        conversation_id=new_conversation_id(),
        customer_id=customer_id,
        state=ConversationState(status=status),
        channels=(event.channel,),
        created_at=now,
        last_activity_at=now,
        subject=event.content.subject,
        resolved_at=now if event.automatic else None,
        previous_conversation_id=verdict.previous_id,
    )


def _woken(conversation: Conversation) -> Conversation:
    state = replace(
        conversation.state,
        status=ConversationStatus.ACTIVE,
        handler=Handler.NOBODY,
        assigned_agent_id=None,
        automation_attempts=0,
        escalated=False,
    )
    return replace(conversation, state=state, resolved_at=None, archived_at=None)


def _put(work: Work, verdict: JoinVerdict, conversation: Conversation) -> None:
    if verdict.join is Join.START:
        work.conversations.add(conversation)
    else:
        work.conversations.save(conversation)


def _to_message(event: InboundEvent, conversation: Conversation, now: datetime) -> ConversationMessage:
    text = event.content.text or PLACEHOLDERS.get(event.kind, "")
    kind = MessageKind.PLACEHOLDER if event.kind in PLACEHOLDERS else MessageKind.TEXT
    metadata = dict(event.metadata)
    if event.senders:  # answers go where the customer last wrote from, or where they asked to be answered
        asked_for = metadata.get("reply_to", "").partition(",")[0].strip()
        metadata["reply_address"] = asked_for or event.senders[0].address
    if event.session:
        metadata["session"] = event.session
    if event.kind is not InboundKind.MESSAGE:
        metadata["kind"] = event.kind.value
    if event.reason:
        metadata["reason"] = event.reason
    return ConversationMessage(
        message_id=new_message_id(),
        conversation_id=conversation.conversation_id,
        customer_id=conversation.customer_id,
        channel=event.channel,
        account=event.account,
        direction=Direction.INBOUND,
        author=Author.CUSTOMER,
        kind=kind,
        content=replace(event.content, text=text),
        timestamp=max(now, conversation.last_activity_at),  # never decreases inside a conversation (decisions)
        sequence=conversation.last_sequence + 1,
        sent_at=event.sent_at,
        processing=ProcessingState.RECEIVED,
        external_id=event.external_id,
        verified=any(sender.verified for sender in event.senders),
        automatic=event.automatic,
        metadata=metadata,
    )


def _with_message(conversation: Conversation, message: ConversationMessage, event: InboundEvent) -> Conversation:
    """The conversation after the customer's message: whose turn it is, what the list shows."""
    state = conversation.state
    needs_reply = conversation.needs_reply_since
    if not event.automatic:
        if state.status is ConversationStatus.WAITING:
            state = replace(state, status=ConversationStatus.ACTIVE)
        needs_reply = needs_reply or message.timestamp
    return replace(
        conversation,
        state=state,
        channels=tuple(dict.fromkeys((*conversation.channels, message.channel))),
        last_channel=message.channel,
        last_activity_at=message.timestamp,
        last_sequence=message.sequence,
        snippet=message.content.words[:SNIPPET],
        subject=conversation.subject or message.content.subject,
        needs_reply_since=needs_reply,
    )


def _events(event: InboundEvent, verdict: JoinVerdict, message: ConversationMessage) -> list[Event]:
    codes = {"channel": message.channel.value, "join": verdict.join.value, "kind": event.kind.value}
    if event.automatic:
        codes["automatic"] = "yes"
    happened = [_event(EventType.MESSAGE_RECEIVED, message, {"sequence": float(message.sequence)}, codes)]
    if verdict.join is Join.REOPEN:
        happened.append(_event(EventType.REOPENED, message, {}, codes))
    return happened


def _event(kind: EventType, message: ConversationMessage, metrics: dict[str, float], codes: dict[str, str]) -> Event:
    return Event(
        type=kind,
        at=message.timestamp,
        conversation_id=message.conversation_id,
        customer_id=message.customer_id,
        message_id=message.message_id,
        metrics=metrics,
        dimensions=codes,
    )


def _stored(message: ConversationMessage, reason: str) -> Accepted:
    return Accepted(
        fate=Fate.STORED,
        reason=reason,
        message_id=message.message_id,
        conversation_id=message.conversation_id,
        customer_id=message.customer_id,
    )


def _duplicate(known: ConversationMessage) -> Accepted:
    return Accepted(
        fate=Fate.DUPLICATE,
        reason="this message came before",
        message_id=known.message_id,
        conversation_id=known.conversation_id,
        customer_id=known.customer_id,
    )


def _accept_echo(work: Work, event: InboundEvent, now: datetime, reopen_within: timedelta) -> Accepted:
    """Our own side speaking: ours comes back as proof of sending; a person in another tool joins the timeline."""
    known = _outgoing_of(work, event, event.external_id)
    if known is not None:
        return _duplicate(known)
    customer_id = identify(work, event, now)
    silent = replace(event, automatic=True)  # it starts nothing and wakes nothing up
    verdict, before = _join(work, silent, customer_id, now, reopen_within)
    message = replace(
        _to_message(event, before, now),
        direction=Direction.OUTBOUND,
        author=Author.OTHER_TOOL,
        delivery=DeliveryState.SENT,
        processing=None,
        verified=False,
    )
    _put(work, verdict, replace(_with_message(before, message, silent), needs_reply_since=None))
    work.messages.add(message)
    codes = {"channel": event.channel.value, "by": Author.OTHER_TOOL.value}
    work.events.append(_event(EventType.MESSAGE_SENT, message, {}, codes))
    return _stored(message, "written by our side in another tool")


def _outgoing_of(work: Work, event: InboundEvent, external_id: str | None) -> ConversationMessage | None:
    """Our message that a status or echo speaks of, by the provider's id or by the key we sent along."""
    found = work.messages.find_external(event.channel, event.account, external_id) if external_id else None
    if found is None and (key := event.metadata.get("key")):
        found = work.messages.get(MessageId(key))
    return found


def _apply_status(work: Work, event: InboundEvent, now: datetime) -> Accepted:
    message = _outgoing_of(work, event, event.target)
    if message is None or event.delivery is None or message.direction is not Direction.OUTBOUND:
        return Accepted(fate=Fate.IGNORED, reason="a status of a message that we did not send")
    verdict = advance_delivery(message.delivery, event.delivery)
    if not verdict.changed:
        return Accepted(fate=Fate.IGNORED, reason=verdict.reason, message_id=message.message_id)
    state = verdict.state
    ids = (event.target,) if event.target and not message.external_id else ()
    work.messages.set_delivery(message.message_id, state, error=event.delivery_error, external_ids=ids)
    work.events.append(
        replace(
            _event(EventType.DELIVERY_UPDATED, message, {}, {"channel": event.channel.value, "state": state.value}),
            at=now,
        )
    )
    return _applied(message, f"delivery is now {state.value}")


def _apply_edit(work: Work, event: InboundEvent, now: datetime) -> Accepted:
    message = work.messages.find_external(event.channel, event.account, event.target or "")
    if message is None:
        return _accept_message(work, replace(event, kind=InboundKind.MESSAGE), now, REOPEN_WITHIN)
    if _erased(work, message):
        return Accepted(fate=Fate.IGNORED, reason="a correction of a message whose writer was erased")
    work.messages.replace_content(message.message_id, event.content, now)
    return _touched(work, message, now, "edited")


def _apply_delete(work: Work, event: InboundEvent, now: datetime) -> Accepted:
    message = work.messages.find_external(event.channel, event.account, event.target or "")
    if message is None:
        return Accepted(fate=Fate.IGNORED, reason="a withdrawal of a message that we never had")
    if _erased(work, message):
        return Accepted(fate=Fate.IGNORED, reason="a withdrawal of a message whose writer was erased")
    withdrawn = MessageContent(text="[withdrawn by the customer]")
    work.messages.replace_content(message.message_id, withdrawn, now, withdrawn=True)
    return _touched(work, message, now, "withdrawn")


def _apply_reaction(work: Work, event: InboundEvent, now: datetime) -> Accepted:
    message = work.messages.find_external(event.channel, event.account, event.target or "")
    if message is None:
        return Accepted(fate=Fate.IGNORED, reason="a reaction to a message that we never had")
    if _erased(work, message):
        return Accepted(fate=Fate.IGNORED, reason="a reaction to a message whose writer was erased")
    work.messages.add_reaction(message.message_id, "customer", event.content.text or None)
    return _touched(work, message, now, "reaction")


def _erased(work: Work, message: ConversationMessage) -> bool:
    profile = work.customers.brief(message.customer_id)
    return profile is not None and profile.erased_at is not None


def _touched(work: Work, message: ConversationMessage, now: datetime, what: str) -> Accepted:
    """The message changed after the fact: whoever looks at it should see that at once."""
    work.events.append(
        replace(
            _event(EventType.DELIVERY_UPDATED, message, {}, {"channel": message.channel.value, "change": what}), at=now
        )
    )
    return _applied(message, what)


def _applied(message: ConversationMessage, reason: str) -> Accepted:
    return Accepted(
        fate=Fate.APPLIED,
        reason=reason,
        message_id=message.message_id,
        conversation_id=message.conversation_id,
        customer_id=message.customer_id,
    )


EFFECTS: dict[InboundKind, Callable[[Work, InboundEvent, datetime], Accepted]] = {
    InboundKind.STATUS: _apply_status,
    InboundKind.EDIT: _apply_edit,
    InboundKind.DELETE: _apply_delete,
    InboundKind.REACTION: _apply_reaction,
}
