"""An outgoing message meets its channel. Automatic ones leave at most once, whatever breaks on the way."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from switchboard.conversations.copies import CC, PARTICIPANT, answerable, copies_missed, listed, without
from switchboard.conversations.delivery import advance_delivery
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import MessageId
from switchboard.domain.message import Author, ChannelType, ConversationMessage, DeliveryState, Direction
from switchboard.errors import (
    BreakerOpen,
    ChannelNeedsAttention,
    Conflict,
    DeliveryUnknown,
    RateLimited,
    SwitchboardError,
    Unavailable,
    Undeliverable,
)
from switchboard.flows import attention
from switchboard.flows.app import App
from switchboard.flows.business import Business
from switchboard.flows.call_words import keep_for_call
from switchboard.flows.handover import undelivered
from switchboard.flows.templates import from_metadata
from switchboard.ports.channel import Outgoing, Receipt, with_numbered_choices
from switchboard.ports.records import Job
from switchboard.ports.store import Work
from switchboard.resilience import send_delay

log = logging.getLogger(__name__)
UNDELIVERED = (DeliveryState.FAILED, DeliveryState.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    message: ConversationMessage
    outgoing: Outgoing


async def deliver(app: App, job: Job) -> None:
    """Sends one message and writes down what became of it."""
    business = await app.business()
    token = secrets.token_hex(8)
    ready = await app.store.write(lambda work: _prepare(work, app, job, token, business), later=True)
    if ready is None:
        return
    channel = app.channels[ready.message.channel]
    try:
        receipt = await channel.send(ready.outgoing)
    except (Unavailable, RateLimited) as error:
        await _again(app, job, ready, error, business)
    except SwitchboardError as error:
        await _gave_up(app, job, ready, error, business)
    except Exception as error:  # a channel's bug is no proof that nothing was sent
        log.exception("channel %s broke while sending", ready.message.channel.value)
        await _gave_up(app, job, ready, DeliveryUnknown(f"{type(error).__name__} while sending"), business)
    else:
        await app.store.write(lambda work: _delivered(work, job, ready, receipt, app), later=True)
    app.hub.publish("events")


def _prepare(work: Work, app: App, job: Job, token: str, business: Business) -> _Ready | None:
    """Notes durably that the call is about to start; None when there is nothing (more) to send."""
    message = work.messages.get(MessageId(job.message_id or ""))
    if message is None or message.delivery is not DeliveryState.PENDING:
        work.jobs.finish(job)
        return None
    channel = app.channels.get(message.channel)
    if channel is None:
        error = Undeliverable(f"the channel {message.channel.value} is not set up")
        _write_failure(work, app, job, message, error, business)
        return None
    if keep_for_call(work, message):  # it is spoken into the call that goes on
        work.jobs.finish(job)
        return None
    if not work.messages.mark_sending(message.message_id, token) and not channel.capabilities.idempotent:
        error_ = DeliveryUnknown("an earlier try ended before its result was known")
        _write_failure(work, app, job, message, error_, business)
        return None
    outgoing = _outgoing(work, message)
    if isinstance(outgoing, Outgoing) and channel.capabilities.public:
        outgoing = replace(outgoing, public_reply_to=_answered_in_public(work, message))
    if isinstance(outgoing, Outgoing) and not channel.capabilities.max_buttons:
        outgoing = with_numbered_choices(outgoing)
    if isinstance(outgoing, SwitchboardError):
        _write_failure(work, app, job, message, outgoing, business)
        return None
    return _Ready(message=message, outgoing=outgoing)


def _outgoing(work: Work, message: ConversationMessage) -> Outgoing | Undeliverable:
    """The message with its address: where the customer last wrote from on this channel."""
    recent = _recent(work, message)
    theirs = _from_customer(recent, message)
    last = _answered(theirs, message)
    address = last.metadata.get("reply_address") if last else None
    if address is None:
        profile = work.customers.get(work.customers.current(message.customer_id))
        known = [i for i in profile.identities if i.channel is message.channel] if profile else []
        if not known:
            return Undeliverable(f"no address of this customer on {message.channel.value} is known")
        account = last.account if last else known[-1].account
        address = next((i.address for i in known if i.account == account), known[0].address)
    return Outgoing(
        key=message.message_id,
        channel=message.channel,
        account=message.account or (last.account if last else ""),
        to=address,
        text=message.content.text,
        subject=message.content.subject or _subject(theirs),
        attachments=message.content.attachments,
        in_reply_to=last.external_id if last else None,
        references=tuple(m.external_id for m in recent if m.channel is ChannelType.EMAIL and m.external_id),
        automatic=message.author is Author.AUTOMATION,
        window_opened_at=last.timestamp if last else None,
        thread_token=message.conversation_id,
        metadata={"customer_id": message.customer_id, "session": last.metadata.get("session", "") if last else ""},
        customer_id=message.customer_id,
        choices=message.content.choices,
        template=from_metadata(message.metadata),
        cc=_copies(message, address),
    )


def _answered(theirs: list[ConversationMessage], message: ConversationMessage) -> ConversationMessage | None:
    """The customer's newest. Where people on copy write too, the one that was answered: who writes meanwhile does not get
    what was meant for somebody else, and no machine writes to them at all."""
    if message.author is Author.AUTOMATION:
        theirs = [one for one in theirs if PARTICIPANT not in one.metadata]
    if any(PARTICIPANT in one.metadata for one in theirs):
        asked = next((one for one in theirs if one.message_id == message.reply_to), None)
        return asked or answerable(theirs)
    return answerable(theirs)


def _copies(message: ConversationMessage, to: str) -> tuple[str, ...]:
    """Machines answer the sender alone."""
    return without((to,), listed(message.metadata.get(CC))) if message.author is Author.AGENT else ()


def _answered_in_public(work: Work, message: ConversationMessage) -> str | None:
    """The post or comment that was before the agent's eyes. One that came later makes no private answer public."""
    asked = work.messages.get(message.reply_to) if message.reply_to is not None else None
    return asked.metadata.get("public_id") if asked is not None and asked.channel is message.channel else None


def _recent(work: Work, message: ConversationMessage) -> tuple[ConversationMessage, ...]:
    """As much of the conversation as sending needs: mail names what it follows, elsewhere the customer's last word is
    enough, and that is nearly always close by."""
    if message.channel is not ChannelType.EMAIL:
        few = work.messages.newest(message.conversation_id, 5, readings=False)
        if _from_customer(few, message):
            return few
    return work.messages.newest(message.conversation_id, 100, readings=False)


def _from_customer(messages: Sequence[ConversationMessage], message: ConversationMessage) -> list[ConversationMessage]:
    return [m for m in messages if m.direction is Direction.INBOUND and m.channel is message.channel]


def _subject(theirs: list[ConversationMessage]) -> str | None:
    subject = next((m.content.subject for m in reversed(theirs) if m.content.subject), None)
    if subject is None or subject.lower().startswith("re:"):
        return subject
    return f"Re: {subject}"


def _delivered(work: Work, job: Job, ready: _Ready, receipt: Receipt, app: App) -> None:
    # The provider has it: the job's lease may be lost by now, the fact must be written all the same. Its reports may
    # have been faster than its answer, and nothing steps back.
    now = work.messages.get(ready.message.message_id) or ready.message
    verdict = advance_delivery(now.delivery, DeliveryState.SENT)
    error = None if verdict.changed else now.delivery_error
    error = copies_missed(receipt.missed) if verdict.changed and receipt.missed else error
    work.messages.set_delivery(now.message_id, verdict.state, error=error, external_ids=receipt.external_ids)
    attention.clear(work, app, ready.message.channel)
    work.jobs.finish(job)
    work.events.note(_delivery_event(ready.message, DeliveryState.SENT, app))


async def _again(app: App, job: Job, ready: _Ready, error: Unavailable, business: Business) -> None:
    """Not sent for sure: try later by the long schedule, or give up when it is used up."""
    waits_only = isinstance(error, BreakerOpen)
    delay = error.retry_after if waits_only else send_delay(job.failures + 1, secrets.randbelow(1000) / 1000)
    if delay is None:
        await _gave_up(
            app, job, ready, Undeliverable(f"given up after {job.failures + 1} tries: {error.detail}"), business
        )
        return
    due = app.clock.now() + timedelta(seconds=max(delay, error.retry_after))

    def put_back(work: Work) -> None:
        work.messages.clear_sending(ready.message.message_id)
        work.jobs.retry(job, due, error.detail, counts=not waits_only)

    await app.store.write(put_back)


async def _gave_up(app: App, job: Job, ready: _Ready, error: SwitchboardError, business: Business) -> None:
    await app.store.write(lambda work: _write_failure(work, app, job, ready.message, error, business))


def _write_failure(
    work: Work, app: App, job: Job, message: ConversationMessage, error: SwitchboardError, business: Business
) -> None:
    """Shows the failure on the message; what automation could not deliver becomes a person's matter."""
    state = DeliveryState.UNKNOWN if isinstance(error, DeliveryUnknown) else DeliveryState.FAILED
    now = work.messages.get(message.message_id) or message
    if not advance_delivery(now.delivery, state).changed:  # a report of the provider knows better
        work.jobs.finish(job)
        return
    work.messages.set_delivery(message.message_id, state, error=error.detail)
    if isinstance(error, ChannelNeedsAttention):
        attention.note(work, app, message.channel, error.detail)
    if not work.jobs.finish(job):
        raise Conflict("another sender took this job over")
    work.events.note(_delivery_event(message, state, app))
    undelivered(work, message, business, error.detail, app.clock.now())


def _delivery_event(message: ConversationMessage, state: DeliveryState, app: App) -> Event:
    return Event(
        type=EventType.DELIVERY_UPDATED,
        at=app.clock.now(),
        conversation_id=message.conversation_id,
        customer_id=message.customer_id,
        message_id=message.message_id,
        dimensions={"channel": message.channel.value, "state": state.value, "by": message.author.value},
    )
