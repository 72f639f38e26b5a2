"""Next best actions for a conversation, and what became of them: the outcomes teach later rankings."""

from __future__ import annotations

from datetime import datetime

from switchboard.advice.actions import ActionContext
from switchboard.advice.outcomes import checked_outcome, past_case
from switchboard.advice.rank import recommend
from switchboard.domain.advice import ActionOutcome, ActionRecommendation
from switchboard.domain.conversation import Conversation
from switchboard.domain.customer import CustomerProfile, CustomerValue
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import ActionId, ConversationId
from switchboard.domain.message import ConversationMessage, Direction
from switchboard.domain.reading import IntentCategory
from switchboard.errors import NotFound
from switchboard.flows.agent_actions import conversation_named
from switchboard.flows.app import App
from switchboard.ports.store import Work


async def recommendations(app: App, conversation_id: ConversationId) -> tuple[ActionRecommendation, ...]:
    """At most three actions, best first; empty before the first message was understood. Remembered as offered: they
    change when the customer says something new."""

    def looked(work: Work) -> tuple[tuple[ActionRecommendation, ...], tuple[ActionRecommendation, ...]]:
        return work.advice.offered(conversation_id), _offers(work, conversation_id)

    offered, offers = await app.store.read(looked)
    if {o.action_id for o in offered} == {o.action_id for o in offers}:
        return offered
    now = app.clock.now()

    def offer(work: Work) -> None:
        conversation = conversation_named(work, conversation_id)
        work.advice.offer(conversation_id, conversation.customer_id, offers, now)

    await app.store.write(offer)
    return offers


def _offers(work: Work, conversation_id: ConversationId) -> tuple[ActionRecommendation, ...]:
    conversation = conversation_named(work, conversation_id)
    context = action_context(work, conversation)
    asked = conversation.needs_reply_since or conversation.last_activity_at
    return recommend(context, work.advice.past_cases(), asked) if context is not None else ()


def action_context(work: Work, conversation: Conversation) -> ActionContext | None:
    """What the ranking looks at: the newest understood message and the customer's facts."""
    newest = work.messages.newest(conversation.conversation_id, 20)
    read = [m for m in newest if m.direction is Direction.INBOUND and m.reading is not None]
    if not read:
        return None
    profile = work.customers.get(work.customers.current(conversation.customer_id))
    return _context(conversation, read[-1], profile)


def _context(
    conversation: Conversation, message: ConversationMessage, profile: CustomerProfile | None
) -> ActionContext:
    assert message.reading is not None
    reading = message.reading
    return ActionContext(
        conversation_id=conversation.conversation_id,
        intent=IntentCategory(reading.primary.category),
        topic=reading.primary.subcategory,
        sentiment=reading.sentiment.score,
        customer_value=profile.customer_value if profile else CustomerValue.MEDIUM,
        urgency=conversation.state.urgency_score,
        language=conversation.language or "en",
        entities=reading.entities,
        purchases=profile.purchase_history if profile else (),
        embedding=reading.embedding,
    )


async def record_outcome(
    app: App,
    action_id: ActionId,
    *,
    success: bool,
    actor: str,
    customer_satisfaction: int | None = None,
    resolution_time: float | None = None,
    notes: str | None = None,
) -> ActionOutcome:
    """What an agent reports about an action (Property 31). Raises ``NotFound`` for one that was never offered."""
    now = app.clock.now()
    outcome = checked_outcome(
        action_id,
        success=success,
        at=now,
        customer_satisfaction=customer_satisfaction,
        resolution_time=resolution_time,
        notes=notes,
    )

    def story(work: Work) -> ActionOutcome:
        conversation_id = work.advice.conversation_of(action_id)
        if conversation_id is None:
            raise NotFound("this action was never recommended")
        offered = next(o for o in work.advice.offered(conversation_id) if o.action_id == action_id)
        context = action_context(work, conversation_named(work, conversation_id))
        if context is None:
            raise NotFound("the conversation of this action is gone")
        work.advice.record(outcome, past_case(offered.type, outcome, context))
        work.events.append(_outcome_event(conversation_id, outcome, offered, actor, now))
        return outcome

    result = await app.store.write(story)
    app.hub.publish("events")
    return result


def _outcome_event(
    conversation_id: ConversationId, outcome: ActionOutcome, offered: ActionRecommendation, actor: str, now: datetime
) -> Event:
    return Event(
        type=EventType.ACTION_OUTCOME,
        at=now,
        conversation_id=conversation_id,
        metrics={"success": float(outcome.success), "confidence": offered.confidence},
        dimensions={"action": offered.type.value, "action_id": outcome.action_id, "actor": actor},
    )
