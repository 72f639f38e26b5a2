"""What people at the desk do: accept, take, assign, reply, note, escalate, resolve. Each is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from switchboard.domain.agent import AgentStatus
from switchboard.domain.conversation import Conversation, ConversationStatus, Handler
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import AgentId, ConversationId, MessageId, new_message_id
from switchboard.domain.message import (
    Author,
    ChannelType,
    ConversationMessage,
    DeliveryState,
    Direction,
    MessageContent,
    MessageKind,
)
from switchboard.errors import Conflict, InvalidInput, NotFound
from switchboard.flows.app import App
from switchboard.flows.business import Business
from switchboard.flows.extras import Extras, with_extras
from switchboard.flows.handover import drain_queue, hand_over, note_assigned, with_agent
from switchboard.flows.on_copy import with_copies
from switchboard.flows.outgoing import Speech, say
from switchboard.ports.records import AuditEntry, JobKind
from switchboard.ports.store import Work

LONGEST_REPLY = 20_000
T = TypeVar("T")


def conversation_named(work: Work, conversation_id: ConversationId) -> Conversation:
    """Raises ``NotFound``."""
    conversation = work.conversations.get(conversation_id)
    if conversation is None:
        raise NotFound("there is no such conversation")
    return conversation


async def assign(app: App, conversation_id: ConversationId, agent_id: AgentId, actor: str) -> Conversation:
    """Gives the conversation to a person (accept, take, transfer). Raises ``Conflict`` when they have no free place."""
    business = await app.business()
    now = app.clock.now()

    def story(work: Work) -> Conversation:
        conversation = conversation_named(work, conversation_id)
        if not conversation.is_open:
            raise Conflict("this conversation is closed", fix="reopen it first")
        before = conversation.state.assigned_agent_id
        if before == agent_id:
            return conversation
        if work.agents.get(agent_id) is None:
            raise NotFound("there is no such agent")
        if not work.agents.reserve(agent_id):
            raise Conflict("this person has no free place or is away", limit="5 conversations")
        if before is not None:
            work.agents.release(before)
        work.queue.remove(conversation_id)
        work.jobs.drop(conversation_id, JobKind.ANSWER)
        saved = work.conversations.save(with_agent(conversation, agent_id))
        note_assigned(work, saved, agent_id, now, "by_hand")
        work.audit.append(
            AuditEntry(at=now, actor=actor, action="assigned", target=conversation_id, conversation_id=conversation_id,
                       details={"agent_id": agent_id, "before": before or ""})
        )  # fmt: skip
        if before is not None:
            drain_queue(work, business, now)
        return saved

    return await _done(app, story)


async def reply(
    app: App,
    conversation_id: ConversationId,
    text: str,
    *,
    agent_id: AgentId | None,
    actor: str,
    channel: ChannelType | None = None,
    seen: int | None = None,
    subject: str | None = None,
    extras: Extras | None = None,
) -> ConversationMessage:
    """A person answers. ``seen`` is the last sequence they had before them: if the timeline moved on, nothing is sent
    (``Conflict``), so that two people never answer the same thing. Delivery waits for the undo time."""
    extras = extras or Extras()
    _check_text(text, empty=bool(extras.uploads or extras.template))
    business = await app.business()
    now = app.clock.now()

    def story(work: Work) -> ConversationMessage:
        conversation = conversation_named(work, conversation_id)
        if seen is not None and conversation.last_sequence > seen:
            raise Conflict("the conversation moved on while you were writing", field="seen", fix="read the new message")
        conversation = _held_by(work, conversation, agent_id, business, now)
        speech = Speech(
            text=text, author=Author.AGENT, agent_id=agent_id, channel=channel, subject=subject, hold=app.tempo.undo
        )
        speech = with_extras(work, app, conversation, speech, extras)
        speech = with_copies(work, app, conversation, speech, extras.cc)
        saved, message = say(work, conversation, speech, now)
        _remember_agent(work, saved, agent_id)
        if agent_id is not None:
            work.drafts.clear_typed(agent_id, conversation_id, "reply")
        return message

    message = await _done(app, story)
    app.hub.publish("outbox")
    return message


async def undo_reply(app: App, message_id: MessageId) -> bool:
    """Takes a reply back before it left. False when it is too late."""

    def story(work: Work) -> bool:
        message = work.messages.get(message_id)
        if message is None or message.author is not Author.AGENT:
            raise NotFound("there is no such reply")
        if message.delivery is not DeliveryState.PENDING or not work.messages.mark_sending(message_id, "undo"):
            return False
        work.messages.set_delivery(message_id, DeliveryState.CANCELLED)
        conversation = conversation_named(work, message.conversation_id)
        if conversation.is_open:
            state = replace(conversation.state, status=ConversationStatus.ACTIVE)
            work.conversations.save(replace(conversation, state=state, needs_reply_since=message.timestamp))
        work.events.append(_event(EventType.DELIVERY_UPDATED, conversation, app.clock.now(), {"state": "cancelled"}))
        return True

    return await _done(app, story)


async def note(
    app: App, conversation_id: ConversationId, text: str, *, agent_id: AgentId | None
) -> ConversationMessage:
    """A note that only the team sees."""
    _check_text(text)
    now = app.clock.now()

    def story(work: Work) -> ConversationMessage:
        conversation = conversation_named(work, conversation_id)
        message = ConversationMessage(
            message_id=new_message_id(),
            conversation_id=conversation_id,
            customer_id=conversation.customer_id,
            channel=conversation.last_channel or ChannelType.WEB_CHAT,
            account="",
            direction=Direction.OUTBOUND,
            author=Author.AGENT,
            kind=MessageKind.NOTE,
            content=MessageContent(text=text),
            timestamp=max(now, conversation.last_activity_at),
            sequence=conversation.last_sequence + 1,
            agent_id=agent_id,
        )
        work.messages.add(message)
        work.conversations.save(
            replace(conversation, last_sequence=message.sequence, last_activity_at=message.timestamp)
        )
        work.events.append(_event(EventType.NOTE_ADDED, conversation, now, {"agent_id": agent_id or ""}))
        if agent_id is not None:
            work.drafts.clear_typed(agent_id, conversation_id, "note")
        return message

    return await _done(app, story)


async def escalate(app: App, conversation_id: ConversationId, *, actor: str, reason: str) -> Conversation:
    """Asks for a (more senior) person, with the whole story attached (Property 38)."""
    business = await app.business()
    now = app.clock.now()

    def story(work: Work) -> Conversation:
        conversation = conversation_named(work, conversation_id)
        if not conversation.is_open:
            raise Conflict("this conversation is closed", fix="reopen it first")
        why = reason.strip()[:200] or f"escalated by {actor}"
        return hand_over(
            work, conversation, business, now, rule="escalated_by_hand", why=why, escalate=True
        ).conversation

    return await _done(app, story)


async def resolve(
    app: App,
    conversation_id: ConversationId,
    *,
    actor: str,
    satisfaction: int | None = None,
    by_automation: bool = False,
) -> Conversation:
    """The matter is settled: the place becomes free and the queue moves up. ``satisfaction`` 1..5."""
    if satisfaction is not None and not 1 <= satisfaction <= 5:
        raise InvalidInput("the rating is out of range", field="satisfaction", limit="1 to 5")
    business = await app.business()
    now = app.clock.now()

    def story(work: Work) -> Conversation:
        conversation = conversation_named(work, conversation_id)
        if conversation.state.status is ConversationStatus.RESOLVED:
            return conversation
        return resolve_in(work, conversation, business, now, actor, satisfaction, by_automation=by_automation)

    return await _done(app, story)


def resolve_in(
    work: Work,
    conversation: Conversation,
    business: Business,
    now: datetime,
    actor: str,
    satisfaction: int | None = None,
    *,
    by_automation: bool = False,
) -> Conversation:
    """Inside the caller's transaction: resets the automation count (Property 37) and lets the queue move up."""
    agent_id = conversation.state.assigned_agent_id
    if agent_id is not None:
        work.agents.release(agent_id)
        work.agents.record_result(agent_id, conversation.topic or "general", (satisfaction or 4) >= 3)
    work.queue.remove(conversation.conversation_id)
    work.jobs.drop(conversation.conversation_id, JobKind.ANSWER)
    state = replace(
        conversation.state,
        status=ConversationStatus.RESOLVED,
        handler=Handler.NOBODY,
        assigned_agent_id=None,
        automation_attempts=0,
        escalated=False,
    )
    saved = work.conversations.save(
        replace(conversation, state=state, resolved_at=now, needs_reply_since=None, queued_at=None)
    )
    work.events.append(_resolution(work, conversation, now, actor, satisfaction, by_automation))
    drain_queue(work, business, now)
    return saved


def _resolution(
    work: Work, conversation: Conversation, now: datetime, actor: str, satisfaction: int | None, by_automation: bool
) -> Event:
    happened = work.events.of_conversation(conversation.conversation_id)
    assigned = [e.at for e in happened if e.type is EventType.ASSIGNED]
    people = bool(assigned) or any(e.dimensions.get("by") == Author.AGENT.value for e in happened)
    metrics = {"resolution_time_s": max(0.0, (now - conversation.created_at).total_seconds())}
    if assigned:
        metrics["handling_s"] = max(0.0, (now - assigned[-1]).total_seconds())
    if satisfaction is not None:
        metrics["satisfaction"] = float(satisfaction)
    codes = {"by": "automation" if by_automation or not people else "agent", "actor": actor}
    if conversation.state.assigned_agent_id:
        codes["agent_id"] = conversation.state.assigned_agent_id
    return replace(_event(EventType.RESOLUTION, conversation, now, codes), metrics=metrics)


async def set_status(app: App, agent_id: AgentId, status: AgentStatus, actor: str) -> None:
    """Available, busy or offline. Becoming available serves the queue at once."""
    business = await app.business()
    now = app.clock.now()

    def story(work: Work) -> None:
        if work.agents.get(agent_id) is None:
            raise NotFound("there is no such agent")
        work.agents.set_status(agent_id, status, now)
        work.events.append(
            Event(
                type=EventType.AGENT_STATUS,
                at=now,
                dimensions={"agent_id": agent_id, "status": status.value, "actor": actor},
            )
        )
        if status is AgentStatus.AVAILABLE:
            drain_queue(work, business, now)

    await _done(app, story)


def _held_by(
    work: Work, conversation: Conversation, agent_id: AgentId | None, business: Business, now: datetime
) -> Conversation:
    """Whoever answers an unassigned conversation takes it, if they have a place; a closed one is opened again."""
    work.jobs.drop(conversation.conversation_id, JobKind.ANSWER)
    if not conversation.is_open:
        other = work.conversations.open_for(conversation.customer_id)
        if other is not None:
            raise Conflict("the customer has a newer open conversation", fix="answer there")
        state = replace(conversation.state, status=ConversationStatus.ACTIVE, assigned_agent_id=None)
        conversation = replace(conversation, state=state, resolved_at=None, archived_at=None)
        work.events.append(_event(EventType.REOPENED, conversation, now, {"by": Author.AGENT.value}))
    if agent_id is None or conversation.state.assigned_agent_id is not None or not work.agents.reserve(agent_id):
        return conversation
    work.queue.remove(conversation.conversation_id)
    conversation = with_agent(conversation, agent_id)
    note_assigned(work, conversation, agent_id, now, "answered")
    return conversation


def _remember_agent(work: Work, conversation: Conversation, agent_id: AgentId | None) -> None:
    """Next time the customer goes to the same person, if they are free (Property 23)."""
    profile = work.customers.brief(conversation.customer_id)
    if agent_id is not None and profile is not None and profile.last_agent_id != agent_id:
        work.customers.save(replace(profile, last_agent_id=agent_id))


def _check_text(text: str, *, empty: bool = False) -> None:
    if not text.strip() and not empty:
        raise InvalidInput("there is nothing to send", field="text", limit=f"1 to {LONGEST_REPLY} characters")
    if len(text) > LONGEST_REPLY:
        raise InvalidInput("the text is too long", field="text", limit=f"at most {LONGEST_REPLY} characters")


def _event(kind: EventType, conversation: Conversation, now: datetime, codes: dict[str, str]) -> Event:
    shared = {"topic": conversation.topic, "intent": conversation.intent}
    channel = conversation.last_channel.value if conversation.last_channel else None
    known = {k: v for k, v in {**shared, "channel": channel}.items() if v}
    return Event(
        type=kind,
        at=now,
        conversation_id=conversation.conversation_id,
        customer_id=conversation.customer_id,
        dimensions={**known, **codes},
    )


async def _done(app: App, story: Callable[[Work], T]) -> T:
    """Runs the story; whoever watches hears of it."""
    result = await app.store.write(story)
    app.hub.publish("events")
    return result
