"""Why should this be answered sooner? Add up the reasons, clamp to 1..10, and keep a finer sum for the queue's order."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from switchboard.domain.customer import CustomerValue
from switchboard.domain.reading import IntentCategory
from switchboard.domain.urgency import AGEING_S_PER_POINT, UrgencyFactor, UrgencyScore, aged_priority

__all__ = ["AGEING_S_PER_POINT", "UrgencySettings", "UrgencySignals", "aged_priority", "score_urgency"]

BASE = 5
LOWEST, HIGHEST = 1, 10

INTENT_POINTS = {
    IntentCategory.ESCALATION: 3,
    IntentCategory.COMPLAINT: 2,
    IntentCategory.REQUEST: 1,
    IntentCategory.INQUIRY: 0,
    IntentCategory.FEEDBACK: 0,
}
VALUE_POINTS = {CustomerValue.VIP: 2, CustomerValue.HIGH: 1, CustomerValue.MEDIUM: 0, CustomerValue.LOW: 0}

# The refinements other than VIP's sum to at most 0.95, so together they never outweigh one whole point of the table.
MOOD_SHARE = 0.40
WAITING_SHARE = 0.15
CONFIDENCE_SHARE = 0.10
KIND_SHARE = 0.10
VALUE_SHARE = 0.10
REPEAT_SHARE = 0.05
WORDS_SHARE = 0.05
VIP_LEAD = 1.20
"""Lifts VIP (+2) at least two points above ``high`` (+1 and its value share) on priority (Property 19)."""
HALF_WAIT_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgencySignals:
    """What is known of one message. ``sentiment`` -1..1; ``repeat_within_days`` since the customer last wrote about the
    same issue, None if never; ``time_sensitive`` the hurrying words found in it; ``waiting_s`` since it came."""

    sentiment: float = 0.0
    intent: IntentCategory = IntentCategory.INQUIRY
    intent_confidence: float = 1.0
    customer_value: CustomerValue = CustomerValue.MEDIUM
    repeat_within_days: float | None = None
    time_sensitive: tuple[str, ...] = ()
    after_hours: bool = False
    waiting_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgencySettings:
    """Windows of the repeat-contact rule, in days."""

    repeat_days: float = 7.0
    repeat_days_long: float = 30.0


Rule = Callable[[UrgencySignals, UrgencySettings], UrgencyFactor]


def score_urgency(signals: UrgencySignals, settings: UrgencySettings | None = None) -> UrgencyScore:
    """The table of the design document (component 5) with every reason; ``priority`` by decisions, "Urgency"."""
    settings = settings or UrgencySettings()
    factors = tuple(rule(signals, settings) for rule in TABLE)
    refinements = tuple(rule(signals, settings) for rule in REFINEMENTS)
    unclamped = int(sum(factor.contribution for factor in factors))
    return UrgencyScore(
        score=max(LOWEST, min(HIGHEST, unclamped)),
        unclamped=unclamped,
        priority=unclamped + math.fsum(refinement.contribution for refinement in refinements),
        factors=factors,
        refinements=refinements,
    )


def _base(signals: UrgencySignals, settings: UrgencySettings) -> UrgencyFactor:
    return UrgencyFactor(factor="base", contribution=BASE, description="every message starts at 5")


def _sentiment(signals: UrgencySignals, settings: UrgencySettings) -> UrgencyFactor:
    score = _within(signals.sentiment, -1.0, 1.0)
    if score < -0.5:
        points, words = 2, f"the customer is very unhappy (sentiment {score:.2f}, below -0.5)"
    elif score < -0.3:
        points, words = 1, f"the customer is unhappy (sentiment {score:.2f}, below -0.3)"
    elif score > 0.5:
        points, words = -1, f"the customer is happy (sentiment {score:.2f}, above 0.5)"
    else:
        points, words = 0, f"the mood is even (sentiment {score:.2f})"
    return UrgencyFactor(factor="sentiment", contribution=points, description=words)


def _intent(signals: UrgencySignals, settings: UrgencySettings) -> UrgencyFactor:
    return UrgencyFactor(
        factor="intent",
        contribution=INTENT_POINTS[signals.intent],
        description=f"the intent is {signals.intent.value}",
    )


def _value(signals: UrgencySignals, settings: UrgencySettings) -> UrgencyFactor:
    named = "VIP" if signals.customer_value is CustomerValue.VIP else signals.customer_value.value
    return UrgencyFactor(
        factor="customer_value",
        contribution=VALUE_POINTS[signals.customer_value],
        description=f"the customer's value is {named}",
    )


def _repeat(signals: UrgencySignals, settings: UrgencySettings) -> UrgencyFactor:
    days = signals.repeat_within_days
    if days is None or days > settings.repeat_days_long:
        return UrgencyFactor(factor="repeat_contact", contribution=0, description="not a repeated contact")
    points, window = (2, settings.repeat_days) if days <= settings.repeat_days else (1, settings.repeat_days_long)
    words = f"wrote about the same issue {max(days, 0.0):.1f} days ago (within {window:g} days)"
    return UrgencyFactor(factor="repeat_contact", contribution=points, description=words)


def _time_sensitive(signals: UrgencySignals, settings: UrgencySettings) -> UrgencyFactor:
    if not signals.time_sensitive:
        return UrgencyFactor(factor="time_sensitivity", contribution=0, description="no words of hurry")
    words = ", ".join(signals.time_sensitive[:3])
    return UrgencyFactor(factor="time_sensitivity", contribution=2, description=f"words of hurry: {words}")


def _after_hours(signals: UrgencySignals, settings: UrgencySettings) -> UrgencyFactor:
    words = "came after business hours" if signals.after_hours else "came during business hours"
    return UrgencyFactor(factor="after_hours", contribution=int(signals.after_hours), description=words)


def _mood(signals: UrgencySignals, settings: UrgencySettings) -> UrgencyFactor:
    share = MOOD_SHARE * (1.0 - _within(signals.sentiment, -1.0, 1.0)) / 2.0
    return UrgencyFactor(factor="sentiment_fine", contribution=share, description="the unhappier, the sooner")


def _confidence(signals: UrgencySignals, settings: UrgencySettings) -> UrgencyFactor:
    share = CONFIDENCE_SHARE * _within(signals.intent_confidence, 0.0, 1.0)
    return UrgencyFactor(factor="intent_confidence", contribution=share, description="the surer the intent, the sooner")


def _kind(signals: UrgencySignals, settings: UrgencySettings) -> UrgencyFactor:
    share = 0.0 if signals.intent is IntentCategory.FEEDBACK else KIND_SHARE
    return UrgencyFactor(factor="intent_fine", contribution=share, description="feedback comes after an inquiry")


def _value_fine(signals: UrgencySignals, settings: UrgencySettings) -> UrgencyFactor:
    if signals.customer_value is CustomerValue.VIP:
        words = "VIP customers stand two points above all others"
        return UrgencyFactor(factor="customer_value_fine", contribution=VIP_LEAD, description=words)
    share = 0.0 if signals.customer_value is CustomerValue.LOW else VALUE_SHARE
    return UrgencyFactor(factor="customer_value_fine", contribution=share, description="low value comes after medium")


def _recent(signals: UrgencySignals, settings: UrgencySettings) -> UrgencyFactor:
    days = signals.repeat_within_days
    share = 0.0 if days is None or days > settings.repeat_days_long else REPEAT_SHARE / (1.0 + max(0.0, days))
    return UrgencyFactor(factor="repeat_fine", contribution=share, description="the fresher the repetition, the sooner")


def _words(signals: UrgencySignals, settings: UrgencySettings) -> UrgencyFactor:
    count = len(signals.time_sensitive)
    share = WORDS_SHARE * count / (count + 1)
    return UrgencyFactor(factor="time_sensitivity_fine", contribution=share, description="the more words of hurry")


def _waiting(signals: UrgencySignals, settings: UrgencySettings) -> UrgencyFactor:
    waited = max(0.0, signals.waiting_s)
    share = WAITING_SHARE * (1.0 if math.isinf(waited) else waited / (waited + HALF_WAIT_S))
    return UrgencyFactor(factor="waiting", contribution=share, description="the longer it waits, the sooner")


def _within(value: float, low: float, high: float) -> float:
    """A broken model must not break the sum: not-a-number counts as the middle."""
    return (low + high) / 2.0 if math.isnan(value) else max(low, min(high, value))


TABLE: tuple[Rule, ...] = (_base, _sentiment, _intent, _value, _repeat, _time_sensitive, _after_hours)
REFINEMENTS: tuple[Rule, ...] = (_mood, _confidence, _kind, _value_fine, _recent, _words, _waiting)
