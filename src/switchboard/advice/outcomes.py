"""What an agent reports about an action, checked and turned into a case that later rankings learn from."""

from __future__ import annotations

import math
from datetime import datetime

from switchboard.advice.actions import ActionContext
from switchboard.advice.rank import mood_of
from switchboard.domain.advice import ActionOutcome, ActionType, PastCase
from switchboard.domain.ids import ActionId
from switchboard.errors import InvalidInput

LONGEST_NOTE = 4000


def checked_outcome(
    action_id: ActionId,
    *,
    success: bool,
    at: datetime,
    customer_satisfaction: int | None = None,
    resolution_time: float | None = None,
    notes: str | None = None,
) -> ActionOutcome:
    """Satisfaction 1..5, resolution time in seconds. Raises ``InvalidInput`` naming the field."""
    if customer_satisfaction is not None and not 1 <= customer_satisfaction <= 5:
        raise _invalid("customer_satisfaction", "1 to 5", "Give a rating from 1 to 5, or leave it out.")
    if resolution_time is not None and not (math.isfinite(resolution_time) and resolution_time >= 0):
        raise _invalid("resolution_time", "0 or more seconds", "Give the time in seconds, or leave it out.")
    if notes is not None and len(notes) > LONGEST_NOTE:
        raise _invalid("notes", f"at most {LONGEST_NOTE} characters", "Shorten the note.")
    return ActionOutcome(
        action_id=action_id,
        success=success,
        recorded_at=at,
        customer_satisfaction=customer_satisfaction,
        resolution_time=resolution_time,
        notes=notes,
    )


def past_case(action: ActionType, outcome: ActionOutcome, context: ActionContext) -> PastCase:
    """The outcome with the context it happened in."""
    return PastCase(
        type=action,
        success=outcome.success,
        intent=context.intent.value,
        topic=context.topic or "",
        sentiment_score=mood_of(context),
        conversation_id=context.conversation_id,
        at=outcome.recorded_at,
        embedding=tuple(context.embedding),
    )


def _invalid(field: str, limit: str, fix: str) -> InvalidInput:
    return InvalidInput(f"The {field} is not valid: {limit}.", field=field, limit=limit, fix=fix)
