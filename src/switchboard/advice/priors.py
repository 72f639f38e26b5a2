"""What usually resolves which kind of matter, before this business has recorded outcomes of its own.

The table is our judgement, in log odds, informed by the manual of a retailer's agents (which step closes each of its 55
kinds of matters): refunds close defects, billing disputes and cancellations; an order update closes delivery, status and
exchange matters; links and answers from the manual close access and product questions; a note to another team closes stock
and site trouble.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from switchboard.domain.advice import ActionType
from switchboard.domain.customer import CustomerValue
from switchboard.domain.reading import IntentCategory, Topic

_RESPOND, _REFUND, _ESCALATE = ActionType.SEND_RESPONSE, ActionType.ISSUE_REFUND, ActionType.ESCALATE
_FOLLOW, _ORDER, _DOCUMENT = ActionType.SCHEDULE_FOLLOWUP, ActionType.UPDATE_ORDER, ActionType.SEND_DOCUMENTATION

BY_INTENT: Mapping[IntentCategory, Mapping[ActionType, float]] = {
    IntentCategory.INQUIRY: {
        _RESPOND: 1.1,
        _REFUND: -2.4,
        _ESCALATE: -1.5,
        _FOLLOW: -0.9,
        _ORDER: -1.2,
        _DOCUMENT: 0.9,
    },
    IntentCategory.REQUEST: {
        _RESPOND: 0.2,
        _REFUND: -0.8,
        _ESCALATE: -0.9,
        _FOLLOW: -0.3,
        _ORDER: 0.4,
        _DOCUMENT: -0.1,
    },
    IntentCategory.COMPLAINT: {
        _RESPOND: -0.4,
        _REFUND: 0.2,
        _ESCALATE: 0.1,
        _FOLLOW: 0.3,
        _ORDER: -0.3,
        _DOCUMENT: -1.0,
    },
    IntentCategory.FEEDBACK: {
        _RESPOND: 1.4,
        _REFUND: -2.8,
        _ESCALATE: -1.9,
        _FOLLOW: 0.0,
        _ORDER: -2.1,
        _DOCUMENT: -0.6,
    },
    IntentCategory.ESCALATION: {
        _RESPOND: -1.1,
        _REFUND: -0.5,
        _ESCALATE: 1.6,
        _FOLLOW: 0.7,
        _ORDER: -0.9,
        _DOCUMENT: -1.7,
    },
}

BY_TOPIC: Mapping[Topic, Mapping[ActionType, float]] = {
    Topic.ACCOUNT_ACCESS: {_DOCUMENT: 0.9, _RESPOND: 0.3, _REFUND: -2.0, _ORDER: -1.6},
    Topic.ACCOUNT_MANAGEMENT: {_RESPOND: 0.4, _DOCUMENT: 0.5, _REFUND: -1.0, _ORDER: -0.8},
    Topic.BILLING_PAYMENT: {_REFUND: 0.7, _RESPOND: 0.2, _ORDER: -0.2, _FOLLOW: 0.2},
    Topic.REFUND_RETURN: {_REFUND: 1.3, _ORDER: 0.3, _DOCUMENT: -0.1},
    Topic.ORDER_BOOKING: {_ORDER: 1.2, _REFUND: 0.2, _DOCUMENT: -0.3},
    Topic.DELIVERY_FULFILMENT: {_ORDER: 0.9, _FOLLOW: 0.6, _REFUND: 0.3, _DOCUMENT: -0.7},
    Topic.PRODUCT_QUALITY: {_REFUND: 0.8, _DOCUMENT: 0.3, _ORDER: 0.4},
    Topic.TECHNICAL_ISSUE: {_DOCUMENT: 1.1, _FOLLOW: 0.5, _ESCALATE: 0.3, _REFUND: -1.2, _ORDER: -1.2},
    Topic.SUPPORT_SERVICE: {_ESCALATE: 0.6, _FOLLOW: 0.7, _REFUND: -0.9, _ORDER: -1.1, _DOCUMENT: -0.6},
    Topic.PRICING_POLICY: {_DOCUMENT: 0.8, _RESPOND: 0.5, _REFUND: -0.5, _ORDER: -0.9},
    Topic.SECURITY_FRAUD: {_ESCALATE: 1.3, _FOLLOW: 0.4, _DOCUMENT: 0.1, _REFUND: -0.1, _ORDER: -1.0},
    Topic.GENERAL: {},
}

BY_MOOD: Mapping[ActionType, float] = {
    _RESPOND: 0.55,
    _REFUND: -0.75,
    _ESCALATE: -0.95,
    _FOLLOW: -0.60,
    _ORDER: 0.20,
    _DOCUMENT: 0.80,
}
"""How much better an action works per point of sentiment: documents please the calm, a person the angry. Never zero, so
that two moods never give the same list (Property 29)."""

VIP_EXTRA: Mapping[ActionType, float] = {_ESCALATE: 0.3, _FOLLOW: 0.3, _REFUND: 0.2}
ORDER_UNKNOWN = -0.7
"""Refunds and order changes stall while nobody knows which order is meant."""


def prior_log_odds(
    action: ActionType,
    *,
    intent: IntentCategory,
    topic: str | None,
    sentiment: float,
    customer_value: CustomerValue = CustomerValue.MEDIUM,
    order_known: bool = True,
) -> float:
    """Log odds that ``action`` resolves such a case."""
    by_topic = BY_TOPIC.get(Topic(topic), {}) if topic in set(Topic) else {}
    extra = VIP_EXTRA.get(action, 0.0) if customer_value is CustomerValue.VIP else 0.0
    unknown = ORDER_UNKNOWN if action in (_REFUND, _ORDER) and not order_known else 0.0
    return BY_INTENT[intent][action] + by_topic.get(action, 0.0) + BY_MOOD[action] * sentiment + extra + unknown


def probability(log_odds: float) -> float:
    """Strictly between 0 and 1 for all odds of the table."""
    return 1.0 / (1.0 + math.exp(-log_odds))
