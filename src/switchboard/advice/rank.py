"""Which action is most likely to resolve this case? What worked in similar cases, starting from what usually works."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from switchboard.advice.actions import ActionContext, describe, order_of
from switchboard.advice.priors import prior_log_odds, probability
from switchboard.domain.advice import ActionRecommendation, ActionType, PastCase
from switchboard.domain.ids import ActionId
from switchboard.domain.reading import IntentCategory

MOST = 3
PROACTIVE = (ActionType.ISSUE_REFUND, ActionType.ESCALATE, ActionType.SCHEDULE_FOLLOWUP)
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RankSettings:
    """``prior_cases``: how many cases the built-in table counts as. ``half_life_days``: a case this old counts half.
    ``topic_apart``, ``mood_width``, ``least_closeness``: how quickly other topics, moods and meanings stop counting."""

    prior_cases: float = 6.0
    half_life_days: float = 90.0
    topic_apart: float = 0.25
    mood_width: float = 0.6
    least_closeness: float = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """``confidence``: estimated probability of success; ``cases`` similar ones were looked at, ``weight`` what they count."""

    action: ActionType
    confidence: float
    prior: float
    cases: int
    successes: int
    weight: float


def recommend(
    context: ActionContext,
    past_cases: Iterable[PastCase],
    now: datetime,
    settings: RankSettings | None = None,
) -> tuple[ActionRecommendation, ...]:
    """At most three, most promising first (Properties 28-30). An unhappy complaint always gets a refund, an escalation or
    a follow-up among them (Property 32). Same facts, same list: nothing random."""
    estimates = rank(context, past_cases, now, settings)
    return tuple(_recommendation(estimate, context, now) for estimate in _pick(estimates, context))


def rank(
    context: ActionContext, past_cases: Iterable[PastCase], now: datetime, settings: RankSettings | None = None
) -> tuple[Estimate, ...]:
    """Every action with its estimate, most promising first."""
    settings = settings or RankSettings()
    cases = tuple(past_cases)
    order_known = order_of(context).number is not None
    estimates = (
        _estimate(action, context, [case for case in cases if case.type is action], order_known, now, settings)
        for action in ActionType
    )
    return tuple(sorted(estimates, key=lambda estimate: (-estimate.confidence, estimate.action.value)))


def _estimate(
    action: ActionType,
    context: ActionContext,
    cases: Sequence[PastCase],
    order_known: bool,
    now: datetime,
    settings: RankSettings,
) -> Estimate:
    prior = probability(
        prior_log_odds(
            action,
            intent=context.intent,
            topic=context.topic,
            sentiment=mood_of(context),
            customer_value=context.customer_value,
            order_known=order_known,
        )
    )
    weighed = [(likeness(case, context, now, settings), case) for case in cases]
    similar = [(weight, case) for weight, case in weighed if weight >= 0.05]
    total = math.fsum(weight for weight, _ in similar)
    good = math.fsum(weight for weight, case in similar if case.success)
    return Estimate(
        action=action,
        confidence=(settings.prior_cases * prior + good) / (settings.prior_cases + total),
        prior=prior,
        cases=len(similar),
        successes=sum(case.success for _, case in similar),
        weight=total,
    )


def likeness(case: PastCase, context: ActionContext, now: datetime, settings: RankSettings) -> float:
    """How much a past case says about this one, 0..1: intent, topic, mood, meaning and age each can only take away."""
    if case.intent != context.intent.value:
        return 0.0
    topic = 1.0 if case.topic == (context.topic or "") else settings.topic_apart
    mood = math.exp(-(((case.sentiment_score - mood_of(context)) / settings.mood_width) ** 2))
    age_days = max(0.0, (now - case.at).total_seconds() / DAY_S)
    recency = math.pow(0.5, age_days / settings.half_life_days)
    return topic * mood * recency * _meaning(case.embedding, context.embedding, settings)


def mood_of(context: ActionContext) -> float:
    """A broken sentiment counts as even."""
    return 0.0 if math.isnan(context.sentiment) else max(-1.0, min(1.0, context.sentiment))


def _meaning(one: Sequence[float], two: Sequence[float], settings: RankSettings) -> float:
    """Cosine of the embeddings, never below a floor; 1 where either is unknown, so that it takes nothing away."""
    if len(one) == 0 or len(one) != len(two):
        return 1.0
    length = math.sqrt(math.fsum(x * x for x in one) * math.fsum(y * y for y in two))
    closeness = math.fsum(x * y for x, y in zip(one, two, strict=True)) / length if length else 0.0
    return max(settings.least_closeness, min(1.0, closeness))


def _pick(estimates: Sequence[Estimate], context: ActionContext) -> tuple[Estimate, ...]:
    best = tuple(estimates[:MOST])
    # Any score below zero counts as negative here: a label's threshold must not hide the offer from a mildly unhappy one.
    angry = context.intent is IntentCategory.COMPLAINT and mood_of(context) < 0
    if not angry or any(estimate.action in PROACTIVE for estimate in best):
        return best
    proactive = next(estimate for estimate in estimates if estimate.action in PROACTIVE)
    return (*best[: MOST - 1], proactive)


def _recommendation(estimate: Estimate, context: ActionContext, now: datetime) -> ActionRecommendation:
    text = describe(estimate.action, context, order_of(context), now)
    return ActionRecommendation(
        action_id=_action_id(context, estimate.action, now),
        type=estimate.action,
        description=text.description,
        confidence=estimate.confidence,
        expected_outcome=text.expected_outcome,
        basis=_basis(estimate),
        parameters=text.parameters,
    )


def _basis(estimate: Estimate) -> str:
    if not estimate.cases:
        return f"No similar case recorded yet; experience elsewhere says {estimate.prior:.2f}"
    share = f"Worked in {estimate.successes} of {estimate.cases} similar cases"
    return f"{share}, weighed by likeness and age; experience elsewhere says {estimate.prior:.2f}"


def _action_id(context: ActionContext, action: ActionType, now: datetime) -> ActionId:
    """As unguessable as the conversation's own id, and the same when the same moment is computed again."""
    seed = f"{context.conversation_id}|{action.value}|{now.isoformat()}"
    return ActionId(f"act_{hashlib.sha256(seed.encode()).hexdigest()[:32]}")
