"""A customer wrote: put it safely into their conversation before anybody hears "received".

Store first, think later: this story finds out who wrote and which conversation it joins, gives the message its place and
commits. Understanding and answering follow from the job it leaves behind.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from switchboard.conversations.threading import (
    Join,
    JoinVerdict,
    ThreadingFacts,
    ThreadingSettings,
    choose_conversation,
)
from switchboard.domain.conversation import Conversation, ConversationState, ConversationStatus, Handler
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import ConversationId, CustomerId, new_conversation_id, new_message_id
from switchboard.domain.inbound import FROM_CUSTOMER, Fate, InboundEvent, InboundKind
from switchboard.domain.message import (
    FILES,
    Author,
    ConversationMessage,
    DeliveryState,
    Direction,
    FileState,
    MessageContent,
    MessageKind,
    ProcessingState,
)
from switchboard.flows.effects import (
    EFFECTS,
    SNIPPET,
    Accepted,
    came_back,
    changed_elsewhere,
    own_words,
    says_nothing,
    withdrawn_before,
)
from switchboard.flows.identify import identify
from switchboard.flows.on_copy import answered_on_copy, by_participant
from switchboard.ports.records import JobKind, NewJob
from switchboard.ports.store import Work
from switchboard.understanding.signals import quick_priority_hint

REOPEN_WITHIN = timedelta(hours=72)
HANDED_TO_US = "[another app handed this conversation over to us]"
PLACEHOLDERS = {
    InboundKind.UNSUPPORTED: "[a message of a kind that cannot be shown here]",
    InboundKind.ENCRYPTED: "[an end-to-end encrypted message: read it in the app]",
}

ECHO_PLACEHOLDER = "[sent in another app: a kind of message that cannot be shown here]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """How messages are taken in: ``reopen_within``, and what the channel can do (``Capabilities``)."""

    reopen_within: timedelta = REOPEN_WITHIN
    fetch_media: bool = False
    public: bool = False


USUAL = Taking()


def accept_event(work: Work, event: InboundEvent, now: datetime, taking: Taking = USUAL) -> Accepted:
    """Gives one event its one fate, inside the caller's transaction."""
    if event.kind in FROM_CUSTOMER or (event.kind is InboundKind.PUBLIC_MENTION and taking.public):
        return _accept_message(work, event, now, taking)
    if event.kind is InboundKind.ECHO:
        return _accept_echo(work, event, now, taking)
    if event.metadata.get("thread_owner") == "us":
        handed_over = replace(event, kind=InboundKind.UNSUPPORTED, content=MessageContent(text=HANDED_TO_US))
        return _accept_message(work, handed_over, now, taking)
    if event.kind is InboundKind.SYSTEM and len(event.senders) > 1:
        return Accepted(
            fate=Fate.APPLIED, reason="addresses of one person joined", customer_id=identify(work, event, now)
        )
    effect = EFFECTS.get(event.kind)
    applied = effect(work, event, now) if effect is not None else None
    if applied is not None:
        return applied
    if event.kind is InboundKind.EDIT and not says_nothing(
        event.content
    ):  # of a message that has not reached us: better late than never, and only once
        kind = InboundKind.PUBLIC_MENTION if "public_id" in event.metadata else InboundKind.MESSAGE
        said = replace(event, kind=kind, external_id=event.target or event.external_id)
        return _accept_message(work, said, now, taking)
    return Accepted(fate=Fate.IGNORED, reason=event.reason or f"{event.kind.value}: nothing to keep")


def _accept_message(work: Work, event: InboundEvent, now: datetime, taking: Taking) -> Accepted:
    known = work.messages.find_external(event.channel, event.account, event.external_id)
    if known is not None:
        return _duplicate(known)
    if withdrawn_before(work, event, now):
        return Accepted(fate=Fate.IGNORED, reason="its writer withdrew it before it came")
    event = _expecting_files(event) if taking.fetch_media else event
    event, verdict, before = _placed(work, event, now, taking.reopen_within)
    message = to_message(event, before, now)
    _put(work, verdict, with_message(before, message, event))
    work.messages.add(message, event.thread_keys)
    _leave_jobs(work, message, now)
    work.events.note(*_events(event, verdict, message))
    return Accepted.of(message, Fate.STORED, verdict.reason)


def _placed(
    work: Work, event: InboundEvent, now: datetime, reopen_within: timedelta
) -> tuple[InboundEvent, JoinVerdict, Conversation]:
    """The conversation of whoever wrote. Somebody on copy who answers our mail writes in the customer's conversation, and
    stays somebody else."""
    shared = answered_on_copy(work, event)
    if shared is not None:
        verdict, before = _join(work, event, shared.customer_id, now, reopen_within)
        if before.conversation_id == shared.conversation_id:
            return by_participant(event), verdict, before
    customer_id = identify(work, event, now)
    return event, *_join(work, event, customer_id, now, reopen_within)


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
    _leave_fetching(work, message, now)


def _leave_fetching(work: Work, message: ConversationMessage, now: datetime) -> None:
    if any(attachment.state is FileState.WAITING for attachment in message.content.attachments):
        work.jobs.add(
            NewJob(
                kind=JobKind.MEDIA,
                lane=message.message_id,
                priority=5.0,
                due_at=now,
                conversation_id=message.conversation_id,
                message_id=message.message_id,
            )
        )


def _expecting_files(event: InboundEvent) -> InboundEvent:
    """Marks the files of which a copy will be fetched."""
    attachments = tuple(
        replace(a, state=FileState.WAITING) if a.kind in FILES and not a.blob_id and (a.url or a.provider_id) else a
        for a in event.content.attachments
    )
    return replace(event, content=replace(event.content, attachments=attachments))


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


def to_message(event: InboundEvent, conversation: Conversation, now: datetime) -> ConversationMessage:
    """The message that an event of the customer becomes, as the next of this conversation."""
    unseen = event.kind in PLACEHOLDERS or (event.kind is InboundKind.ECHO and says_nothing(event.content))
    text = event.content.text or (PLACEHOLDERS.get(event.kind, ECHO_PLACEHOLDER) if unseen else "")
    kind = MessageKind.PLACEHOLDER if unseen else MessageKind.TEXT
    metadata = dict(event.metadata)
    if event.senders:  # answers go where the customer last wrote from, or where they asked to be answered
        asked_for = metadata.get("reply_to", "").partition(",")[0].strip()
        metadata["reply_address"] = asked_for or event.senders[0].address
    if event.session:
        metadata["session"] = event.session
    if event.kind is not InboundKind.MESSAGE:
        metadata["kind"] = event.kind.value
    if event.kind is InboundKind.PUBLIC_MENTION:
        metadata["no_answer"] = "public"  # a machine's words never stand in public
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


def with_message(conversation: Conversation, message: ConversationMessage, event: InboundEvent) -> Conversation:
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


def _duplicate(known: ConversationMessage) -> Accepted:
    return Accepted.of(known, Fate.DUPLICATE, "this message came before")


def _accept_echo(work: Work, event: InboundEvent, now: datetime, taking: Taking) -> Accepted:
    """Our own side speaking: ours comes back as proof of sending; a person in another tool joins the timeline."""
    changed = changed_elsewhere(work, event, now)
    if changed is not None:
        return changed
    known = own_words(work, event)
    if known is not None:
        return came_back(work, event, known)
    event = _expecting_files(event) if taking.fetch_media else event
    customer_id = identify(work, event, now) if event.senders else _whom_it_answers(work, event)
    if customer_id is None:
        return Accepted(fate=Fate.IGNORED, reason="our own words, to nobody whom we know")
    silent = replace(event, automatic=True)  # it starts nothing and wakes nothing up
    verdict, before = _join(work, silent, customer_id, now, taking.reopen_within)
    message = replace(
        to_message(event, before, now),
        direction=Direction.OUTBOUND,
        author=Author.OTHER_TOOL,
        delivery=DeliveryState.SENT,
        processing=None,
        verified=False,
    )
    _put(work, verdict, replace(with_message(before, message, silent), needs_reply_since=None))
    work.messages.add(message)
    _leave_fetching(work, message, now)
    codes = {"channel": event.channel.value, "by": Author.OTHER_TOOL.value}
    work.events.note(_event(EventType.MESSAGE_SENT, message, {}, codes))
    return Accepted.of(message, Fate.STORED, "written by our side in another tool")


def _whom_it_answers(work: Work, event: InboundEvent) -> CustomerId | None:
    """A post of ours names nobody: it belongs to whoever wrote what it answers."""
    asked = work.messages.find_external(event.channel, event.account, event.reply_to) if event.reply_to else None
    return work.customers.current(asked.customer_id) if asked is not None else None
