"""What each recommended action would do here: its words, and the details filled in from the case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from switchboard.domain.advice import ActionType
from switchboard.domain.customer import CustomerValue, Purchase
from switchboard.domain.ids import ConversationId
from switchboard.domain.reading import Entity, EntityType, IntentCategory


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionContext:
    """The case at hand. ``sentiment`` -1..1; ``entities`` of the conversation, newest last; ``embedding`` of the message."""

    conversation_id: ConversationId
    intent: IntentCategory
    topic: str | None
    sentiment: float
    customer_value: CustomerValue = CustomerValue.MEDIUM
    urgency: int = 5
    language: str = "en"
    entities: Sequence[Entity] = ()
    purchases: Sequence[Purchase] = ()
    embedding: Sequence[float] = ()

    @property
    def about(self) -> str:
        return (self.topic or "the matter").replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """The order that the case is about, as far as it is known. ``amount`` such as "12.50 EUR"."""

    number: str | None = None
    amount: str | None = None
    product: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionText:
    description: str
    expected_outcome: str
    parameters: Mapping[str, str]


def order_of(context: ActionContext) -> OrderFacts:
    """The order that the customer named; else their only purchase. Several purchases and no name: nobody can know."""
    named = _last(context.entities, EntityType.ORDER_NUMBER)
    claimed = _last(context.entities, EntityType.AMOUNT)
    bought = [purchase for purchase in context.purchases if named is None or _same(purchase.order_number, named)]
    if len(bought) != 1:
        return OrderFacts(number=named, amount=claimed)
    purchase = bought[0]
    return OrderFacts(
        number=purchase.order_number or named,
        amount=claimed or f"{purchase.amount} {purchase.currency}",
        product=purchase.product,
    )


def describe(action: ActionType, context: ActionContext, order: OrderFacts, now: datetime) -> ActionText:
    return _TEXTS[action](context, order, now)


def _respond(context: ActionContext, order: OrderFacts, now: datetime) -> ActionText:
    tone = "apologetic" if context.sentiment < -0.25 else "friendly" if context.sentiment >= 0.25 else "factual"
    if context.intent is IntentCategory.FEEDBACK:
        words, outcome = "Thank the customer and say what happens with the feedback", "The customer feels heard"
    else:
        words, outcome = (
            f"Answer the question about {context.about}",
            "The customer has the answer and needs nothing more",
        )
    return ActionText(
        description=f"{words}, in a {tone} tone",
        expected_outcome=outcome,
        parameters=_known(tone=tone, language=context.language, order_number=order.number),
    )


def _refund(context: ActionContext, order: OrderFacts, now: datetime) -> ActionText:
    what = f"{order.amount} " if order.amount else ""
    which = f"for order {order.number}" if order.number else "once the order number is confirmed"
    return ActionText(
        description=f"Refund {what}{which}",
        expected_outcome="The money is on its way and the customer is made whole",
        parameters=_known(order_number=order.number, amount=order.amount, product=order.product),
    )


def _escalate(context: ActionContext, order: OrderFacts, now: datetime) -> ActionText:
    team = {"security_fraud": "security", "billing_payment": "billing", "technical_issue": "technical"}
    to = team.get(context.topic or "", "supervisor")
    return ActionText(
        description=f"Hand over to {'a supervisor' if to == 'supervisor' else f'the {to} team'} with the whole history",
        expected_outcome="Somebody with more authority owns the matter",
        parameters=_known(to=to, urgency=str(context.urgency), order_number=order.number),
    )


def _follow_up(context: ActionContext, order: OrderFacts, now: datetime) -> ActionText:
    hours = 4 if context.sentiment < -0.5 or context.customer_value is CustomerValue.VIP else 24
    return ActionText(
        description=f"Promise to come back within {hours} hours and do so",
        expected_outcome=f"The customer knows that {context.about} is being looked after",
        parameters=_known(due_at=(now + timedelta(hours=hours)).isoformat(), order_number=order.number),
    )


def _update_order(context: ActionContext, order: OrderFacts, now: datetime) -> ActionText:
    which = f"order {order.number}" if order.number else "the order (ask for its number first)"
    change = "Check and correct" if context.intent is IntentCategory.COMPLAINT else "Change"
    return ActionText(
        description=f"{change} {which}",
        expected_outcome="The order is as the customer wants it",
        parameters=_known(order_number=order.number, product=order.product),
    )


def _document(context: ActionContext, order: OrderFacts, now: datetime) -> ActionText:
    return ActionText(
        description=f"Send the guide about {context.about}",
        expected_outcome="The customer can do it alone, now and next time",
        parameters=_known(topic=context.topic, language=context.language, product=order.product),
    )


_TEXTS = {
    ActionType.SEND_RESPONSE: _respond,
    ActionType.ISSUE_REFUND: _refund,
    ActionType.ESCALATE: _escalate,
    ActionType.SCHEDULE_FOLLOWUP: _follow_up,
    ActionType.UPDATE_ORDER: _update_order,
    ActionType.SEND_DOCUMENTATION: _document,
}


def _known(**parameters: str | None) -> dict[str, str]:
    return {name: value for name, value in parameters.items() if value}


def _last(entities: Sequence[Entity], wanted: EntityType) -> str | None:
    found = [entity.normalised or entity.value for entity in entities if entity.type is wanted]
    return found[-1] if found else None


def _same(number: str | None, named: str) -> bool:
    return number is not None and number.strip("# ").casefold() == named.strip("# ").casefold()
