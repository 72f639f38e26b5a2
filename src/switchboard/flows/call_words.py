"""What waits to be said to somebody who is on the telephone now: it is spoken into the call, or called after them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from switchboard.calls.speech import LISTENABLE, speakable
from switchboard.domain.call import Call
from switchboard.domain.event import Event, EventType
from switchboard.domain.message import Author, ChannelType, ConversationMessage, DeliveryState
from switchboard.ports.records import JobKind, NewJob
from switchboard.ports.store import Work


def keep_for_call(work: Work, message: ConversationMessage) -> bool:
    """Whether a call with this customer goes on: then the message waits for the next word we have in it."""
    if message.channel is not ChannelType.VOICE:
        return False
    calls = work.calls.of_conversation(message.conversation_id)
    call = next((call for call in reversed(calls) if call.on_the_line and call.agent_id is None), None)
    if call is None:
        return False
    if message.message_id not in call.to_say:
        work.calls.save(replace(call, to_say=(*call.to_say, message.message_id)))
    return True


def waiting_words(work: Work, call: Call) -> tuple[ConversationMessage, ...]:
    """The messages that can be spoken now; those that were taken back meanwhile are passed over."""
    found = (work.messages.get(message_id) for message_id in call.to_say)
    return tuple(m for m in found if m is not None and m.delivery is DeliveryState.PENDING)


def only_notices(messages: Sequence[ConversationMessage]) -> bool:
    """Announcements of the wait are no answers."""
    return bool(messages) and all("notice" in m.metadata for m in messages)


def spoken_text(message: ConversationMessage, language: str) -> str:
    """As it sounds. What people write is spoken whole; an automatic answer is as long as one can listen."""
    limit = LISTENABLE if message.author is Author.AUTOMATION else None
    return speakable(message.content.text, language, limit)


def mark_spoken(work: Work, call: Call, messages: Sequence[ConversationMessage], now: datetime) -> None:
    """They leave with the document that is committed together with this."""
    for message in messages:
        key = f"{call.call_id}:said:{message.message_id}"
        work.messages.set_delivery(message.message_id, DeliveryState.SENT, external_ids=(key,))
        work.events.append(delivery_event(message, DeliveryState.SENT, now))


def mark_heard(work: Work, call: Call, now: datetime) -> Call:
    """The caller's next turn proves that what we said before arrived."""
    for message_id in call.spoken:
        message = work.messages.get(message_id)
        if message is not None and message.delivery is DeliveryState.SENT:
            work.messages.set_delivery(message_id, DeliveryState.DELIVERED)
            work.events.append(delivery_event(message, DeliveryState.DELIVERED, now))
    return replace(call, spoken=())


def call_after(work: Work, call: Call, now: datetime) -> Call:
    """The caller is gone: answers are called after them; announcements of a wait on the line are not."""
    for message in waiting_words(work, call):
        if "notice" in message.metadata:
            work.messages.set_delivery(message.message_id, DeliveryState.CANCELLED)
            work.events.append(delivery_event(message, DeliveryState.CANCELLED, now))
        else:
            work.jobs.add(
                NewJob(kind=JobKind.SEND, lane=message.conversation_id, priority=8.0, due_at=now,
                       conversation_id=message.conversation_id, message_id=message.message_id)
            )  # fmt: skip
    return replace(call, to_say=())


def delivery_event(message: ConversationMessage, state: DeliveryState, now: datetime) -> Event:
    return Event(
        type=EventType.DELIVERY_UPDATED,
        at=now,
        conversation_id=message.conversation_id,
        customer_id=message.customer_id,
        message_id=message.message_id,
        dimensions={"channel": message.channel.value, "state": state.value, "by": message.author.value},
    )
