"""What was done in the demo's past conversations and whether it helped: from this the ranking of actions has learned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from switchboard.advice.actions import ActionContext
from switchboard.advice.outcomes import checked_outcome, past_case
from switchboard.advice.rank import recommend
from switchboard.demo.told import Told
from switchboard.domain.advice import ActionOutcome, ActionRecommendation, ActionType, PastCase
from switchboard.domain.customer import CustomerProfile
from switchboard.domain.event import Event, EventType
from switchboard.domain.message import ConversationMessage
from switchboard.domain.reading import IntentCategory

HELPED_FROM = 4
MOOD_HELPED = -0.1
DONE_BY_TOPIC = {
    "refund_return": ActionType.ISSUE_REFUND,
    "billing_payment": ActionType.ISSUE_REFUND,
    "delivery_fulfilment": ActionType.UPDATE_ORDER,
    "order_booking": ActionType.UPDATE_ORDER,
    "technical_issue": ActionType.SEND_DOCUMENTATION,
    "product_quality": ActionType.SEND_DOCUMENTATION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAdvice:
    """What was offered in a conversation, what was done of it, and what came of that."""

    offers: tuple[ActionRecommendation, ...]
    outcome: ActionOutcome
    case: PastCase
    event: Event


def advice_of(told: Told, profile: CustomerProfile) -> PastAdvice | None:
    """None for conversations that are still open."""
    conversation = told.conversation
    read = [message for message in told.messages if message.reading is not None]
    if conversation.is_open or conversation.resolved_at is None or not read:
        return None
    context = _context(told, read[0], profile)
    offers = recommend(context, (), read[0].timestamp + timedelta(seconds=1))
    done = _done(offers, context)
    seconds = (conversation.resolved_at - conversation.created_at).total_seconds()
    outcome = checked_outcome(
        done.action_id,
        success=_helped(told),
        at=conversation.resolved_at,
        customer_satisfaction=told.satisfaction,
        resolution_time=max(0.0, seconds),
    )
    case = past_case(done.type, outcome, context)
    return PastAdvice(offers=offers, outcome=outcome, case=case, event=_event(told, done, outcome))


def _context(told: Told, first: ConversationMessage, profile: CustomerProfile) -> ActionContext:
    assert first.reading is not None
    return ActionContext(
        conversation_id=told.conversation.conversation_id,
        intent=IntentCategory(first.reading.primary.category),
        topic=first.reading.primary.subcategory,
        sentiment=first.reading.sentiment.score,
        customer_value=profile.customer_value,
        language=told.conversation.language or "en",
        entities=first.reading.entities,
        purchases=profile.purchase_history,
        embedding=first.reading.embedding,
    )


def _done(offers: tuple[ActionRecommendation, ...], context: ActionContext) -> ActionRecommendation:
    usual = DONE_BY_TOPIC.get(context.topic or "", ActionType.SEND_RESPONSE)
    return next((offer for offer in offers if offer.type is usual), offers[0])


def _helped(told: Told) -> bool:
    if told.satisfaction is not None:
        return told.satisfaction >= HELPED_FROM
    return (told.conversation.sentiment_score or 0.0) >= MOOD_HELPED


def _event(told: Told, done: ActionRecommendation, outcome: ActionOutcome) -> Event:
    return Event(
        type=EventType.ACTION_OUTCOME,
        at=outcome.recorded_at,
        conversation_id=told.conversation.conversation_id,
        customer_id=told.conversation.customer_id,
        metrics={"success": float(outcome.success), "confidence": done.confidence},
        dimensions={
            "action": done.type.value,
            "action_id": outcome.action_id,
            "actor": told.helper or "automation",
        },
    )
