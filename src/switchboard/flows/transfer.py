"""Back to the queue, back to life, back to the outbox: what an agent does when plans change."""

from __future__ import annotations

from dataclasses import replace

from switchboard.domain.conversation import ConversationStatus
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import AgentId, ConversationId, MessageId
from switchboard.domain.message import DeliveryState, Direction
from switchboard.errors import Conflict, NotFound
from switchboard.flows.agent_actions import conversation_named
from switchboard.flows.app import App
from switchboard.flows.handover import drain_queue, hand_over, note_assigned, with_agent
from switchboard.ports.records import JobKind, NewJob
from switchboard.ports.store import Work

SENDABLE_AGAIN = (DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.CANCELLED)


async def to_queue(app: App, conversation_id: ConversationId, actor: str, reason: str) -> None:
    """Gives the conversation up: somebody else who can serve it gets it, or it waits its turn."""
    business = await app.business()
    now = app.clock.now()

    def story(work: Work) -> None:
        conversation = conversation_named(work, conversation_id)
        holder = conversation.state.assigned_agent_id
        if not conversation.is_open:
            raise Conflict("this conversation is closed")
        if holder is not None:
            work.agents.release(holder)
        freed = replace(conversation, state=replace(conversation.state, assigned_agent_id=None))
        why = reason.strip()[:200] or f"given back by {actor}"
        hand_over(work, freed, business, now, rule="transferred", why=why, escalate=False, tell_customer=False)
        drain_queue(work, business, now)

    await app.store.write(story)
    app.hub.publish("events")


async def reopen(app: App, conversation_id: ConversationId, agent_id: AgentId | None, actor: str) -> None:
    """Opens a closed conversation again, with its reopener if they have a free place."""
    now = app.clock.now()

    def story(work: Work) -> None:
        conversation = conversation_named(work, conversation_id)
        if conversation.is_open:
            return
        if work.conversations.open_for(conversation.customer_id) is not None:
            raise Conflict("the customer has a newer open conversation", fix="go on there")
        state = replace(conversation.state, status=ConversationStatus.ACTIVE, assigned_agent_id=None)
        opened = replace(conversation, state=state, resolved_at=None, archived_at=None, last_activity_at=now)
        if agent_id is not None and work.agents.reserve(agent_id):
            opened = with_agent(opened, agent_id)
            note_assigned(work, opened, agent_id, now, "reopened")
        work.conversations.save(opened)
        work.events.append(
            Event(type=EventType.REOPENED, at=now, conversation_id=conversation_id, customer_id=opened.customer_id,
                  dimensions={"actor": actor})
        )  # fmt: skip

    await app.store.write(story)
    app.hub.publish("events")


async def retry_send(app: App, message_id: MessageId) -> None:
    """A person decides to send once more what failed or whose fate nobody knows."""
    now = app.clock.now()

    def story(work: Work) -> None:
        message = work.messages.get(message_id)
        if message is None or message.direction is not Direction.OUTBOUND:
            raise NotFound("there is no such outgoing message")
        if message.delivery not in SENDABLE_AGAIN:
            raise Conflict("this message is on its way or has arrived")
        work.messages.clear_sending(message_id)
        work.messages.set_delivery(message_id, DeliveryState.PENDING)
        work.jobs.add(
            NewJob(kind=JobKind.SEND, lane=message.conversation_id, priority=5.0, due_at=now,
                   conversation_id=message.conversation_id, message_id=message_id)
        )  # fmt: skip

    await app.store.write(story)
    app.hub.publish("outbox")
    app.hub.publish("events")
